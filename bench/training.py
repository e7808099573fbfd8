"""How long a first training of the bundled shop takes and how much memory it holds."""

import shutil
from pathlib import Path

from bench.figures import Figure, figure
from bench.processes import weigh
from bench.shop import command, loaded

SAMPLES = 3
BAR_SECONDS = 60
BAR_MB = 1500


def run(scratch: Path) -> dict[str, Figure]:
    """``recommender train --budget 0`` in fresh copies of a loaded home, start of Python and publishing included."""
    home = loaded(scratch / "shop")
    found = []
    fresh = scratch / "fresh"
    for number in range(SAMPLES):
        shutil.copytree(home, fresh, ignore=shutil.ignore_patterns("models"))
        found.append(weigh(command(fresh, "train", "--budget", "0")))
        if number < SAMPLES - 1:
            shutil.rmtree(fresh)
    shutil.rmtree(home)
    fresh.rename(home)  # the benchmarks that need a trained shop find it here
    return {
        "train.online_retail.seconds": figure([f.seconds for f in found], "s", bar=BAR_SECONDS, better="lower"),
        "train.online_retail.cpu_s": figure([f.cpu_s for f in found], "s"),
        "train.online_retail.peak_mb": figure([f.peak_mb for f in found], "MB", bar=BAR_MB, better="lower"),
    }
