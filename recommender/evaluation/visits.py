"""Baskets and visits after a cut: when each asks for a list, and what it has to find."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints, bounds, distinct, firsts
from recommender.evaluation.split import Truth, levels_at
from recommender.interactions import Interactions, Kind

GAP_US = 30 * 60 * 1_000_000
"""Without an order a person's events belong together as long as no pause between them is longer than this."""

LOOKS = 3
"""The list of a visit is asked for after so many views; after the first, where there are fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Lists asked for at their own moments; a person may stand in many.

    Attributes
    ----------
    truth : Truth
        What each has to find; ``truth.person`` ascending, a person's lists by time.
    start_us, at_us : int64 arrays of length n_lists
        When the basket or visit began, and when its list is asked for: what happened before ``at_us`` may be looked at.
    """

    truth: Truth
    start_us: Ints
    at_us: Ints

    def of(self, lists: NDArray[np.bool_]) -> "Asked":
        """Only these lists."""
        return Asked(truth=self.truth.of(lists), start_us=self.start_us[lists], at_us=self.at_us[lists])


def baskets_after(interactions: Interactions, cut_us: int, end_us: int | None = None) -> Asked:
    """One list per basket with a purchase in ``[cut_us, end_us)``, asked just before its first event.

    A basket is an order; where the shop tells none, events of a person without a pause of more than thirty minutes. To an order belong
    the views and carts that led to it: those before it, and after the order before, without such a pause. Asked between the last cart and
    the purchase, a list would only have to repeat the cart. Wanted are all distinct items bought in it.
    """
    rows, visit, start_us = _visits(interactions, cut_us, end_us)
    start_us = _led_to(interactions, rows, visit, start_us)
    bought = interactions.kind[rows] == Kind.PURCHASE
    return _asked(interactions, cut_us, rows[bought], visit[bought], start_us=start_us, at_us=start_us)


def sessions_after(interactions: Interactions, cut_us: int, end_us: int | None = None) -> Asked:
    """One list per visit in ``[cut_us, end_us)``, asked just after its third view (its first, if it has fewer).

    Wanted is what is put into the cart or bought later in the visit and was never touched before by the person. Visits in which
    nothing is wanted are left out.
    """
    rows, visit, start_us = _visits(interactions, cut_us, end_us, orders=False)
    at_us = _after_looks(interactions, rows, visit, len(start_us))
    kind, time_us = interactions.kind[rows], interactions.time_us[rows]
    wanted = ((kind == Kind.CART) | (kind == Kind.PURCHASE)) & (at_us[visit] >= 0)
    wanted &= (time_us >= at_us[visit]) & (_first_touch(interactions, rows) >= at_us[visit])
    return _asked(interactions, cut_us, rows[wanted], visit[wanted], start_us=start_us, at_us=at_us)


def looks_after(interactions: Interactions, cut_us: int, end_us: int | None, rng: np.random.Generator) -> Asked:
    """One list per visit in ``[cut_us, end_us)`` with several views, asked after a number of them drawn by chance.

    Wanted is the item that is looked at next, whether it was seen before or not: what a shop that tells no purchases can be judged by.
    Views told at one and the same moment follow each other in no order, so none of them is wanted after another.
    """
    rows, visit, start_us = _visits(interactions, cut_us, end_us, orders=False)
    looked = np.flatnonzero(interactions.kind[rows] == Kind.VIEW)
    looked = looked[visit[looked].argsort(kind="stable")]
    indptr = bounds(visit[looked], len(start_us))
    length = np.diff(indptr)
    several = np.flatnonzero(length >= 2)
    after = indptr[several] + 1 + rng.integers(0, length[several] - 1)
    at_us = np.full(len(start_us), -1, np.int64)
    at_us[several] = interactions.time_us[rows[looked[after - 1]]] + 1
    later = interactions.time_us[rows[looked[after]]] >= at_us[several]
    return _asked(interactions, cut_us, rows[looked[after[later]]], several[later], start_us=start_us, at_us=at_us)


