"""Ask a database that may hang, and wait no longer than a list can."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import Any, TypeVar

from recommender.domain.errors import StoreUnavailableError

Value = TypeVar("Value")
WAIT_SECONDS = 0.15
THREADS = 4


class Direct:
    """Ask in the calling thread: for a database in a file, which answers or fails but does not hang."""

    def __call__(self, question: Callable[[], Value], /) -> Value:
        """The answer."""
        return question()


class Bounded:
    """Ask in a thread of its own and leave it there when it takes too long: for a database over a network.

    A server that is frozen keeps its connections open and says nothing, which no time limit of its own ends.

    Parameters
    ----------
    seconds : float
        How long a caller waits.
    threads : int
        How many questions may hang; more are refused at once.
    """

    def __init__(self, seconds: float = WAIT_SECONDS, threads: int = THREADS) -> None:
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reading")
        self._free = threading.Semaphore(threads)

    def __call__(self, question: Callable[[], Value], /) -> Value:
        """The answer.

        Raises
        ------
        StoreUnavailableError
            If it takes too long or too many hang already.
        """
        if not self._free.acquire(timeout=self._seconds):
            raise StoreUnavailableError("The database leaves too many questions unanswered.")
        future: Future[Value] = self._pool.submit(question)
        future.add_done_callback(self._release)
        try:
            return future.result(self._seconds)
        except TooLate:
            raise StoreUnavailableError(f"The database did not answer within {self._seconds:g} s.") from None

    def _release(self, _: "Future[Any]") -> None:
        self._free.release()
