"""The committing thread: groups, back-pressure, failures, and the end."""

import threading
from collections.abc import Sequence

import pytest

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.incoming import Delivery, Incoming, Receipt, Verdict
from recommender.domain.ports import Source, Stores
from recommender.services import ingest
from recommender.services.ingest import Ingest

SOURCE = Source(kind="api", legal_basis="contract", name="k")


def delivery(name: str) -> Delivery:
    line = (name, 0, "view_item", 1, "v1", None, None, "i1", 1, None, None, None, None, None, None)
    event = Incoming(
        event_id=name,
        time_us=1,
        visitor_id="v1",
        customer_id=None,
        lines=(line,),
        consent={},
        trusted=True,
        body={},
    )
    return Delivery(source=SOURCE, events=(event,), received_us=1)


class SlowIntake:
    """An intake that commits when it is let; it remembers its groups."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.may = threading.Event()
        self.fails = 0
        self.closed = False

    def store(self, deliveries: Sequence[Delivery]) -> list[Receipt]:
        self.may.wait(5)
        if self.fails:
            self.fails -= 1
            raise StoreUnavailableError("The disk is full.")
        self.groups.append([event.event_id for one in deliveries for event in one.events])
        return [Receipt(verdicts=(Verdict.NEW,), position=len(self.groups)) for _ in deliveries]

    def close(self) -> None:
        self.closed = True


def test_what_comes_in_during_a_commit_goes_into_the_next_together() -> None:
    intake = SlowIntake()
    desk = Ingest(lambda: intake)
    first = desk.submit(delivery("a"))
    while desk._waiting:
        pass
    others = [desk.submit(delivery(name)) for name in "bcd"]
    intake.may.set()
    assert [one.result(5).position for one in (first, *others)] == [1, 2, 2, 2]
    assert intake.groups == [["a"], ["b", "c", "d"]]
    desk.stop()


def test_too_much_waiting_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "QUEUE_EVENTS", 6)
    intake = SlowIntake()
    desk = Ingest(lambda: intake)
    taken = [desk.submit(delivery("in hand"))]
    while desk._waiting:  # a writer that wakes late would take more of them at once
        pass
    with pytest.raises(StoreUnavailableError, match="send them again"):
        taken.extend(desk.submit(delivery(str(number))) for number in range(10))
    intake.may.set()
    desk.stop()
    assert list(map(len, intake.groups)) == [1, 3]


def test_a_failed_commit_is_told_to_everybody_who_waited_and_the_next_one_works() -> None:
    intake = SlowIntake()
    intake.fails = 1
    marked: list[int] = []
    desk = Ingest(lambda: intake, mark=lambda _people, position: marked.append(position))
    first = desk.submit(delivery("a"))
    intake.may.set()
    with pytest.raises(StoreUnavailableError, match="disk is full"):
        first.result(5)
    assert marked == []
    assert desk.store(delivery("b")).position == 1
    assert marked == [1]
    desk.stop()


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), ValueError("a bug"), RecursionError()])
def test_the_committing_thread_outlives_whatever_becomes_of_old_letters(
    error: Exception, sqlite_stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def expire(before_us: int) -> int:
        asked.append(before_us)
        raise error

    monkeypatch.setattr(sqlite_stores.dead_letters, "expire", expire)
    monkeypatch.setattr(ingest, "EXPIRY_SECONDS", 0.0)
    intake = SlowIntake()
    intake.may.set()
    desk = Ingest(lambda: intake, letters=sqlite_stores.dead_letters)
    assert [desk.store(delivery(name)).position for name in "ab"] == [1, 2]
    assert len(asked) >= 2
    desk.stop()


def test_a_way_into_the_log_that_cannot_be_made_is_tried_for_each_group_and_then_kept() -> None:
    made: list[SlowIntake] = []

    def open_intake() -> SlowIntake:
        made.append(SlowIntake())
        made[-1].may.set()
        if len(made) == 1:
            raise StoreUnavailableError("The database is away.")
        made[-1].fails = len(made) == 2
        return made[-1]

    desk = Ingest(open_intake)
    for told in ("is away", "disk is full"):
        with pytest.raises(StoreUnavailableError, match=told):
            desk.store(delivery("a"))
    assert desk.store(delivery("a")).position == 1
    assert len(made) == 2
    desk.stop()


def test_stopping_commits_what_waits_and_takes_nothing_more() -> None:
    intake = SlowIntake()
    desk = Ingest(lambda: intake)
    waiting = [desk.submit(delivery(name)) for name in "abc"]
    intake.may.set()
    desk.stop()
    assert all(one.done() for one in waiting)
    assert intake.closed
    with pytest.raises(StoreUnavailableError):
        desk.submit(delivery("late"))
