"""Small shops as interactions, for tests of models."""

from collections.abc import Sequence

import numpy as np

from recommender.algorithms.person import Person
from recommender.interactions import Interactions, Kind, as_histories

DAY = 86_400_000_000
START = 1_700_000_000_000_000

Row = tuple[int, int, Kind, float]
"""(person, item, kind, day)"""


def interactions(
    rows: Sequence[Row],
    *,
    n_people: int | None = None,
    n_items: int | None = None,
    quantity: Sequence[float] | None = None,
    order: Sequence[int] | None = None,
    country: Sequence[int] | None = None,
    category: Sequence[int] | None = None,
    now_day: float | None = None,
) -> Interactions:
    """Interactions of (person, item, kind, day) rows, sorted by time; ids are i0, i1, …; an order is a person's day."""
    by_time = sorted(range(len(rows)), key=lambda n: rows[n][3])
    sorted_rows = [rows[n] for n in by_time]
    people = n_people if n_people is not None else 1 + max((row[0] for row in rows), default=-1)
    items = n_items if n_items is not None else 1 + max((row[1] for row in rows), default=-1)
    days = np.array([row[3] for row in sorted_rows], np.float64)
    last = now_day if now_day is not None else (float(days.max()) if len(days) else 0.0) + 1e-6
    codes = order or [row[0] * 100_000 + int(row[3]) for row in rows]
    return Interactions(
        item_ids=tuple(f"i{n:04}" for n in range(items)),
        n_people=people,
        person=np.array([row[0] for row in sorted_rows], np.int32),
        item=np.array([row[1] for row in sorted_rows], np.int32),
        kind=np.array([row[2] for row in sorted_rows], np.int8),
        time_us=START + np.asarray(days * DAY, np.int64),
        quantity=np.array([quantity[n] for n in by_time] if quantity else np.ones(len(rows)), np.float32),
        order=np.array([codes[n] for n in by_time], np.int64),
        countries=("Poland", "United Kingdom"),
        country=np.array(country if country is not None else [-1] * people, np.int32),
        categories=("Garden", "Tea"),
        category=np.array(category if category is not None else [-1] * items, np.int32),
        price=np.full(items, np.nan, np.float32),
        now_us=START + int(last * DAY) + 1,
    )


def random_shop(seed: int = 0, *, n_people: int = 37, n_items: int = 53, days: int = 120) -> Interactions:
    """Two tastes (even and odd items), views before purchases, repeats, a few returns; every draw from the seed."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for person in range(n_people):
        liked = np.arange(person % 2, n_items, 2)
        for _ in range(int(rng.integers(1, 7))):
            day = float(rng.uniform(0, days))
            for item in rng.choice(liked, int(rng.integers(1, 6)), replace=False).tolist():
                rows.append((person, item, Kind.VIEW, day - 0.01))
                if rng.random() < 0.8:
                    rows.append((person, item, Kind.PURCHASE, day))
                if rng.random() < 0.05:
                    rows.append((person, item, Kind.REFUND, min(day + 3, days)))
                if rng.random() < 0.2:
                    rows.append((person, item, Kind.CART, day - 0.005))
    return interactions(
        rows,
        n_people=n_people,
        n_items=n_items,
        country=[n % 3 - 1 for n in range(n_people)],
        category=[n % 2 for n in range(n_items)],
    )


def browsing_shop(seed: int = 0, *, n_people: int = 30, n_items: int = 60, days: int = 60) -> Interactions:
    """Visits without orders: two to five views, then a cart or a purchase of something else, sometimes of what was viewed."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for person in range(n_people):
        liked = np.arange(person % 2, n_items, 2)
        for _ in range(int(rng.integers(2, 6))):
            day = float(rng.uniform(0, days))
            items = rng.choice(liked, int(rng.integers(3, 8)), replace=False).tolist()
            looks = int(rng.integers(2, 6))
            rows += [(person, item, Kind.VIEW, day + n / 1440) for n, item in enumerate(items[:looks])]
            rows += [
                (person, item, Kind.PURCHASE if rng.random() < 0.7 else Kind.CART, day + (looks + n) / 1440)
                for n, item in enumerate(items[1:])
            ]
    return interactions(rows, n_people=n_people, n_items=n_items, order=[-1] * len(rows))


def checkerboard(n_people: int = 20, n_items: int = 20, *, kind: Kind = Kind.PURCHASE) -> Interactions:
    """Even people touch even items, odd people odd ones, all but one each: the missing one is the answer."""
    rows = [
        (person, item, kind, float(person % 5))
        for person in range(n_people)
        for item in range(n_items)
        if (person + item) % 2 == 0 and item != person
    ]
    return interactions(rows, n_people=n_people, n_items=n_items)


def joined(one: Interactions, other: Interactions) -> Interactions:
    """Both shops' interactions over the items of the first; the people of the second come after those of the first."""
    time_us = np.concatenate([one.time_us, other.time_us])
    order = np.argsort(time_us, kind="stable")
    return Interactions(
        item_ids=one.item_ids,
        n_people=one.n_people + other.n_people,
        person=np.concatenate([one.person, other.person + np.int32(one.n_people)])[order],
        item=np.concatenate([one.item, other.item])[order],
        kind=np.concatenate([one.kind, other.kind])[order],
        time_us=time_us[order],
        quantity=np.concatenate([one.quantity, other.quantity])[order],
        order=np.concatenate([one.order, other.order + one.order.max() + 1])[order],
        countries=one.countries,
        country=np.concatenate([one.country, other.country]),
        categories=one.categories,
        category=one.category,
        price=one.price,
        now_us=max(one.now_us, other.now_us),
    )


def person_of(shop: Interactions, person: int, context: tuple[int, ...] = ()) -> Person:
    """One of the shop's people as generators see them."""
    return Person(as_histories(shop), person, context, len(shop.item_ids))
