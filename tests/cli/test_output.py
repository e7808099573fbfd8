"""Progress in a log is plain lines; moments are read as people type them."""

from datetime import UTC, datetime

import pytest

from recommender.cli.moments import moment
from recommender.cli.output import Stages, stdout
from recommender.domain.errors import UsageError


def test_off_a_terminal_every_stage_ends_in_one_plain_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Stages() as stages:
        stages("read", 10, 20, "rows")
        stages("read", 20, 20, "rows")
        stages("fit", 1, 2, "generators")
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines] == ["read", "fit"]
    assert "20 rows" in lines[0]
    assert "\x1b" not in "".join(lines)


def test_brackets_of_a_files_name_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    stdout().print("written to orders[old].csv and lists[/y].csv")
    assert capsys.readouterr().out == "written to orders[old].csv and lists[/y].csv\n"


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Stages(quiet=True) as stages:
        stages("read", 10, 20, "rows")
    assert capsys.readouterr().err == ""


def test_a_time_without_an_offset_is_in_the_shops_zone() -> None:
    assert moment("2026-07-01 12:00", "Europe/Warsaw", "--now") == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert moment("2026-07-01T12:00:00Z", "Europe/Warsaw", "--now") == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert moment(None, "UTC", "--now") is None


def test_what_is_no_time_is_refused_with_an_example() -> None:
    with pytest.raises(UsageError, match="--now is 'soon', which is no time"):
        moment("soon", "UTC", "--now")
