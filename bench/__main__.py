"""``python -m bench [--only NAME]... [--keep DIR] [--quick] [--out bench.json]``: measure, print, write (``make bench``)."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import batch, candidates, forest, importing, ingest, memory, newsletter, profiles, serving, training
from bench.figures import Figure, table, write
from bench.grown import forest_home, grown_home
from bench.load import tool
from bench.serving import Plan
from bench.shop import trained


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every measurement is told.

    Attributes
    ----------
    scratch
        A folder shared by all, gone afterwards.
    keep
        Where grown homes are, or are made.
    data
        Where real data sets are that do not come with the project; None: what needs them takes the bundled shop.
    quick
        Small sizes and short rounds: whether all works, not what it costs.
    """

    scratch: Path
    keep: Path
    data: Path | None = None
    quick: bool = False

    @property
    def plan(self) -> Plan:
        """Rounds and seconds of a load."""
        return Plan(rounds=2, seconds=1.0) if self.quick else Plan()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One measurement: its name for ``--only``, and what to run; ``asked``: only where it is asked for, as another holds it."""

    name: str
    run: Callable[[Run], dict[str, Figure]]
    asked: bool = False


def _serve(run: Run) -> dict[str, Figure]:
    return serving.run({"demo": trained(run.scratch / "shop")}, run.scratch, run.plan)


def _grown(run: Run) -> dict[str, Figure]:
    sizes = ("10k",) if run.quick else ("10k", "100k", "1m")
    return serving.run({size: grown_home(size, run.keep) for size in sizes}, run.scratch, run.plan)


def _100k(run: Run) -> dict[str, Figure]:
    return serving.run({"100k": grown_home("100k", run.keep)}, run.scratch, run.plan)


def _forests(run: Run) -> dict[str, Figure]:
    size = "10k" if run.quick else "100k"
    return serving.run({f"{size}_forests": forest_home(size, run.keep, run.scratch)}, run.scratch, run.plan)


def _redis(run: Run) -> dict[str, Figure]:
    size = "10k" if run.quick else "100k"
    return serving.run({size: grown_home(size, run.keep)}, run.scratch, run.plan, redis=True)


def _candidates(run: Run) -> dict[str, Figure]:
    return candidates.run(grown_home("10k" if run.quick else "100k", run.keep))


def _memory(run: Run) -> dict[str, Figure]:
    return memory.run(grown_home("10k" if run.quick else "100k", run.keep), run.scratch, run.plan)


def _profiles(run: Run) -> dict[str, Figure]:
    return profiles.run(grown_home("10k" if run.quick else "100k", run.keep), run.scratch, run.data)


BENCHMARKS = (
    Benchmark("import", lambda run: importing.run(run.scratch)),
    Benchmark("train", lambda run: training.run(run.scratch)),
    Benchmark("batch", lambda run: batch.run(run.scratch)),
    Benchmark("serve", _serve),
    Benchmark("grown", _grown),
    Benchmark("100k", _100k, asked=True),
    Benchmark("redis", _redis),
    Benchmark("forests", _forests),
    Benchmark("candidates", _candidates),
    Benchmark("ranker", lambda _: forest.run()),
    Benchmark("memory", _memory),
    Benchmark("ingest", lambda run: ingest.run(run.scratch, run.plan)),
    Benchmark("profiles", _profiles),
    Benchmark("newsletter", lambda run: newsletter.run(trained(run.scratch / "shop"), run.scratch, run.plan)),
)

BUSY = 0.5
"""Load of the machine before we start above which seconds and rates mislead."""


def main(words: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 if every figure was measured and reaches its bar, 1 if not, 2 for a wrong call."""
    options = _options(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers end and scratch folders go on the way out
    chosen = [b for b in BENCHMARKS if (b.name in options.only if options.only else not b.asked)]
    busy = os.getloadavg()[0]
    if busy > BUSY:
        print(
            f"others use this machine (load {busy:.1f}): seconds and rates will be worse than they are", file=sys.stderr
        )
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        keep = options.keep or scratch / "grown"
        figures, failed = _measured(
            chosen, Run(scratch=scratch, keep=keep, data=options.data, quick=options.quick), options.out
        )
    print(table(figures))
    for name, why in failed.items():
        print(f"NOT MEASURED: {name}: {why}")
    print(f"load made by {tool()}; the machine's own load before: {busy:.1f}; written to {options.out}")
    return 0 if not failed and all(found.ok is not False for found in figures.values()) else 1


def _measured(chosen: Sequence[Benchmark], run: Run, out: Path) -> tuple[dict[str, Figure], dict[str, str]]:
    """The figures, each written as soon as it is there, and why others could not be measured."""
    figures: dict[str, Figure] = {}
    failed: dict[str, str] = {}
    for benchmark in chosen:
        began = time.perf_counter()
        try:
            found = benchmark.run(run)
        except RuntimeError as error:  # the answers were not what the figure claims: the others still count
            failed[benchmark.name] = str(error)
            continue
        figures |= found
        if not run.quick:
            write(found, out)
        print(f"{benchmark.name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return figures, failed


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="The benchmarks of docs/benchmarks.md.")
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument(
        "--only", action="append", choices=names, metavar="NAME", help=f"one of {', '.join(names)}; repeatable"
    )
    parser.add_argument("--keep", type=Path, help="folder where grown shops stay for the next run; else made anew")
    parser.add_argument("--data", type=Path, help="folder of real data sets (complete_journey for sizes of profiles)")
    parser.add_argument("--quick", action="store_true", help="small and short, writes nothing: does everything work?")
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="file of figures; others in it stay")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
