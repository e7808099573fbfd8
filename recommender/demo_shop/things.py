"""What is sold, as pages show it: names, prices, pictures, shelves; read from the catalogue in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from recommender import pictures
from recommender.demo_shop.facts import Facts, ItemFacts
from recommender.demo_shop.shelves import slug, steps_of
from recommender.domain.items import Item
from recommender.services.catalogue_view import CatalogueView

CURRENCY = "GBP"


def page_of(item_id: str) -> str:
    """Where an item's page is."""
    return f"/demo/item/{quote(item_id, safe='')}"


def picture_of(item_id: str) -> str:
    """Where an item's picture is; the name changes when the rules of drawing do."""
    return f"/demo/pictures/{quote(item_id, safe='')}-{pictures.VERSION}.svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An item as a page shows it. ``price`` None: not known. ``category`` is a path, empty if unknown."""

    item_id: str
    title: str
    price: Decimal | None
    category: str
    offered: bool
    url: str
    picture: str
    facts: ItemFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """So many pieces of a thing."""

    thing: Thing
    quantity: int

    @property
    def sum(self) -> Decimal:
        """What they cost together."""
        return (self.thing.price or Decimal(0)) * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketShown:
    """A basket with its sums."""

    lines: Sequence[BasketLine]

    @property
    def pieces(self) -> int:
        """How many pieces."""
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> Decimal:
        """What all of them cost."""
        return sum((line.sum for line in self.lines), Decimal(0))


class Stock:
    """The catalogue of this moment with the facts beside it."""

    def __init__(self, view: CatalogueView, facts: Facts) -> None:
        self._view = view
        self._facts = facts
        self._shelved: tuple[int, Mapping[str, Sequence[str]], Mapping[str, str]] | None = None

    def thing(self, item_id: str) -> Thing | None:
        """An item that is or was sold here; None for one that never was, was taken out or is hidden."""
        item = self._view.items().get(item_id)
        if item is None or item.removed or item.visible is False:
            return None
        return self._thing(item)

    def things(self, item_ids: Iterable[str]) -> list[Thing]:
        """Those of the items that are here, in the order given."""
        found = map(self.thing, item_ids)
        return [thing for thing in found if thing is not None]

    def lines(self, basket: Mapping[str, int]) -> BasketShown:
        """A basket as it is shown; what has left the catalogue is left out."""
        found = [(self.thing(item_id), quantity) for item_id, quantity in basket.items()]
        return BasketShown(lines=[BasketLine(thing=thing, quantity=n) for thing, n in found if thing is not None])

    def popular(self, most: int, *, shelf: str | None = None, without: Iterable[str] = ()) -> list[Thing]:
        """What most customers bought in the last year and is on sale."""
        left_out = set(without)
        found: list[Thing] = []
        for item_id in self.shelf(shelf) if shelf else self._facts.items:
            thing = None if item_id in left_out else self.thing(item_id)
            if thing is not None and thing.offered:
                found.append(thing)
                if len(found) == most:
                    break
        return found

    def shelf(self, category: str) -> Sequence[str]:
        """What is on sale of a category and those below it, most bought first."""
        return self._shelves()[0].get(category, ())

    def category_at(self, address: str) -> str | None:
        """The category path an address ends in; None if there is none."""
        return self._shelves()[1].get(address)

    def categories(self) -> Sequence[str]:
        """Every category path with something in it, sorted."""
        return sorted(self._shelves()[0])

    def _thing(self, item: Item) -> Thing:
        paid = item.sale_price if item.sale_price is not None else item.price
        return Thing(
            item_id=item.item_id,
            title=item.title or item.item_id,
            price=paid,
            category=item.category or "",
            offered=item.offered,
            url=page_of(item.item_id),
            picture=picture_of(item.item_id),
            facts=self._facts.of(item.item_id),
        )

    def _shelves(self) -> tuple[Mapping[str, Sequence[str]], Mapping[str, str]]:
        """Category → items, address → category; made once per version of the catalogue."""
        version = self._view.version
        if self._shelved is None or self._shelved[0] != version:
            items = self._view.items()
            known = [item_id for item_id in self._facts.items if item_id in items]
            rest = sorted(set(items) - set(known))
            shelves: dict[str, list[str]] = {}
            for item_id in (*known, *rest):
                item = items[item_id]
                if item.category and not item.removed and item.visible is not False:
                    for path in steps_of(item.category):
                        on_sale = shelves.setdefault(path, [])
                        if item.offered:
                            on_sale.append(item_id)
            self._shelved = (version, shelves, {slug(path): path for path in shelves})
        return self._shelved[1], self._shelved[2]
