"""``python -m bench.scaling --keep DIR [--budget SECONDS]``: what training costs a shop of a million events, and one ten times as large.

The grown shops ``10k`` (10,000 items, 1 million events) and ``10x`` (100,000 items, 10 million) are trained with the command people type,
each in a copy of its home without a model; reading the log, judging and publishing are in it.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, figure, table, write
from bench.grown import SIZES, loaded_home
from bench.processes import Weighed, weigh
from bench.shop import command

SMALL, LARGE = "10k", "10x"
BAR_SECONDS, BAR_MB = 12.0, 8.0
"""How many times the small shop's time and memory the large one's may be."""


def trained(home: Path, budget: float) -> Weighed:
    """A first training of a copy of a home."""
    with tempfile.TemporaryDirectory(prefix="scaling-", dir=home.parent) as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("models", "tuning", "files", "catalogue", "run"))
        return weigh(command(copy, "train", "--budget", f"{budget:g}"))


def run(keep: Path, budget: float) -> dict[str, Figure]:
    """Both, one after the other, and how many times as much the large one takes."""
    found = {}
    for size in (SMALL, LARGE):
        found[size] = trained(loaded_home(size, keep), budget)
        events = f"{SIZES[size].events // 1_000_000}m"
        print(f"{events}: {found[size].seconds:,.0f} s, {found[size].peak_mb:,.0f} MB", file=sys.stderr, flush=True)
    small, large = found[SMALL], found[LARGE]
    out = {
        "train.10m_over_1m.seconds": figure([large.seconds / small.seconds], "ratio", bar=BAR_SECONDS, better="lower"),
        "train.10m_over_1m.cpu_s": figure([large.cpu_s / small.cpu_s], "ratio"),
        "train.10m_over_1m.peak_mb": figure([large.peak_mb / small.peak_mb], "ratio", bar=BAR_MB, better="lower"),
    }
    for name, one in (("1m", small), ("10m", large)):
        out |= {
            f"train.{name}.seconds": figure([one.seconds], "s"),
            f"train.{name}.cpu_s": figure([one.cpu_s], "s"),
            f"train.{name}.peak_mb": figure([one.peak_mb], "MB"),
        }
    return out


def main(words: Sequence[str] | None = None) -> int:
    """Print the table, write the figures; 0 if both bars are reached."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", type=Path, required=True, help="folder of grown homes, outside the repository")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of tuning, as of `recommender train`")
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="file of figures; others in it stay")
    options = parser.parse_args(words)
    figures = run(options.keep, options.budget)
    print(table(figures))
    write(figures, options.out)
    return 0 if all(one.ok is not False for one in figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
