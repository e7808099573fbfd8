"""The contracts of the stores beside the log: catalogue, customers, consent, keys, small facts, tombstones."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest
from stores_samples import START, at

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.events import Event, EventType
from recommender.domain.items import Availability, Item
from recommender.domain.keys import KeyClass, KeyRecord
from recommender.domain.people import Customer, Person
from recommender.domain.ports import ImportCounts, Source, Stores

if TYPE_CHECKING:
    from recommender.storage.ledger import SqlConsentLedger

ANNA, BEN = Person(customer_id="anna"), Person(customer_id="ben")
FULL = Item(
    item_id="a",
    title="Jabłko „Złote”",
    url="/a",
    image="/a.jpg",
    price=Decimal("12.3456"),
    currency="PLN",
    sale_price=Decimal("9.99"),
    availability=Availability.PREORDER,
    stock=0,
    visible=False,
    category="Food > Fruit",
    brand="Sad",
    item_group_id="g",
    color="gold",
    size="M",
    description="Two\nlines",
    added_at=START,
    available_from=at(1),
    available_until=at(2),
    margin=Decimal("-0.50"),
    attributes={"bio": True, "weight": 1.5, "count": 3, "origin": "PL"},
)


def test_an_item_comes_back_as_it_was_put(stores: Stores) -> None:
    assert stores.catalogue.put([FULL]) == ImportCounts(new=1, duplicates=0, conflicts=0, erased=0)
    assert stores.catalogue.get(["a", "unknown"]) == {"a": FULL}


def test_what_is_none_stays_as_it_was_and_attributes_are_merged(stores: Stores) -> None:
    stores.catalogue.put([FULL])
    stores.catalogue.put([Item(item_id="a", stock=7, attributes={"count": 4, "new": "x", "origin": None})])
    merged: dict[str, str | int | float | bool | None] = {
        "bio": True,
        "weight": 1.5,
        "count": 4,
        "origin": "PL",
        "new": "x",
    }
    assert stores.catalogue.get(["a"]) == {"a": replace(FULL, stock=7, attributes=merged)}


def test_the_version_grows_with_a_change_and_only_then(stores: Stores) -> None:
    assert stores.catalogue.version() == 0
    stores.catalogue.put([FULL, Item(item_id="b")])
    first = stores.catalogue.version()
    assert first > 0
    stores.catalogue.put([FULL, Item(item_id="b")])
    assert stores.catalogue.version() == first
    stores.catalogue.put([FULL, Item(item_id="b", stock=1)])
    assert stores.catalogue.version() > first
    assert [one.item_id for one in stores.catalogue.entries(first)] == ["b"]
    assert [one.item_id for one in stores.catalogue.entries(0)] == ["a", "b"]


def test_replacing_takes_out_what_is_missing_and_putting_brings_it_back(stores: Stores) -> None:
    stores.catalogue.put([Item(item_id=one, stock=1) for one in "abc"])
    before = stores.catalogue.version()
    stores.catalogue.put([Item(item_id="b")], replace=True)
    assert [(item.item_id, item.removed) for item in stores.catalogue.all()] == [("a", True), ("b", False), ("c", True)]
    assert sorted(one.item_id for one in stores.catalogue.entries(before)) == ["a", "c"]
    stores.catalogue.put([Item(item_id="a")])
    assert stores.catalogue.get(["a"])["a"] == Item(item_id="a", stock=1)


def test_a_catalogue_that_fails_half_way_is_as_before(stores: Stores) -> None:
    def items() -> Any:
        yield Item(item_id="a")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        stores.catalogue.put(items(), replace=True)
    assert list(stores.catalogue.all()) == []
    assert stores.catalogue.version() == 0


def test_the_last_of_two_equal_ids_in_one_call_wins(stores: Stores) -> None:
    stores.catalogue.put([Item(item_id="a", stock=1), Item(item_id="a", stock=2)])
    assert stores.catalogue.get(["a"])["a"].stock == 2


def test_a_customer_comes_back_as_put_and_is_updated_field_by_field(stores: Stores) -> None:
    anna = Customer(
        customer_id="anna",
        email="anna@example.com",
        birth_date=date(1990, 2, 28),
        country="PL",
        attributes={"vip": True},
    )
    assert stores.customers.put([anna, Customer(customer_id="ben")]).new == 2
    assert stores.customers.put([Customer(customer_id="anna", city="Łódź", attributes={"n": 1})]).duplicates == 1
    expected = replace(anna, city="Łódź", attributes={"vip": True, "n": 1})
    assert stores.customers.get(["anna", "nobody"]) == {"anna": expected}
    assert stores.customers.countries() == {"anna": "PL"}
    assert list(stores.customers.ids()) == ["anna", "ben"]


def test_an_erased_customer_is_gone_and_does_not_come_back(stores: Stores) -> None:
    stores.customers.put([Customer(customer_id="anna"), Customer(customer_id="ben")])
    stores.tombstones.add(ANNA)
    assert stores.customers.erase(ANNA) == 1
    assert stores.customers.erase(ANNA) == 0
    assert stores.customers.erase(Person(visitor_id="ben")) == 0
    counts = stores.customers.put([Customer(customer_id="anna"), Customer(customer_id="ben")])
    assert counts == ImportCounts(new=0, duplicates=1, conflicts=0, erased=1)
    assert list(stores.customers.ids()) == ["ben"]


def consent(
    person: Person, state: ConsentState, minutes: int = 0, purpose: Purpose = Purpose.MODEL_TRAINING
) -> ConsentRecord:
    return ConsentRecord(
        person=person, purpose=purpose, state=state, time=at(minutes), source="form", text_version="v1"
    )


def allowed(stores: Stores, person: Person = ANNA) -> bool:
    answers = {stores.consent.allows(person, Purpose.MODEL_TRAINING, default=default) for default in (True, False)}
    assert len(answers) == 1
    return answers.pop()


def test_without_a_record_the_default_decides(stores: Stores) -> None:
    assert stores.consent.allows(ANNA, Purpose.MODEL_TRAINING, default=True)
    assert not stores.consent.allows(ANNA, Purpose.MODEL_TRAINING, default=False)


def test_the_newest_record_stands_whatever_the_order_of_arrival(stores: Stores) -> None:
    assert (
        stores.consent.record([consent(ANNA, ConsentState.WITHDRAWN, 5), consent(ANNA, ConsentState.GRANTED, 1)]) == 2
    )
    assert not allowed(stores)
    stores.consent.record([consent(ANNA, ConsentState.GRANTED, 6)])
    assert allowed(stores)


@pytest.mark.parametrize("first", [ConsentState.GRANTED, ConsentState.OBJECTED])
def test_an_objection_beats_a_grant_of_the_same_moment(stores: Stores, first: ConsentState) -> None:
    second = {ConsentState.GRANTED: ConsentState.OBJECTED, ConsentState.OBJECTED: ConsentState.GRANTED}[first]
    stores.consent.record([consent(ANNA, first), consent(ANNA, second)])
    assert not allowed(stores)


def test_a_refusal_by_either_id_refuses(stores: Stores) -> None:
    stores.consent.record([consent(ANNA, ConsentState.GRANTED), consent(Person(visitor_id="v"), ConsentState.OBJECTED)])
    assert not allowed(stores, Person(customer_id="anna", visitor_id="v"))
    assert allowed(stores)


def test_refusals_list_customers_and_visitors_of_that_purpose_only(stores: Stores) -> None:
    stores.consent.record(
        [
            consent(ANNA, ConsentState.DENIED),
            consent(BEN, ConsentState.DENIED),
            consent(BEN, ConsentState.GRANTED, 1),
            consent(Person(visitor_id="v"), ConsentState.OBJECTED),
            consent(Person(visitor_id="w"), ConsentState.OBJECTED, 0, Purpose.EMAIL_PERSONALISATION),
        ]
    )
    assert stores.consent.refusals(Purpose.MODEL_TRAINING) == (frozenset({"anna"}), frozenset({"v"}))


def test_what_a_customer_refuses_holds_for_their_browsers_and_what_they_allow_does_not(stores: Stores) -> None:
    seen = [("anna", "w1"), ("anna", "w2"), ("ben", "w2"), ("ben", "w3")]
    for number, (customer, visitor) in enumerate(seen):
        event = Event(
            event_id=f"e{number}", type=EventType.IDENTIFY, time=at(number), customer_id=customer, visitor_id=visitor
        )
        stores.log.append([event], Source(kind="api", legal_basis="contract"))
    stores.consent.record([consent(ANNA, ConsentState.WITHDRAWN), consent(BEN, ConsentState.GRANTED)])
    ledger, training, nobody = stores.consent, Purpose.MODEL_TRAINING, frozenset[str]()
    told = {visitor: ledger.refused_in(visitor) for visitor in ("w1", "w2", "w3", "w4")}
    free = frozenset[Purpose]()
    assert told == {"w1": ("anna", frozenset({training})), "w2": ("ben", free), "w3": ("ben", free), "w4": (None, free)}
    assert not allowed(stores, Person(visitor_id="w1"))
    assert not ledger.allows(Person(visitor_id="w3"), training, default=False)
    assert ledger.refusals(training, browsers=True) == (frozenset({"anna"}), frozenset({"w1"}))
    assert ledger.refusals(training) == (frozenset({"anna"}), nobody)
    ledger.record([consent(Person(visitor_id="w1"), ConsentState.GRANTED, 1), consent(ANNA, ConsentState.GRANTED, 2)])
    assert ledger.refused_in("w1") == ("anna", free)
    assert ledger.refusals(training, browsers=True) == (nobody, nobody)


def test_history_is_complete_until_erased_and_the_chain_holds_afterwards(stores: Stores) -> None:
    annas = [consent(ANNA, ConsentState.GRANTED), consent(ANNA, ConsentState.WITHDRAWN, 3)]
    stores.consent.record([annas[1], consent(BEN, ConsentState.GRANTED)])
    stores.consent.record([annas[0]])
    ledger = cast("SqlConsentLedger", stores.consent)
    assert stores.consent.history(ANNA) == annas
    assert ledger.broken_at() is None
    assert stores.consent.erase(ANNA) == 2
    assert stores.consent.history(ANNA) == []
    assert stores.consent.allows(ANNA, Purpose.MODEL_TRAINING, default=True)
    assert ledger.broken_at() is None
    stores.consent.record([consent(BEN, ConsentState.OBJECTED, 9)])
    assert ledger.broken_at() is None


def test_histories_of_many_equal_each_ones_and_leave_out_the_erased(stores: Stores) -> None:
    gone, unknown = Person(customer_id="gone"), Person(customer_id="unknown")
    stores.consent.record([consent(ANNA, ConsentState.GRANTED, 3), consent(BEN, ConsentState.DENIED)])
    stores.consent.record([consent(ANNA, ConsentState.WITHDRAWN), consent(gone, ConsentState.GRANTED)])
    stores.tombstones.add(gone)
    found = stores.consent.histories(["anna", "ben", "gone", "unknown", "anna"])
    assert found == {one.customer_id: stores.consent.history(one) for one in (ANNA, BEN, unknown)}


def test_a_changed_row_breaks_the_chain(stores: Stores) -> None:
    from recommender.storage.tables import consent as table

    stores.consent.record([consent(ANNA, ConsentState.DENIED), consent(BEN, ConsentState.DENIED)])
    ledger = cast("SqlConsentLedger", stores.consent)
    with ledger._database.writing() as connection:
        connection.execute(table.update().where(table.c.number == 2).values(state="granted"))
    assert ledger.broken_at() == 2


def test_keys_are_kept_in_the_order_made_and_revoked_once(stores: Stores) -> None:
    def key(key_id: str, minutes: int) -> KeyRecord:
        return KeyRecord(
            key_id=key_id,
            key_class=KeyClass.SK,
            name="shop",
            prefix="sk_x",
            salt=b"\x00\xff",
            digest=b"d",
            created_at=at(minutes),
        )

    stores.keys.put(key("k2", 2))
    stores.keys.put(key("k1", 1))
    assert stores.keys.all() == [key("k1", 1), key("k2", 2)]
    assert stores.keys.revoke("k1", at(5))
    assert stores.keys.revoke("k1", at(9))
    assert not stores.keys.revoke("k3", at(5))
    assert stores.keys.all()[0].revoked_at == at(5)


def test_small_facts_are_kept_and_replaced(stores: Stores) -> None:
    assert stores.meta.get("clock_shift") is None
    stores.meta.set("clock_shift", "3")
    stores.meta.set("clock_shift", "4")
    assert stores.meta.get("clock_shift") == "4"


def test_a_pseudonym_is_the_same_for_the_same_person_and_hides_the_id(stores: Stores) -> None:
    pseudonym = stores.tombstones.pseudonym(ANNA)
    assert pseudonym == stores.tombstones.pseudonym(Person(customer_id="anna", visitor_id="v"))
    assert pseudonym != stores.tombstones.pseudonym(Person(visitor_id="anna"))
    assert len(bytes.fromhex(pseudonym)) == 16


def test_money_and_moments_survive_to_the_last_digit(stores: Stores) -> None:
    item = Item(item_id="a", price=Decimal("0.0001"), added_at=START + timedelta(microseconds=1))
    stores.catalogue.put([item])
    assert stores.catalogue.get(["a"]) == {"a": item}
