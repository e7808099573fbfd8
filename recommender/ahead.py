"""Reading ahead: one thread fetches the next part while another works on this one.

Worth it where fetching lets other threads run, as databases and Polars do.
"""

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
_WAIT_SECONDS = 0.1


class _End:
    """The producer is done; ``error`` is what ended it, None for the end of the rows."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(things: Iterator[T], *, held: int = 1) -> Generator[T, None, None]:
    """The same things in the same order, made in a thread of their own, at most ``held`` before they are asked for.

    What the thread raises is raised here. Closing this iterator ends the thread after the thing in hand; a generator is
    closed by the thread that ran it.
    """
    line: queue.Queue[T | _End] = queue.Queue(maxsize=held)
    stop = threading.Event()

    def put(thing: T | _End) -> None:
        while not stop.is_set():
            with suppress(queue.Full):
                line.put(thing, timeout=_WAIT_SECONDS)
                return

    def produce() -> None:
        error: BaseException | None = None
        try:
            for thing in things:
                put(thing)
                if stop.is_set():
                    return
        except BaseException as raised:  # noqa: BLE001 - raised again where the things are taken
            error = raised
        finally:
            if isinstance(things, Generator):
                things.close()
        put(_End(error))

    thread = threading.Thread(target=produce, name="read-ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(thing := line.get(), _End):
            yield thing
        if thing.error is not None:
            raise thing.error
    finally:
        stop.set()
        thread.join()
