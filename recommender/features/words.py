"""Texts as numbers while a log is read in columns: one growing dictionary, shared by all chunks."""

from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray


class Words:
    """A growing dictionary of texts. :attr:`type` is a Polars type whose codes mean the same in every frame."""

    def __init__(self) -> None:
        self._categories = pl.Categories.random()
        self.type = pl.Categorical(self._categories)
        self._anchor = pl.Series([""], dtype=self.type)  # Polars forgets the codes when no column holds them

    def texts(self, codes: NDArray[np.int64]) -> NDArray[np.object_]:
        """The texts of codes."""
        return self._series(codes).to_numpy().astype(object) if len(codes) else np.empty(0, object)

    def _series(self, codes: NDArray[np.int64]) -> pl.Series:
        return pl.Series(codes.astype(np.uint32)).cat.to(self.type).cast(pl.String)

    def ranks(self, size: int) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
        """The places of codes ``0..size - 1`` in alphabetical order (of code points), and the texts in that order."""
        texts = self._series(np.arange(size)).to_frame("text").with_row_index("code").sort("text")
        ranks = np.empty(size, np.int64)
        ranks[texts["code"].to_numpy()] = np.arange(size)
        return ranks, np.array(texts["text"].to_list(), object)


def checksums(texts: pl.Series) -> pl.Series:
    """CRC-32 of each text as int64; null and the empty text give null. Each different text is read once."""
    words = Words()
    codes = texts.cast(words.type).to_physical().to_numpy(allow_copy=True) if len(texts) else np.empty(0)
    known = texts.unique().drop_nulls()
    if not len(known):
        return pl.Series(texts.name, [None] * len(texts), dtype=pl.Int64)
    places = known.cast(words.type).to_physical().to_numpy()
    table = np.zeros(int(places.max()) + 1, np.int64)
    table[places] = [crc32(text.encode()) for text in known.to_list()]
    filled = pl.Series(np.nan_to_num(codes, nan=0).astype(np.int64))
    sums = pl.Series(texts.name, table)[filled] if len(texts) else pl.Series(texts.name, [], dtype=pl.Int64)
    return pl.select(pl.when((texts != "").fill_null(value=False)).then(sums).alias(texts.name)).to_series()
