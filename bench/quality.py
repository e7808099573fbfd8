"""Quality on public data: ``python -m bench.quality DATA [--out quality.json] [--seeds 1]``.

DATA holds one folder per data set; those we know are judged, the others are named and left. Everything is chosen on windows before the
cut and fitted on what was known at the cut; nothing after it is seen before the lists are scored.
"""

import recommender.threads  # noqa: F401, I001 - sets BLAS threads before anything loads numpy

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench import online_retail, reference
from bench.figures import Figure, figure, table, write
from recommender.evaluation.asking import ask
from recommender.evaluation.split import Track, before, clock_cut, truth_after
from recommender.interactions import Interactions
from recommender.model.fitted import FittedModel
from recommender.training.fitting import fit
from recommender.training.judging import Evaluation, judge
from recommender.training.tuning import Choice, tune

BARS: Mapping[str, float] = {
    "online_retail.window.known.ndcg_at_10": 0.35,
    "online_retail.window_new.known.ndcg_at_10": 0.105,
    "online_retail.window.new.ndcg_at_10": 0.10,
}
"""What is asked of us; the other figures are told, not held against anything."""

TOLD = (
    "window.all.ndcg_at_10",
    "window.known.ndcg_at_10",
    "window.known.recall_at_10",
    "window.known.recall_at_20",
    "window.known.mrr_at_20",
    "window.known.hit_at_10",
    "window.new.ndcg_at_10",
    "window.all.coverage_at_10",
    "window.all.novelty",
    "window_new.known.ndcg_at_10",
    "window_new.known.recall_at_10",
    "window_new.all.coverage_at_10",
)


def main() -> int:
    """Judge, print, write; 1 if a figure falls short or the reference disagrees."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("data", type=Path)
    words.add_argument("--out", type=Path, default=Path("quality.json"))
    words.add_argument("--seeds", type=int, default=1)
    words.add_argument("--budget", type=float, default=0.0, help="seconds of tuning before the cut")
    asked = words.parse_args()
    if not (asked.data / online_retail.NAME / "transactions.parquet").exists():
        sys.stderr.write(
            f"No data set we know lies in {asked.data}; {online_retail.NAME}/transactions.parquet is one.\n"
        )
        return 3
    for other in sorted(folder.name for folder in asked.data.iterdir() if folder.is_dir()):
        if other != online_retail.NAME:
            print(f"left out: {other} (not judged yet)")
    found, agrees = _online_retail(asked.data, asked.seeds, asked.budget)
    print(table(found))
    write(found, asked.out)
    return 0 if agrees and all(one.ok is not False for one in found.values()) else 1


def _online_retail(data: Path, seeds: int, budget: float) -> tuple[dict[str, Figure], bool]:
    everything = online_retail.shop(data).interactions
    past = before(everything, clock_cut(everything))
    truths = truth_after(everything, past.now_us)
    judged: list[Evaluation] = []
    agrees = True
    for seed in range(seeds):
        began = time.monotonic()
        choice = tune(past, budget_seconds=budget, seed=seed, clock=time.monotonic)
        model = fit(past, choice.settings, seed=seed).model
        judged.append(judge(model, past, truths))
        print(f"seed {seed}: {time.monotonic() - began:.0f} s, {choice.trials} trials; {_weights(choice)}")
        if seed == 0:
            agrees = _agrees(data, model, past, everything, judged[0])
            _leaks(choice, past, everything)
    return _figures(judged), agrees


def _weights(choice: Choice) -> str:
    shown = {place: choice.settings.blends[place] for place in choice.grades if place.startswith("home")}
    return "; ".join(f"{place} {dict(weights)}" for place, weights in shown.items())


def _figures(judged: list[Evaluation]) -> dict[str, Figure]:
    out: dict[str, Figure] = {}
    for name in TOLD:
        full = f"{online_retail.NAME}.{name}"
        unit = "bits" if name.endswith("novelty") else "share"
        out[full] = figure([one.figures[name].value for one in judged], unit, bar=BARS.get(full))
        for other in judged[0].baselines:
            out[f"{full}.baseline.{other}"] = figure([one.baselines[other][name].value for one in judged], unit)
    return out


def _agrees(data: Path, model: FittedModel, past: Interactions, everything: Interactions, ours: Evaluation) -> bool:
    """Whether the reference scorer says the same of our lists, to four digits."""
    why = reference.missing(data)
    if why:
        print(f"not compared with the reference scorer: {why}")
        return True
    names = (online_retail.shop(data).people, everything.item_ids)
    worst = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        folder = reference.split(data, online_retail.NAME, Path(scratch))
        for track, truth in truth_after(everything, past.now_us).items():
            said = reference.score(data, folder, track, truth, ask(model, past, truth.person, track), names=names)
            for name, value in said.items():
                mine = ours.figures[f"{track}.{name}"].value
                places = 3 if name.endswith("novelty") else 4
                worst = max(worst, abs(round(mine, places) - value))
            print(f"reference scorer, {track}: known ndcg@10 {said['known.ndcg_at_10']:.4f}")
    print(f"largest difference to the reference scorer over all figures: {worst:.4f}")
    return worst < 1.5e-4


def _leaks(choice: Choice, past: Interactions, everything: Interactions) -> None:
    """Two checks that nothing of the future reaches the lists: shuffled people, and a future that is cut off."""
    rng = np.random.default_rng(0)
    truths = truth_after(everything, past.now_us)
    shuffled = replace(past, person=rng.permutation(past.person).astype(np.int32))
    truth = truths[Track.WINDOW]
    honest, blind = (
        judge(fit(known, choice.settings).model, known, {Track.WINDOW: truth}, baselines=False)
        for known in (past, shuffled)
    )
    name = "window.known.ndcg_at_10"
    print(f"leak check: people shuffled {blind.figures[name].value:.4f}, as they are {honest.figures[name].value:.4f}")
    late = int((past.time_us >= past.now_us).sum())
    print(f"leak check: interactions at or after the cut in what was learned from: {late}")


if __name__ == "__main__":
    sys.exit(main())
