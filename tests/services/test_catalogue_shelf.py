import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from answer_samples import END, broken, fitted, open_spring

from recommender.bundle.lock import only_one
from recommender.domain.errors import BusyError, StoreUnavailableError
from recommender.domain.items import Item
from recommender.domain.ports import Catalogue, Stores
from recommender.ranking.assortment import micros
from recommender.ranking.ladder import Ladder
from recommender.services import catalogue_view
from recommender.services.array_files import ArrayWriter, MappedArrays, write_folder
from recommender.services.catalogue_child import Child
from recommender.services.catalogue_shelf import CatalogueShelf, forget_catalogues
from recommender.services.catalogue_view import CatalogueView
from recommender.storage import default_url, open_stores

HERE = Path(__file__).parent


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_spring(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "catalogue" / "shop"


def view_of(stores: Stores, folder: Path) -> CatalogueView:
    return CatalogueView(stores.catalogue, shelf=CatalogueShelf(folder), refresh_seconds=0)


def offered(view: CatalogueView, item_id: str) -> bool:
    stock = view.assortment(None)
    row = stock.row(item_id)
    assert row is not None
    return bool(stock.columns.offered[row])


def written(folder: Path) -> list[Path]:
    return sorted(place for place in folder.iterdir() if not place.name.startswith("."))


def in_a_process(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "catalogue_process.py"), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_start_at_once_write_the_catalogue_once(stores: Stores, tmp_path: Path, folder: Path) -> None:
    processes = [in_a_process(tmp_path, folder) for _ in range(3)]
    said = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert said == [{"items": len(list(stores.catalogue.all())), "offered": True}] * 3
    assert len(written(folder)) == 1


def test_a_start_maps_what_was_written_and_lays_the_changes_over_it(stores: Stores, folder: Path) -> None:
    view_of(stores, folder).poll()
    before = written(folder)
    stores.catalogue.put([Item(item_id="i10", stock=0), Item(item_id="brand-new", title="Brand new")])
    view = view_of(stores, folder)
    assert not offered(view, "i10")
    assert [card.title for card in view.cards(["brand-new", "i11"])] == ["Brand new", "Thing i11"]
    assert written(folder) == before


def test_a_store_that_is_down_at_the_start_leaves_what_was_written_last(
    stores: Stores, tmp_path: Path, folder: Path
) -> None:
    view_of(stores, folder).poll()
    with broken(tmp_path, "counters"):
        view = view_of(stores, folder)
        with pytest.raises(StoreUnavailableError):
            view.poll()
        assert offered(view, "i10")
        assert view.version > 0


def test_a_followed_view_never_asks_the_store_while_it_answers(stores: Stores, tmp_path: Path, folder: Path) -> None:
    view = view_of(stores, folder)
    view.follow()
    stores.catalogue.put([Item(item_id="i10", stock=0)])
    assert offered(view, "i10")
    view.poll()
    assert not offered(view, "i10")
    with broken(tmp_path, "counters"):
        assert not offered(view, "i10")


def test_lists_of_a_model_are_the_same_from_files_and_from_memory(stores: Stores, folder: Path) -> None:
    model = fitted(stores)
    mapped, private = view_of(stores, folder), CatalogueView(stores.catalogue)
    stores.catalogue.put([Item(item_id="i12", category="Garden"), Item(item_id="new", category="Tea > Green")])
    stocks = [view.assortment(model) for view in (mapped, private)]
    ladders = [Ladder(stock, model) for stock in stocks]
    assert list(stocks[0].ids) == list(stocks[1].ids)
    assert ladders[0].popular().tolist() == ladders[1].popular().tolist() == model.popular().tolist()
    assert ladders[0].newest(micros(END)).tolist() == ladders[1].newest(micros(END)).tolist()
    for shelf in ("Tea > Green", "Garden"):
        ids = [
            [stock.ids[row] for row in ladder.shelf_order(stock.code("shelf", shelf))]
            for stock, ladder in zip(stocks, ladders, strict=True)
        ]
        assert ids[0] == ids[1] != []


def test_many_changes_have_the_catalogue_written_anew_and_everybody_moves_on(
    stores: Stores, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_view, "MANY", 10)
    mine, other = view_of(stores, folder), view_of(stores, folder)
    mine.assortment(None)
    other.assortment(None)
    first = written(folder)
    stores.catalogue.put([Item(item_id=f"new{n}") for n in range(15)])
    mine.poll()
    mine.wait()
    assert len(written(folder)) == 2
    for view in (mine, other):
        view.poll()
        stock = view.assortment(None)
        assert not stock.changes.by_id
        assert stock.row("new7") is not None
    stores.catalogue.put([Item(item_id=f"more{n}") for n in range(100)])
    mine.poll()
    assert mine.assortment(None).row("more99") is not None
    assert first[0] not in written(folder)
    assert len(written(folder)) == 2


def test_a_store_that_went_back_is_followed(stores: Stores, tmp_path: Path, folder: Path) -> None:
    dump = tmp_path / "dump"
    dump.mkdir()
    stores.dump(str(dump))
    view = view_of(stores, folder)
    stores.catalogue.put([Item(item_id="i10", stock=0)])
    assert not offered(view, "i10")
    late = view_of(stores, folder / "late")
    assert not offered(late, "i10")
    stores.load(str(dump))
    assert offered(view, "i10")
    assert offered(view_of(stores, folder / "late"), "i10")


def test_a_restored_store_is_read_anew_even_if_its_version_is_higher(
    stores: Stores, tmp_path: Path, folder: Path
) -> None:
    stores.catalogue.put([Item(item_id="i10", stock=0)])
    dump = tmp_path / "dump"
    dump.mkdir()
    stores.dump(str(dump))
    home = tmp_path / "other"
    home.mkdir()
    with closing(open_stores(default_url(home), home=home)) as other:
        other.catalogue.put([Item(item_id="i10"), Item(item_id="gone")])
        view = CatalogueView(other.catalogue, shelf=CatalogueShelf.at(home / "var", "x"), refresh_seconds=0)
        assert offered(view, "i10")
        other.load(str(dump))
        forget_catalogues(home / "var")
        assert not offered(view, "i10")
        assert view.assortment(None).row("gone") is None


@pytest.mark.parametrize("damage", ["cut", "garbled", "list", "gone"])
def test_a_damaged_catalogue_is_passed_over_and_written_anew(stores: Stores, folder: Path, damage: str) -> None:
    view_of(stores, folder).poll()
    place = written(folder)[0]
    file = place / "ids.ends.npy"
    if damage == "cut":
        os.truncate(file, file.stat().st_size - 8)
    elif damage == "garbled":
        file.write_bytes(b"x" * file.stat().st_size)
    elif damage == "list":
        (place / "manifest.json").write_text("{")
    else:
        file.unlink()
    stores.catalogue.put([Item(item_id="i10", title="Other")])
    assert [card.title for card in view_of(stores, folder).cards(["i10"])] == ["Other"]


def test_a_place_that_cannot_be_written_leaves_every_process_its_own(stores: Stores, folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    view = view_of(stores, folder)
    assert offered(view, "i10")
    assert view.assortment(fitted(stores)).row("fresh") is not None


def test_what_a_killed_writer_left_is_not_taken_for_a_catalogue(stores: Stores, folder: Path) -> None:
    def stop(_: ArrayWriter, place: Path) -> None:
        raise OSError(errno.ENOSPC, "full", str(place))

    folder.mkdir(parents=True)
    with pytest.raises(OSError, match="full"):
        write_folder(folder / "1-1", stop)
    (folder / "7-99").mkdir()
    assert list(folder.glob(".*new")) == []
    assert offered(view_of(stores, folder), "i10")


def test_the_folder_is_for_its_owner_only(stores: Stores, folder: Path) -> None:
    view_of(stores, folder).poll()
    assert {place.stat().st_mode & 0o777 for place in (folder, *written(folder))} == {0o700}


def test_another_database_has_another_shelf(tmp_path: Path) -> None:
    places = [CatalogueShelf.at(tmp_path, url).folder for url in ("sqlite:///a", "sqlite:///b", "sqlite:///a")]
    assert places[0] == places[2] != places[1]


def test_a_private_copy_of_a_mapped_array_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    def fill(writer: ArrayWriter, _: Path) -> None:
        writer.write("a", np.arange(3))
        writer.write("a", np.arange(3, 5_000))

    write_folder(tmp_path / "arrays", fill)
    arrays = MappedArrays(tmp_path / "arrays")
    own = arrays.private("a")
    own[7] = -1
    assert arrays["a"].tolist() == np.load(tmp_path / "arrays" / "a.npy").tolist() == list(range(5_000))
    assert not arrays["a"].flags.writeable


class Unread:
    """A catalogue that tells its version and is never to be read here."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __getattr__(self, name: str) -> object:
        if name == "entries":
            raise AssertionError("this process reads the whole catalogue")
        return getattr(self._catalogue, name)


def test_another_process_writes_the_catalogue(stores: Stores, tmp_path: Path) -> None:
    shelf = CatalogueShelf.at(tmp_path / "var", default_url(tmp_path))
    unread = cast("Catalogue", Unread(stores.catalogue))
    view = CatalogueView(unread, shelf=shelf, elsewhere=Child(tmp_path, None))
    assert offered(view, "i10")
    assert len(written(shelf.folder)) == 1


def test_where_another_process_cannot_write_the_catalogue_this_one_does(stores: Stores, tmp_path: Path) -> None:
    shelf = CatalogueShelf.at(tmp_path / "var", default_url(tmp_path))
    (tmp_path / "file").touch()
    view = CatalogueView(stores.catalogue, shelf=shelf, elsewhere=Child(tmp_path / "file", None))
    assert offered(view, "i10")
    assert len(written(shelf.folder)) == 1


def test_a_writer_that_finds_another_at_work_leaves_it_to_that_one(stores: Stores, tmp_path: Path) -> None:
    shelf = CatalogueShelf.at(tmp_path / "var", default_url(tmp_path))
    shelf.folder.mkdir(parents=True)
    with (
        only_one(shelf.folder / ".lock", what="A test", now=datetime.now(UTC), wait_seconds=0),
        pytest.raises(BusyError),
    ):
        Child(tmp_path, None)(wait=False)
