"""The reference scorer, run on our lists where it lies beside the data, to show that both say the same."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.evaluation.split import Track, Truth

NAMES: Mapping[str, str] = {
    "recall_at_10": "recall@10",
    "recall_at_20": "recall@20",
    "ndcg_at_10": "ndcg@10",
    "mrr_at_20": "mrr@20",
    "hit_at_10": "hit@10",
}
"""Our names of figures and the scorer's."""

NEEDS = ("pandas", "pyarrow")


def missing(data: Path) -> str | None:
    """Why the scorer cannot be run here; None if it can."""
    if not (tools(data) / "score_recs.py").exists():
        return f"no reference scorer in {tools(data)}"
    absent = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    return f"the reference scorer needs {' and '.join(absent)} (requirements-bench.txt)" if absent else None


def tools(data: Path) -> Path:
    """Where the scorer lies."""
    return data.resolve().parent / "quality"


def split(data: Path, name: str, scratch: Path) -> Path:
    """Build the reference split; returns its folder."""
    _run(tools(data) / "build_splits.py", str(data), name, str(scratch))
    return scratch / name


def score(
    data: Path,
    folder: Path,
    track: Track,
    truth: Truth,
    lists: NDArray[np.int32],
    *,
    names: tuple[tuple[str, ...], tuple[str, ...]],
) -> dict[str, float]:
    """The scorer's figures of our lists, ``<group>.<metric>`` in our words. ``names`` are ids of people and items."""
    people, items = names
    row, place = np.nonzero(lists >= 0)
    table = pl.DataFrame(
        {
            "user_id": [people[person] for person in truth.person[row].tolist()],
            "item_id": [items[item] for item in lists[row, place].tolist()],
            "rank": place + 1,
        }
    )
    file = folder / f"{track}.parquet"
    table.write_parquet(file)
    said = json.loads(_run(tools(data) / "score_recs.py", str(folder), str(file), "--track", str(track), "--boot", "0"))
    groups = {group: values for group, values in said.items() if isinstance(values, dict)}
    found = {f"{g}.{ours}": values[theirs] for g, values in groups.items() for ours, theirs in NAMES.items()}
    return found | {"all.coverage_at_10": said["coverage@10"], "all.novelty": said["novelty"]}


def _run(script: Path, *words: str) -> str:
    done = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{script.name} failed with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
