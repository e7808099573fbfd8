"""Whose turn it is: the time is shared by how much a generator may bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from recommender.algorithms import Family, spec_of
from recommender.training.benches import Bench
from recommender.training.trial_log import Trial

COST: Mapping[Family, float] = {
    Family.BOUGHT_WITH: 5.0,
    Family.VIEWED_NEXT: 5.0,
    Family.CLOSE: 8.0,
}
"""What a trial costs, in trials of a list that is ready (the families not named). Told and not measured, so that a search repeats."""

LEAST_SHARE = 0.25
"""A generator that hardly weighs anything is tried as if it were so much of a blend: tuned, it might weigh more."""

CURIOSITY = 0.001
"""NDCG@10 a generator is taken to be able to gain before anything is known of it; what it did gain is added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The generators that can be tuned, each one's shares of the blends it speaks in added up, and how many windows ask it."""

    names: Sequence[str]
    share: Mapping[str, float]
    windows: Mapping[str, int]

    @classmethod
    def of(cls, bench: Bench, names: Sequence[str]) -> Self:
        """Those of the names that weigh something, the heaviest first."""
        places = {name: bench.places(name) for name in names}
        share = {
            name: max(LEAST_SHARE, sum(bench.share(name, place) for place in found))
            for name, found in places.items()
            if found
        }
        return cls(
            names=sorted(share, key=lambda name: -share[name]),
            share=share,
            windows={name: len(bench.asking(name)) for name in share},
        )

    def next(self, trials: Sequence[Trial], n: int) -> list[str]:
        """Who comes next, ``n`` names: whoever has had least for what it promises. The same one may come twice."""
        had = dict.fromkeys(self.names, 0.0)
        gained = dict.fromkeys(self.names, 0.0)
        for trial in trials:
            had[trial.generator] += self._cost(trial.generator) * len(trial.gains) / self.windows[trial.generator]
            gained[trial.generator] = max(gained[trial.generator], trial.gain)
        out: list[str] = []
        for _ in range(n):
            chosen = min(
                self.names, key=lambda name: (had[name] + self._cost(name)) / self._promise(name, gained[name])
            )
            had[chosen] += self._cost(chosen)
            out.append(chosen)
        return out

    def _promise(self, name: str, gained: float) -> float:
        """What share of the time a generator is due: its weight, and how much its blends answered to it so far."""
        return self.share[name] * (1.0 + min(gained / CURIOSITY, 3.0))

    @staticmethod
    def _cost(name: str) -> float:
        return COST.get(spec_of(name).family, 1.0)
