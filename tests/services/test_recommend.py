from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from answer_samples import (
    CUSTOMERS,
    END,
    ITEMS,
    SOURCE,
    START,
    Spring,
    broken,
    make_spring,
    open_spring,
    recommender_of,
)
from msgspec import structs

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.errors import BadInputError, UnknownScenarioError
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.ports import Stores
from recommender.domain.requests import Language, Repeat, Request
from recommender.domain.slates import Basis, Slate
from recommender.model.contract import Model
from recommender.ranking.scenarios import SCENARIOS
from recommender.ranking.settings import AnswerSettings
from recommender.services.recommend import Recommender

REGULAR = Person(customer_id="c1")
BROWSER = Person(visitor_id="v5")
STRANGER = Person()


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    return make_spring(tmp_path_factory.mktemp("spring"))


@pytest.fixture
def stores(spring: Spring, tmp_path: Path) -> Iterator[Stores]:
    opened = spring.copy(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def model(spring: Spring) -> Model:
    return spring.model


@pytest.fixture
def shop(stores: Stores, model: Model) -> Recommender:
    return recommender_of(stores, model)


def request(person: Person = REGULAR, scenario: str = "home", **wishes: Any) -> Request:
    wishes.setdefault("now", END)
    return Request(scenario=scenario, person=person, **wishes)


def ids(slate: Slate) -> list[str]:
    return [place.item_id for place in slate.items]


def purchase(stores: Stores, item_id: str, *, customer: str = "c1", days_ago: int = 1) -> None:
    bought = Event(
        event_id=f"late-{customer}-{item_id}",
        type=EventType.PURCHASE,
        time=END - timedelta(days=days_ago),
        customer_id=customer,
        items=(EventItem(item_id=item_id),),
        order_id=f"late-{item_id}",
    )
    stores.log.append([bought], SOURCE)


def refuse(stores: Stores, purpose: Purpose, state: ConsentState, person: Person = REGULAR) -> None:
    record = ConsentRecord(person=person, purpose=purpose, state=state, time=START, source="form")
    stores.consent.record([record])


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize(
    "person", [REGULAR, BROWSER, STRANGER, Person(customer_id="never-seen")], ids=lambda p: p.label or "stranger"
)
def test_every_scenario_answers_everyone_with_a_full_list(shop: Recommender, scenario: str, person: Person) -> None:
    slate = shop.slate(request(person, scenario, item_ids=("i10",), cart=("i11",)))
    assert [place.rank for place in slate.items] == list(range(1, 13))
    assert len(set(ids(slate))) == 12
    assert all(place.source and place.reason.text for place in slate.items)
    assert (slate.scenario, slate.model) == (scenario, "spring")


def test_a_regular_gets_a_personal_list_and_a_stranger_an_anonymous_one(shop: Recommender) -> None:
    regular, stranger = shop.slate(request(REGULAR)), shop.slate(request(STRANGER))
    assert (regular.basis, regular.fallback) == (Basis.PERSONAL, None)
    assert (stranger.basis, stranger.fallback) == (Basis.ANONYMOUS, None)
    assert ids(regular) != ids(stranger)


def test_a_page_is_answered_on_what_it_shows(shop: Recommender) -> None:
    slate = shop.slate(request(STRANGER, "similar", item_ids=("i12",)))
    assert (slate.basis, slate.fallback) == (Basis.SESSION, None)
    assert "i12" not in ids(slate)


def test_a_purchase_is_in_the_very_next_list(shop: Recommender, stores: Stores) -> None:
    purchase(stores, "i13")
    first = shop.slate(request()).items
    said = {place.item_id: place.reason.text for place in first}
    assert said.get("i13") == "You bought it in April"


def test_a_past_moment_is_answered_from_what_was_known_then(shop: Recommender, stores: Stores) -> None:
    before = shop.slate(request(now=END - timedelta(days=2)))
    purchase(stores, "i13")
    assert shop.slate(request(now=END - timedelta(days=2))) == before
    assert shop.slate(request(now=END)) != before


@pytest.mark.parametrize("state", [ConsentState.OBJECTED, ConsentState.WITHDRAWN, ConsentState.DENIED])
def test_who_refuses_gets_the_strangers_list(shop: Recommender, stores: Stores, state: ConsentState) -> None:
    refuse(stores, Purpose.ONSITE_PERSONALISATION, state)
    slate = shop.slate(request())
    assert slate.basis is Basis.ANONYMOUS
    assert slate == shop.slate(request(STRANGER))


def test_mail_and_shop_are_refused_apart(shop: Recommender, stores: Stores) -> None:
    refuse(stores, Purpose.EMAIL_PERSONALISATION, ConsentState.OBJECTED)
    assert shop.slate(request(scenario="home")).basis is Basis.PERSONAL
    assert shop.slate(request(scenario="newsletter")).basis is Basis.ANONYMOUS


def test_a_refusal_holds_in_a_block_too(shop: Recommender, stores: Stores) -> None:
    refuse(stores, Purpose.ONSITE_PERSONALISATION, ConsentState.OBJECTED)
    block = [request(Person(customer_id=customer)) for customer in CUSTOMERS]
    for answered in (shop.slates(block), shop.pinned("home").slates(block)):
        assert [slate.basis for slate in answered][:3] == [Basis.PERSONAL, Basis.ANONYMOUS, Basis.PERSONAL]


def test_a_refusal_holds_in_the_persons_browser_one_by_one_and_in_a_block(shop: Recommender, stores: Stores) -> None:
    owners = dict(stores.log.links())
    block = [request(Person(visitor_id=visitor)) for visitor in owners]
    theirs = [customer == REGULAR.customer_id for customer in owners.values()]
    before = [slate.basis for slate in shop.slates(block)]
    assert Basis.PERSONAL in [basis for basis, refused in zip(before, theirs, strict=True) if refused]
    refuse(stores, Purpose.ONSITE_PERSONALISATION, ConsentState.OBJECTED)
    expected = [Basis.ANONYMOUS if refused else basis for basis, refused in zip(before, theirs, strict=True)]
    for answered in (shop.slates(block), shop.pinned("home").slates(block), [shop.slate(one) for one in block]):
        assert [slate.basis for slate in answered] == expected


def test_trending_takes_nothing_from_the_record(shop: Recommender) -> None:
    assert shop.slate(request(REGULAR, "trending")) == shop.slate(request(STRANGER, "trending"))


def test_forbidding_repeats_keeps_bought_items_out_of_every_scenario(shop: Recommender, stores: Stores) -> None:
    bought = {line.item_id for line in stores.log.of_person(REGULAR) if line.type == "purchase"}
    assert bought & set(ids(shop.slate(request(repeat=Repeat.ALLOW, size=40))))
    for scenario in SCENARIOS:
        slate = shop.slate(request(scenario=scenario, repeat=Repeat.FORBID, size=40))
        assert not bought & set(ids(slate))


def test_an_item_bought_after_training_is_forbidden_too(shop: Recommender, stores: Stores) -> None:
    everything = request(repeat=Repeat.FORBID, size=100)
    assert "fresh" in ids(shop.slate(everything))
    purchase(stores, "fresh")
    assert "fresh" not in ids(shop.slate(everything))


def test_bought_items_stay_forbidden_however_long_the_history(stores: Stores, model: Model) -> None:
    short_memory = recommender_of(stores, model, settings=AnswerSettings(history_lines=1))
    bought = {line.item_id for line in stores.log.of_person(REGULAR) if line.type == "purchase"}
    alone = short_memory.slate(request(repeat=Repeat.FORBID, size=40))
    block = short_memory.slates([request(Person(customer_id=c), repeat=Repeat.FORBID, size=40) for c in CUSTOMERS])
    assert len(bought) > 1
    assert not bought & set(ids(alone))
    assert block[1] == alone


def test_an_item_that_sells_out_is_gone_from_the_next_list(shop: Recommender, stores: Stores) -> None:
    first = ids(shop.slate(request()))[0]
    stores.catalogue.put([Item(item_id=first, stock=0)])
    slate = shop.slate(request())
    assert first not in ids(slate)
    assert len(slate.items) == 12


def test_an_item_taken_out_after_training_is_gone_from_the_next_list(shop: Recommender, stores: Stores) -> None:
    kept = [item for item in stores.catalogue.all() if item.item_id not in ids(shop.slate(request()))[:5]]
    taken = set(ids(shop.slate(request()))[:5])
    stores.catalogue.put(kept, replace=True)
    assert not taken & set(ids(shop.slate(request(size=40))))


def test_dates_are_those_of_the_moment_asked_for(shop: Recommender) -> None:
    def shown(day: int) -> set[str]:
        slate = shop.slate(request(STRANGER, "trending", now=START + timedelta(days=day), size=100))
        return set(ids(slate)) & {"i20", "i21", "i22", "i23"}

    assert shown(10) == {"i22", "i23"}
    assert shown(35) == {"i20", "i21", "i22", "i23"}
    assert shown(50) == {"i20", "i21"}


def test_without_a_model_the_newest_items_answer(stores: Stores) -> None:
    slate = recommender_of(stores, None).slate(request())
    assert (slate.model, slate.fallback, slate.basis) == (None, "no_model", Basis.ANONYMOUS)
    assert slate.items[0].item_id == "fresh"
    assert slate.items[0].reason.text == "New in the shop"
    assert len(slate.items) == 12


def test_without_a_model_bought_items_stay_forbidden(stores: Stores) -> None:
    bought = {line.item_id for line in stores.log.of_person(REGULAR) if line.type == "purchase"}
    assert not bought & set(ids(recommender_of(stores, None).slate(request(repeat=Repeat.FORBID, size=40))))


def test_an_empty_shop_gives_an_empty_list_not_an_error(tmp_path: Path) -> None:
    empty = open_spring(tmp_path / "empty", events=[])
    empty.catalogue.put([], replace=True)
    slate = recommender_of(empty, None).slate(request())
    assert slate.items == ()


@pytest.mark.parametrize(
    ("table", "fallback", "basis"),
    [
        ("events", "events_unavailable", Basis.PERSONAL),
        ("consent", "consent_unavailable", Basis.ANONYMOUS),
        ("customers", "customers_unavailable", Basis.PERSONAL),
    ],
)
def test_a_store_that_fails_costs_its_share_not_the_list(
    shop: Recommender, tmp_path: Path, table: str, fallback: str, basis: Basis
) -> None:
    block = [request(Person(customer_id=customer)) for customer in CUSTOMERS]
    with broken(tmp_path, table):
        slate = shop.slate(request())
        many = shop.slates(block)
    assert (slate.fallback, slate.basis, len(slate.items)) == (fallback, basis, 12)
    assert many[1] == slate
    assert shop.slate(request()).fallback is None


def test_a_catalogue_that_fails_leaves_what_was_last_read(shop: Recommender, tmp_path: Path) -> None:
    before = shop.slate(request())
    with broken(tmp_path, "items"):
        assert shop.slate(request()) == before


@pytest.mark.parametrize(
    ("asked", "fallback"),
    [
        (request(scenario="similar"), "no_context"),
        (request(scenario="cart"), "no_context"),
        (request(scenario="similar", item_ids=("nowhere",)), "unknown_item"),
        (request(scenario="similar", item_ids=("fresh",)), "unknown_item"),
        (request(Person(customer_id="never-seen"), "recently_viewed"), "nothing_viewed"),
        (request(BROWSER, "recently_viewed"), None),
        (request(exclude=ITEMS), "no_candidates"),
        (request(exclude=(*ITEMS, "fresh")), "nothing_sellable"),
    ],
)
def test_the_fallback_names_why_a_lower_rung_answered(shop: Recommender, asked: Request, fallback: str | None) -> None:
    assert shop.slate(asked).fallback == fallback


def test_what_was_viewed_comes_back_the_last_one_first(shop: Recommender, stores: Stores) -> None:
    offered = {item.item_id for item in stores.catalogue.all() if item.sellable(END)} | {"i39"}
    views = [line for line in stores.log.of_person(BROWSER) if line.type == "view_item" and line.item_id in offered]
    slate = shop.slate(request(BROWSER, "recently_viewed"))
    assert slate.items[0].item_id == views[-1].item_id
    assert (slate.items[0].source, slate.items[0].reason.code) == ("recently_viewed", "viewed_times")


def test_reasons_are_given_in_the_language_asked_for(shop: Recommender, stores: Stores) -> None:
    purchase(stores, "i13")
    said = {place.item_id: place.reason.text for place in shop.slate(request(language=Language.PL)).items}
    assert said["i13"] == "Z Twoich zakupów: kwiecień"


def test_who_bought_nothing_is_not_told_of_own_purchases(shop: Recommender) -> None:
    codes = {place.reason.code for place in shop.slate(request(STRANGER, size=40)).items}
    assert not codes & {"again", "viewed_times", "set_aside", "chosen", "bought_with"}


def test_slates_have_names_of_their_own(stores: Stores, model: Model) -> None:
    counter = iter(range(100))
    shop = recommender_of(stores, model, slate_id=lambda _scenario, _run, _now: f"s{next(counter)}")
    assert [slate.slate_id for slate in shop.slates([request(), request()])] == ["s0", "s1"]


def test_the_last_resort_needs_only_the_catalogue(shop: Recommender, tmp_path: Path) -> None:
    shop.slate(request())
    with broken(tmp_path, "events"), broken(tmp_path, "consent"):
        slate = shop.without_model(request(exclude=("fresh",)), "internal_error")
    assert (slate.fallback, slate.model, len(slate.items)) == ("internal_error", None, 12)
    assert "fresh" not in ids(slate)


def test_an_unknown_scenario_or_size_is_the_callers_fault(shop: Recommender) -> None:
    with pytest.raises(UnknownScenarioError, match="home"):
        shop.slate(request(scenario="homme"))
    with pytest.raises(BadInputError, match="from 1 to 100"):
        shop.slate(request(size=0))
    with pytest.raises(BadInputError, match="time zone"):
        shop.slate(structs.replace(request(), now=END.replace(tzinfo=None)))
