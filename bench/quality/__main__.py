"""Quality on public data: ``python -m bench.quality DATA [--only NAME]... [--budget SECONDS] [--seeds N] [--out quality.json]``.

DATA holds one folder per data set; those we know are judged, the others are named and left. Everything is chosen on windows before the
cut and fitted on what was known at the cut; nothing after it is seen before the lists are scored. Each reading of a test window is
appended to ``quality-log.jsonl`` beside the figures.
"""

import recommender.threads  # noqa: F401, I001 - sets BLAS threads before anything loads numpy

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench.figures import Figure, write
from bench.quality.bars import stretches
from bench.quality.log import FILE
from bench.quality.sets import SETS, judge
from bench.quality.shops import Outcome, Run
from bench.quality.telling import table_of

BUDGET = 60.0
"""Seconds of tuning, as ``recommender train`` has them."""


def main(words: Sequence[str] | None = None) -> int:
    """Judge, print, write; 1 if a figure falls short or the reference disagrees, 3 if there is nothing to judge."""
    asked = _parser().parse_args(words)
    run = Run(data=asked.data, seeds=asked.seeds, budget=asked.budget, log=asked.out.resolve().parent / FILE)
    names = _present(asked.data, asked.only)
    if not names:
        sys.stderr.write(f"No data set we know lies in {asked.data}; {SETS[0].name} is one.\n")
        return 3
    found: dict[str, Figure] = {}
    agrees = True
    run.log.parent.mkdir(parents=True, exist_ok=True)  # before hours of work, not after
    for name in names:
        outcome = _apart(name, run)
        agrees = agrees and outcome.agrees
        found |= outcome.figures
        print(table_of(name, outcome.figures), flush=True)
        write(outcome.figures, asked.out)
    print("\n".join(stretches(found)))
    short = sorted(name for name, one in found.items() if one.ok is False)
    print(f"short of its bar: {', '.join(short)}" if short else "no figure is short of its bar")
    return 0 if agrees and not short else 1


def _apart(name: str, run: Run) -> Outcome:
    """Judge a data set in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(judge, name, run).result()


def _present(data: Path, only: Sequence[str]) -> list[str]:
    """Data sets that are there, wanted and can be judged; the others are named and left."""
    names = []
    for folder in sorted(folder.name for folder in data.iterdir() if folder.is_dir()):
        one = next((known for known in SETS if known.name == folder), None)
        if one is None:
            print(f"left out: {folder} (nothing here judges it)")
        elif not only or folder in only:
            names.append(folder)
    return names


def _parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="python -m bench.quality", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    words.add_argument("data", type=Path)
    words.add_argument("--out", type=Path, default=Path("quality.json"))
    words.add_argument(
        "--only", action="append", default=[], choices=[one.name for one in SETS], help="judge this data set only"
    )
    words.add_argument("--seeds", type=int, default=1, help="train and judge so often; medians count")
    words.add_argument(
        "--budget", type=float, default=BUDGET, help="seconds of tuning before the cut; 0 keeps the documented defaults"
    )
    return words


if __name__ == "__main__":
    sys.exit(main())
