"""``python -m bench [--only NAME]... [--out bench.json]``: measure, print, write (``make bench``)."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import batch, importing, serving, training
from bench.figures import Figure, table, write
from bench.load import tool


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One measurement: its name for ``--only``, and what to run in a scratch folder shared by all."""

    name: str
    run: Callable[[Path], dict[str, Figure]]


BENCHMARKS = (
    Benchmark("import", importing.run),
    Benchmark("train", training.run),
    Benchmark("batch", batch.run),
    Benchmark("serve", serving.run),
)

BUSY = 0.5
"""Load of the machine before we start above which seconds and rates mislead."""


def main(words: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 if every figure reaches its bar, 1 if one falls short, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="The benchmarks of docs/benchmarks.md.")
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument(
        "--only", action="append", choices=names, metavar="NAME", help=f"one of {', '.join(names)}; repeatable"
    )
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="file of figures; others in it stay")
    options = parser.parse_args(words)
    chosen = [b for b in BENCHMARKS if not options.only or b.name in options.only]
    figures: dict[str, Figure] = {}
    busy = os.getloadavg()[0]
    if busy > BUSY:
        print(
            f"others use this machine (load {busy:.1f}): seconds and rates will be worse than they are", file=sys.stderr
        )
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        for benchmark in chosen:
            began = time.perf_counter()
            found = benchmark.run(Path(scratch))
            figures |= found
            write(found, options.out)
            print(f"{benchmark.name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    print(table(figures))
    print(f"load made by {tool()}; the machine's own load before: {busy:.1f}; written to {options.out}")
    return 0 if all(found.ok is not False for found in figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
