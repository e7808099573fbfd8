"""What a model is asked of a shop, and the lists it gives: every track, with nothing later in sight."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints
from recommender.domain.requests import Repeat
from recommender.evaluation.asking import Lists, ask
from recommender.evaluation.judging import Known, Verdicts, judge_lists
from recommender.evaluation.moments import Archive, Sight, ask_at
from recommender.evaluation.split import WINDOWS, Track, Truth, before, touched_only, truth_after
from recommender.evaluation.visits import Asked, baskets_after, sessions_after
from recommender.interactions import Interactions, Kind
from recommender.model.fitted import FittedModel


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
    def windows(self) -> dict[Track, Truth]:
        """The lists asked at the cut."""
        return {track: truth_after(self.everything, self.cut_us)[track] for track in WINDOWS}

    @cached_property
    def moments(self) -> dict[Track, Asked]:
        """The lists asked later; visits only where the shop tells views."""
        asked = {Track.BASKET: baskets_after(self.everything, self.cut_us)}
        if (self.everything.kind == Kind.VIEW).any():
            asked[Track.SESSION] = sessions_after(self.everything, self.cut_us)
        return {track: one for track, one in asked.items() if len(one.at_us)}

    def truths(self) -> dict[Track, Truth]:
        """What each list of each track has to find."""
        return {**self.windows, **{track: asked.truth for track, asked in self.moments.items()}}

    def lists(
        self, model: FittedModel, track: Track, *, only: NDArray[np.bool_] | None = None, sight: Sight = Sight.LIVE
    ) -> Lists:
        """The model's lists of a track, int32 of shape (n_lists, 20), one after the other in the truth's order.

        Parameters
        ----------
        only : bool array of length n_lists, optional
            Ask these only.
        sight : Sight
            How fresh people are known in baskets and visits.
        """
        if track in self.windows:
            person = self.windows[track].person
            return self.named(ask(model, self.past, person if only is None else person[only], track))
        asked = self.moments[track] if only is None else self.moments[track].of(only)
        new = track is Track.SESSION  # its truth holds nothing the person touched before
        repeat = Repeat.FORBID if new else Repeat.AUTO
        return self.named(
            ask_at(model, self.archive, asked, sight=sight, cut_us=self.cut_us, repeat=repeat, untouched=new)
        )

    def named(self, items: NDArray[np.integer]) -> Lists:
        """Items of the model (-1: none) as rows of everything, int32 of the same shape."""
        names = np.append(self._known[1], -1).astype(np.int32)  # the last stands for an empty place
        return np.asarray(names[items], np.int32)

    def judged(
        self, model: FittedModel, track: Track, *, only: NDArray[np.bool_] | None = None, sight: Sight = Sight.LIVE
    ) -> Verdicts:
        """The model's lists of a track beside their truth."""
        truth = self.truths()[track] if only is None else self.truths()[track].of(only)
        return judge_lists(self.lists(model, track, only=only, sight=sight), truth, len(self.everything.item_ids))
