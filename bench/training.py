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
    for number in range(SAMPLES):
        fresh = scratch / f"train-{number}"
        shutil.copytree(home, fresh, ignore=shutil.ignore_patterns("models"))
        found.append(weigh(command(fresh, "train", "--budget", "0")))
        shutil.rmtree(fresh)
    return {
        "train.online_retail.seconds": figure([f.seconds for f in found], "s", bar=BAR_SECONDS, better="lower"),
        "train.online_retail.peak_mb": figure([f.peak_mb for f in found], "MB", bar=BAR_MB, better="lower"),
    }
