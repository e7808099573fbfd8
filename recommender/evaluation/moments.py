"""Lists asked for at any moment: what was known of a person then, and what the model that serves says to it."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints, spans
from recommender.domain.requests import Repeat
from recommender.evaluation.asking import Lists, home_lists
from recommender.evaluation.metrics import DEPTH
from recommender.evaluation.visits import Asked
from recommender.interactions import Histories, Interactions
from recommender.model.fitted import FittedModel

DAY_US = 86_400_000_000

BLOCK = 512
"""Lists that are asked for at once: bounds the memory, whatever the number of lists."""


class Sight(StrEnum):
    """How fresh what is known of a person is, when a list is asked for at its moment."""

    LIVE = "live"  # every event before the moment
    NIGHTLY = "nightly"  # what was known when the moment's day began (UTC), or at the cut if that is later
    FROZEN = "frozen"  # what was known at the cut
    VISIT = "visit"  # the visit's own events only: a visitor nobody has seen before


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Everybody's interactions with a model's items, by person, so that what was known at any moment is cut out quickly.

    Attributes
    ----------
    interactions : Interactions
    rows : int64 array
        Rows of the interactions with items of the model, by person, each person's in time order.
    key : int64 array
        ``person * n + row`` of each of them: ascending.
    item : int32 array of length n
        The model's row of each interaction's item; -1 where it has none.
    newcomers : Archive, optional
        The interactions with other items, in rows from the model's number of items on: number of items + row in ``interactions``.
    """

    interactions: Interactions
    rows: Ints
    key: Ints
    item: NDArray[np.int32]
    newcomers: "Archive | None" = None

    @classmethod
    def of(cls, interactions: Interactions, row_of: NDArray[np.int32] | None = None) -> "Archive":
        """Sort once.

        Parameters
        ----------
        row_of : int32 array of length n_items, optional
            The model's row of each item, -1 where it has none. Default: the model has the same items.
        """
        if row_of is None:
            return cls._with(interactions, interactions.item, None)
        item = row_of[interactions.item]
        later = np.where(item < 0, int(row_of.max(initial=-1)) + 1 + interactions.item, -1).astype(np.int32)
        newcomers = cls._with(replace(interactions, attributes=None), later, None) if (later >= 0).any() else None
        return cls._with(interactions, item, newcomers)

    @classmethod
    def _with(cls, interactions: Interactions, item: NDArray[np.int32], newcomers: "Archive | None") -> "Archive":
        known = np.flatnonzero(item >= 0)
        rows = known[interactions.person[known].argsort(kind="stable")]
        key = interactions.person[rows].astype(np.int64) * max(len(item), 1) + rows
        return cls(interactions=interactions, rows=rows, key=key, item=item, newcomers=newcomers)

    def histories(self, person: Ints, since_us: Ints, until_us: Ints) -> Histories:
        """What each person did in ``[since_us, until_us)``; the lists are for ``until_us``. A person may stand in many."""
        told, n = self.interactions, max(len(self.item), 1)
        first, end = (
            self.key.searchsorted(person * n + told.time_us.searchsorted(edge)) for edge in (since_us, until_us)
        )
        length = np.maximum(end - first, 0)
        rows = self.rows[spans(first.astype(np.int64), length.astype(np.int64))]
        return Histories(
            indptr=np.concatenate([np.zeros(1, np.int64), np.cumsum(length, dtype=np.int64)]),
            item=self.item[rows],
            kind=told.kind[rows],
            time_us=told.time_us[rows],
            quantity=told.quantity[rows],
            order=told.order[rows],
            country=told.country[person],
            now_us=until_us,
            attributes=None if told.attributes is None else told.attributes.at(person, since_us, until_us),
            newcomers=None if self.newcomers is None else self.newcomers.histories(person, since_us, until_us),
        )


def edges(asked: Asked, sight: Sight, cut_us: int) -> tuple[Ints, Ints]:
    """From when and until when each list may look, int64 arrays of length n_lists."""
    always = np.full(len(asked.at_us), np.iinfo(np.int64).min)
    if sight is Sight.LIVE:
        return always, asked.at_us
    if sight is Sight.VISIT:
        return asked.start_us, asked.at_us
    cut = np.full(len(asked.at_us), cut_us, np.int64)
    return always, cut if sight is Sight.FROZEN else np.maximum(asked.at_us // DAY_US * DAY_US, cut)


def ask_at(
    model: FittedModel,
    archive: Archive,
    asked: Asked,
    *,
    sight: Sight = Sight.LIVE,
    cut_us: int = 0,
    repeat: Repeat = Repeat.AUTO,
    untouched: bool = False,
    block: int = BLOCK,
) -> Lists:
    """Home lists of twenty at these moments, int32 of shape (n, 20) in the model's rows (those of newcomers as the archive has
    them), -1 past a short list's end.

    Asked for in blocks of the model that serves, so that memory stays bounded however many lists there are.

    Parameters
    ----------
    cut_us : int
        When the model was fitted; only ``NIGHTLY`` and ``FROZEN`` need it.
    untouched : bool
        Leave out whatever the person ever touched.
    """
    since, until = edges(asked, sight, cut_us)
    out = np.full((len(since), DEPTH), -1, np.int32)
    for start in range(0, len(since), block):
        part = slice(start, start + block)
        histories = archive.histories(asked.truth.person[part], since[part], until[part])
        out[part] = home_lists(model, histories, repeat, untouched=untouched)
    return out
