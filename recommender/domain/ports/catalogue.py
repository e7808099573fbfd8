"""The items."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from recommender.domain.entries import Entry
from recommender.domain.items import Item
from recommender.domain.ports.imports import ImportCounts


class Catalogue(Protocol):
    """What is on sale, in stock, at what price."""

    def put(
        self,
        items: Iterable[Item],
        *,
        replace: bool = False,
        clear: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> ImportCounts:
        """Insert or update items in one transaction. A field that is None leaves the stored value as it is.

        ``clear`` names, by item id, fields and attributes whose stored value goes.

        ``replace`` makes the given items the whole catalogue: the others become ``removed``.
        """
        ...

    def get(self, item_ids: Sequence[str]) -> dict[str, Item]:
        """The items that are known, by id."""
        ...

    def all(self) -> Iterator[Item]:
        """Every item, removed ones included, by id."""
        ...

    def facts(self) -> Iterator[tuple[str, str | None, str | None, int | None]]:
        """(item_id, category, brand, what it costs times PRICE_SCALE) of every item, removed ones included, by id."""
        ...

    def version(self) -> int:
        """A number that grows with every change; cheap enough to ask on each request."""
        ...

    def entries(self, since: int = -1) -> Iterator[Entry]:
        """What answers need of every item, by id; or of those changed after a version. Streamed, so any number fits."""
        ...
