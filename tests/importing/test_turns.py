"""Threads of an import hand the interpreter on quickly, and only for as long as it lasts."""

import sys

import pytest

from recommender.importing.turns import TURN_SECONDS, short_turns


def test_turns_are_short_inside_the_block_and_as_before_after_it() -> None:
    before = sys.getswitchinterval()
    with short_turns():
        assert sys.getswitchinterval() == pytest.approx(TURN_SECONDS)
    assert sys.getswitchinterval() == before


def test_an_error_inside_the_block_gives_the_old_turns_back() -> None:
    before = sys.getswitchinterval()
    with pytest.raises(RuntimeError), short_turns():
        raise RuntimeError
    assert sys.getswitchinterval() == before
