"""From the lines of a public data set to interactions: what all adapters share."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.evaluation.split import last_prices
from recommender.interactions import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A data set as interactions, and the names its people have in the files.

    Attributes
    ----------
    interactions : Interactions
        All of them; ``price`` is the last known at the very end, :func:`~recommender.evaluation.split.before` takes it back.
    people : tuple of str
        Name of each person, by row number.
    """

    interactions: Interactions
    people: tuple[str, ...]


def shop_of(
    lines: pl.DataFrame,
    *,
    countries: Mapping[str, str] | None = None,
    categories: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    brands: Mapping[str, str] | None = None,
) -> Shop:
    """Turn lines in time order into interactions.

    Parameters
    ----------
    lines : polars.DataFrame
        ``person``, ``item`` (str), ``kind`` (a :class:`~recommender.interactions.Kind`), ``time_us`` (int64); and, where the
        data have them, ``quantity``, ``price`` (of a unit) and ``order`` (str).
    countries : mapping, optional
        Country by person; missing is unknown.
    categories, titles, brands : mapping, optional
        Category path, title and brand by item; missing is unknown.
    """
    person, people = _coded(lines["person"])
    item_code, items = _coded(lines["item"])
    item = item_code.astype(np.int32)
    order = _coded(lines["order"])[0] if "order" in lines.columns else np.full(len(lines), -1, np.int64)
    quantity = lines["quantity"] if "quantity" in lines.columns else pl.Series(np.ones(len(lines), np.float32))
    paid = lines["price"].cast(pl.Float32).to_numpy() if "price" in lines.columns else None
    country_names, country = _named([(countries or {}).get(name) for name in people])
    category_names, category = _named([(categories or {}).get(name) for name in items])
    time_us = lines["time_us"].to_numpy().astype(np.int64)
    return Shop(
        people=people,
        interactions=Interactions(
            item_ids=items,
            n_people=len(people),
            person=person.astype(np.int32),
            item=item,
            kind=lines["kind"].to_numpy().astype(np.int8),
            time_us=time_us,
            quantity=np.maximum(quantity.to_numpy(), 1.0).astype(np.float32),
            order=order,
            countries=country_names,
            country=country,
            categories=category_names,
            category=category,
            price=np.full(len(items), np.nan, np.float32) if paid is None else last_prices(item, paid, len(items)),
            now_us=int(time_us.max()) + 1,
            paid=paid,
            titles=tuple(titles.get(name, "") for name in items) if titles else (),
            brand=_named([brands.get(name) for name in items])[1] if brands else None,
        ),
    )


def _coded(column: pl.Series) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    names = column.unique().sort()
    code = column.rank("dense").cast(pl.Int64) - 1
    return code.to_numpy().astype(np.int64), tuple(names.to_list())


def _named(values: list[str | None]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Sorted distinct names and the row number of each value; None is -1."""
    names = tuple(sorted({value for value in values if value is not None}))
    place = {name: row for row, name in enumerate(names)}
    return names, np.array([-1 if value is None else place[value] for value in values], np.int32)
