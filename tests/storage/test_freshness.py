"""The freshness board: never too low, whoever raises it."""

import multiprocessing
from pathlib import Path

import pytest

from recommender.domain.people import Person
from recommender.domain.ports import Standing
from recommender.storage.freshness import FreshnessBoard, slot_of

ANNA = Person(customer_id="anna")
BROWSER = Person(visitor_id="b1")
NOTHING = Standing(position=0, consent=0, customers=0)


def raise_many(path: Path, first: int) -> None:
    board = FreshnessBoard(path, NOTHING)
    for position in range(first, 4_000, 2):
        board.mark([ANNA], position)
    board.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "freshness"


def test_a_new_board_takes_everybody_for_changed(path: Path) -> None:
    board = FreshnessBoard(path, Standing(position=7, consent=2, customers=3))
    assert board.of(ANNA) == 7
    assert board.facts_of("c:anna") == 5
    assert board.seen == Standing(position=7, consent=2, customers=3)


def test_a_mark_raises_both_ids_and_nobody_else(path: Path) -> None:
    board = FreshnessBoard(path, NOTHING)
    board.mark([Person(customer_id="anna", visitor_id="b1")], 9)
    assert (board.of(ANNA), board.of(BROWSER), board.of(Person(customer_id="ben"))) == (9, 9, 0)


def test_a_mark_takes_keys_too(path: Path) -> None:
    board = FreshnessBoard(path, NOTHING)
    board.mark(["c:anna"], 9)
    assert board.of(ANNA) == 9


def test_a_person_of_two_ids_is_as_changed_as_either(path: Path) -> None:
    board = FreshnessBoard(path, NOTHING)
    board.mark([BROWSER], 4)
    assert board.of(Person(customer_id="anna", visitor_id="b1")) == 4


def test_a_smaller_mark_lowers_nothing(path: Path) -> None:
    board = FreshnessBoard(path, NOTHING)
    board.mark([ANNA], 9)
    board.mark([ANNA], 3)
    board.mark_all(5)
    assert (board.of(ANNA), board.of(BROWSER)) == (9, 5)


def test_consent_is_counted_apart_from_lines(path: Path) -> None:
    board = FreshnessBoard(path, NOTHING)
    board.mark_facts([ANNA], 2)
    assert (board.facts_of("c:anna"), board.of(ANNA)) == (2, 0)


def test_another_board_on_the_file_sees_it_at_once(path: Path) -> None:
    one, two = FreshnessBoard(path, NOTHING), FreshnessBoard(path, NOTHING)
    one.mark([ANNA], 9)
    before = two.generation
    one.forget()
    assert (two.of(ANNA), two.generation) == (9, before + 1)


def test_two_processes_that_raise_at_once_never_lower(path: Path) -> None:
    FreshnessBoard(path, NOTHING).close()
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=raise_many, args=(path, first)) for first in (0, 1)]
    for one in both:
        one.start()
    board, last = FreshnessBoard(path, NOTHING), 0
    while any(one.is_alive() for one in both):
        now = board.of(ANNA)
        assert now >= last
        last = now
    assert [one.exitcode for one in both] == [0, 0]
    assert board.of(ANNA) == 3_999


@pytest.mark.parametrize("bytes_on_disk", [b"", b"short", bytes(2_000_000)])
def test_a_damaged_file_is_begun_anew(path: Path, bytes_on_disk: bytes) -> None:
    path.write_bytes(bytes_on_disk)
    assert FreshnessBoard(path, Standing(position=7, consent=0, customers=0)).of(ANNA) == 7


def test_a_board_of_an_earlier_start_of_the_machine_is_begun_anew(path: Path) -> None:
    board = FreshnessBoard(path, NOTHING)
    board._cells[1] += 1
    board.close()
    assert FreshnessBoard(path, Standing(position=7, consent=0, customers=0)).of(ANNA) == 7


def test_a_restore_may_lower_everything_and_moves_the_generation(path: Path) -> None:
    board = FreshnessBoard(path, Standing(position=90, consent=9, customers=9))
    before = board.generation
    board.begin_anew(Standing(position=5, consent=1, customers=0))
    assert (board.of(ANNA), board.facts_of("c:anna"), board.generation) == (5, 1, before + 1)


def test_slots_are_the_same_in_every_process() -> None:
    assert slot_of("c:anna") == 7643
