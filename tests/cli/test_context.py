"""Global options may stand anywhere on the line."""

import pytest

from recommender import __version__
from recommender.cli import run
from recommender.cli.context import hoist


def test_home_json_and_quiet_move_to_the_front() -> None:
    assert hoist(["train", "--home", "shop", "--seed", "2", "--json", "-q"]) == [
        "--home",
        "shop",
        "--json",
        "--quiet",
        "train",
        "--seed",
        "2",
    ]


def test_home_with_an_equals_sign_moves_too() -> None:
    assert hoist(["models", "list", "--home=a b"]) == ["--home=a b", "models", "list"]


def test_everything_after_two_dashes_stays_where_it_is() -> None:
    assert hoist(["privacy", "erase", "--", "--json"]) == ["privacy", "erase", "--", "--json"]


def test_a_home_without_a_value_is_left_for_the_parser_to_refuse() -> None:
    assert hoist(["train", "--home"]) == ["--home", "train"]


def test_the_version_is_told_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__
