"""Which hyper-parameters to try next: the present ones, then some near them, then what a tree of Parzen estimators expects most of.

A suggestion follows from the trials told, the seed and nothing else, so that a search can be taken up where it was left and repeats
itself exactly. Bergstra, Bardenet, Bengio, Kégl (2011), "Algorithms for Hyper-Parameter Optimization".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from recommender.algorithms.ranges import Range

Space = Mapping[str, Range]
Params = Mapping[str, float]

NEARBY = 4
"""So many trials after the warm starts are drawn near the best of them: with a few trials an estimator knows nothing yet."""

SPREAD = 0.18
"""Standard deviation of those draws, as a share of each range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Hyper-parameters that were tried and what came of them: higher is better."""

    params: Params
    value: float


def seed_of(seed: int, *names: str | int) -> int:
    """A seed for one purpose, 32 bits."""
    words = ":".join(str(name) for name in (seed, *names))
    return int.from_bytes(blake2b(words.encode(), digest_size=4).digest(), "big")


def suggest(space: Space, tried: Sequence[Tried], seed: int) -> dict[str, float]:
    """Hyper-parameters of the space to try next, those outside it left out.

    Parameters
    ----------
    tried : sequence of Tried
        At least one: the warm starts come first.
    """
    if len(tried) <= NEARBY:
        return _near(space, max(tried, key=lambda one: one.value).params, np.random.default_rng(seed))
    return _expected(space, tried, seed)


def _near(space: Space, params: Params, rng: np.random.Generator) -> dict[str, float]:
    return {
        name: one.at(one.share(params[name]) + float(step))
        for (name, one), step in zip(space.items(), rng.normal(0.0, SPREAD, len(space)), strict=True)
    }


def _expected(space: Space, tried: Sequence[Tried], seed: int) -> dict[str, float]:
    """What the estimator asks for, all hyper-parameters together."""
    import optuna  # only here: a process that serves never tunes

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    forms = {name: _form(optuna, one) for name, one in space.items()}
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=0)
    )
    study.add_trials(
        [
            optuna.trial.create_trial(
                params={name: form.at(one.params[name]) for name, form in forms.items()},
                distributions={name: form.distribution for name, form in forms.items()},
                value=one.value,
            )
            for one in tried
        ]
    )
    asked = study.ask({name: form.distribution for name, form in forms.items()}).params
    return {name: space[name].fitting(float(asked[name])) for name in space}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A range in the library's words."""

    distribution: Any
    range: Range

    def at(self, value: float) -> float | int:
        """A value the distribution takes."""
        value = self.range.fitting(value)
        return int(value) if self.range.whole else value


def _form(optuna: Any, one: Range) -> _Form:
    if one.whole:
        distribution = optuna.distributions.IntDistribution(int(one.low), int(one.high), log=one.log)
    else:
        distribution = optuna.distributions.FloatDistribution(one.low, one.high, log=one.log)
    return _Form(distribution=distribution, range=one)
