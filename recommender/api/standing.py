"""How the service stands: what its lists rest on at this moment, as ``/readyz`` tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from recommender.services.catalogue_view import CatalogueView
from recommender.services.model_source import ModelSource
from recommender.services.watching import Watch

State = Literal["ok", "degraded", "empty"]


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether lists can be given, and what they rest on.

    ``ready``: the model and every store answer. ``degraded``: lists are given, from a lower rung; ``checks`` says why.
    ``not_ready`` (with 503): there is neither a model nor an item a list could be made of.
    """

    status: Literal["ready", "degraded", "not_ready"]
    model: str | None
    checks: dict[str, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Looks at what the serving process holds; asks no store, so it answers at once whatever hangs."""

    models: ModelSource
    catalogue: CatalogueView
    watches: tuple[Watch, ...]

    def __call__(self) -> Readiness:
        """The state of this moment."""
        current = self.models()
        items = self.catalogue.items()
        failing = frozenset[str]().union(*(watch.failing for watch in self.watches))
        checks: dict[str, State] = {
            "model": "empty" if current is None else _state(well=not self.models.stale and "model" not in failing),
            "catalogue": _state(well=self.catalogue.version >= 0) if items or self.catalogue.version < 0 else "empty",
            "stores": _state(well=not failing & {"log", "keys"}),
        }
        return Readiness(
            status=_status(checks, anything=current is not None or bool(items)),
            model=None if current is None else current[0],
            checks=checks,
        )


def _state(*, well: bool) -> State:
    return "ok" if well else "degraded"


def _status(checks: Mapping[str, State], *, anything: bool) -> Literal["ready", "degraded", "not_ready"]:
    if not anything:
        return "not_ready"
    good = checks["model"] == "ok" and "degraded" not in checks.values()
    return "ready" if good else "degraded"
