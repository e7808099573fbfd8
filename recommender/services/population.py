"""The cut points that people are compared with: those of the published bundle."""

from collections.abc import Hashable
from threading import Lock

from recommender.bundle import Shelf
from recommender.domain.errors import BundleRefusedError, NoBundleError
from recommender.features import Population

POPULATION = "population"
"""Where a bundle's description keeps them."""


class PublishedPopulation:
    """Gives the population of the published bundle; None without one, or where it was trained on too few people.

    The description is read again when another bundle is published. Safe to share between threads.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._seen: Hashable = None
        self._current: Population | None = None
        self._lock = Lock()

    def __call__(self) -> Population | None:
        """The cut points by attribute."""
        stamp = self._shelf.stamp()
        if stamp != self._seen:
            with self._lock:
                self._current = self._read()
                self._seen = stamp
        return self._current

    def _read(self) -> Population | None:
        try:
            run_id = self._shelf.current()
            return None if run_id is None else self._shelf.manifest(run_id).meta.get(POPULATION) or None
        except (BundleRefusedError, NoBundleError, OSError):
            return None
