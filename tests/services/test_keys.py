"""Keys: shown once, kept as salted hashes, told apart, revoked."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest

from recommender.domain.errors import BadInputError
from recommender.domain.keys import KeyClass
from recommender.domain.ports import Stores
from recommender.services.keys import KeyRing, create_key, list_keys, revoke_key
from recommender.storage import default_url, open_stores

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Stores]:
    stores = open_stores(default_url(tmp_path), home=tmp_path)
    yield stores
    stores.close()


def ring_of(stores: Stores) -> KeyRing:
    ring = KeyRing(stores.keys)
    ring.refresh()
    return ring


@pytest.mark.parametrize("kind", list(KeyClass))
def test_a_new_key_opens_and_tells_its_class(home: Stores, kind: KeyClass) -> None:
    made = create_key(home.keys, key_class=kind, name="till", now=NOW)
    assert made.token.startswith(f"{kind}_")
    found = ring_of(home).verify(made.token)
    assert found is not None
    assert (found.key_id, found.key_class, found.name) == (made.record.key_id, kind, "till")


def test_two_keys_are_never_alike(home: Stores) -> None:
    made = [create_key(home.keys, key_class=KeyClass.SK, now=NOW) for _ in range(20)]
    assert len({one.token for one in made}) == len({one.record.key_id for one in made}) == 20
    assert len({one.record.salt for one in made}) == 20


def test_the_key_itself_is_kept_nowhere(home: Stores, tmp_path: Path) -> None:
    made = create_key(home.keys, key_class=KeyClass.SK, now=NOW)
    secret = made.token[len(made.record.prefix) :].encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if secret in path.read_bytes()] == []


@pytest.mark.parametrize("change", ["", "x", "pk", "upper", "class", "shorter", "longer", "last", "unprintable"])
def test_anything_but_the_very_key_is_refused(home: Stores, change: str) -> None:
    token = create_key(home.keys, key_class=KeyClass.SK, now=NOW).token
    wrong = {
        "": "",
        "x": "x",
        "pk": "pk_",
        "upper": token.upper(),
        "class": token.replace("sk_", "adm_"),
        "shorter": token[:-1],
        "longer": token + "A",
        "last": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "unprintable": token[:-1] + "ż",
    }[change]
    assert ring_of(home).verify(wrong) is None


def test_a_revoked_key_is_refused_after_the_next_look(home: Stores) -> None:
    made = create_key(home.keys, key_class=KeyClass.SK, now=NOW)
    other = create_key(home.keys, key_class=KeyClass.SK, now=NOW)
    ring = ring_of(home)
    revoke_key(home.keys, made.record.key_id, now=NOW)
    ring.refresh()
    assert ring.verify(made.token) is None
    assert ring.verify(other.token) is not None
    assert len(ring) == 1


def test_a_key_made_later_opens_after_the_next_look(home: Stores) -> None:
    ring = ring_of(home)
    made = create_key(home.keys, key_class=KeyClass.PK, now=NOW)
    assert ring.verify(made.token) is None
    ring.refresh()
    assert ring.verify(made.token) is not None


def test_a_list_shows_revoked_keys_too(home: Stores) -> None:
    first = create_key(home.keys, key_class=KeyClass.SK, name="old", now=NOW)
    create_key(home.keys, key_class=KeyClass.PK, name="new", now=NOW + timedelta(days=1))
    revoke_key(home.keys, first.record.key_id, now=NOW)
    assert [(record.name, record.revoked_at is None) for record in list_keys(home.keys)] == [
        ("old", False),
        ("new", True),
    ]


def test_revoking_what_does_not_exist_names_what_does(home: Stores) -> None:
    made = create_key(home.keys, key_class=KeyClass.SK, now=NOW)
    with pytest.raises(BadInputError, match=made.record.key_id):
        revoke_key(home.keys, "key-none", now=NOW)


def test_a_wrong_secret_takes_as_long_as_an_unknown_key(home: Stores) -> None:
    token = create_key(home.keys, key_class=KeyClass.SK, now=NOW).token
    ring = ring_of(home)

    def cost(candidate: str) -> float:
        rounds = []
        for _ in range(2_000):
            began = time.perf_counter_ns()
            ring.verify(candidate)
            rounds.append(time.perf_counter_ns() - began)
        return median(rounds)

    near = token[:-1] + ("A" if token[-1] != "A" else "B")
    far = "sk_" + "x" * (len(token) - 3)
    assert cost(near) < 3 * cost(far)
    assert cost(far) < 3 * cost(near)
