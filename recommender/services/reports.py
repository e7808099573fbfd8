"""What trainings and judgements leave in ``var/reports``: the newest stay, older ones go."""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from recommender.services import exports

FOLDER = "reports"
_TRAINING = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_JUDGEMENT = re.compile(r"evaluation-\d{8}T\d{6}(-\d+)?")
_ENDINGS = (".json", ".html", ".parquet")


def begin(folder: Path, made: datetime, figures: str) -> Path:
    """Write down the figures of a judgement in a new file; the path without its ending is what its other files are named by.

    Named by the moment to the second, numbered if that is taken: what others write in the same second stays whole.

    Raises
    ------
    OSError
        The disk refuses.
    """
    name = f"evaluation-{made:%Y%m%dT%H%M%S}"
    for number in count():
        base = folder / (f"{name}-{number:03d}" if number else name)
        if any(base.with_suffix(ending).exists() for ending in _ENDINGS):
            continue
        with suppress(FileExistsError), base.with_suffix(".json").open("x", encoding="utf-8") as file:
            file.write(figures)
            break
    return base


def prune(home: Path, folder: Path, *, keep: int, runs: Collection[str]) -> list[Path]:
    """Delete the reports of all but the newest trainings and of all but the newest judgements; returns what went.

    A file of any other name is left alone, wherever somebody put it.

    Parameters
    ----------
    home : Path
        Whose register of files that name people is kept right.
    keep : int
        Of trainings as of judgements.
    runs : collection of str
        Bundles that are still there: their trainings' reports stay whatever their age.
    """
    files = [file for file in folder.glob("*") if file.suffix in _ENDINGS] if folder.is_dir() else []
    gone: list[Path] = []
    for pattern in (_TRAINING, _JUDGEMENT):
        stems = sorted({file.stem for file in files if pattern.fullmatch(file.stem)})
        old = set(stems[: max(len(stems) - keep, 0)]) - set(runs)
        gone += [file for file in files if file.stem in old]
    for file in gone:
        file.unlink(missing_ok=True)
    exports.unremember(home, gone)
    return sorted(gone)
