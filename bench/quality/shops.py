"""A shop's data set: trained before the cut, judged on all that came later, held beside baselines and its own generators."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import reference
from bench.columns import Shop
from bench.figures import Figure, figure
from bench.quality.bars import NOT_WORSE, held
from bench.quality.log import note
from bench.quality.paper import Paper
from bench.quality.reach import UNION, reach, shown
from bench.quality.reading import Reading, baselines, read
from bench.quality.singles import METRIC, sampled, singles, worst
from bench.quality.training import Trained, train
from recommender.evaluation.split import HOLDOUT, WINDOWS, clock_cut
from recommender.model.fitted import FittedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every data set is told: where the data lie, how often, how long to tune, and where readings are recorded."""

    data: Path
    seeds: int
    budget: float
    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Figures with their bars by full name, and whether the reference scorer agrees."""

    figures: Mapping[str, Figure]
    agrees: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSet:
    """A shop's data set: how it is read, how much of the clock is judged, whether stale lists are asked for too."""

    name: str
    shop: Callable[[Path], Shop]
    holdout: float = HOLDOUT
    stale: bool = True

    def judge(self, run: Run) -> Outcome:
        """Train and judge once per seed; generators alone, candidates and the reference with the first seed."""
        shop = self.shop(run.data)
        paper = Paper(everything=shop.interactions, cut_us=clock_cut(shop.interactions, self.holdout))
        samples: dict[str, list[float]] = {}
        extra: dict[str, Figure] = {}
        agrees = True
        for seed in range(run.seeds):
            trained = self._trained(run, paper, seed)
            reading = read(trained.model, paper, stale=self.stale)
            told = _with_cost(reading, trained)
            told |= _beside(baselines(trained.model, paper))
            for name, value in told.items():
                samples.setdefault(f"{self.name}.{name}", []).append(value)
            if seed == 0:
                extra = self._against_its_parts(trained.model, paper, reading)
                agrees = self._agrees(run, shop, paper, reading)
            self._record(run, trained, seed, told)
        return Outcome(
            figures=held({name: figure(v, _unit(name)) for name, v in samples.items()} | extra), agrees=agrees
        )

    def _trained(self, run: Run, paper: Paper, seed: int) -> Trained:
        trained = train(paper.past, budget=run.budget, seed=seed)
        cost = trained.cost
        print(
            f"{self.name}, seed {seed}: trained in {cost.seconds:.0f} s ({cost.cpu_s:.0f} s of processors, {cost.peak_mb:.0f} MB), "
            f"{trained.choice.trials} trials",
            flush=True,
        )
        ranking = trained.choice.ranking
        for place in trained.choice.grades:
            plan = trained.choice.settings.plans.get(place)
            order = "the blend" if plan is None else f"{plan.order}, {plan.size}"
            print(f"  {place} {dict(trained.choice.settings.blends[place])}; order: {order}", flush=True)
            if place in ranking.table:
                print(f"    by validation: {_line(ranking.table[place])}", flush=True)
        return trained

    def _against_its_parts(self, model: FittedModel, paper: Paper, reading: Reading) -> dict[str, Figure]:
        """Each track against the generators alone, and how much of the truth the candidates hold."""
        out: dict[str, Figure] = {}
        for track, verdict in reading.verdicts.items():
            shares = reach(model, paper, track)
            print(f"  {track}: share of the truth among candidates: {shown(shares)}", flush=True)
            out[f"{self.name}.{track}.all.candidates"] = figure([shares[UNION]], "share")
            ours = verdict.by_metric[METRIC][sampled(len(verdict.lists))]
            least = worst(ours, singles(model, paper, track), paper, track)
            if least is not None:
                high = least.difference.high
                out[f"{self.name}.{track}.{NOT_WORSE}"] = figure([high], "upper end")
                print(
                    f"  {track}: worst against one generator alone: {least.group} {least.ours:.4f}, {least.single} {least.theirs:.4f}; "
                    f"difference {least.difference.value:+.4f} ({least.difference.low:+.4f} to {high:+.4f})"
                )
        return out

    def _agrees(self, run: Run, shop: Shop, paper: Paper, reading: Reading) -> bool:
        """Whether the reference scorer says the same of our lists, to four digits."""
        why = reference.missing(run.data)
        if why:
            print(f"  not compared with the reference scorer: {why}")
            return True
        off = 0.0
        with tempfile.TemporaryDirectory() as scratch:
            folder = reference.split(run.data, self.name, Path(scratch), self.holdout)
            for track, verdict in reading.verdicts.items():
                asked = paper.asked[track]
                lists = reference.Lists(
                    people=[shop.people[person] for person in verdict.truth.person.tolist()],
                    items=shop.interactions.item_ids,
                    lists=verdict.lists,
                    at_us=None if track in WINDOWS else asked.at_us,
                )
                said = reference.score(run.data, folder, track, lists)
                off = max(
                    off,
                    *(reference.difference(name, reading.figures[f"{track}.{name}"], v) for name, v in said.items()),
                )
        print(f"  largest difference to the reference scorer over all figures: {off:.4f}")
        return off < reference.TOLERATED

    def _record(self, run: Run, trained: Trained, seed: int, told: Mapping[str, float]) -> None:
        note(
            run.log,
            now=datetime.now(UTC),
            data_set=self.name,
            recipe=trained.recipe,
            asked={"seed": seed, "budget": run.budget},
            figures={name: value for name, value in told.items() if ".baseline." not in name},
        )


def _with_cost(reading: Reading, trained: Trained) -> dict[str, float]:
    cost = trained.cost
    return {
        **reading.figures,
        "train.seconds": cost.seconds,
        "train.cpu_s": cost.cpu_s,
        "train.peak_mb": cost.peak_mb,
    }


def _beside(found: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {f"{name}.baseline.{other}": value for other, values in found.items() for name, value in values.items()}


def _line(grades: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {grade:.4f}" for name, grade in grades.items())


def _unit(name: str) -> str:
    for ending, unit in (("seconds", "s"), ("cpu_s", "s"), ("peak_mb", "MB"), ("live_over_nightly", "times")):
        if name.endswith(ending):
            return unit
    return "bits" if ".novelty" in name else "share"
