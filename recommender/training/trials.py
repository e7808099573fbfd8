"""Trying other hyper-parameters within a time budget, every generator in its turn, and keeping what holds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from joblib import Parallel, delayed

from recommender.algorithms import GENERATORS, spec_of
from recommender.algorithms.ranges import space_of
from recommender.training.benches import Bench, Sitting
from recommender.training.blends import Blend
from recommender.training.keeping import Verdict, kept
from recommender.training.progress import Progress
from recommender.training.studies import Tried, seed_of, suggest
from recommender.training.trial_log import Known, Trial, Unknown
from recommender.training.turns import Turns
from recommender.training.windows import Window

TOGETHER = 4
"""Trials that are drawn up at once, so that all cores have work; the same on every machine, or the search would not repeat."""

HOPELESS = 0.0015
"""A trial whose first window loses more than this much NDCG@10 is cut: what is worse in a window is never kept."""

FIRST_PHASE = 8
"""Over its first so many trials, a generator's own NDCG@10 counts beside the blends', less and less."""

ALONE_COUNTS = 0.25

FAILED = -1.0
"""What a trial that cannot be fitted is told to have gained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What tuning found.

    Attributes
    ----------
    params : mapping
        Hyper-parameters of the generators that are to change, complete.
    trials : tuple of Trial
        In the order they were drawn up; their number, with the same seed, repeats the search.
    verdicts : tuple of Verdict
        What became of each generator's best trial, and why.
    resumed : int
        How many of the trials were known from an earlier training.
    """

    params: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    resumed: int = 0

    def report(self) -> dict[str, Any]:
        """Every trial and every verdict, JSON-able."""
        return {
            "trials": [trial.as_json() for trial in self.trials],
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
            "resumed": self.resumed,
        }


def improve(
    windows: Sequence[Window],
    weights: Mapping[str, Blend],
    seed: int,
    *,
    limit: int,
    spent: Callable[[], float],
    progress: Progress,
    n_jobs: int,
    clock: Callable[[], float] = lambda: 0.0,
    known: Known | None = None,
) -> Tuned:
    """Search each generator's hyper-parameters by the blends it speaks in; keep what is no accident.

    Parameters
    ----------
    limit : int
        Trials at most.
    spent : callable
        Part of the time that is over: at 1 the search ends. Asked between the windows of a trial too; a trial that is not
        finished in time is dropped.
    clock : callable
        Monotonic seconds, for the record only.
    known : Known, optional
        Trials of a search that was interrupted, and where to note new ones.
    """
    bench = Bench.of(windows, weights, seed)
    search = Search(bench, seed, limit=limit, spent=spent, clock=clock, known=known or Unknown())
    for done in search.run(n_jobs):
        progress("tuning", done, search.expected(), search.words())
    verdicts = kept(bench, search.trials, search.sittings, n_jobs=n_jobs)
    return Tuned(
        params={one.generator: one.params for one in verdicts if one.kept},
        trials=tuple(search.trials),
        verdicts=tuple(verdicts),
        resumed=search.resumed,
    )


class Search:
    """One search: the trials so far, and the sittings of each generator's best."""

    def __init__(
        self,
        bench: Bench,
        seed: int,
        *,
        limit: int,
        spent: Callable[[], float],
        clock: Callable[[], float],
        known: Known,
    ) -> None:
        self.trials: list[Trial] = []
        self.sittings: dict[str, dict[int, Sitting]] = {}
        self.resumed = 0
        self._bench, self._seed, self._limit, self._known = bench, seed, limit, known
        self._spent, self._clock, self._lock = spent, clock, Lock()
        self._spaces = {spec.name: space_of(spec) for spec in GENERATORS if bench.places(spec.name)}
        self._present = {name: bench.present(name) for name in self._spaces}
        self._turns = Turns.of(bench, [name for name, space in self._spaces.items() if space])

    def run(self, n_jobs: int) -> Iterator[int]:
        """Try until time or trials are up; yields the number of trials."""
        while self._turns.names and len(self.trials) < self._limit and self._in_time():
            drawn = self._drawn(min(TOGETHER, self._limit - len(self.trials)))
            recalled = [self._known.recall(len(self.trials) + n, *one) for n, one in enumerate(drawn)]
            jobs = [
                delayed(self._try)(*one, len(self.trials) + n)
                for n, (one, trial) in enumerate(zip(drawn, recalled, strict=True))
                if trial is None
            ]
            fresh = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs) if jobs else iter(())
            finished = True
            for trial in recalled:
                ended = (trial, {}) if trial is not None else next(fresh)
                finished = finished and ended is not None
                if ended is not None and finished:
                    self._add(*ended, resumed=trial is not None)
                    yield len(self.trials)
            if not finished:
                return

    def _in_time(self) -> bool:
        with self._lock:
            return self._spent() < 1.0

    def _now(self) -> float:
        with self._lock:
            return self._clock()

    def _drawn(self, n: int) -> list[tuple[str, dict[str, float]]]:
        """The next generators and what to try with each."""
        out: list[tuple[str, dict[str, float]]] = []
        for name in self._turns.next(self.trials, n):
            number = len(self.trials) + len(out)
            start = dict(spec_of(name).defaults)
            warm = {**start, **{k: v for k, v in self._known.warm.get(name, {}).items() if k in start}}
            told = self._told(name, start)
            fresh = warm != start and all(dict(one.params) != warm for one in told) and (name, warm) not in out
            out.append(
                (
                    name,
                    warm
                    if fresh
                    else {**start, **suggest(self._spaces[name], told, seed_of(self._seed, name, number))},
                )
            )
        return out

    def _told(self, name: str, start: Mapping[str, float]) -> list[Tried]:
        """Everything tried with a generator, the present hyper-parameters first."""
        trials = [trial for trial in self.trials if trial.generator == name]
        counts = ALONE_COUNTS * max(0.0, 1.0 - len(trials) / FIRST_PHASE)
        return [
            Tried(params=start, value=self._present[name]),
            *(Tried(params=trial.params, value=trial.gain + counts * trial.alone) for trial in trials),
        ]

    def _try(self, name: str, params: Mapping[str, float], number: int) -> tuple[Trial, dict[int, Sitting]] | None:
        """One trial, window by window, another first each time; None if time ran out over it."""
        began = self._now()
        asking = self._bench.asking(name)
        order = asking[number % len(asking) :] + asking[: number % len(asking)]
        sittings: dict[int, Sitting] = {}
        gains: dict[int, float] = {}
        for window in order:
            if gains and not self._in_time():
                return None
            sitting = self._bench.sit(name, params, window)
            gains[window] = FAILED if sitting is None else sitting.gain
            if sitting is None or (len(order) > 1 and len(gains) == 1 and sitting.gain < -HOPELESS):
                break
            sittings[window] = sitting
        seen = list(sittings.values())
        trial = Trial(
            generator=name,
            params=params,
            gains=dict(sorted(gains.items())),
            alone=sum(one.alone for one in seen) / len(seen) if seen else 0.0,
            cut=len(seen) < len(order),
            seconds=self._now() - began,
        )
        return trial, sittings

    def _add(self, trial: Trial, sittings: dict[int, Sitting], *, resumed: bool) -> None:
        best = max((one.gain for one in self.trials if one.generator == trial.generator and not one.cut), default=0.0)
        if not trial.cut and trial.gain > best:
            self.sittings[trial.generator] = sittings
        if not resumed:
            self._known.note(len(self.trials), trial)
        self.trials.append(trial)
        self.resumed += resumed

    def expected(self) -> int:
        """How many trials there will be at the pace so far."""
        with self._lock:
            spent = self._spent()
        pace = self._limit if spent <= 0 else int(len(self.trials) / min(spent, 1.0))
        return max(len(self.trials), min(self._limit, pace))

    def words(self) -> str:
        """What is counted, and the largest gain of a trial that saw every window."""
        best = max((trial.gain for trial in self.trials if not trial.cut), default=0.0)
        return f"trials, best {best:+.4f}" if best > 0 else "trials"
