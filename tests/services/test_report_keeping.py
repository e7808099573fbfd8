"""Which reports stay in the folder of a home."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.services import exports
from recommender.services.reports import begin, prune

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


MOMENT = datetime(2026, 1, 5, 8, tzinfo=UTC)


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


def test_judgements_of_one_second_have_names_of_their_own(folder: Path) -> None:
    bases = [begin(folder, MOMENT, figures) for figures in ("one", "two")]
    assert [base.name for base in bases] == [f"{JUDGED[-1]}-001", f"{JUDGED[-1]}-002"]
    assert [base.with_suffix(".json").read_text() for base in bases] == ["one", "two"]
    assert {(folder / f"{JUDGED[-1]}{ending}").read_text() for ending in (".json", ".html", ".parquet")} == {"x"}


def test_a_name_of_which_any_file_is_there_is_taken(folder: Path) -> None:
    (folder / f"{JUDGED[-1]}.json").unlink()
    assert begin(folder, MOMENT, "figures").name == f"{JUDGED[-1]}-001"


def test_judgements_that_end_together_do_not_share_a_name(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        bases = list(pool.map(lambda n: begin(folder, MOMENT, f"{n}"), range(40)))
    assert len(set(bases)) == 40
    assert [base.with_suffix(".json").read_text() for base in bases] == [f"{n}" for n in range(40)]


def test_numbered_judgements_are_let_go_of_in_their_order(tmp_path: Path, folder: Path) -> None:
    last = [begin(folder, MOMENT, "figures").name for _ in range(2)]
    prune(tmp_path, folder, keep=2, runs=())
    assert stems(folder) == {RUNS[-2], RUNS[-1], *last, "for-the-boss"}
