"""Attributes of many people, each as of a moment of their own: what folding the lines before it gives, and nothing later."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from feature_samples import SHOP, START_US, line, lines, log_frame
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.domain.events import EventType, Line
from recommender.features import ATTRIBUTES, empty, fold, values
from recommender.features.chronicle import Chronicle, Chronicled
from recommender.features.numbers import NUMBERS, facets_of, numbers_of
from recommender.interactions import ALWAYS_US, MISSING

DAY_US = 86_400_000_000
PEOPLE = pl.Series(["c:c1", "c:c2", "v:v1", "v:v3", "c:nobody"])
LINKS = {"v1": "c1", "v2": "c2"}


def chronicle_of(told: Sequence[Line], chunk: int = 7) -> Chronicled:
    chronicle = Chronicle(SHOP, LINKS)
    for start in range(0, max(len(told), 1), chunk):
        chronicle.add(log_frame(told[start : start + chunk]))
    found = chronicle.of(PEOPLE)
    assert found is not None
    return found


def owner(one: Line) -> str | None:
    customer = one.customer_id or LINKS.get(one.visitor_id or "")
    return f"c:{customer}" if customer else f"v:{one.visitor_id}" if one.visitor_id else None


def asked(chronicle: Chronicled, person: int, until_us: int, since_us: int = ALWAYS_US) -> dict[str, float]:
    at = chronicle.at(np.array([person]), np.array([since_us]), np.array([until_us]))
    return dict(zip(NUMBERS, at.of(0, NUMBERS).tolist(), strict=True))


@settings(max_examples=30, deadline=None)
@given(told=lines(), moments=st.lists(st.integers(0, 900), min_size=3, max_size=3))
def test_a_person_at_a_moment_is_the_lines_before_it_one_by_one(told: list[Line], moments: list[int]) -> None:
    chronicle = chronicle_of(told)
    person = np.repeat(np.arange(len(PEOPLE)), len(moments))
    until = np.tile(START_US + np.array(moments, np.int64) * DAY_US, len(PEOPLE))
    at = chronicle.at(person, np.full(len(person), ALWAYS_US), until)
    for row, (who, moment) in enumerate(zip(person.tolist(), until.tolist(), strict=True)):
        theirs = [one for one in told if owner(one) == PEOPLE[who] and one.time_us < moment]
        expected = numbers_of(values(fold(empty(), theirs, SHOP), moment))
        np.testing.assert_array_equal(at.of(row, NUMBERS), expected)


@settings(max_examples=30, deadline=None)
@given(told=lines(), later=lines(), day=st.integers(0, 40))
def test_what_happens_at_the_cut_or_after_it_changes_no_attribute(
    told: list[Line], later: list[Line], day: int
) -> None:
    cut = START_US + day * DAY_US
    after = [replace(one, time_us=max(one.time_us, cut), seq=one.seq + 1_000) for one in later]
    person, since = np.arange(len(PEOPLE)), np.full(len(PEOPLE), ALWAYS_US)
    before, planted = (
        chronicle_of(some).numbers(person, since, np.full(len(PEOPLE), cut)) for some in (told, [*told, *after])
    )
    np.testing.assert_array_equal(before, planted)


def test_a_purchase_counts_from_the_moment_after_it() -> None:
    chronicle = chronicle_of([line(1, EventType.PURCHASE, item_id="tea", order_id="o1", price_e4=50_000)])
    assert asked(chronicle, 0, START_US)["orders"] == 0
    assert asked(chronicle, 0, START_US)["recency_days"] == np.float32(MISSING)
    assert asked(chronicle, 0, START_US + 1)["orders"] == 1
    assert asked(chronicle, 0, START_US + 3 * DAY_US)["recency_days"] == 3
    assert asked(chronicle, 0, START_US + 3 * DAY_US)["spend"] == 5
    assert asked(chronicle, 1, START_US + 3 * DAY_US)["orders"] == 0


def test_events_that_are_no_interaction_count_too() -> None:
    chronicle = chronicle_of([line(1, EventType.SEARCH), line(2, EventType.VIEW_ITEM_LIST, slate_id="x")])
    assert asked(chronicle, 0, START_US + 1)["searches"] == 1
    assert asked(chronicle, 0, START_US + 1)["slates_seen"] == 1


def test_lines_before_the_moment_a_visitor_came_are_not_seen() -> None:
    chronicle = chronicle_of([line(1, EventType.SEARCH), line(2, EventType.SEARCH, day=2.0)])
    assert asked(chronicle, 0, START_US + 9 * DAY_US, since_us=START_US + DAY_US)["searches"] == 1


def test_some_of_the_people_keep_their_attributes() -> None:
    chronicle = chronicle_of([line(1, EventType.SEARCH, customer_id="c2")])
    whole = chronicle.at(np.arange(3), np.full(3, ALWAYS_US), np.full(3, START_US + 1))
    assert [whole.some(np.array([1, 0])).of(row, ("searches",)).tolist() for row in (0, 1)] == [[1.0], [0.0]]


def test_a_log_that_is_too_long_is_not_kept() -> None:
    chronicle = Chronicle(SHOP, LINKS, most=2)
    for seq in range(3):
        chronicle.add(log_frame([line(seq, EventType.SEARCH)]))
    assert chronicle.of(PEOPLE) is None


def test_numbers_are_all_attributes_that_are_numbers_and_no_others() -> None:
    assert set(NUMBERS) == {name for name, one in ATTRIBUTES.items() if one.type not in ("str", "list", "shares")}
    assert facets_of(("orders", "searches", "gone")) == {"rfm", "browsing"}


@pytest.mark.parametrize(
    ("value", "number"),
    [(True, 1.0), (3, 3.0), (None, MISSING), (float("nan"), MISSING), (float("inf"), 1e30), (-0.5, -0.5)],
)
def test_a_number_is_finite_whatever_the_attribute(value: float | None, number: float) -> None:
    assert numbers_of({"orders": value}, ("orders",)).tolist() == [np.float32(number)]
