"""``python -m drill [--only NAME]... [--quick] [--out drill.json]`` (``make drill``)."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, table, write
from drill.campaign import DRILLS, run


def main(words: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 if every figure reaches its bar, 1 if one falls short, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m drill", description="Faults on purpose, and what the lists say.")
    names = [drill.name for drill in DRILLS]
    parser.add_argument(
        "--only", action="append", choices=names, metavar="NAME", help=f"one of {', '.join(names)}; repeatable"
    )
    parser.add_argument("--quick", action="store_true", help="short spans and few rounds, as the tests do")
    parser.add_argument("--out", type=Path, default=Path("drill.json"), help="file of figures; others in it stay")
    options = parser.parse_args(words)
    figures: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory(prefix="drill-") as scratch:
        for drill in DRILLS:
            if options.only and drill.name not in options.only:
                continue
            began = time.perf_counter()
            found = run(drill, Path(scratch), quick=options.quick)
            figures |= found
            write(found, options.out)
            print(f"{drill.name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    print(table(figures))
    return 0 if all(found.ok is not False for found in figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
