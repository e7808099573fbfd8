"""Events into the log: one committing thread per worker, so that many requests share one commit.

While a commit is under way, requests queue; the next commit takes all of them. Nobody waits for a timer, and the busier
the service, the more events one commit carries.
"""

import asyncio
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress

from recommender.domain import metrics
from recommender.domain.errors import RecommenderError, StoreUnavailableError
from recommender.domain.incoming import DeadLetters, Delivery, Incoming, Intake, Receipt, Verdict

GROUP_EVENTS = 2_000
"""Events one transaction takes at most (one delivery more may make it longer)."""
QUEUE_EVENTS = 20_000
"""Events that may wait; a request that comes on top is asked to come back."""
PATIENCE_SECONDS = 5.0
"""How long a request waits for its commit before it is asked to come back."""
STOP_SECONDS = 5.0
SWITCH_SECONDS = 0.0005
"""How long a busy thread keeps the interpreter: a commit takes it back after each statement, and Python's own 5 ms add up."""
EXPIRY_SECONDS = 3_600.0
DAY_US = 86_400 * 1_000_000

log = logging.getLogger("recommender.ingest")

Waiter = Future[Receipt] | asyncio.Future[Receipt]
Group = list[tuple[Delivery, Waiter]]
People = Sequence[str]
"""Keys of people as profiles know them: ``c:<customer id>`` and ``v:<visitor id>``."""


