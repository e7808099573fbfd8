"""How long a thread of an import may keep the interpreter while another one waits for it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

TURN_SECONDS = 0.000_2
"""The thread that stores rows needs the interpreter for so long between two statements, and Python's 5 ms would be its wait."""


@contextmanager
def short_turns() -> Iterator[None]:
    """Threads of this process take turns of 0.2 ms inside the block.

    One thread makes rows ready, another stores them: a statement leaves the interpreter alone for about a millisecond, and
    to wait five for the next one cost an import a third of its rate. Nothing but the pace of this process's threads changes.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, TURN_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
