"""Backup and restore: the whole shop in one file, verified, all or nothing, and nobody comes back."""

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import zstandard

from recommender.bundle import Shelf
from recommender.domain.errors import BadInputError, BusyError, RecommenderError
from recommender.domain.items import Item
from recommender.domain.people import Customer, Person
from recommender.domain.ports import Source, Stores
from recommender.services.backup import backup, restore
from recommender.storage import default_url, open_stores

ANNA, BEN = Person(customer_id="anna"), Person(customer_id="ben")
ROWS = pl.DataFrame(
    {"type": ["purchase"] * 2, "time_us": [1, 2], "customer_id": ["anna", "ben"], "item_id": ["a", "b"]}
)


def bring_in(stores: Stores) -> int:
    with stores.log.importing(Source(kind="import", legal_basis="contract")) as session:
        return session.write(ROWS).new


@pytest.fixture
def shop(home: Path, sqlite_stores: Stores) -> Stores:
    """A small shop with two runs, the second of them served."""
    bring_in(sqlite_stores)
    sqlite_stores.catalogue.put([Item(item_id="a", title="A")])
    sqlite_stores.customers.put([Customer(customer_id="anna"), Customer(customer_id="ben")])
    for run in ("run1", "run2"):
        publish(home, run)
    return sqlite_stores


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, Stores]]:
    """Another home, empty."""
    folder = tmp_path / "elsewhere"
    stores = open_stores(default_url(folder), home=folder)
    yield folder, stores
    stores.close()


def publish(home: Path, run: str) -> None:
    import numpy as np

    from recommender.bundle import write_bundle

    shelf = Shelf(home / "models")
    shelf.folder.mkdir(exist_ok=True)
    write_bundle(
        shelf.folder,
        run,
        {"scores": np.arange(3, dtype=np.float32)},
        {"kind": "test"},
        created=datetime(2024, 5, 1, tzinfo=UTC),
    )
    shelf.publish(run)


def state(home: Path, stores: Stores) -> dict[str, object]:
    shelf = Shelf(home / "models")
    log = [row for frame in stores.log.frames() for row in frame.drop("seq").rows()]
    served = shelf.load_current().manifest.run_id if shelf.current() else None
    return {
        "log": log,
        "items": list(stores.catalogue.all()),
        "customers": list(stores.customers.ids()),
        "runs": shelf.runs(),
        "served": served,
        "history": shelf.history(),
    }


def leftovers(home: Path) -> list[str]:
    return [path.name for path in (home / "var").iterdir() if path.name.startswith(".")]


def shelved(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir() if not path.name.endswith(".lock"))


def test_a_restored_home_is_the_same_shop(
    shop: Stores, home: Path, elsewhere: tuple[Path, Stores], tmp_path: Path
) -> None:
    file = tmp_path / "shop.tar.zst"
    report = backup(shop, home, file)
    assert report.rows["events"] == 2
    assert (report.runs, report.current) == (("run1", "run2"), "run2")
    other, stores = elsewhere
    assert restore(stores, other, file).rows["events"] == 2
    assert state(other, stores) == state(home, shop)
    assert bring_in(stores) == 0
    assert Shelf(other / "models").rollback() == "run1"
    assert leftovers(home) == leftovers(other) == []
    assert file.stat().st_mode & 0o077 == 0


