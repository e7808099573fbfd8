"""The home's secret: made once, private, and never mixed up."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.people import Person
from recommender.storage import default_url, open_stores
from recommender.storage.secret import Secrets


def test_the_secret_is_made_once_with_32_bytes_for_the_owner_only(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: Secrets(tmp_path).at_home, range(16)))
    assert len(found) == 1
    assert len(found.pop()) == 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_database_is_not_used_with_a_foreign_secret(home: Path) -> None:
    open_stores(default_url(home), home=home).close()
    key = home / "var" / "secret.key"
    own = key.read_bytes()
    key.write_bytes(os.urandom(32))
    with pytest.raises(StoreUnavailableError, match="another secret"):
        open_stores(default_url(home), home=home)
    key.write_bytes(own)
    open_stores(default_url(home), home=home).close()


def test_a_cut_secret_is_named(home: Path) -> None:
    open_stores(default_url(home), home=home).close()
    (home / "var" / "secret.key").write_bytes(b"short")
    with pytest.raises(StoreUnavailableError, match=r"secret\.key must hold 32 bytes and holds 5"):
        open_stores(default_url(home), home=home)


def test_a_running_process_follows_a_restore_that_brings_another_secret(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    theirs = open_stores(default_url(other), home=other)
    theirs.tombstones.add(Person(customer_id="anna"))
    theirs.dump(str(tmp_path / "dump"))
    running, restoring = (open_stores(default_url(home), home=home) for _ in range(2))
    running.tombstones.add(Person(customer_id="ben"))
    restoring.load(str(tmp_path / "dump"))
    people = [Person(customer_id=one) for one in ("anna", "ben", "carl")]
    assert running.tombstones.covers(people) == [True, True, False]
    assert running.tombstones.pseudonym(people[0]) == theirs.tombstones.pseudonym(people[0])
    assert (home / "var" / "secret.key").read_bytes() == (other / "var" / "secret.key").read_bytes()
    for stores in (theirs, running, restoring):
        stores.close()
