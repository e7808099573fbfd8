"""The laws of every registered facet: one state, whichever way the lines were read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import polars as pl
import pytest
from feature_samples import DAY_US, SHOP, START_US, line, lines, log_frame
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.domain.errors import BadInputError
from recommender.domain.events import EventType, Line
from recommender.features import (
    ATTRIBUTES,
    FACETS,
    State,
    decode,
    empty,
    encode,
    fold,
    frames,
    merge,
    values,
    values_of_blob,
)
from recommender.features.primitives import Primitive, Table
from recommender.features.registry import PRIMITIVES

NOW_US = START_US + 1_000 * DAY_US
LINKS = {"v1": "c1", "v3": "c2"}
EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cells(state: State) -> dict[str, list[Any]]:
    """What each facet keeps in the state: one history tries a law on all of them."""
    kept = list(zip(PRIMITIVES, state.cells, strict=True))
    return {facet.name: [cell for one, cell in kept if one in facet.primitives] for facet in FACETS}


def folded(given_lines: Sequence[Line]) -> State:
    return fold(empty(), given_lines, SHOP)


@pytest.fixture(params=["as declared", "capped at 2"], autouse=True)
def _caps(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every law holds with room to spare and where tables overflow all the time."""
    tables = [one for one in PRIMITIVES if isinstance(one, Table)]
    before = [one.cap for one in tables]
    if request.param != "as declared":
        for one in tables:
            object.__setattr__(one, "cap", 2)
    yield
    for one, cap in zip(tables, before, strict=True):
        object.__setattr__(one, "cap", cap)


BOTH_CAPS = settings(EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@BOTH_CAPS
@given(data=st.data(), history=lines())
def test_lines_may_come_in_any_order(data: st.DataObject, history: list[Line]) -> None:
    state = empty()
    for one in data.draw(st.permutations(history)):
        state = fold(state, [one], SHOP)
    assert cells(state) == cells(folded(history))


@BOTH_CAPS
@given(history=lines(), parts=st.lists(st.integers(0, 2), min_size=40, max_size=40))
def test_partitions_merge_to_the_whole_in_any_order(history: list[Line], parts: list[int]) -> None:
    one, two, three = (
        folded([each for each, part in zip(history, parts, strict=False) if part == n]) for n in range(3)
    )
    whole = cells(folded(history))
    assert cells(merge(merge(one, two), three)) == whole
    assert cells(merge(one, merge(two, three))) == whole
    assert cells(merge(three, merge(two, one))) == whole


@BOTH_CAPS
@given(history=lines())
def test_merging_with_nothing_changes_nothing(history: list[Line]) -> None:
    state = folded(history)
    assert cells(merge(state, empty())) == cells(merge(empty(), state)) == cells(state)


@BOTH_CAPS
@given(history=lines())
def test_a_state_survives_its_bytes(history: list[Line]) -> None:
    state = folded(history)
    assert cells(decode(encode(state))) == cells(state)


@BOTH_CAPS
@given(history=lines())
def test_values_are_the_registered_attributes_in_their_types(history: list[Line]) -> None:
    types = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "shares": dict}
    for state, facet in product((folded(history), empty()), FACETS):
        found = values(state, NOW_US, facets=[facet.name])
        assert found == values_of_blob(encode(state), NOW_US, facets=[facet.name])
        assert list(found) == [one.name for one in facet.attributes]
        for name, value in found.items():
            assert value is None or type(value) is types[ATTRIBUTES[name].type], (name, value)


def owned(history: Sequence[Line]) -> dict[str, list[Line]]:
    """Whose each line is, said once more in plain words."""
    found: dict[str, list[Line]] = {}
    for one in history:
        customer = one.customer_id or LINKS.get(one.visitor_id or "")
        if customer:
            found.setdefault(f"c:{customer}", []).append(one)
        if one.visitor_id:
            found.setdefault(f"v:{one.visitor_id}", []).append(one)
    return found


def states(everybody: Iterable[tuple[str, bytes, bytes]]) -> dict[str, bytes]:
    """Everybody's state; the records beside them are tested on their own."""
    return {key: state for key, state, _ in everybody}


@settings(BOTH_CAPS, max_examples=30)
@given(history=lines(), cut=st.integers(0, 40), held=st.sampled_from([1, 10**6]))
def test_a_log_in_columns_gives_every_person_the_bytes_of_line_by_line(
    history: list[Line], cut: int, held: int
) -> None:
    chunks = [log_frame(history[:cut]), log_frame(history[cut:])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "ROWS_AT_ONCE", 1)
        patch.setattr(frames, "ROWS_HELD", held)
        made = states(frames.rebuild(chunks, SHOP, LINKS))
    assert made == {key: encode(folded(theirs)) for key, theirs in owned(history).items()}


def test_people_beyond_one_packing_keep_their_own_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "PEOPLE_AT_ONCE", 3)
    history = [
        line(seq, EventType.VIEW_ITEM, day=seq, customer_id=f"c{seq % 8}", item_id=("tea", "pot", "żaba")[seq % 3])
        for seq in range(1, 60)
    ]
    made = states(frames.rebuild([log_frame(history)], SHOP, {}))
    assert made == {key: encode(folded(theirs)) for key, theirs in owned(history).items()}
    assert len(made) == 8


def test_an_empty_log_gives_nobody() -> None:
    assert list(frames.rebuild([], SHOP, {})) == []
    assert list(frames.rebuild([log_frame([])], SHOP, {})) == []


def test_an_item_the_catalogue_lists_twice_is_counted_once() -> None:
    class Doubled:
        facts = SHOP.facts

        def frame(self) -> pl.DataFrame:
            return pl.concat([SHOP.frame(), SHOP.frame()])

    history = [line(1, EventType.VIEW_ITEM, item_id="tea")]
    assert states(frames.rebuild([log_frame(history)], Doubled(), {})) == {"c:c1": encode(folded(history))}


@pytest.mark.parametrize("blob", [b"", b"\xc1", b"\x90", encode(empty())[:-1], b"\x92\x01\x02"], ids=repr)
def test_bytes_that_are_no_state_are_refused(blob: bytes) -> None:
    with pytest.raises(BadInputError, match="rebuild it from the log"):
        decode(blob)


def test_a_state_of_other_facets_is_refused() -> None:
    import msgspec

    packed = msgspec.msgpack.decode(encode(empty()))
    with pytest.raises(BadInputError, match="another version"):
        decode(msgspec.msgpack.encode([packed[0] + 1, *packed[1:]]))


def test_the_version_is_the_same_in_every_process() -> None:
    import subprocess
    import sys

    code = "from recommender.features.state import VERSION; print(VERSION)"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_names_of_primitives_and_attributes_are_unique() -> None:
    named: list[tuple[str, Primitive]] = [
        (f"{facet.name}.{one.name}", one) for facet in FACETS for one in facet.primitives
    ]
    assert len({name for name, _ in named}) == len(PRIMITIVES)
    assert len(ATTRIBUTES) == sum(len(facet.attributes) for facet in FACETS)


def test_a_line_of_a_type_no_facet_knows_is_somebody_seen() -> None:
    strange = replace(line(1, EventType.VIEW_ITEM, visitor_id="v1"), type="dance")
    assert states(frames.rebuild([log_frame([strange])], SHOP, {}))["c:c1"] == encode(folded([strange]))
    assert values(folded([strange]), NOW_US)["known_days"] == 1_000.0
