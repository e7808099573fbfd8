"""The catalogue written by a process of its own, so that the worker that noticed goes on answering meanwhile."""

import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from recommender.domain.errors import BusyError, StoreUnavailableError

PROGRAM = "recommender.rewrite"
DONE, FAILED, BUSY = 0, 1, 75
SECONDS = (60.0, 600.0)
"""How long it may take before it is ended and tried once more, then before it is given up: a million items take less than two
minutes on a slow disk, a process that hangs should not keep a worker from its start."""

log = logging.getLogger("recommender.catalogue")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is told, on its standard input: a database's address may hold a password."""

    home: str
    database_url: str | None
    wait: bool


@dataclass(frozen=True, slots=True)
class Child:
    """Has the catalogue of a home written."""

    home: Path
    database_url: str | None

    def __call__(self, *, wait: bool) -> None:
        """Returns when the catalogue stands on its shelf.

        Parameters
        ----------
        wait
            Whether to wait for another process that writes.

        Raises
        ------
        BusyError
            Another process is writing, and ``wait`` is False.
        StoreUnavailableError
            It could not be written; the sentence says why.
        """
        order = Order(home=str(self.home), database_url=self.database_url, wait=wait)
        try:
            try:
                done = _run(order, SECONDS[0])
            except subprocess.TimeoutExpired:
                log.warning("the catalogue's writer took more than %.0f s and is started anew", SECONDS[0])
                done = _run(order, SECONDS[1])
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StoreUnavailableError(f"The catalogue's writer did not come to its end: {error}.") from error
        if done.returncode == BUSY:
            raise BusyError("Another process is writing the catalogue.")
        if done.returncode != DONE:
            said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise StoreUnavailableError(said or f"The catalogue's writer ended with {done.returncode}.")


def _run(order: Order, seconds: float) -> "subprocess.CompletedProcess[bytes]":
    """Run the writer; past its time it is killed, and what it held is free again."""
    command = [sys.executable, "-m", PROGRAM]
    return subprocess.run(command, input=msgspec.json.encode(order), capture_output=True, timeout=seconds, check=False)
