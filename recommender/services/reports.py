"""What trainings and judgements leave in ``var/reports``: the newest stay, older ones go."""

import re
from collections.abc import Collection
from pathlib import Path

from recommender.services import exports

FOLDER = "reports"
_TRAINING = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_JUDGEMENT = re.compile(r"evaluation-\d{8}T\d{6}")
_ENDINGS = (".json", ".html", ".parquet")


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
