"""Which reports stay in the folder of a home."""

from pathlib import Path

import pytest

from recommender.services import exports
from recommender.services.reports import prune

RUNS = ["20260101T000000Z", "20260102T000000Z", "20260102T000000Z-001", "20260103T000000Z"]
JUDGED = ["evaluation-20260101T080000", "evaluation-20260105T080000"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "var" / "reports"
    made.mkdir(parents=True)
    for run in RUNS:
        for ending in (".json", ".html"):
            (made / f"{run}{ending}").write_text("x")
    for name in JUDGED:
        for ending in (".json", ".html", ".parquet"):
            (made / f"{name}{ending}").write_text("x")
            exports.remember(tmp_path, made / f"{name}{ending}")
    (made / "for-the-boss.html").write_text("x")
    return made


def stems(folder: Path) -> set[str]:
    return {file.stem for file in folder.iterdir()}


def test_the_newest_trainings_and_the_newest_judgements_stay(tmp_path: Path, folder: Path) -> None:
    gone = prune(tmp_path, folder, keep=1, runs=())
    assert stems(folder) == {RUNS[-1], JUDGED[-1], "for-the-boss"}
    assert len(gone) == 3 * 2 + 1 * 3


def test_reports_of_bundles_that_are_still_there_stay(tmp_path: Path, folder: Path) -> None:
    prune(tmp_path, folder, keep=1, runs=[RUNS[0]])
    assert stems(folder) >= {RUNS[0], RUNS[-1]}
    assert RUNS[1] not in stems(folder)


def test_what_is_deleted_is_not_remembered_as_naming_people(tmp_path: Path, folder: Path) -> None:
    prune(tmp_path, folder, keep=1, runs=())
    assert exports.known(tmp_path) == [f"var/reports/{JUDGED[1]}{ending}" for ending in (".json", ".html", ".parquet")]


def test_few_reports_all_stay(tmp_path: Path, folder: Path) -> None:
    assert prune(tmp_path, folder, keep=20, runs=()) == []
    assert prune(tmp_path, tmp_path / "nowhere", keep=1, runs=()) == []
