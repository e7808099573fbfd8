"""Checks that the figures are not fooled: tried anew in every judgement, each with what it found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints
from recommender.domain.plurals import plural
from recommender.domain.requests import Language, Repeat
from recommender.evaluation.asking import ask, home_lists
from recommender.evaluation.gate import LEAST_LISTS
from recommender.evaluation.intervals import bootstrap
from recommender.evaluation.judging import judge_lists
from recommender.evaluation.moments import Archive, ask_at
from recommender.evaluation.split import Track, Truth, before
from recommender.evaluation.visits import Asked
from recommender.interactions import Histories, Interactions, Kind
from recommender.model.fitted import FittedModel

METRIC = "ndcg_at_10"
MOST_LISTS = 1_000
"""Lists a check looks at, at most."""

MOST_LINES = 500_000
"""Lines that are learned from with people shuffled, at most."""

SLACK = 0.05
"""Share of popularity's level by which what was learned from shuffled people may be above it, noise apart."""

Cut = Callable[[Interactions, int], Interactions]
AskAt = Callable[[FittedModel, Archive, Asked], NDArray[np.int32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. ``values`` are the figures the sentence rests on."""

    name: str
    passed: bool
    sentence: str
    values: Mapping[str, float]


def shuffle_people(past: Interactions, rng: np.random.Generator) -> Interactions:
    """The same lines, each given to somebody else: who did what is gone, what is popular stays. Of very many some are drawn."""
    n = len(past.time_us)
    some = past if n <= MOST_LINES else _rows(past, np.sort(rng.choice(n, MOST_LINES, replace=False)))
    return replace(some, person=rng.permutation(some.person).astype(np.int32), attributes=None)


def shuffled(blind: FittedModel, shuffled_past: Interactions, past: Interactions, truth: Truth) -> Check:
    """A model that learned from shuffled people may not be better than a list that knows nothing of its reader.

    Parameters
    ----------
    blind : FittedModel
        Fitted on ``shuffled_past``.
    truth : Truth
        Of the window, as the people really bought.
    """
    some = _some(truth)
    lists = ask(blind, shuffled_past, some.person, Track.WINDOW)
    value, plain = (_grade(one, some, past) for one in (lists, stranger_lists(blind, past, some.person)))
    lead = bootstrap(value - plain)
    level, reached = float(plain.mean()), float(value.mean())
    noise = " (no clear difference)" if lead.low <= 0 <= lead.high else ""
    noise = " (too few lists to tell anything by)" if len(value) < LEAST_LISTS else noise
    return Check(
        name="shuffled_people",
        passed=not (lead.low > 0 and reached > (1.0 + SLACK) * level),
        sentence=(
            f"Learned from people shuffled among the lines, lists reach NDCG@10 {reached:.4f};"
            f" a list that knows nothing of its reader reaches {level:.4f}{noise}."
        ),
        values={"shuffled": reached, "stranger": level, "lead_low": lead.low, "lists": float(len(value))},
    )


def stranger_lists(model: FittedModel, past: Interactions, people: Ints) -> NDArray[np.int32]:
    """What these people would be shown if nothing but their country were known, int32 of shape (n, 20)."""
    n = len(people)
    nothing = Histories(
        indptr=np.zeros(n + 1, np.int64),
        item=np.zeros(0, np.int32),
        kind=np.zeros(0, np.int8),
        time_us=np.zeros(0, np.int64),
        quantity=np.zeros(0, np.float32),
        order=np.zeros(0, np.int64),
        country=past.country[people],
        now_us=np.full(n, past.now_us, np.int64),
    )
    return home_lists(model, nothing, Repeat.AUTO)


def cut_moment(
    model: FittedModel, everything: Interactions, past: Interactions, truth: Truth, *, cut: Cut = before
) -> Check:
    """Purchases of all that is wanted, planted at the very moment of the cut, must not change a single list.

    Parameters
    ----------
    cut : callable, optional
        How a log is cut; another one than the project's is for trying this check out.
    """
    some = _some(truth)
    planted = _planted(everything, some, np.full(len(some.person), past.now_us))
    known = cut(planted, past.now_us)
    plain, after = (ask(model, told, some.person, Track.WINDOW) for told in (past, known))
    changed = int((plain != after).any(axis=1).sum())
    return Check(
        name="cut_moment",
        passed=not changed,
        sentence=(
            f"Everything people go on to buy, bought at the very moment of the cut, changed {changed:,} of {_lists(len(plain))}."
        ),
        values={"changed": float(changed), "lists": float(len(plain))},
    )


def asked_moment(
    model: FittedModel,
    everything: Interactions,
    asked: Asked,
    *,
    what: str = "What baskets hold",
    ask_: AskAt = ask_at,
) -> Check:
    """The same for lists asked for at their own moments: what happens at that very moment must not change them.

    Of each person the last list is tried: what is planted for an earlier one is rightly known at a later one.

    Parameters
    ----------
    what : str
        What the lists have to find, as the sentence begins.
    ask_ : callable, optional
        How lists are asked for; another one than the project's is for trying this check out.
    """
    last = asked.of(np.append(np.diff(asked.truth.person) > 0, np.ones(1, bool)))
    some = last.of(_keep(last.truth))
    planted = _planted(everything, some.truth, some.at_us)
    plain, after = (ask_(model, Archive.of(told), some) for told in (everything, planted))
    changed = int((plain != after).any(axis=1).sum())
    return Check(
        name="asked_moment",
        passed=not changed,
        sentence=(
            f"{what}, bought at the very moment their lists are asked for, changed {changed:,} of {_lists(len(plain))}."
        ),
        values={"changed": float(changed), "lists": float(len(plain))},
    )


def later_lines(everything: Interactions, past: Interactions, *, cut: Cut = before, seed: int = 0) -> Check:
    """Nothing after the cut may be in what was learned from: with another future it must be the same to the byte."""
    late = int((past.time_us >= past.now_us).sum())
    other = cut(_another_future(everything, past.now_us, np.random.default_rng(seed)), past.now_us)
    differing = [name for name in _NAMES if not _same(getattr(past, name), getattr(other, name))]
    return Check(
        name="later_lines",
        passed=not late and not differing,
        sentence=(
            f"Of {len(past.time_us):,} lines learned from, {late:,} lie at or after the cut. With another future in its"
            f" place, {', '.join(differing) or 'nothing'} of what was learned from changed."
        ),
        values={"late": float(late), "differing": float(len(differing))},
    )


_NAMES = tuple(field.name for field in fields(Interactions))


def _lists(n: int) -> str:
    return f"{n:,} {'list' if plural(Language.EN, n) == 'one' else 'lists'}"


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and one.tobytes() == other.tobytes()
    return bool(one == other)


def _some(truth: Truth) -> Truth:
    return truth.of(_keep(truth))


def _keep(truth: Truth) -> NDArray[np.bool_]:
    keep = np.zeros(len(truth.person), bool)
    keep[np.random.default_rng(0).permutation(len(keep))[:MOST_LISTS]] = True
    return keep


def _grade(lists: NDArray[np.int32], truth: Truth, past: Interactions) -> Floats:
    return judge_lists(lists, truth, len(past.item_ids)).by_metric[METRIC]


def _planted(everything: Interactions, truth: Truth, at_us: Ints) -> Interactions:
    """Every wanted item bought by who wants it at the moment of each list, put where it belongs in the order of time."""
    lengths = np.diff(truth.indptr)
    n, old = int(lengths.sum()), len(everything.time_us)
    copied = _rows(everything, np.concatenate([np.arange(old), np.zeros(n, np.int64)]))
    columns = {name: getattr(copied, name).copy() for name in ("person", "item", "kind", "time_us", "order")}
    columns["person"][old:] = np.repeat(truth.person, lengths)
    columns["item"][old:] = truth.item
    columns["kind"][old:] = Kind.PURCHASE
    columns["time_us"][old:] = np.repeat(at_us, lengths)
    columns["order"][old:] = -1
    return _rows(replace(copied, **columns), columns["time_us"].argsort(kind="stable"))


def _another_future(everything: Interactions, cut_us: int, rng: np.random.Generator) -> Interactions:
    """Everything before the cut as it was; after it other people do other things with other items for other prices."""
    later = np.flatnonzero(everything.time_us >= cut_us)
    order = np.arange(len(everything.time_us))
    order[later] = rng.permutation(later)
    mixed = _rows(everything, order)
    items = everything.item.copy()
    items[later] = rng.permutation(items[later])
    return replace(mixed, item=items, time_us=everything.time_us)


def _rows(interactions: Interactions, rows: Ints) -> Interactions:
    """Lines of these rows."""
    paid = None if interactions.paid is None else interactions.paid[rows]
    return replace(interactions, paid=paid, **{name: getattr(interactions, name)[rows] for name in _LINE})


_LINE = ("person", "item", "kind", "time_us", "quantity", "order")
"""Columns with a value per line."""