def test_restoring_takes_out_what_came_later(shop: Stores, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "shop.tar.zst"
    backup(shop, home, file)
    before = state(home, shop)
    publish(home, "run3")
    shop.customers.put([Customer(customer_id="carl")])
    restore(shop, home, file)
    assert state(home, shop) == before


def test_people_erased_after_the_backup_stay_erased_to_the_last_byte(shop: Stores, home: Path, tmp_path: Path) -> None:
    person = Person(customer_id="canary-customer-7f3a")
    shop.customers.put([Customer(customer_id="canary-customer-7f3a", email="canary-customer-7f3a@example.com")])
    file = tmp_path / "shop.tar.zst"
    backup(shop, home, file)
    shop.tombstones.add(person)
    shop.customers.erase(person)
    restore(shop, home, file)
    assert list(shop.customers.ids()) == ["anna", "ben"]
    assert [p.name for p in home.rglob("*") if p.is_file() and b"canary-customer" in p.read_bytes()] == []


def test_a_home_without_models_can_be_backed_up_and_restored(
    sqlite_stores: Stores, home: Path, elsewhere: tuple[Path, Stores], tmp_path: Path
) -> None:
    bring_in(sqlite_stores)
    backup(sqlite_stores, home, tmp_path / "b")
    other, stores = elsewhere
    publish(other, "old")
    report = restore(stores, other, tmp_path / "b")
    assert (report.runs, report.current) == ((), None)
    assert stores.log.position() >= 2


def test_a_backup_into_a_folder_that_does_not_exist_says_so(shop: Stores, home: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="does not exist"):
        backup(shop, home, tmp_path / "nowhere" / "b")


def test_only_one_backup_or_restore_at_a_time(shop: Stores, home: Path, tmp_path: Path) -> None:
    from recommender.bundle.lock import only_one

    with only_one(home / "var" / "backup.lock", what="A backup", now=datetime.now(UTC)), pytest.raises(BusyError):
        backup(shop, home, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_what_a_killed_backup_left_is_removed_by_the_next(shop: Stores, home: Path, tmp_path: Path) -> None:
    left = home / "var" / ".backup-killed"
    left.mkdir()
    (left / "customers.parquet").write_bytes(b"x")
    backup(shop, home, tmp_path / "b")
    assert leftovers(home) == []


def repacked(file: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    """The archive again, with its members changed."""
    plain = io.BytesIO(zstandard.ZstdDecompressor().stream_reader(file.read_bytes()).read())
    with tarfile.open(fileobj=plain) as tar:
        members = [(member, stream.read() if (stream := tar.extractfile(member)) else b"") for member in tar]
    change(members)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    file.write_bytes(zstandard.ZstdCompressor().compress(out.getvalue()))


def listed_too(
    members: list[tuple[tarfile.TarInfo, bytes]], name: str, kind: bytes = tarfile.REGTYPE, target: str = ""
) -> None:
    """Add a member under a name the list of contents knows: what a forger would do."""
    import hashlib

    content = b"" if target else b"boom"
    about = json.loads(members[0][1])
    about["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    members[0] = (members[0][0], json.dumps(about).encode())
    members[0][0].size = len(members[0][1])
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, target, len(content)
    members.append((member, content))


def flip(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    place = next(n for n, (member, _) in enumerate(members) if member.name.endswith("events-000000.parquet"))
    content = bytearray(members[place][1])
    content[len(content) // 2] ^= 1
    members[place] = (members[place][0], bytes(content))


def drop(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    del members[-1]


def unlisted(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    member = tarfile.TarInfo("dump/extra")
    members.append((member, b""))


def test_a_backup_packed_anew_with_the_same_members_is_fine(shop: Stores, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "shop.tar.zst"
    backup(shop, home, file)
    repacked(file, lambda _: None)
    assert restore(shop, home, file).current == "run2"


HOSTILE: dict[str, Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]] = {
    "a flipped bit": flip,
    "a missing member": drop,
    "an unlisted member": unlisted,
    "no list": lambda members: members.pop(0) and None,
    "up and away": lambda members: listed_too(members, "../../escaped"),
    "absolute": lambda members: listed_too(members, "/tmp/escaped-backup"),
    "inside up": lambda members: listed_too(members, "dump/../../escaped"),
    "a link": lambda members: listed_too(members, "dump/link", tarfile.SYMTYPE, "/etc/passwd"),
    "a hard link": lambda members: listed_too(members, "dump/hard", tarfile.LNKTYPE, "backup.json"),
    "a pipe": lambda members: listed_too(members, "dump/pipe", tarfile.FIFOTYPE, "x"),
    "hidden": lambda members: listed_too(members, "models/.shelf.lock"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_damaged_or_hostile_backup_is_refused_and_changes_nothing(
    what: str, shop: Stores, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "shop.tar.zst"
    backup(shop, home, file)
    repacked(file, HOSTILE[what])
    shop.customers.put([Customer(customer_id="carl")])
    before = state(home, shop)
    with pytest.raises(BadInputError):
        restore(shop, home, file)
    assert state(home, shop) == before
    assert leftovers(home) == []
    assert not Path("/tmp/escaped-backup").exists()
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.parametrize("size", [0, 3, 100, -30])
def test_a_file_that_was_cut_off_or_is_something_else_is_refused(
    size: int, shop: Stores, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "shop.tar.zst"
    backup(shop, home, file)
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(BadInputError, match=r"shop\.tar\.zst"):
        restore(shop, home, file)
    file.write_bytes(os.urandom(1_000))
    with pytest.raises(BadInputError, match="is not a backup of this program"):
        restore(shop, home, file)
    with pytest.raises(BadInputError, match="cannot be read"):
        restore(shop, home, tmp_path / "nowhere")
    assert state(home, shop)["runs"] == ("run1", "run2")


@pytest.fixture
def another_disk(home: Path, say_missing: Callable[[str], None]) -> Iterator[Path]:
    """A folder that no rename reaches from the home."""
    here = home.parent.stat().st_dev
    folders = [one for one in ("/dev/shm", "/var/tmp", "/tmp") if Path(one).is_dir() and os.access(one, os.W_OK)]
    other = next((one for one in folders if Path(one).stat().st_dev != here), None)
    if other is None:
        say_missing("there is no second file system to write to")
    with tempfile.TemporaryDirectory(dir=other) as folder:
        yield Path(folder)


def test_models_may_lie_on_another_disk(
    shop: Stores, home: Path, another_disk: Path, elsewhere: tuple[Path, Stores], tmp_path: Path
) -> None:
    file = tmp_path / "shop.tar.zst"
    backup(shop, home, file)
    other, stores = elsewhere
    (other / "models").symlink_to(another_disk)
    for _ in ("new to the shelf", "there already"):
        stores.customers.put([Customer(customer_id="carl")])
        publish(other, "run3")
        restore(stores, other, file)
        assert state(other, stores) == state(home, shop)
        assert shelved(another_disk) == ["CURRENT", "HISTORY", "run1", "run2"]


def test_what_stands_in_the_way_of_a_pointer_is_found_before_the_rows_are_loaded(
    shop: Stores, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "shop.tar.zst"
    backup(shop, home, file)
    before = state(home, shop)
    (home / "models" / "HISTORY").unlink()
    (home / "models" / "HISTORY").mkdir()
    shop.customers.put([Customer(customer_id="carl")])
    restore(shop, home, file)
    assert state(home, shop) == before


def test_when_the_rows_cannot_be_loaded_the_models_stay_too(
    shop: Stores, home: Path, elsewhere: tuple[Path, Stores], tmp_path: Path
) -> None:
    file = tmp_path / "shop.tar.zst"
    backup(shop, home, file)

    def older(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        import hashlib

        place = next(n for n, (member, _) in enumerate(members) if member.name == "dump/dump.json")
        content = members[place][1].replace(b'"format": 1', b'"format": 7')
        members[place] = (members[place][0], content)
        about = json.loads(members[0][1])
        about["files"]["dump/dump.json"]["sha256"] = hashlib.sha256(content).hexdigest()
        members[0] = (members[0][0], json.dumps(about, indent=1).encode())

    repacked(file, older)
    other, stores = elsewhere
    publish(other, "run1")
    publish(other, "own")
    (other / "models" / "run1" / "note").write_text("this one")
    before = state(other, stores)
    with pytest.raises(RecommenderError, match="format 7"):
        restore(stores, other, file)
    assert state(other, stores) == before
    assert shelved(other / "models") == ["CURRENT", "HISTORY", "own", "run1"]
    assert (other / "models" / "run1" / "note").read_text() == "this one"
