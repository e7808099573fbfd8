"""What was worked out for a person in memory: the same lists again, for a minute, and for nobody else."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from interaction_samples import random_shop

from recommender.domain.events import Line
from recommender.domain.requests import Repeat
from recommender.features.record import Record, record_of_lines
from recommender.interactions import Histories
from recommender.model.contract import Ask, Query
from recommender.model.remembering import MOST
from recommender.training.fitting import fit

SHOP = random_shop()
MODEL = fit(SHOP).model
NOW = datetime.fromtimestamp(SHOP.now_us // 60_000_000 * 60, UTC)
HOME = Query(ask=Ask.HOME)


def record(*items: int | str, ago: timedelta = timedelta(days=3)) -> Record:
    """Purchases of items by row, or of an item the model does not know by id."""
    moment = int((NOW - ago).timestamp()) * 1_000_000
    lines = [
        Line(
            seq=seq,
            event_id=f"e{seq}",
            line=0,
            type="purchase",
            time_us=moment + seq,
            visitor_id=None,
            customer_id="c1",
            session_id=None,
            item_id=item if isinstance(item, str) else MODEL.item_ids[item],
            quantity=1,
            price_e4=None,
            currency=None,
            order_id=f"o{seq}",
            value_e4=None,
            slate_id=None,
        )
        for seq, item in enumerate(items)
    ]
    return record_of_lines(lines, 100, complete=True)


def history(one: Record, *, seconds: float = 0, country: str | None = None) -> Histories:
    return MODEL.histories_of_records([one], [country], [NOW + timedelta(seconds=seconds)])


def test_a_second_list_of_the_same_minute_is_the_first_one() -> None:
    one = record(1, 2)
    first = MODEL.propose(history(one), [HOME])[0]
    assert MODEL.propose(history(one, seconds=59), [HOME])[0] is first


def test_within_the_minute_a_moment_before_the_last_event_does_not_see_it() -> None:
    one = record(1, 2, ago=timedelta(seconds=-40))
    assert history(one, seconds=50) is history(one, seconds=55)
    assert len(history(one, seconds=30).item) == 0
    assert len(history(one, seconds=50).item) == 2


def test_items_that_came_later_are_named_also_to_who_was_asked_about_without_them() -> None:
    one = record(1, "brand new")
    assert history(one).newcomers is None
    named = MODEL.histories_of_records([one], [None], [NOW], lambda _: len(MODEL.item_ids))
    assert named.newcomers is not None
    assert len(named.newcomers.item) == 1


@pytest.mark.parametrize(
    ("seconds", "country", "query"),
    [(60, None, HOME), (0, "Poland", HOME), (0, None, Query(ask=Ask.HOME, repeat=Repeat.FORBID))],
    ids=["another minute", "another country", "another question"],
)
def test_what_could_change_the_list_is_worked_out_anew(seconds: int, country: str | None, query: Query) -> None:
    one = record(1, 2)
    first = MODEL.propose(history(one), [HOME])[0]
    assert MODEL.propose(history(one, seconds=seconds, country=country), [query])[0] is not first


def test_a_remembered_list_is_that_of_who_was_never_asked() -> None:
    for items in ((1, 2), (3,), (4, 5, 6, 4)):
        one = record(*items)
        for seconds in (0, 17, 59):
            again, fresh = (MODEL.propose(history(r, seconds=seconds), [HOME])[0] for r in (one, record(*items)))
            assert again.items.tobytes() == fresh.items.tobytes()
            assert again.scores.tobytes() == fresh.scores.tobytes()
            assert [*again.sources] == [*fresh.sources]


def test_evidence_is_that_of_who_was_never_asked_whatever_list_was_shown_before() -> None:
    one = record(4, 5, 6, 4)
    proposal = MODEL.propose(history(one), [HOME])[0]
    sources, items = proposal.sources[:12], proposal.items[:12].tolist()
    first = MODEL.evidences(sources[:5], items[:5], history(one), 0, HOME)
    later = MODEL.evidences(sources, items, history(one, seconds=30), 0, HOME)
    assert MODEL.evidences(sources, items, history(one, seconds=40), 0, HOME) is later
    assert later[:5] == first
    assert later == MODEL.evidences(sources, items, history(record(4, 5, 6, 4)), 0, HOME)


def test_a_further_event_begins_anew() -> None:
    first = MODEL.propose(history(record(1)), [HOME])[0]
    second = MODEL.propose(history(record(1, 2)), [HOME])[0]
    assert second.items.tolist() != first.items.tolist()


def test_nobody_is_remembered_in_a_block_and_nothing_of_the_future_is_used() -> None:
    one, two = record(1, 2), record(3)
    assert MODEL.histories_of_records([one, two], [None] * 2, [NOW] * 2).memory is None
    assert history(one, seconds=-4 * 86_400).memory is None


def test_a_person_holds_few_opinions_however_many_pages_they_open() -> None:
    one = record(1, 2)
    for item in range(20):
        MODEL.propose(history(one), [Query(ask=Ask.SIMILAR, context=(item,))])
    memory = history(one).memory
    assert memory is not None
    assert 0 < len(memory) <= MOST


def test_a_remembered_list_cannot_be_written_to() -> None:
    proposal = MODEL.propose(history(record(1, 2)), [HOME])[0]
    with pytest.raises(ValueError, match="read-only"):
        proposal.items[0] = 0
    assert not np.any(proposal.items < 0)
