"""What the catalogue tells the trainer: names, categories, brands and prices, and which items wait for their first buyer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from recommender.domain.items import Item
from recommender.domain.plurals import plural
from recommender.domain.requests import Language

MOST_WAITING = 100_000
"""Items without any event that a model knows, the newest: each costs a row in every table."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueFacts:
    """By item id; what the shop does not say is missing.

    ``offered`` are the items that may be sold but for their dates, newest first; ``gone`` were taken out for good.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    brands: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)
    offered: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()

    def waiting(self, touched: Iterable[str]) -> list[str]:
        """The newest offered items nobody has touched, :data:`MOST_WAITING` at most, and none the catalogue says nothing of."""
        return self._untouched(touched)[:MOST_WAITING]

    def notes(self, touched: Iterable[str]) -> tuple[str, ...]:
        """How many more such items there are than :data:`MOST_WAITING`, and what that means for them; nothing if none."""
        if len(self.offered) <= MOST_WAITING:
            return ()
        more = len(self._untouched(touched)) - MOST_WAITING
        if more <= 0:
            return ()
        items, are = ("item", "is") if plural(Language.EN, more) == "one" else ("items", "are")
        told = (
            f"{more:,} {items} of the catalogue that nobody has touched yet {are} not in the model, which knows the newest"
            f" {MOST_WAITING:,} of such items: a list has them only by the shop's rules or where it is filled up with the"
            " newest, until somebody touches them and the next training."
        )
        return (told,)

    def _untouched(self, touched: Iterable[str]) -> list[str]:
        known = set(touched)
        waiting = (item for item in self.offered if item not in known)
        return [item for item in waiting if item in self.titles or item in self.categories]


def facts_told(items: Iterable[Item]) -> CatalogueFacts:
    """Gather the facts of a catalogue, in one pass."""
    titles: dict[str, str] = {}
    categories: dict[str, str] = {}
    brands: dict[str, str] = {}
    prices: dict[str, float] = {}
    offered: list[tuple[datetime, str]] = []
    gone: set[str] = set()
    for item in items:
        if item.title:
            titles[item.item_id] = item.title
        if item.category is not None:
            categories[item.item_id] = item.category
        if item.brand:
            brands[item.item_id] = item.brand
        if item.price is not None:
            prices[item.item_id] = float(item.price)
        if item.removed:
            gone.add(item.item_id)
        if item.offered:
            offered.append((item.added_at or _LONG_AGO, item.item_id))
    offered.sort(key=lambda one: one[0], reverse=True)
    return CatalogueFacts(
        titles=titles,
        categories=categories,
        brands=brands,
        prices=prices,
        offered=tuple(item_id for _, item_id in offered),
        gone=frozenset(gone),
    )
