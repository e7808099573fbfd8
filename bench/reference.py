"""The reference scorer, run on our lists where it lies beside the data, to show that both say the same."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints
from recommender.evaluation.split import Track

NAMES: Mapping[str, str] = {
    "recall_at_10": "recall@10",
    "recall_at_20": "recall@20",
    "ndcg_at_10": "ndcg@10",
    "mrr_at_20": "mrr@20",
    "hit_at_10": "hit@10",
}
"""Our names of figures and the scorer's."""

NEEDS = ("pandas", "pyarrow")

TOLERATED = 1.5e-4
"""Both round to four digits (novelty to three), each in its own way: one unit of the last digit is no difference."""


def missing(data: Path) -> str | None:
    """Why the scorer cannot be run here; None if it can."""
    if not (tools(data) / "score_recs.py").exists():
        return f"no reference scorer in {tools(data)}"
    absent = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    return f"the reference scorer needs {' and '.join(absent)} (requirements-bench.txt)" if absent else None


def tools(data: Path) -> Path:
    """Where the scorer lies."""
    return data.resolve().parent / "quality"


def split(data: Path, name: str, scratch: Path, holdout: float) -> Path:
    """Build the reference split; returns its folder."""
    _run(tools(data) / "build_splits.py", str(data), name, str(scratch), "--test", str(holdout))
    return scratch / name


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Lists of a track in the data set's own ids.

    Attributes
    ----------
    people : sequence of str
        Whose list each is.
    items : sequence of str
        Id by row number.
    lists : int32 array of shape (n_lists, 20)
        Row numbers of items, best first; -1 for an empty place.
    at_us : int64 array of length n_lists, optional
        When each is asked for, in the tracks that ask more than once; lists of one person and moment are the same.
    """

    people: Sequence[str]
    items: Sequence[str]
    lists: NDArray[np.int32]
    at_us: Ints | None

    def table(self, context: Path, track: Track) -> pl.DataFrame:
        """One row per place, as the scorer wants it; ``context`` says what the reference calls each list."""
        row, place = np.nonzero(self.lists >= 0)
        shown = {"user_id": [self.people[n] for n in row.tolist()], "item_id": self._ids(row, place), "rank": place + 1}
        if self.at_us is None:
            return pl.DataFrame(shown)
        called = pl.read_parquet(context).filter(pl.col("track") == str(track))
        called = called.select("user_id", "instance", at=pl.col("t_pred").cast(pl.Datetime("us")).cast(pl.Int64))
        asked = pl.DataFrame({**shown, "at": self.at_us[row]}).unique(["user_id", "at", "rank"], maintain_order=True)
        return asked.join(called, on=["user_id", "at"], how="inner")

    def _ids(self, row: NDArray[np.intp], place: NDArray[np.intp]) -> list[str]:
        return [self.items[item] for item in self.lists[row, place].tolist()]


def score(data: Path, folder: Path, track: Track, lists: Lists) -> dict[str, float]:
    """The scorer's figures of our lists, ``<group>.<metric>`` in our words."""
    file = folder / f"{track}.parquet"
    lists.table(folder / "context.parquet", track).write_parquet(file)
    said = json.loads(_run(tools(data) / "score_recs.py", str(folder), str(file), "--track", str(track), "--boot", "0"))
    groups = {group: values for group, values in said.items() if isinstance(values, dict)}
    found = {f"{g}.{ours}": values[theirs] for g, values in groups.items() for ours, theirs in NAMES.items()}
    return found | {"all.coverage_at_10": said["coverage@10"], "all.novelty": said["novelty"]}


def difference(name: str, ours: float, said: float) -> float:
    """How far our figure is from the scorer's, both rounded as it rounds."""
    return abs(round(ours, 3 if name.endswith("novelty") else 4) - said)


def _run(script: Path, *words: str) -> str:
    done = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{script.name} failed with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
