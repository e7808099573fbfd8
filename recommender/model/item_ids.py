"""A model's item ids as a mapping from id to row number, over arrays that all processes share."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from recommender.bundle import PackedTexts

REMEMBERED = 8_192
"""Ids whose rows are kept at hand, those asked for last: most of what people did is with few items."""


class Rows(Mapping[str, int]):
    """Row number by item id."""

    __slots__ = ("_find", "_ids")

    def __init__(self, ids: PackedTexts) -> None:
        self._ids = ids
        self._find = lru_cache(maxsize=REMEMBERED)(ids.index_of)

    def __getitem__(self, item_id: str) -> int:
        """Row of an id; ``KeyError`` if there is none."""
        row = self._find(item_id)
        if row is None:
            raise KeyError(item_id)
        return row

    def get(self, item_id: str, default: Any = None) -> Any:
        """Row of an id, else the default."""
        row = self._find(item_id)
        return default if row is None else row

    def __contains__(self, item_id: object) -> bool:
        """Whether a row has this id."""
        return isinstance(item_id, str) and self._find(item_id) is not None

    def __iter__(self) -> Iterator[str]:
        """All ids."""
        return iter(self._ids)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._ids)