class Ingest:
    """Takes deliveries from any thread and commits them in groups from one.

    Parameters
    ----------
    open_intake
        Makes the way into the log; called in the committing thread for the first group, and for each after it until it
        succeeds. What it made is kept whatever becomes of a commit: it finds its own way back to a database that was away.
    mark
        Called after a commit and before anybody is told of it, with the people whose history grew and the log's
        position: whoever reads them from then on must look at the log.
    marked
        Called after ``mark`` with the first and the last number of the lines it was about.
    letters, keep_days
        Dead letters older than this go.
    """

    def __init__(
        self,
        open_intake: Callable[[], Intake],
        *,
        mark: Callable[[People, int], None] = lambda _people, _position: None,
        marked: Callable[[int, int], None] = lambda _first, _last: None,
        letters: DeadLetters | None = None,
        keep_days: int = 30,
    ) -> None:
        self._open_intake = open_intake
        self._mark, self._marked = mark, marked
        self._letters = letters
        self._keep_days = keep_days
        self._waiting: deque[tuple[Delivery, Waiter]] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._expired_at = time.monotonic() - EXPIRY_SECONDS
        self._counts = {verdict: _verdict_counter(verdict.value) for verdict in Verdict}
        self._rejected = _verdict_counter("rejected")
        self._queued = metrics.gauge("recommender_ingest_queue_events")
        self._seconds = metrics.histogram("recommender_ingest_commit_duration_seconds")

    def submit(self, delivery: Delivery) -> "Future[Receipt]":
        """Queue a delivery; the future is done when it is durable, or fails with what the store said.

        Raises
        ------
        StoreUnavailableError
            If too much is waiting already, or the service is stopping.
        """
        future: Future[Receipt] = Future()
        self._queue(delivery, future)
        return future

    def submit_here(self, delivery: Delivery) -> "asyncio.Future[Receipt]":
        """:meth:`submit` for a coroutine: a future of the running loop, which may be failed to give up.

        Raises
        ------
        StoreUnavailableError
            As :meth:`submit`.
        """
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._queue(delivery, future)
        return future

    def _queue(self, delivery: Delivery, future: "Waiter") -> None:
        with self._changed:
            if self._stopping or self._size >= QUEUE_EVENTS:
                raise StoreUnavailableError(
                    "More events are waiting for the database than it can take; send them again."
                )
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
                self._thread.start()
            self._waiting.append((delivery, future))
            self._size += len(delivery.events) + 1
            self._changed.notify()

    def store(self, delivery: Delivery) -> Receipt:
        """:meth:`submit` and wait.

        Raises
        ------
        StoreUnavailableError
            If the delivery is not durable in time; it may become so later, which a repetition finds out.
        """
        future = self.submit(delivery)
        try:
            return future.result(PATIENCE_SECONDS)
        except TimeoutError:
            future.cancel()
            raise too_slow() from None

    def stop(self) -> None:
        """Commit what waits, then end; nothing is taken any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        intake: Intake | None = None
        while (group := self._next_group()) is not None:
            self._expire()
            if group:
                intake = self._commit(intake, group)
        if intake is not None:
            intake.close()

    def _next_group(self) -> Group | None:
        """Everything that waits, up to a limit; empty after an idle hour; None when it is time to end."""
        with self._changed:
            if not self._waiting and not self._stopping:
                self._changed.wait(EXPIRY_SECONDS)
            if not self._waiting and self._stopping:
                return None
            group: Group = []
            size = 0
            while self._waiting and size < GROUP_EVENTS:
                delivery, future = self._waiting.popleft()
                count = len(delivery.events) + 1
                self._size -= count
                if _still_waits(future):
                    group.append((delivery, future))
                    size += count
            self._queued.set(self._size)
        return group

    def _commit(self, intake: Intake | None, group: Group) -> Intake | None:
        """One transaction; then profiles are told, then whoever waits. A failure is everybody's, and nothing is stored."""
        began = time.perf_counter()
        try:
            intake = intake or self._open_intake()
            receipts = intake.store([delivery for delivery, _ in group])
            self.tell([delivery for delivery, _ in group], receipts)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            ours = _as_ours(error)
            _tell([(future, ours) for _, future in group])
            return intake
        self._seconds.observe(time.perf_counter() - began)
        _tell([(future, receipt) for (_, future), receipt in zip(group, receipts, strict=True)])
        self._count(group, receipts)
        return intake

    def tell(self, deliveries: Sequence[Delivery], receipts: Sequence[Receipt]) -> None:
        """Mark the people whose history grew by deliveries that are durable."""
        people = _people_of(deliveries, receipts)
        if people:
            self._mark(people, max(receipt.position for receipt in receipts))
        for first, last in {(one.first, one.position) for one in receipts}:
            if first is not None and first <= last:
                self._marked(first, last)

    def _count(self, group: Group, receipts: Sequence[Receipt]) -> None:
        found: dict[Verdict, int] = {}
        for receipt in receipts:
            for verdict in receipt.verdicts:
                found[verdict] = found.get(verdict, 0) + 1
        for verdict, number in found.items():
            self._counts[verdict].add(number)
        refused = sum(len(delivery.letters) for delivery, _ in group)
        if refused:
            self._rejected.add(refused)

    def _expire(self) -> None:
        """Once an hour, dead letters that are too old go."""
        now = time.monotonic()
        if self._letters is None or now - self._expired_at < EXPIRY_SECONDS:
            return
        self._expired_at = now
        try:
            self._letters.expire(time.time_ns() // 1_000 - self._keep_days * DAY_US)
        except StoreUnavailableError as error:
            log.warning("old dead letters could not be deleted: %s", error)
        except Exception:  # the thread must outlive it: nobody else commits
            log.exception("old dead letters could not be deleted")


def _still_waits(waiter: Waiter) -> bool:
    """Whether somebody still wants the delivery stored; from here on a thread's waiter can no longer cancel."""
    return waiter.set_running_or_notify_cancel() if isinstance(waiter, Future) else not waiter.done()


def _tell(outcomes: Sequence[tuple[Waiter, Receipt | RecommenderError]]) -> None:
    """Wake whoever waits: threads one by one, each event loop once for all of its own."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Receipt], Receipt | RecommenderError]]] = {}
    for waiter, outcome in outcomes:
        if isinstance(waiter, Future):
            _settle([(waiter, outcome)])
        else:
            loops.setdefault(waiter.get_loop(), []).append((waiter, outcome))
    for loop, settled in loops.items():
        with suppress(RuntimeError):  # the loop is closed: there is nobody to tell
            loop.call_soon_threadsafe(_settle, settled)


def _settle(outcomes: Sequence[tuple[Waiter, Receipt | RecommenderError]]) -> None:
    for waiter, outcome in outcomes:
        if waiter.done():
            continue
        if isinstance(outcome, RecommenderError):
            waiter.set_exception(outcome)
        else:
            waiter.set_result(outcome)


def too_slow() -> StoreUnavailableError:
    """What a request is told whose commit takes too long."""
    return StoreUnavailableError("The database took too long to store the events; send them again.")


def _verdict_counter(name: str) -> metrics.Cell:
    return metrics.counter("recommender_ingest_events_total", verdict=name)


def _as_ours(error: Exception) -> RecommenderError:
    if isinstance(error, RecommenderError):
        return error
    log.error("a group of events could not be stored", exc_info=error)
    return StoreUnavailableError("The events could not be stored; the log of the service says why.")


def _people_of(deliveries: Sequence[Delivery], receipts: Sequence[Receipt]) -> list[str]:
    """Whose history grew."""
    visitors: set[str | None] = set()
    customers: set[str | None] = set()
    for delivery, receipt in zip(deliveries, receipts, strict=True):
        grew: Sequence[Incoming] = delivery.events
        if receipt.verdicts.count(Verdict.NEW) < len(grew):
            told = zip(delivery.events, receipt.verdicts, strict=True)
            grew = [event for event, verdict in told if verdict is Verdict.NEW]
        visitors.update([event.visitor_id for event in grew])
        customers.update([event.customer_id for event in grew])
    visitors.discard(None)
    customers.discard(None)
    return [f"c:{one}" for one in customers] + [f"v:{one}" for one in visitors]
