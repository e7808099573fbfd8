"""The blends a model needs, what may speak in each, and the past questions their weights are learned from."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms import GENERATORS, Family
from recommender.algorithms.ragged import Ints, bounds, distinct, spans
from recommender.domain.requests import Repeat
from recommender.evaluation.split import GROUPS, Group, Track, Truth, truth_after
from recommender.interactions import Histories, Interactions, Kind, as_histories, some_histories
from recommender.model.contract import Ask, Query
from recommender.training.live_questions import live_questions
from recommender.training.questions import Questions, together

MOST_LISTS = 800
"""Questions of a person's list per window at most: enough to weigh by, few enough to be quick."""

LISTS_TO_LEARN = 1_500
"""The same where forests learn from them: the more the better."""

LARGE_LOG = 750_000
"""Lines from which on a log is large: every fit and every list takes long there, so that fewer windows and lists have to do."""

MOST_ORDERS = 400
"""The same for questions about items."""

_PERSONAL = (Family.AGAIN, Family.LOOKED)
_HISTORY = tuple(s.name for s in GENERATORS if s.family is not Family.CATEGORY)
_FRESH = tuple(s.name for s in GENERATORS if s.family not in (Family.CATEGORY, Family.AGAIN))
_STRANGER = tuple(s.name for s in GENERATORS if s.family in (Family.TRENDING, Family.COUNTRY))
_ITEMS = tuple(s.name for s in GENERATORS if s.family not in (*_PERSONAL, Family.COUNTRY, Family.TRENDING))
_BASKET = tuple(s.name for s in GENERATORS if s.family not in (Family.CATEGORY, Family.COUNTRY, Family.LOOKED))

PLACES: Mapping[str, tuple[str, ...]] = {
    "home.known.repeats": _HISTORY,
    "home.known.new": _FRESH,
    "home.session.repeats": _HISTORY,
    "home.session.new": _FRESH,
    "home.unknown": _STRANGER,
    "similar": _ITEMS,
    "cart": _BASKET,
}
"""Generators whose weight in each blend is learned.

``trending`` is a rule, not learned. Next to an item (``similar``) bestsellers would find more later purchases, yet they
are no answer to the question, so they only fill up there (:data:`~recommender.training.blends.FILLERS`).
"""


def questions(
    everything: Interactions, past: Interactions, end_us: int, rng: np.random.Generator, most: int = MOST_LISTS
) -> dict[str, Questions]:
    """Questions asked at the end of ``past``, answered by what was bought until ``end_us``, by place; places without any are left out."""
    truths = truth_after(everything, past.now_us, end_us)
    histories = as_histories(past)
    out: dict[str, Questions] = {}
    for place, track, group in (
        ("home.known.repeats", Track.WINDOW, Group.KNOWN),
        ("home.known.new", Track.WINDOW_NEW, Group.KNOWN),
        ("home.session.repeats", Track.WINDOW, Group.VIEWER),
        ("home.session.new", Track.WINDOW_NEW, Group.VIEWER),
        ("home.unknown", Track.WINDOW, Group.NEW),
    ):
        truth = _sample(_of_group(truths[track], group), most, rng)
        if len(truth.person):
            repeat = Repeat.FORBID if track is Track.WINDOW_NEW else Repeat.ALLOW
            out[place] = Questions(
                histories=some_histories(histories, truth.person),
                queries=(Query(ask=Ask.HOME, repeat=repeat),) * len(truth.person),
                indptr=truth.indptr,
                item=truth.item,
            )
    live = live_questions(everything, past.now_us, end_us, rng)
    out |= {place: together(out[place], one) if place in out else one for place, one in live.items()}
    return out | _order_questions(everything, histories, end_us, rng)


def _of_group(truth: Truth, group: Group) -> Truth:
    return truth.of(truth.group == GROUPS.index(group))


def _sample(truth: Truth, most: int, rng: np.random.Generator) -> Truth:
    if len(truth.person) <= most:
        return truth
    keep = np.zeros(len(truth.person), bool)
    keep[rng.choice(len(truth.person), most, replace=False)] = True
    return truth.of(keep)


def _order_questions(
    everything: Interactions, histories: Histories, end_us: int, rng: np.random.Generator
) -> dict[str, Questions]:
    """Leave one out within later orders: from one item the rest (similar), from the rest the one (cart)."""
    n_items = len(everything.item_ids)
    now = int(histories.now_us[0]) if len(histories) else 0
    later = (everything.time_us >= now) & (everything.time_us < end_us) & (everything.order >= 0)
    rows = np.flatnonzero(later & (everything.kind == Kind.PURCHASE))
    _, order = np.unique(everything.order[rows], return_inverse=True)
    cells = distinct(order.astype(np.int64) * n_items + everything.item[rows])
    person = np.zeros(int(order.max()) + 1 if len(order) else 0, np.int64)
    person[order] = everything.person[rows]
    indptr = bounds(cells // n_items, len(person))
    chosen = np.flatnonzero(np.diff(indptr) >= 2)
    if not len(chosen):
        return {}
    chosen = np.sort(rng.choice(chosen, min(MOST_ORDERS, len(chosen)), replace=False))
    picked = indptr[chosen] + rng.integers(0, np.diff(indptr)[chosen])
    theirs = some_histories(histories, person[chosen])
    return _leave_one_out(theirs, cells % n_items, indptr[chosen], np.diff(indptr)[chosen], picked)


def _leave_one_out(
    theirs: Histories, item: NDArray[np.int64], start: Ints, length: Ints, picked: Ints
) -> dict[str, Questions]:
    one = item[picked]
    places = spans(start, length)
    rest = places[places != np.repeat(picked, length)]
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(length - 1)])
    others = [tuple(item[rest[a:b]].tolist()) for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
    return {
        "similar": Questions(
            histories=theirs,
            queries=tuple(Query(ask=Ask.SIMILAR, context=(i,)) for i in one.tolist()),
            indptr=ends,
            item=item[rest],
        ),
        "cart": Questions(
            histories=theirs,
            queries=tuple(Query(ask=Ask.CART, context=context, repeat=Repeat.ALLOW) for context in others),
            indptr=np.arange(len(one) + 1, dtype=np.int64),
            item=one,
        ),
    }
