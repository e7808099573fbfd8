"""The model in use: loaded beside the old one, checked, then swapped by one reference."""

import logging
import threading
import time
from collections.abc import Callable, Hashable

from recommender.domain import metrics
from recommender.domain.errors import RecommenderError
from recommender.model.contract import Model

log = logging.getLogger("recommender.model")

RETRY_SECONDS = 30.0
"""How long a bundle that could not be loaded is left alone, unless another one is published."""
EXPECTED = (RecommenderError, OSError, ValueError, KeyError, TypeError)
"""What a bundle that is damaged, or of another version, makes of loading; anything else is logged with its place."""


class ModelSource:
    """Gives the current ``(run id, model)``; follows what is published while the process runs.

    A request takes the reference once and uses only that, so one list never mixes two models. A bundle that cannot
    be loaded, whatever it raises, leaves the old model in place, and is said and tried again every ``RETRY_SECONDS``.

    Parameters
    ----------
    stamp
        Something cheap that changes when another bundle is published (None: nothing is published).
    load
        Reads and verifies the published bundle; None if there is none.
    """

    def __init__(
        self,
        *,
        stamp: Callable[[], Hashable],
        load: Callable[[], tuple[str, Model] | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stamp = stamp
        self._load = load
        self._monotonic = monotonic
        self._current: tuple[str, Model] | None = None
        self._seen: Hashable = None
        self._refused_at: float | None = None
        self._told = metrics.gauge("recommender_model_stale")
        self._told.set(0)
        self._lock = threading.Lock()

    def __call__(self) -> tuple[str, Model] | None:
        """The model in use and its run id; None while there is none."""
        return self._current

    @property
    def stale(self) -> bool:
        """Whether a newer bundle was published but could not be loaded."""
        return self._refused_at is not None

    def poll(self) -> bool:
        """Look for a newly published bundle and use it; returns whether the model was swapped.

        Raises
        ------
        OSError
            If the folder itself cannot be read; the model in use stays.
        """
        with self._lock:
            stamp = self._stamp()
            if stamp == self._seen and not self._retry_due():
                return False
            return self._take(stamp)

    def _retry_due(self) -> bool:
        return self._refused_at is not None and self._monotonic() - self._refused_at >= RETRY_SECONDS

    def _take(self, stamp: Hashable) -> bool:
        self._seen = stamp
        try:
            loaded = self._load()
        except Exception as error:  # whatever a bundle does, the model in use stays, and it is tried again
            self._refused_at = self._monotonic()
            self._told.set(1)
            kept = f"{self._current[0]} stays in use" if self._current else "there is no model to use"
            if isinstance(error, EXPECTED):
                log.error("the published model cannot be loaded and %s: %s", kept, error)  # noqa: TRY400 - one line
            else:
                log.exception("the published model cannot be loaded and %s", kept)
            return False
        self._refused_at = None
        self._told.set(0)
        if loaded is None:
            return False
        self._current = loaded
        log.info("model %s is in use", loaded[0])
        return True
