"""How soon the place of a worker that died is filled again."""

from recommender.api.replacing import MOST_PAUSE_SECONDS, SETTLED_SECONDS, Pauses


def test_who_dies_once_is_replaced_at_once_however_young() -> None:
    pauses = Pauses()
    assert pauses.after(0, 0.1) == 0
    assert pauses.after(1, 3 * SETTLED_SECONDS) == 0


def test_a_place_whose_workers_die_at_once_is_filled_ever_more_slowly() -> None:
    pauses = Pauses()
    found = [pauses.after(0, 0.1) for _ in range(100)]
    assert found[:6] == [0, 1, 2, 4, 8, 16]
    assert set(found[6:]) == {MOST_PAUSE_SECONDS}


def test_each_place_counts_for_itself_and_begins_anew_once_a_worker_has_settled() -> None:
    pauses = Pauses()
    for _ in range(5):
        pauses.after(0, 0.1)
    assert pauses.after(1, 0.1) == 0
    assert [pauses.after(0, SETTLED_SECONDS), pauses.after(0, 0.1)] == [0, 1]
