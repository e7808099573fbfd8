"""Kernels of slates: which candidates come into a list, and what is written of its items."""

import re
from collections.abc import Iterator, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from recommender.kernels.plain.rows import Ints

Columns = tuple[NDArray[np.bool_], Ints | None, Ints | None, NDArray[np.int32], NDArray[np.int32]]
"""``offered``, ``starts_us``, ``ends_us``, ``group`` and ``category`` of the assortment; None where no row has dates."""


def chosen(
    rows: NDArray[np.int32],
    scores: NDArray[np.float32] | None,
    wanted: int,
    cap: int,
    taken: set[int],
    groups: set[int],
    own: NDArray[np.int32],
    counts: dict[int, int],
    columns: Columns,
    now_us: int,
) -> tuple[list[int], list[int]]:
    """Places and rows of the candidates that come into a list, by the rules every list keeps (:func:`recommender.ranking.slate.fill`).

    Parameters
    ----------
    rows : int32 array
        Candidates, best first.
    scores : float32 array or None
        One that is not finite drops its candidate.
    wanted, cap : int
        How many are still wanted; how many may be of one category. What only this cap keeps out follows at the end.
    taken, groups : sets of int
        Rows and groups that must not come in; those of what is chosen are added.
    own : int32 array
        Rows no cap counts, ascending.
    counts : dict of int
        How many of each category the list holds; brought up to date.
    columns : tuple
        See :data:`Columns`; as long as the assortment.
    now_us : int
        The moment the list is for.

    Raises
    ------
    IndexError
        A row the columns do not have.
    """
    mine = set(own.tolist())
    found: list[int] = []
    late: list[tuple[int, int, int, int]] = []
    candidates = _fitting(rows, scores, columns, now_us)
    while len(found) < wanted and (candidate := next(candidates, None)) is not None:
        place, row, group, category = candidate
        if row in taken or group in groups:
            continue
        if category >= 0 and row not in mine:
            if counts.get(category, 0) >= cap:
                late.append(candidate)
                continue
            counts[category] = counts.get(category, 0) + 1
        found.append(_admitted(place, row, group, taken, groups))
    for place, row, group, category in late:
        if len(found) < wanted and row not in taken and group not in groups:
            counts[category] = counts.get(category, 0) + 1
            found.append(_admitted(place, row, group, taken, groups))
    return found, [int(rows[place]) for place in found]


def _admitted(place: int, row: int, group: int, taken: set[int], groups: set[int]) -> int:
    taken.add(row)
    if group >= 0:
        groups.add(group)
    return place


def _fitting(
    rows: NDArray[np.int32], scores: NDArray[np.float32] | None, columns: Columns, now_us: int
) -> Iterator[tuple[int, int, int, int]]:
    """Place, row, group and category of what is sellable now and has a usable score; each looked at when the list comes to it."""
    offered, starts, ends, group, category = columns
    for place, row in enumerate(rows.tolist()):
        if not 0 <= row < len(offered):
            raise IndexError(f"no item has row {row}")
        dated = starts is not None and ends is not None and not starts[row] <= now_us < ends[row]
        if offered[row] and not dated and (scores is None or isfinite(scores[place])):
            yield place, row, int(group[row]), int(category[row])


def shown(scores: NDArray[np.float32], places: Sequence[int], most: float) -> tuple[list[float], float]:
    """What is shown of the scores at some places, which never rises, and the last of them before it was rounded.

    Parameters
    ----------
    scores : float32 array
    places : sequence of int
        In the order they are shown in.
    most : float
        None is shown above this.

    Returns
    -------
    list of float
        Six significant digits each.
    float
        ``most`` where there is no place.

    Raises
    ------
    IndexError
        A place there is no score of.
    """
    found: list[float] = []
    last = most
    for place in places:
        if not 0 <= place < len(scores):
            raise IndexError(f"no candidate has place {place}")
        score = scores.item(place)
        last = min(most, score)
        most = rounded(last)
        found.append(most)
    return found, last


def rounded(score: float) -> float:
    """Six significant digits. Most scores lie where whole numbers do it, which is much quicker than text.

    Exact there for single precision: its products with the scale fit into a double.
    """
    if 0.1 <= score < 10:
        scale = 1e5 if score >= 1 else 1e6
        return round(score * scale) / scale
    return float(f"{score:.6g}")


def interleaved(parts: Sequence[bytes | list[bytes]], n: int, between: bytes) -> bytes:
    """``n`` rows of bytes in one piece: of each part the row's own where there is one per row, else the same in all.

    Raises
    ------
    ValueError
        A part with another number of rows.
    """
    for part in parts:
        if isinstance(part, list) and len(part) != n:
            raise ValueError(f"{n} rows but {len(part)} of one of the columns")
    columns = [part if isinstance(part, list) else [part] * n for part in (b"", *parts)]
    return between.join(map(b"".join, zip(*columns, strict=True)))


def pieces(
    rows: list[int],
    place: NDArray[np.int32],
    id_data: NDArray[np.uint8],
    id_ends: Ints,
    card_data: NDArray[np.uint8],
    card_ends: Ints,
) -> tuple[list[bytes | None], list[bytes | None]]:
    """Ids in quotes and cards of rows, as JSON; None where the caller has to see: the listing lacks the row, or its id has to be escaped.

    Parameters
    ----------
    rows : list of int
    place : int32 array
        Each row's place in the listing; -1 none, as for the rows behind its end, which came later.
    id_data, id_ends, card_data, card_ends
        UTF-8 bytes of the listing's ids and cards, and where each ends.

    Raises
    ------
    IndexError
        A row below 0, or a place there is no text of.
    ValueError
        Ends that lie outside of the bytes.
    """
    quoted: list[bytes | None] = []
    cards: list[bytes | None] = []
    for row in rows:
        if row < 0:
            raise IndexError(f"no item has row {row}")
        at = place.item(row) if row < len(place) else -1
        item_id = None if at < 0 else _text(id_data, id_ends, at)
        if item_id is None or not _PLAIN(item_id):
            quoted.append(None)
            cards.append(None)
        else:
            quoted.append(b'"%b"' % item_id)
            cards.append(_text(card_data, card_ends, at))
    return quoted, cards


_PLAIN = re.compile(rb'[^\x00-\x1f"\\]*').fullmatch
"""Texts that stand in JSON as they are."""


def _text(data: NDArray[np.uint8], ends: Ints, row: int) -> bytes:
    if row >= len(ends):
        raise IndexError(f"there is no text {row}")
    start, end = ends.item(row - 1) if row else 0, ends.item(row)
    if not 0 <= start <= end <= len(data):
        raise ValueError(f"text {row} lies outside of the texts")
    return data[start:end].tobytes()