def _visits(
    interactions: Interactions, cut_us: int, end_us: int | None, *, orders: bool = True
) -> tuple[Ints, Ints, Ints]:
    """Rows of the window in time order without returns, the visit of each, and each visit's first moment.

    With ``orders`` the lines of an order are a visit of their own.
    """
    inside = (interactions.time_us >= cut_us) & (interactions.kind != Kind.REFUND)
    if end_us is not None:
        inside &= interactions.time_us < end_us
    rows = np.flatnonzero(inside)
    person, time_us = interactions.person[rows], interactions.time_us[rows]
    order = interactions.order[rows] if orders else np.full(len(rows), -1, np.int64)
    place = np.lexsort((np.arange(len(rows)), person, order))  # rows without an order first, by person and time
    new = firsts(person[place].astype(np.int64)) | firsts(order[place])
    new[1:] |= (order[place][1:] < 0) & (np.diff(time_us[place]) > GAP_US)
    visit = np.empty(len(rows), np.int64)
    visit[place] = np.cumsum(new) - 1
    return rows, visit, time_us[place][new]


def _led_to(interactions: Interactions, rows: Ints, visit: Ints, start_us: Ints) -> Ints:
    """Where each visit begins with the views and carts that led to an order."""
    by_person = np.argsort(interactions.person[rows], kind="stable")
    some = rows[by_person]
    person, time_us = interactions.person[some], interactions.time_us[some]
    chain = np.cumsum(firsts(person.astype(np.int64)) | (np.diff(time_us, prepend=time_us[:1]) > GAP_US))
    kind = interactions.kind[some]
    ordered = ((kind == Kind.PURCHASE) & (interactions.order[some] >= 0)).nonzero()[0]
    following = ordered.searchsorted(np.arange(len(some)))  # the order's line that comes next
    places = ((kind <= Kind.CART) & (following < len(ordered))).nonzero()[0]
    ends = ordered[following[places]]
    places, ends = places[chain[places] == chain[ends]], ends[chain[places] == chain[ends]]
    out = start_us.copy()
    np.minimum.at(out, visit[by_person[ends]], time_us[places])
    return out


def _after_looks(interactions: Interactions, rows: Ints, visit: Ints, n_visits: int) -> Ints:
    """The moment just after each visit's third view, or its first; -1 without any."""
    looked = np.flatnonzero(interactions.kind[rows] == Kind.VIEW)
    looked = looked[visit[looked].argsort(kind="stable")]
    indptr = bounds(visit[looked], n_visits)
    length = np.diff(indptr)
    nth = indptr[:-1] + np.where(length >= LOOKS, LOOKS - 1, 0)
    out = np.full(n_visits, -1, np.int64)
    some = length > 0
    out[some] = interactions.time_us[rows[looked[nth[some]]]] + 1
    return out


def _first_touch(interactions: Interactions, rows: Ints) -> Ints:
    """When the person of each row first touched its item, ever."""
    key = interactions.person.astype(np.int64) * len(interactions.item_ids) + interactions.item
    names, first = np.unique(key, return_index=True)
    return np.asarray(interactions.time_us[first[names.searchsorted(key[rows])]], np.int64)


def _asked(interactions: Interactions, cut_us: int, rows: Ints, visit: Ints, *, start_us: Ints, at_us: Ints) -> Asked:
    """Lists of the visits these rows belong to, each to find the rows' items."""
    n_items = len(interactions.item_ids)
    person = np.zeros(len(start_us), np.int64)
    person[visit] = interactions.person[rows]
    has = np.zeros(len(start_us), bool)
    has[visit] = True
    chosen = np.flatnonzero(has)
    chosen = chosen[np.lexsort((chosen, at_us[chosen], person[chosen]))]
    number = np.empty(len(start_us), np.int64)
    number[chosen] = np.arange(len(chosen))
    cells = distinct(number[visit] * n_items + interactions.item[rows])
    truth = Truth(
        person=person[chosen],
        indptr=bounds(cells // n_items, len(chosen)),
        item=cells % n_items,
        group=levels_at(interactions, cut_us)[person[chosen]],
    )
    return Asked(truth=truth, start_us=start_us[chosen], at_us=at_us[chosen])
