"""How the progress of tuning reads where there is no terminal."""

import re
import time

import pytest

from recommender.cli.output import Stages


def test_a_line_of_tuning_tells_the_pace_and_the_best_so_far(capsys: pytest.CaptureFixture[str]) -> None:
    with Stages() as stages:
        stages("tuning", 1, 20, "trials")
        time.sleep(0.1)
        stages("tuning", 5, 20, "trials, best +0.0021")
    said = capsys.readouterr().err
    assert "5 of 20 trials, best +0.0021" in said
    assert re.search(r"\d trials/s  ", said)
