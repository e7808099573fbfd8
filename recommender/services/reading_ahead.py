"""Reads ahead of who works on what was read: the next parts are fetched by a thread while the last one is in hand."""

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TypeVar

Part = TypeVar("Part")

WAIT_SECONDS = 0.1
"""How long the thread waits for room before it looks whether anybody still wants the rest."""


def read_ahead(parts: Generator[Part, None, None], *, room: int = 2) -> Iterator[Part]:
    """The parts in their order, at most ``room`` of them fetched ahead.

    Worth it where fetching lets other threads run, as databases and Polars do. What fetching raises is raised here.
    """
    fetched: queue.Queue[Part | _End] = queue.Queue(room)
    left = threading.Event()
    thread = threading.Thread(target=_fetch, args=(parts, fetched, left), name="reading-ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(part := fetched.get(), _End):
            yield part
        if part.error is not None:
            raise part.error
    finally:
        left.set()
        thread.join()


class _End:
    """There is no more; or fetching failed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


def _fetch(parts: "Generator[Part, None, None]", fetched: "queue.Queue[Part | _End]", left: threading.Event) -> None:
    end = _End()
    try:
        with closing(parts) as every:
            for part in every:
                if not _put(part, fetched, left):
                    return
    except Exception as error:  # noqa: BLE001 - handed to who reads
        end = _End(error)
    _put(end, fetched, left)


def _put(part: "Part | _End", fetched: "queue.Queue[Part | _End]", left: threading.Event) -> bool:
    while not left.is_set():
        try:
            fetched.put(part, timeout=WAIT_SECONDS)
        except queue.Full:
            continue
        return True
    return False
