"""How the service stands: what its lists rest on at this moment, as ``/readyz`` tells it."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from recommender.domain.errors import StoreUnavailableError
from recommender.services.catalogue_view import CatalogueView
from recommender.services.model_source import ModelSource
from recommender.services.watching import Watch

State = Literal["ok", "degraded", "empty"]
Status = Literal["ready", "degraded", "not_ready", "draining"]
LEAST_FREE_BYTES = 100_000_000
PARTS = {"log": "database", "keys": "database"}
"""What a watched check is called where several of them mean the same thing; any other is called by its own name."""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether lists can be given, and what they rest on.

    ``ready``: the model and every store answer. ``degraded``: lists are given, from a lower rung; ``checks`` says why.
    ``not_ready`` (with 503): there is neither a model nor an item a list could be made of. ``draining`` (with 503): the service was
    told to stop; calls are still answered.
    """

    status: Status
    model: str | None
    checks: dict[str, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Looks at what the serving process holds; asks no store, so it answers at once whatever hangs.

    Each check of ``watches`` is a part that is ``ok`` or ``degraded``.
    """

    models: ModelSource
    catalogue: CatalogueView
    watches: tuple[Watch, ...]
    draining: Callable[[], bool] = bool

    def __call__(self) -> Readiness:
        """The state of this moment."""
        current = self.models()
        items = self.catalogue.items()
        failing = frozenset[str]().union(*(watch.failing for watch in self.watches))
        checks: dict[str, State] = {
            "model": "empty" if current is None else _state(well=not self.models.stale and "model" not in failing),
            "catalogue": _state(well=self.catalogue.version >= 0) if items or self.catalogue.version < 0 else "empty",
            "database": "ok",
        }
        for watch in self.watches:
            for name in watch.names - {"model"}:
                checks.setdefault(PARTS.get(name, name), "ok")
        for name in failing - {"model"}:
            checks[PARTS.get(name, name)] = "degraded"
        return Readiness(
            status="draining" if self.draining() else _status(checks, anything=current is not None or bool(items)),
            model=None if current is None else current[0],
            checks=checks,
        )


def check_disk(folder: Path) -> None:
    """Complain while there is so little room that events may soon not be stored.

    Raises
    ------
    StoreUnavailableError
        Less than 100 MB are free.
    """
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise StoreUnavailableError(f"{folder} has only {free // 1_000_000} MB left; make room.")


def _state(*, well: bool) -> State:
    return "ok" if well else "degraded"


def _status(checks: Mapping[str, State], *, anything: bool) -> Status:
    if not anything:
        return "not_ready"
    good = checks["model"] == "ok" and "degraded" not in checks.values()
    return "ready" if good else "degraded"
