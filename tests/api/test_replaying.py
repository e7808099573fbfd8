"""Dead letters: kept with their reason, sent again when the rules or the event are put right, erased with their person."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from event_calls import CONSENT, Shop, open_shop, view

from recommender.api.replaying import CODES, Replayed, checked_code, checked_fix, replay
from recommender.domain.errors import UsageError
from recommender.domain.incoming import DeadLetter, Delivery, StoredLetter
from recommender.domain.people import Person
from recommender.domain.ports import Source, Stores
from recommender.services import privacy


@pytest.fixture
def shop(stores: Stores) -> Iterator[Shop]:
    made = open_shop(stores)
    yield made
    made.ingest.stop()


API = Path(__file__).parents[2] / "recommender" / "api"


def again(shop: Shop, code: str | None = None, **fix: Any) -> Replayed:
    return replay(shop.desk, shop.stores, code=code, fix=fix)


def test_a_refused_event_that_was_put_right_is_stored_with_the_time_it_came(shop: Shop) -> None:
    shop.said([view(currency="zł"), view("v2", type="teleport")])
    (letter,) = shop.stores.dead_letters.newest(1, code="bad_currency")
    assert again(shop, "bad_currency", currency="PLN") == Replayed(stored=1, duplicates=0, not_kept=0, still_refused=0)
    assert shop.lines("visitor_id", "currency", "time_us") == [("v1", "PLN", letter.letter.received_us)]
    assert shop.stores.dead_letters.counts() == {"unknown_type": 1}
    assert shop.marked[-1][0] == ("v:v1",)


def test_what_is_still_wrong_stays(shop: Shop) -> None:
    shop.said(view(type="teleport"))
    assert again(shop).still_refused == 1
    assert shop.stores.dead_letters.counts() == {"unknown_type": 1}


def test_a_conflict_that_conflicts_again_is_taken_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.api.replaying.AT_ONCE", 2)
    shop.said([view(event_id=f"e{number}") for number in range(3)])
    shop.said([view(item_id="i2", event_id=f"e{number}") for number in range(3)])
    read = shop.stores.dead_letters.after
    rounds: list[int] = []

    def counted(number: int, limit: int) -> list[StoredLetter]:
        rounds.append(number)
        assert len(rounds) < 9, "the replay does not end"
        return read(number, limit)

    monkeypatch.setattr(shop.stores.dead_letters, "after", counted)
    assert again(shop, "conflict") == Replayed(stored=0, duplicates=0, not_kept=0, still_refused=3)
    assert shop.stores.dead_letters.counts() == {"conflict": 3}
    assert again(shop) == Replayed(stored=0, duplicates=0, not_kept=0, still_refused=0)
    assert again(shop, "conflict", event_id="another").stored == 1


def test_a_letter_of_a_browser_is_believed_no_more_than_the_browser_was(shop: Shop) -> None:
    event = view("v1", customer_id="c1", currency="zł", consent=CONSENT)
    shop.said(event, key=shop.pk)
    assert again(shop, currency="PLN").stored == 1
    assert shop.lines("visitor_id", "customer_id") == [("v1", None)]


def test_erasing_a_person_reaches_the_letters_that_name_them(shop: Shop, home: Path) -> None:
    shop.said(
        [view("canary-1", type="x"), view("v2", type="x", properties={"friend": "canary-1"}), view("v3", type="x")]
    )
    receipt = privacy.erase(shop.stores, "canary-1", home=home)
    assert receipt.deleted["dead_letters"] == 2
    assert [one.letter.visitor_id for one in shop.stores.dead_letters.newest(9)] == ["v3"]


def sent_oddly() -> list[dict[str, Any]]:
    """Refused events of Anna, of Éva and of somebody who names Żółw, as senders write them."""
    return [
        view(" anna-1 ", type="x"),
        view(unicodedata.normalize("NFD", "éva-12"), type="x"),
        view("v3", type="x", properties={"friend": "żółw-77"}),
        view("v4", type="x", properties={"friend": " anna-1"}),
        view(4711, type="x"),  # type: ignore[arg-type]
        view("v5", type="x", properties={"friend": "anna-11", "other": "ANNA-1", "quantity": 4711}),
    ]


def as_older_versions_did(stores: Stores, *, ascii_only: bool) -> None:
    """The same events as letters with ids as they were sent and either way to write a body."""
    letters = [
        DeadLetter(
            code="unknown_type",
            message="Unknown.",
            received_us=1,
            source="k",
            visitor_id=sent["visitor_id"] if isinstance(sent["visitor_id"], str) else None,
            body=json.dumps(sent, ensure_ascii=ascii_only),
        )
        for sent in sent_oddly()
    ]
    intake = stores.intake()
    source = Source(kind="api", legal_basis="contract", name="k")
    intake.store([Delivery(source=source, events=(), received_us=1, letters=tuple(letters))])
    intake.close()


@pytest.mark.parametrize("how", ["as now", "in ASCII", "in UTF-8"])
def test_whoever_a_letter_names_in_another_form_is_found_and_erased(shop: Shop, home: Path, how: str) -> None:
    if how == "as now":
        assert shop.said(sent_oddly())["accepted"] == 0
    else:
        as_older_versions_did(shop.stores, ascii_only=how == "in ASCII")
    found = shop.stores.dead_letters.naming(["anna-1", "éva-12", "żółw-77"])
    assert [one.letter.visitor_id for one in found] == ["anna-1", "éva-12"]
    erased = [privacy.erase(shop.stores, one, home=home) for one in ("anna-1", "éva-12", "żółw-77", "4711")]
    assert [receipt.deleted["dead_letters"] for receipt in erased] == [2, 1, 1, 1]
    assert [one.letter.visitor_id for one in shop.stores.dead_letters.newest(9)] == ["v5"]


def test_an_older_letter_of_somebody_erased_goes_when_a_backup_is_put_back(shop: Shop, home: Path) -> None:
    as_older_versions_did(shop.stores, ascii_only=False)
    for one in ("anna-1", "éva-12"):
        shop.stores.tombstones.add(Person(visitor_id=one))
    copy = home / "copy"
    shop.stores.dump(str(copy))
    shop.stores.load(str(copy))
    assert [one.letter.visitor_id for one in shop.stores.dead_letters.newest(9)] == ["v5", None, "v3"]


def test_every_letter_is_written_one_way(shop: Shop) -> None:
    shop.said([view(event_id="e1"), view("żółw", event_id="e1"), view("żółw", type="x")])
    assert all('"żółw"' in (one.letter.body or "") for one in shop.stores.dead_letters.newest(9))
    assert len(shop.stores.dead_letters.newest(9)) == 2


def test_an_export_holds_what_was_refused_of_the_person(shop: Shop) -> None:
    shop.said([view("v1", type="x"), view("v2", type="x")])
    (found,) = shop.stores.dead_letters.naming(["v1"])
    assert found.letter.code == "unknown_type"


def test_old_letters_go_and_the_newest_are_kept_however_many_come(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.storage.dead_letters.MOST_LETTERS", 5)
    intake = shop.stores.intake()
    source = Source(kind="api", legal_basis="contract", name="k")
    for start in (0, 4):
        letters = tuple(DeadLetter(code="x", message="no", received_us=n, source="k") for n in range(start, start + 4))
        intake.store([Delivery(source=source, events=(), received_us=9, letters=letters)])
    intake.close()
    assert [one.letter.received_us for one in shop.stores.dead_letters.newest(9)] == [7, 6, 5, 4, 3]
    assert shop.stores.dead_letters.expire(6) == 3
    assert shop.stores.dead_letters.expire(6) == 0


def test_letters_about_somebody_erased_are_not_kept(shop: Shop) -> None:
    shop.stores.tombstones.add(Person(visitor_id="v1"))
    shop.said(view("v1", type="x"))
    assert shop.stores.dead_letters.counts() == {}


def test_every_reason_an_event_is_refused_for_is_known_to_the_command() -> None:
    text = "".join((API / f"event_{part}.py").read_text() for part in ("checks", "fields", "bodies"))
    said = set(re.findall(r'(?:Unusable\(|code=)"([a-z_]+)"', text)) | {"event_too_large"}  # made of what is too large
    assert said - set(CODES) == set()
    assert set(CODES) - said == {"bad_price", "bad_value", "conflict"}


def test_a_reason_or_a_field_that_is_none_is_refused_with_the_likely_one() -> None:
    assert checked_code("bad_currency", ()) == "bad_currency"
    assert checked_code("of_an_older_version", {"of_an_older_version": 1}) == "of_an_older_version"
    with pytest.raises(UsageError, match="did you mean 'bad_currency'"):
        checked_code("bad_curency", ())
    with pytest.raises(UsageError, match="did you mean 'type'"):
        checked_fix({"typ": "x"})
    with pytest.raises(UsageError, match="no such type"):
        checked_fix({"type": "teleport"})
    with pytest.raises(UsageError, match="quantity is a number"):
        checked_fix({"quantity": "many"})


def test_a_number_that_is_set_is_a_number(shop: Shop) -> None:
    shop.said(view(items=[{"item_id": "lamp"}], value=-1))
    assert replay(shop.desk, shop.stores, code="bad_value", fix=checked_fix({"value": "7.5"})).stored == 1
