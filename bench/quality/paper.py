"""What a model is asked of a shop, and the lists it gives: every track, with nothing later in sight."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints
from recommender.domain.requests import Repeat
from recommender.evaluation.asking import Lists
from recommender.evaluation.judging import Known, Verdicts, judge_lists
from recommender.evaluation.moments import Archive, Sight, ask_at
from recommender.evaluation.split import Track, Truth, before, touched_only, truth_after
from recommender.evaluation.visits import Asked, baskets_after, sessions_after
from recommender.interactions import Interactions, Kind
from recommender.model.fitted import FittedModel


def repeat_of(track: Track) -> Repeat:
    """Whether a track's lists may hold what the person bought before."""
    return Repeat.FORBID if track in (Track.WINDOW_NEW, Track.SESSION) else Repeat.AUTO


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A shop cut at a moment: what may be learned from, what is asked, what has to be found.

    Not slotted: what is asked is worked out once.

    Attributes
    ----------
    everything : Interactions
        The whole log; lists and truths are in the row numbers of its items.
    cut_us : int
    """

    everything: Interactions
    cut_us: int

    @cached_property
    def _known(self) -> tuple[Interactions, Ints]:
        return touched_only(before(self.everything, self.cut_us))

    @property
    def past(self) -> Interactions:
        """What may be learned from; its items are those touched before the cut, in rows of their own."""
        return self._known[0]

    @cached_property
    def known(self) -> Known:
        """What figures over whole sets of lists need."""
        return Known.of(before(self.everything, self.cut_us))

    @cached_property
    def archive(self) -> Archive:
        """Everybody's events with the items of :attr:`past`."""
        row_of = np.full(len(self.everything.item_ids), -1, np.int32)
        row_of[self._known[1]] = np.arange(len(self._known[1]), dtype=np.int32)
        return Archive.of(self.everything, row_of)

    @cached_property
    def asked(self) -> dict[Track, Asked]:
        """The lists of every track that has any; visits only where the shop tells views."""
        found = {track: self._at_the_cut(truth) for track, truth in truth_after(self.everything, self.cut_us).items()}
        found[Track.BASKET] = baskets_after(self.everything, self.cut_us)
        if (self.everything.kind == Kind.VIEW).any():
            found[Track.SESSION] = sessions_after(self.everything, self.cut_us)
        return {track: one for track, one in found.items() if len(one.at_us)}

    def _at_the_cut(self, truth: Truth) -> Asked:
        cut = np.full(len(truth.person), self.cut_us, np.int64)
        return Asked(truth=truth, start_us=cut, at_us=cut)

    def lists(
        self, model: FittedModel, track: Track, *, only: NDArray[np.bool_] | None = None, sight: Sight = Sight.LIVE
    ) -> Lists:
        """The model's lists of a track, int32 of shape (n_lists, 20), in the truth's order.

        Parameters
        ----------
        only : bool array of length n_lists, optional
            Ask these only.
        sight : Sight
            How fresh people are known.
        """
        asked = self.asked[track] if only is None else self.asked[track].of(only)
        untouched = track is Track.SESSION  # its truth holds nothing the person touched before
        return self.named(
            ask_at(
                model,
                self.archive,
                asked,
                sight=sight,
                cut_us=self.cut_us,
                repeat=repeat_of(track),
                untouched=untouched,
            )
        )

    def named(self, items: NDArray[np.integer]) -> Lists:
        """Items of the model (-1: none; newcomers as the archive has them) as rows of everything, int32 of the same shape."""
        known = self._known[1]
        rows = np.concatenate(
            [known, np.arange(len(self.everything.item_ids)), [-1]]
        )  # the last stands for an empty place
        return np.asarray(rows[items], np.int32)

    def judged(
        self, model: FittedModel, track: Track, *, only: NDArray[np.bool_] | None = None, sight: Sight = Sight.LIVE
    ) -> Verdicts:
        """The model's lists of a track beside their truth."""
        truth = self.asked[track].truth if only is None else self.asked[track].truth.of(only)
        return judge_lists(self.lists(model, track, only=only, sight=sight), truth, len(self.everything.item_ids))
