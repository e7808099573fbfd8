"""Past questions asked while people were there: just before a basket, and in the middle of a visit.

What a list is worth on a page shows at the moment the page is open, with everything known by then. A blend or a forest that only
ever saw people as they stood at the end of a window would not learn what the last minutes say.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from recommender.algorithms.ragged import Ints, bounds, distinct, found
from recommender.domain.requests import Repeat
from recommender.evaluation.moments import Archive
from recommender.evaluation.visits import Asked, baskets_after, looks_after, sessions_after
from recommender.interactions import Histories, Interactions, Kind, some_histories
from recommender.model.contract import Ask, Query
from recommender.training.questions import Questions, together

MOST_BASKETS = 400
"""Questions before baskets per window at most."""

MOST_VISITS = 800
"""The same in the middle of visits."""

_ALWAYS = np.iinfo(np.int64).min


def live_questions(
    everything: Interactions, cut_us: int, end_us: int, rng: np.random.Generator
) -> Mapping[str, Questions]:
    """Questions of moments in ``[cut_us, end_us)``, by place; places without any are left out.

    Who had bought or looked before is asked before a basket; who had only looked, in the middle of a visit, too, for what is
    carted or bought later in it. A shop in which nobody ever bought wants what is looked at next instead. A log without
    looks asks nothing here: measured, its last orders say as much at the end of a window, and forests that were told to serve both
    kinds of moments served neither better.
    """
    kinds = set(np.unique(everything.kind).tolist())
    if not kinds & {int(Kind.VIEW), int(Kind.CART)}:
        return {}
    bought = int(Kind.PURCHASE) in kinds
    archive = Archive.of(everything)
    baskets = _sample(baskets_after(everything, cut_us, end_us), MOST_BASKETS, rng)
    visits = sessions_after(everything, cut_us, end_us) if bought else looks_after(everything, cut_us, end_us, rng)
    known = _asked(archive, baskets, buyers=True)
    session = together(
        _asked(archive, baskets, buyers=False), _asked(archive, _sample(visits, MOST_VISITS, rng), buyers=False)
    )
    out = {
        "home.known.repeats": known,
        "home.known.new": _never_bought(known, len(everything.item_ids)),
        "home.session.repeats": session,
        "home.session.new": _with(session, Repeat.FORBID),
    }
    return {place: one for place, one in out.items() if len(one.queries)}


def _sample(asked: Asked, most: int, rng: np.random.Generator) -> Asked:
    n = len(asked.at_us)
    if n <= most:
        return asked
    keep = np.zeros(n, bool)
    keep[rng.choice(n, most, replace=False)] = True
    return asked.of(keep)


def _asked(archive: Archive, asked: Asked, *, buyers: bool) -> Questions:
    """Questions of those who had bought before their moment, or of those who had only looked."""
    since = np.full(len(asked.at_us), _ALWAYS)
    histories = archive.histories(asked.truth.person, since, asked.at_us)
    owner = np.repeat(np.arange(len(histories)), np.diff(histories.indptr))
    has = np.bincount(owner, histories.kind == Kind.PURCHASE, len(histories)) > 0
    wanted = has if buyers else ~has & (np.diff(histories.indptr) > 0)
    chosen = asked.of(wanted)
    some = archive.histories(chosen.truth.person, since[wanted], chosen.at_us)
    return _questions(some, chosen.truth.indptr, chosen.truth.item, Repeat.ALLOW)


def _questions(histories: Histories, indptr: Ints, item: Ints, repeat: Repeat) -> Questions:
    queries = (Query(ask=Ask.HOME, repeat=repeat),) * len(histories)
    return Questions(histories=histories, queries=queries, indptr=indptr, item=item)


def _with(asked: Questions, repeat: Repeat) -> Questions:
    return replace(asked, queries=(Query(ask=Ask.HOME, repeat=repeat),) * len(asked.queries))


def _never_bought(asked: Questions, n_items: int) -> Questions:
    """The same questions for what the person had never bought; without those that want nothing else."""
    histories = asked.histories
    owner = np.repeat(np.arange(len(histories)), np.diff(histories.indptr))
    bought = histories.kind == Kind.PURCHASE
    theirs = distinct(owner[bought] * n_items + histories.item[bought])
    key = np.repeat(np.arange(len(histories)), np.diff(asked.indptr)) * n_items + asked.item
    fresh = key[~found(key, theirs)]
    return _with(_only(asked, bounds(fresh // n_items, len(histories)), fresh % n_items), Repeat.FORBID)


def _only(asked: Questions, indptr: Ints, item: Ints) -> Questions:
    """The same people with other wishes; who wishes nothing is left out."""
    some = np.flatnonzero(np.diff(indptr) > 0)
    return Questions(
        histories=some_histories(asked.histories, some),
        queries=tuple(asked.queries[number] for number in some.tolist()),
        indptr=np.concatenate([np.zeros(1, np.int64), np.cumsum(np.diff(indptr)[some])]),
        item=item,
    )
