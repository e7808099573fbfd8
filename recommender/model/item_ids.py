"""A model's item ids as a mapping from id to row number, over arrays that all processes share."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.bundle import PackedTexts

REMEMBERED = 16_384
"""Ids whose rows are kept at hand: most of what people did is with few items. When there are as many, all are let go."""


class Rows(Mapping[str, int]):
    """Row number by item id."""

    __slots__ = ("_ids", "_kept")

    def __init__(self, ids: PackedTexts) -> None:
        self._ids = ids
        self._kept: dict[str, int] = {}

    def many(self, item_ids: Sequence[str]) -> NDArray[np.int32]:
        """The row of each id (int32); -1 where there is none."""
        rows: list[int | None] = list(map(self._kept.get, item_ids))
        if None in rows:
            missing = [item_id for item_id, row in zip(item_ids, rows, strict=True) if row is None]
            found = dict(zip(missing, self._ids.index_of_many(missing).tolist(), strict=True))
            if len(self._kept) > REMEMBERED:
                self._kept.clear()
            self._kept.update(found)
            rows = [found[item_id] if row is None else row for item_id, row in zip(item_ids, rows, strict=True)]
        return np.array(rows, np.int32)

    def _find(self, item_id: str) -> int:
        row = self._kept.get(item_id)
        return int(self.many((item_id,))[0]) if row is None else row

    def __getitem__(self, item_id: str) -> int:
        """Row of an id; ``KeyError`` if there is none."""
        row = self._find(item_id)
        if row < 0:
            raise KeyError(item_id)
        return row

    def get(self, item_id: str, default: Any = None) -> Any:
        """Row of an id, else the default."""
        row = self._find(item_id)
        return default if row < 0 else row

    def __contains__(self, item_id: object) -> bool:
        """Whether a row has this id."""
        return isinstance(item_id, str) and self._find(item_id) >= 0

    def __iter__(self) -> Iterator[str]:
        """All ids."""
        return iter(self._ids)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._ids)
