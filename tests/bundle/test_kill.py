"""``kill -9`` at every step and at random moments, while a reader loads in a loop: whole old or whole new, nothing else."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from recommender.bundle import Shelf
from recommender.domain.errors import NoBundleError

PAUSE_SECONDS = 0.003
"""Between two readings, so that the reader does not take the processor from whom it is to meet at work."""
ROUNDS = Path(__file__).with_name("kill_rounds.py")


def read_once(shelf: Shelf) -> str | None:
    """Load what is served and check that all of it is of one run."""
    try:
        bundle = shelf.load_current()
    except NoBundleError:
        return None  # nothing is published yet
    number = bundle.meta["number"]
    assert bundle.run_id == f"r{number:06d}"
    for array in bundle.arrays.values():
        assert np.array_equal(array, np.full(20_000, number, np.int32))
    return bundle.run_id


@pytest.mark.parametrize(("mode", "rounds"), [("steps", 108), ("moments", 40)])
def test_a_killed_run_leaves_the_old_or_the_new_bundle_and_the_next_one_works(
    tmp_path: Path, mode: str, rounds: int
) -> None:
    shelf = Shelf(tmp_path)
    seen: set[str | None] = set()
    command = [sys.executable, str(ROUNDS), str(tmp_path), str(rounds), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as worker:
        while worker.poll() is None:
            seen.add(read_once(shelf))
            time.sleep(PAUSE_SECONDS)
        assert worker.stdout is not None
        assert worker.stderr is not None
        said, failed = worker.stdout.read(), worker.stderr.read()
    assert worker.returncode == 0, failed
    report = json.loads(said)
    assert report["current"] == "r999999" == read_once(shelf)
    assert report["odd"] == []
    assert report["left"] > 0
    assert len(seen) > 3
    if mode == "steps":
        assert {"folder made", "part0.npy written", "manifest.json written", "folder synced", "renamed"} <= set(
            report["seen"]
        )
        assert {"verified", "HISTORY written", "CURRENT written", "CURRENT replaced", "published"} <= set(
            report["seen"]
        )
