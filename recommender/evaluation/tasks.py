"""What a model is asked in a judgement: the lists of every track, each against what came later."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.evaluation.asking import ask
from recommender.evaluation.scoring import Lists
from recommender.evaluation.split import Track, Truth, before, truth_after
from recommender.interactions import Interactions
from recommender.model.fitted import FittedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """One cut: everything there is, what was known at it, and what each track has to find (tracks without lists left out)."""

    everything: Interactions
    past: Interactions
    truths: Mapping[Track, Truth]

    @classmethod
    def at(cls, everything: Interactions, cut_us: int) -> "Tasks":
        """Cut the log."""
        truths = truth_after(everything, cut_us)
        return cls(
            everything=everything,
            past=before(everything, cut_us),
            truths={track: truth for track, truth in truths.items() if len(truth.person)},
        )

    def lists(self, model: FittedModel) -> Lists:
        """What a model that was fitted on the past answers to all of them."""
        return {track: ask(model, self.past, truth.person, track) for track, truth in self.truths.items()}
