"""Which of the tried hyper-parameters are kept: only what is no accident of the lists it was chosen on.

The best of many trials is partly the luckiest, so being better on average is not enough. It must be better in a way the next season
may repeat: in no window worse, in no place worse, by more than lists drawn anew would bring; and trials chosen without a window must have
been better in that window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from recommender.algorithms.ragged import Floats
from recommender.evaluation.intervals import Mean, bootstrap
from recommender.training.benches import HOME, Bench, Sitting
from recommender.training.blends import Blend
from recommender.training.trial_log import Trial

LEAST_GAIN = 5e-4
"""NDCG@10 a change must bring, whatever the lists say of its certainty."""

SLACK = 3e-4
"""NDCG@10 a single place may lose where the others win more; beyond it, what its lists cannot tell from nothing, or a part of the gain."""

PART = 0.25
"""Of the mean gain: what a single place of the blends weighed anew may lose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a generator's best trial.

    Attributes
    ----------
    gain : float
        Change of NDCG@10 of the blends it speaks in; ``low`` and ``high`` are its 95 % interval over lists.
    unseen : float
        What trials brought in the windows they were not chosen on, mean; the part of the gain that is no luck of choosing.
    why : str
        A sentence.
    """

    generator: str
    params: Mapping[str, float]
    kept: bool
    gain: float
    why: str
    low: float = 0.0
    high: float = 0.0
    unseen: float = 0.0
    places: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The verdict as an object of plain values."""
        return {
            "generator": self.generator,
            "params": dict(self.params),
            "kept": self.kept,
            "gain": round(self.gain, 6),
            "low": round(self.low, 6),
            "high": round(self.high, 6),
            "unseen": round(self.unseen, 6),
            "places": {place: round(gain, 6) for place, gain in self.places.items()},
            "why": self.why,
        }


def kept(
    bench: Bench, trials: Sequence[Trial], sittings: Mapping[str, dict[int, Sitting]], *, n_jobs: int
) -> list[Verdict]:
    """Judge each generator's best trial, the most promising first, each beside those kept before it.

    Parameters
    ----------
    sittings : mapping of generator to sittings by window
        Of the best trials, where they are still at hand; others are fitted again.
    """
    best = sorted(_best_of_each(trials), key=lambda trial: -trial.gain)
    out: list[Verdict] = []
    for trial in best:
        unseen = unseen_gain([one for one in trials if one.generator == trial.generator and not one.cut])
        if trial.cut or trial.gain <= LEAST_GAIN:
            out.append(_refused(trial, unseen, f"No trial gained more than {LEAST_GAIN:g}."))
            continue
        known = sittings.get(trial.generator) or _again(bench, trial, n_jobs)
        now = bench.regraded(trial.generator, known)
        verdict = _verdict(trial, now, unseen)
        out.append(verdict)
        if verdict.kept:
            bench = bench.moved(trial.generator, now)
    return out


def worth_it(before: Mapping[str, Blend], after: Mapping[str, Blend]) -> bool:
    """Whether blends weighed anew beside what was kept are better than those before, where lists of people are judged.

    The last check: trials hold the candidates and the other generators' weights still, a model does not.
    """
    places = [place for place in before if place in after and place.startswith(HOME)] or list(before)
    gains = [after[place].grade - before[place].grade for place in places if place in after]
    mean = float(np.mean(gains)) if gains else 0.0
    return mean > 0 and min(gains) >= -max(SLACK, PART * mean)


def _again(bench: Bench, trial: Trial, n_jobs: int) -> dict[int, Sitting]:
    jobs = (delayed(bench.sit)(trial.generator, trial.params, number) for number in trial.gains)
    found = Parallel(n_jobs=n_jobs, prefer="threads")(jobs)
    return {number: sitting for number, sitting in zip(trial.gains, found, strict=True) if sitting is not None}


def _best_of_each(trials: Sequence[Trial]) -> list[Trial]:
    """Of the trials that saw every window, or, where each was cut, of all."""
    best: dict[str, Trial] = {}
    for trial in trials:
        known = best.get(trial.generator)
        if known is None or (not trial.cut, trial.gain) > (not known.cut, known.gain):
            best[trial.generator] = trial
    return list(best.values())


def unseen_gain(trials: Sequence[Trial]) -> float | None:
    """What is gained where it was not chosen: each window's gain of the trial that is best in the others, mean.

    None with fewer than two windows, where nothing is left to choose on.
    """
    windows = sorted({number for trial in trials for number in trial.gains})
    if len(windows) < 2:  # or no trial at all
        return None
    found = []
    for held in windows:
        best = max(trials, key=lambda trial: sum(gain for number, gain in trial.gains.items() if number != held))
        others = sum(gain for number, gain in best.gains.items() if number != held)
        found.append(best.gains[held] if others > 0 else 0.0)
    return float(np.mean(found))


def _refused(trial: Trial, unseen: float | None, why: str) -> Verdict:
    return Verdict(
        generator=trial.generator, params=trial.params, kept=False, gain=trial.gain, why=why, unseen=unseen or 0.0
    )


def _verdict(trial: Trial, sittings: Mapping[int, Sitting], unseen: float | None) -> Verdict:
    mean = bootstrap(_weighted(sittings))
    doubt = _doubt(mean, sittings, unseen)
    return Verdict(
        generator=trial.generator,
        params=trial.params,
        kept=doubt is None,
        gain=mean.value,
        low=mean.low,
        high=mean.high,
        unseen=unseen or 0.0,
        places={place: one.value for place, one in _by_place(sittings).items()},
        why=doubt or "Better in every window and by more than chance.",
    )


def _doubt(mean: Mean, sittings: Mapping[int, Sitting], unseen: float | None) -> str | None:
    """What speaks against a change; None if nothing does."""
    if mean.value <= LEAST_GAIN:
        return f"Beside what else is kept it gains no more than {LEAST_GAIN:g}."
    if min(sitting.gain for sitting in sittings.values()) < 0:
        return "Worse in one of the windows."
    if unseen is not None and unseen <= 0:
        return "What was chosen without a window did not hold in it."
    if mean.low <= 0:
        return "May be chance: drawn anew, the same lists could lose by it."
    for place, one in _by_place(sittings).items():
        if one.value < -SLACK and one.high < 0:
            return f"Worse for {place}."
    return None


def _by_place(sittings: Mapping[int, Sitting]) -> dict[str, Mean]:
    """Change of each place, over the windows that ask there."""
    names = dict.fromkeys(place for sitting in sittings.values() for place in sitting.gains)
    return {place: bootstrap(_of_place(sittings, place)) for place in names}


def _of_place(sittings: Mapping[int, Sitting], place: str) -> Floats:
    """Changes list by list of one place, scaled so that their mean is the mean of the windows'."""
    parts = [one.gains[place] for one in sittings.values() if place in one.gains]
    total = sum(len(part) for part in parts)
    return np.concatenate([part * (total / (len(part) * len(parts))) for part in parts])


def _weighted(sittings: Mapping[int, Sitting]) -> Floats:
    """Changes list by list, scaled so that their mean is the mean of the windows' means of the places' means."""
    parts = [
        gains / (len(gains) * len(sitting.gains) * len(sittings))
        for sitting in sittings.values()
        for gains in sitting.gains.values()
    ]
    whole = np.concatenate(parts)
    return np.asarray(whole * len(whole), np.float64)
