"""The freshness board: up to where something of a person may have changed, for every process of the host at once.

A memory-mapped file of counters. A person's counters are found by a hash of the id, so that the file has one size
whatever the shop's; who shares a counter with somebody busy is read anew somewhat too often, never too rarely.
"""

import fcntl
import mmap
import os
import threading
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from recommender.domain.people import Person
from recommender.domain.ports import Standing
from recommender.storage.failures import explained
from recommender.storage.lock import only_writer
from recommender.storage.profiles.naming import keys_of

FRESHNESS_FILE = "freshness"
SLOTS = 1 << 16
_MASK = SLOTS - 1
_MAGIC = 0x72667273_00000001
_HEAD = 16
_MAGIC_AT, _BOOT, _GENERATION, _POSITION, _CONSENT, _CUSTOMERS = range(6)
_LINES = _HEAD
_FACTS = _HEAD + SLOTS
_CELLS = _HEAD + 2 * SLOTS
BYTES = _CELLS * 8


class FreshnessBoard:
    """:class:`~recommender.domain.ports.Freshness` in a file all processes of a host map.

    Every counter only grows. Besides the lines of the log there is a counter for consent and customer records together
    (:attr:`~recommender.domain.ports.Standing.facts`), and a ``generation`` that moves when somebody is forgotten or
    everything is replaced: whatever was read before then must not be kept.

    A file that is missing, short, foreign or from before the machine's last start is begun anew: then everybody may
    have changed.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    shop : str
        What names the log; a board of another one is begun anew, too.
    standing : Standing
        Where the stores are now; what a new board begins with.
    """

    def __init__(self, path: Path, standing: Standing, *, shop: str = "") -> None:
        self.path = path
        mark = _boot(shop)
        self._lock = threading.Lock()
        with explained(str(path)), only_writer(path.with_name(f"{path.name}.lock")):
            if not _usable(path, mark):
                _begin(path, standing, mark)
            self._handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            self._map = mmap.mmap(self._handle, BYTES)
        self._cells = memoryview(self._map).cast("q")

    def mark(self, people: Iterable[Person | str], position: int) -> None:
        """Raise the counters of both ids of these people."""
        self._raise({_LINES + slot_of(key) for key in _keys(people)}, position)

    def mark_all(self, position: int) -> None:
        """Raise everybody's counter."""
        self._raise(range(_LINES, _LINES + SLOTS), position)

    def mark_facts(self, people: Iterable[Person | str], facts: int) -> None:
        """Consent or the customer's record may have changed for these people, up to ``facts``."""
        self._raise({_FACTS + slot_of(key) for key in _keys(people)}, facts)

    def mark_all_facts(self, facts: int) -> None:
        """The same for everybody."""
        self._raise(range(_FACTS, _FACTS + SLOTS), facts)

    def of(self, person: Person) -> int:
        """The largest position at which something of this person (either id) may have changed."""
        return self.lines_of(keys_of(person))

    def lines_of(self, keys: Sequence[str]) -> int:
        """:meth:`of` by person keys."""
        cells = self._cells
        return max([cells[_LINES + slot_of(key)] for key in keys], default=0)

    def facts_of(self, key: str) -> int:
        """Up to where consent or the record of one person key may have changed."""
        return self._cells[_FACTS + slot_of(key)]

    def holds(self, key: str, position: int, facts: int) -> bool:
        """Whether nothing of one person key changed after a position of the log and these facts."""
        slot, cells = slot_of(key), self._cells
        return position >= cells[_LINES + slot] and facts >= cells[_FACTS + slot]

    @property
    def generation(self) -> int:
        """Moves when somebody is forgotten, in whichever process."""
        return self._cells[_GENERATION]

    def forget(self) -> None:
        """Move the generation: what any process holds in memory is dropped."""
        with self._alone():
            self._cells[_GENERATION] += 1

    @property
    def seen(self) -> Standing:
        """Up to where the stores' changes have been marked here."""
        cells = self._cells
        return Standing(position=cells[_POSITION], consent=cells[_CONSENT], customers=cells[_CUSTOMERS])

    def saw(self, standing: Standing) -> None:
        """Changes up to here are marked."""
        self._raise({_POSITION}, standing.position)
        self._raise({_CONSENT}, standing.consent)
        self._raise({_CUSTOMERS}, standing.customers)

    def advance(self, first: int, last: int) -> bool:
        """Lines from ``first`` to ``last`` are marked; whether everything before them is, too, so that it counts as seen."""
        with self._alone():
            if self._cells[_POSITION] < first - 1:
                return False
            self._cells[_POSITION] = max(self._cells[_POSITION], last)
        return True

    def begin_anew(self, standing: Standing) -> None:
        """Everything was replaced (a restore): all counters, in whichever direction, and the generation."""
        with self._alone():
            cells = self._cells
            generation, boot = cells[_GENERATION] + 1, cells[_BOOT]
            cells[:] = _first_cells(standing, generation, boot)

    def close(self) -> None:
        """Let go of the file."""
        self._cells.release()
        self._map.close()
        os.close(self._handle)

    def _raise(self, cells: Iterable[int], value: int) -> None:
        with self._alone():
            board = self._cells
            for cell in cells:
                if board[cell] < value:  # noqa: PLR1730 - max() takes three times as long
                    board[cell] = value

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other thread or process raises a counter meanwhile."""
        with self._lock:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)


def _keys(people: Iterable[Person | str]) -> Iterator[str]:
    for one in people:
        if isinstance(one, str):
            yield one
        else:
            yield from keys_of(one)


def slot_of(key: str) -> int:
    """The counter of a person key; the same in every process and on every host."""
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) & _MASK


def _usable(path: Path, boot: int) -> bool:
    try:
        if path.stat().st_size != BYTES:
            return False
        with path.open("rb") as stream:
            head = memoryview(stream.read(_HEAD * 8)).cast("q")
    except (OSError, ValueError):
        return False
    return head[_MAGIC_AT] == _MAGIC and head[_BOOT] == boot


def _begin(path: Path, standing: Standing, boot: int) -> None:
    temporary = path.with_name(f"{path.name}.new")
    generation = int.from_bytes(os.urandom(4), "little")
    temporary.write_bytes(bytes(_first_cells(standing, generation, boot).cast("B")))
    temporary.replace(path)


def _first_cells(standing: Standing, generation: int, boot: int) -> memoryview:
    cells = memoryview(bytearray(BYTES)).cast("q")
    head = (_MAGIC, boot, generation, standing.position, standing.consent, standing.customers)
    for place, value in enumerate(head):
        cells[place] = value
    for begin, value in ((_LINES, standing.position), (_FACTS, standing.facts)):
        cells[begin : begin + SLOTS] = memoryview(array("q", [value]) * SLOTS)
    return cells


def _boot(shop: str) -> int:
    """What tells the shop, and this start of the machine from the last: a map's pages need not have reached the disk when it went down."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    except OSError:
        text = b""
    return zlib.crc32(text + shop.encode())
