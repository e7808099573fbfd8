"""What a model is asked in a judgement: the lists of every track, each against what came later."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.asking import ask
from recommender.evaluation.moments import Archive, Sight, ask_at
from recommender.evaluation.scoring import Lists
from recommender.evaluation.split import MAIN, Track, Truth, before, truth_after
from recommender.evaluation.visits import Asked, baskets_after, looks_after, sessions_after
from recommender.interactions import Interactions, Kind
from recommender.model.fitted import FittedModel

MOST_LISTS = 20_000
"""Lists per track; of more, so many are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """One cut: what every track has to find. Tracks without lists are left out.

    Attributes
    ----------
    everything, past : Interactions
        All there is, and what was known at the cut.
    windows : mapping of Track to Truth
        Lists asked for at the cut, one per person.
    moments : mapping of Track to Asked
        Lists asked for at their own moments: before each later basket with everything known by then; within each later
        visit with nothing known but the visit. Where nobody ever bought anything, within each later visit with everything
        known by then, for what is looked at next.
    """

    everything: Interactions
    past: Interactions
    windows: Mapping[Track, Truth]
    moments: Mapping[Track, Asked]
    archive: Archive

    @classmethod
    def at(cls, everything: Interactions, cut_us: int, *, seed: int = 0) -> "Tasks":
        """Cut the log."""
        windows = {track: truth.of(drawn(truth, seed)) for track, truth in truth_after(everything, cut_us).items()}
        moments = _moments(everything, cut_us, seed)
        some = {track: asked.of(drawn(asked.truth, seed)) for track, asked in moments.items()}
        return cls(
            everything=everything,
            past=before(everything, cut_us),
            windows={track: truth for track, truth in windows.items() if len(truth.person)},
            moments={track: asked for track, asked in some.items() if len(asked.truth.person)},
            archive=Archive.of(everything),
        )

    @property
    def main(self) -> Track | None:
        """The track that is spoken of first: what is bought later, or looked at next; None where neither has a list."""
        return next((track for track in MAIN if track in self.truths), None)

    @property
    def truths(self) -> dict[Track, Truth]:
        """What the lists of each track have to find."""
        return {**self.windows, **{track: asked.truth for track, asked in self.moments.items()}}

    def lists(self, model: FittedModel) -> Lists:
        """What a model that was fitted on the past answers to all of them."""
        at_the_cut = {track: ask(model, self.past, truth.person, track) for track, truth in self.windows.items()}
        later = {track: ask_track(model, self.archive, asked, track) for track, asked in self.moments.items()}
        return {**at_the_cut, **later}


def _moments(everything: Interactions, cut_us: int, seed: int) -> dict[Track, Asked]:
    """Lists asked for at their own moments."""
    looks = next_looks(everything, cut_us, seed)
    moments = {} if looks is None else {Track.NEXT_LOOK: looks}
    moments[Track.BASKET] = baskets_after(everything, cut_us)
    if (everything.kind == Kind.VIEW).any():
        moments[Track.SESSION] = sessions_after(everything, cut_us)
    return moments


def next_looks(everything: Interactions, cut_us: int, seed: int) -> Asked | None:
    """What is looked at next in later visits, at most :data:`MOST_LISTS`; None where anybody ever bought anything, or no visit asks."""
    if (everything.kind == Kind.PURCHASE).any():
        return None
    asked = looks_after(everything, cut_us, None, np.random.default_rng(seed))
    return asked.of(drawn(asked.truth, seed)) if len(asked.truth.person) else None


def ask_track(model: FittedModel, archive: Archive, asked: Asked, track: Track) -> NDArray[np.int32]:
    """Lists of baskets, live, or of visits of people nobody knows, who are not shown again what they have just touched."""
    visit = track is Track.SESSION
    return ask_at(model, archive, asked, sight=Sight.VISIT if visit else Sight.LIVE, untouched=visit)


def drawn(truth: Truth, seed: int, most: int = MOST_LISTS) -> NDArray[np.bool_]:
    """Which lists are asked for: all, or so many of them."""
    keep = np.zeros(len(truth.person), bool)
    keep[np.random.default_rng(seed).permutation(len(keep))[:most]] = True
    return keep
