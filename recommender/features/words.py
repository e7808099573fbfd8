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

    def known(self, size: int) -> list[str]:
        """The texts of codes ``0..size - 1``; 0 is the empty text."""
        return self._series(np.arange(size)).to_list()

    def ranks(self, size: int) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
        """The places of codes ``0..size - 1`` in alphabetical order (of code points), and the texts in that order."""
        texts = self._series(np.arange(size)).to_frame("text").with_row_index("code").sort("text")
        ranks = np.empty(size, np.int64)
        ranks[texts["code"].to_numpy()] = np.arange(size)
        return ranks, np.array(texts["text"].to_list(), object)


def checksums(texts: pl.Series) -> pl.Series:
    """CRC-32 of each text as int64; null and the empty text give null. Each different text is read once."""
    words = Words()
    codes = texts.cast(words.type).to_physical().fill_null(0).to_numpy()
    known = words.known(int(codes.max()) + 1 if len(codes) else 1)
    table = np.array(list(map(crc32, map(str.encode, known))), np.int64)
    sums = pl.Series(texts.name, table[codes], dtype=pl.Int64)
    return sums.set(pl.Series(codes == 0), None)


def hashed(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with ``order_hash`` (of the order, else the visit) and ``visitor_hash``, int64; as they are if they have them."""
    if "order_hash" in lines.columns:
        return lines
    name = pl.coalesce(pl.when(pl.col("order_id") != "").then("order_id"), "session_id")
    order = checksums(lines.select(order_hash=name).to_series())
    return lines.with_columns(order, checksums(lines["visitor_id"].alias("visitor_hash")))
