"""The catalogue as facets see it: what an item is at the moment a line is folded."""

import threading
from decimal import Decimal
from typing import TYPE_CHECKING

from recommender.domain.events import PRICE_SCALE
from recommender.domain.items import Item
from recommender.domain.ports import Catalogue
from recommender.features import ItemFacts

if TYPE_CHECKING:
    import polars as pl

KEPT_ITEMS = 4_096


class CatalogueLookup:
    """:class:`~recommender.features.ItemLookup` over the catalogue's store. Safe to share between threads.

    Items asked for lately are kept until the catalogue changes.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._kept: dict[str, ItemFacts | None] = {}
        self._version = -1
        self._lock = threading.Lock()

    def renew(self) -> None:
        """Forget what is kept if the catalogue changed; to be called before a person is folded."""
        version = self._catalogue.version()
        with self._lock:
            if version != self._version or len(self._kept) > KEPT_ITEMS:
                self._kept, self._version = {}, version

    def facts(self, item_id: str) -> ItemFacts | None:
        """What is known of the item; None for a stranger."""
        kept = self._kept
        if item_id not in kept:
            item = self._catalogue.get([item_id]).get(item_id)
            kept[item_id] = None if item is None else _facts(item)
        return kept[item_id]

    def frame(self) -> "pl.DataFrame":
        """The same of all items, in columns."""
        import polars as pl

        types = {"item_id": pl.String, "category": pl.String, "brand": pl.String, "price_e4": pl.Int64}
        columns = list(zip(*self._catalogue.facts(), strict=True)) or [()] * len(types)
        return pl.DataFrame(dict(zip(types, columns, strict=True)), schema=types)


def _facts(item: Item) -> ItemFacts:
    return ItemFacts(category=item.category, brand=item.brand, price_e4=_price(item))


def _price(item: Item) -> int | None:
    price: Decimal | None = item.price if item.sale_price is None else item.sale_price
    return None if price is None or not price.is_finite() else int(price * PRICE_SCALE)
