"""A list read from profiles is the list read from the log."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from answer_samples import CUSTOMERS, END, VISITORS, Spring, make_spring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from profile_samples import NOON, Corner, corner_at, happened

from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.people import Person
from recommender.domain.requests import Repeat, Request
from recommender.features.record import decode_record, encode_record
from recommender.interactions import Histories
from recommender.model.lines import histories_of_lines, histories_of_records
from recommender.ranking.scenarios import scenario_named
from recommender.services.known import Known
from recommender.services.live import read_live
from recommender.services.profiles import Profiles, record_of
from recommender.services.records import Records

MODEL_ITEMS = {f"i{n}": n for n in range(5)}
NEWCOMERS = {"i5": 7}

events = st.builds(
    Event,
    event_id=st.uuids().map(str),
    type=st.sampled_from(
        [
            EventType.PURCHASE,
            EventType.VIEW_ITEM,
            EventType.ADD_TO_CART,
            EventType.REFUND,
            EventType.PAGE_VIEW,
        ]
    ),
    time=st.integers(0, 5_000_000).map(lambda micros: NOON + timedelta(microseconds=micros)),
    customer_id=st.sampled_from(["c1", "c2", None]),
    visitor_id=st.sampled_from(["v1", "v2"]),
    order_id=st.sampled_from(["o1", "o2", None]),
    session_id=st.sampled_from(["s1", None]),
    items=st.lists(
        st.builds(EventItem, item_id=st.sampled_from([f"i{n}" for n in range(7)]), quantity=st.integers(1, 400)),
        min_size=1,
        max_size=3,
    ).map(tuple),
)
PEOPLE = [
    Person(customer_id="c1"),
    Person(customer_id="c2"),
    Person(visitor_id="v1"),
    Person(customer_id="c1", visitor_id="v1"),
    Person(customer_id="c2", visitor_id="v1"),
    Person(customer_id="c9", visitor_id="v2"),
]


def arrays(histories: Histories) -> dict[str, tuple[str, list[float]]]:
    both = {"": histories} if histories.newcomers is None else {"": histories, "new.": histories.newcomers}
    fields = {
        whose + name: getattr(one, name)
        for whose, one in both.items()
        for name in Histories.__struct_fields__
        if name not in ("memory", "attributes", "newcomers")
    }
    return {name: (array.dtype.name, array.tolist()) for name, array in fields.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(events, min_size=1, max_size=6), max_size=4), now=st.integers(0, 6_000_000))
def test_histories_from_profiles_equal_those_from_the_log(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Event]], now: int
) -> None:
    moment = NOON + timedelta(microseconds=now)
    with corner_at(tmp_path_factory.mktemp("home")) as corner:
        for batch in batches:
            corner.tell(*batch)
            for person in PEOPLE:
                record = corner.profiles.read(person).record
                assert record is not None
                lines = corner.stores.log.of_person(person, until=moment)
                asked: tuple[list[int], list[datetime], dict[str, int]] = [-1], [moment], MODEL_ITEMS
                from_log = histories_of_lines([lines], *asked, NEWCOMERS.get)
                live = histories_of_records([record], *asked, naming=NEWCOMERS.get)
                stored = histories_of_records([decode_record(encode_record(record))], *asked, naming=NEWCOMERS.get)
                assert arrays(live) == arrays(from_log) == arrays(stored)


def test_several_records_are_put_together_in_order() -> None:
    nothing = record_of([], 10)
    made = histories_of_records([nothing, None], [3, -1], [NOON, NOON], MODEL_ITEMS)
    assert made.indptr.tolist() == [0, 0, 0]
    assert made.country.tolist() == [3, -1]


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    return make_spring(tmp_path_factory.mktemp("spring"))


@pytest.fixture
def shop(spring: Spring, home: Path) -> Iterator[Corner]:
    stores = spring.copy(home)
    corner = Corner(home, stores)
    yield corner
    corner.store.close()
    stores.close()


def known(records: Records, request: Request, spring: Spring) -> Known:
    return records.read([(request, scenario_named(request.scenario))], spring.model)


def both(shop: Corner, profiles: Profiles | None) -> Records:
    stores = shop.stores
    return Records(log=stores.log, customers=stores.customers, consent=stores.consent, limit=2_000, profiles=profiles)


@pytest.mark.parametrize("scenario", ["home", "newsletter", "trending", "recently_viewed"])
@pytest.mark.parametrize("repeat", [Repeat.AUTO, Repeat.FORBID])
def test_what_is_known_of_a_whole_shop_is_the_same(shop: Corner, spring: Spring, scenario: str, repeat: Repeat) -> None:
    people = [Person(customer_id=one) for one in CUSTOMERS] + [Person(visitor_id=one) for one in VISITORS]
    people += [Person(customer_id="c1", visitor_id="v1"), Person(), Person(customer_id="c2", visitor_id="b2")]
    for person in people:
        for now in (END, END - timedelta(days=20)):
            request = Request(scenario=scenario, now=now, person=person, repeat=repeat)
            log = known(both(shop, None), request, spring)
            live = known(both(shop, shop.profiles), request, spring)
            assert log.histories is not None
            assert live.histories is not None
            assert arrays(live.histories) == arrays(log.histories)
            assert (live.bought, live.countries, live.leaned) == (log.bought, log.countries, log.leaned)
            assert live.trouble is log.trouble is None


def test_a_moment_before_the_end_of_a_cut_record_is_read_from_the_log(home: Path) -> None:
    with corner_at(home) as corner:
        corner.limit = 2
        profiles = corner.reader()
        corner.tell(*(happened(f"e{n}", f"i{n}", customer_id="anna", seconds=n) for n in range(5)))
        request = Request(scenario="home", now=NOON + timedelta(seconds=3), person=Person(customer_id="anna"))

        class Model:
            item_ids = tuple(MODEL_ITEMS)

            def histories_of_records(
                self, records: object, _countries: object, now: object, _naming: object
            ) -> Histories:
                return histories_of_records(records, [-1], now, MODEL_ITEMS)  # type: ignore[arg-type]

        found = read_live(profiles, None, [(request, scenario_named("home"))], Model())  # type: ignore[arg-type]
        assert found.histories is not None
        assert found.histories.item.tolist() == [1, 2]
        assert np.array_equal(found.histories.indptr, [0, 2])
