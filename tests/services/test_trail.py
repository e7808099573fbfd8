"""Lines that were marked where they were written are not read again; lines of others are."""

from pathlib import Path

import pytest

from recommender.domain.ports import Standing
from recommender.services.following import Trail
from recommender.storage.freshness import FreshnessBoard


@pytest.fixture
def board(tmp_path: Path) -> FreshnessBoard:
    return FreshnessBoard(tmp_path / "board", standing=Standing(position=10, consent=0, customers=0))


def test_lines_that_follow_count_as_seen(board: FreshnessBoard) -> None:
    Trail(board).add(11, 20)
    assert board.seen.position == 20


def test_lines_of_somebody_else_in_between_are_not_skipped(board: FreshnessBoard) -> None:
    Trail(board).add(15, 20)
    assert board.seen.position == 10


def test_two_processes_that_take_turns_cover_everything(board: FreshnessBoard) -> None:
    one, other = Trail(board), Trail(board)
    other.add(15, 20)
    one.add(11, 14)
    other.add(21, 25)
    assert board.seen.position == 25


def test_after_a_restore_what_waited_counts_no_more(board: FreshnessBoard) -> None:
    trail = Trail(board)
    trail.add(15, 20)
    board.begin_anew(Standing(position=14, consent=0, customers=0))
    trail.add(30, 31)
    assert board.seen.position == 14
