"""A model's item ids as a mapping from id to row number, over arrays that all processes share."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.bundle import PackedTexts
from recommender.features.record import ItemIds


class Rows(Mapping[str, int]):
    """Row number by item id."""

    __slots__ = ("_ids",)

    def __init__(self, ids: PackedTexts) -> None:
        self._ids = ids

    def many(self, item_ids: Sequence[str]) -> NDArray[np.int32]:
        """The row of each id (int32); -1 where there is none."""
        if isinstance(item_ids, ItemIds):
            return self._ids.index_of_packed(item_ids.packed)
        return self._ids.index_of_many(item_ids)

    def __getitem__(self, item_id: str) -> int:
        """Row of an id; ``KeyError`` if there is none."""
        row = self._ids.index_of(item_id)
        if row is None:
            raise KeyError(item_id)
        return row

    def get(self, item_id: str, default: Any = None) -> Any:
        """Row of an id, else the default."""
        row = self._ids.index_of(item_id)
        return default if row is None else row

    def __contains__(self, item_id: object) -> bool:
        """Whether a row has this id."""
        return item_id in self._ids

    def __iter__(self) -> Iterator[str]:
        """All ids."""
        return iter(self._ids)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._ids)
