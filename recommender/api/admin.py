"""``/metrics`` and ``/admin``: the service as operations see it; read only."""

import http.client
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from flask import Blueprint, Response

from recommender import __version__
from recommender.api import metrics
from recommender.api.access import allow
from recommender.api.pages import page, table
from recommender.api.standing import Readiness
from recommender.bundle import Shelf
from recommender.domain.errors import RecommenderError
from recommender.domain.keys import KeyClass
from recommender.domain.ports import Stores
from recommender.services.models import ModelRow, list_models

log = logging.getLogger("recommender.http")
SHOWN_RUNS = 10
ASK_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What there is to see.

    Attributes
    ----------
    ready
        The readiness of a serving process; None if none answers.
    folder
        Where processes publish their numbers; None: this process's own are all there are.
    open_metrics
        Whether ``/metrics`` needs no key: only where the listener cannot be reached from elsewhere.
    """

    shelf: Shelf
    stores: Stores
    ready: Callable[[], Readiness | None]
    folder: Path | None = None
    open_metrics: bool = True

    def facts(self) -> metrics.Facts:
        """Gauges worked out when asked."""
        found: dict[tuple[str, str], tuple[dict[str, str], float]] = {
            ("recommender_build_info", "The version that runs."): ({"version": __version__}, 1.0)
        }
        readiness = self.ready()
        lists = readiness is not None and readiness.status != "not_ready"
        found["recommender_ready", "1 while lists can be given."] = ({}, float(lists))
        full = readiness is not None and readiness.status == "ready"
        found["recommender_fully_ready", "1 while nothing is degraded."] = ({}, float(full))
        for name, state in (readiness.checks if readiness else {}).items():
            found[f"recommender_check_{name}_ok", "1 while this part of readiness is well."] = (
                {},
                float(state == "ok"),
            )
        if readiness is not None and readiness.model is not None:
            found["recommender_bundle_info", "The bundle in use."] = ({"run": readiness.model}, 1.0)
            age = self._age(readiness.model)
            if age is not None:
                found["recommender_bundle_age_seconds", "Time since the bundle in use was made."] = ({}, age)
        return found

    def _age(self, run_id: str) -> float | None:
        rows = [row for row in self.models() if row.run_id == run_id and row.created]
        if not rows:
            return None
        return (datetime.now(UTC) - datetime.fromisoformat(str(rows[0].created))).total_seconds()

    def models(self) -> list[ModelRow]:
        """Every run that is kept; empty if the folder cannot be read."""
        try:
            return list_models(self.shelf)
        except (RecommenderError, OSError) as error:
            log.warning("the models cannot be listed: %s", type(error).__name__)
            return []


def readiness_at(address: str) -> Readiness | None:
    """What the service at an address says of itself; None if it does not answer."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return msgspec.json.decode(connection.getresponse().read(), type=Readiness)
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        return None
    finally:
        connection.close()


def blueprint(overview: Overview) -> Blueprint:
    """The two addresses."""
    bp = Blueprint("admin", __name__)

    @bp.get("/metrics")
    @allow(*(() if overview.open_metrics else (KeyClass.ADM,)))
    def numbers() -> Response:
        return Response(metrics.render(overview.folder, overview.facts()), content_type=metrics.CONTENT_TYPE)

    @bp.get("/admin")
    @allow(KeyClass.ADM)
    def show() -> Response:
        return page("How the service stands", body_of(overview))

    return bp


def body_of(overview: Overview) -> str:
    """The page's content."""
    readiness = overview.ready()
    parts = [
        _standing(readiness),
        _models(overview.models()),
        _shop(overview.stores),
        _counts(metrics.collected(overview.folder)),
    ]
    shown = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, version {__version__}"
    return "".join(parts) + f'<p class="note">Shown as of {escape(shown)}. Numbers count since the start.</p>'


def _standing(readiness: Readiness | None) -> str:
    if readiness is None:
        return '<p class="bad">No serving process answers.</p>'
    rows = [[name, state if state == "ok" else f"!{state}"] for name, state in readiness.checks.items()]
    model = escape(readiness.model or "none")
    said = f"<p>It is <strong>{escape(readiness.status)}</strong>; the model in use is <code>{model}</code>.</p>"
    return said + table("Readiness", ["part", "state"], rows)


def _models(rows: Sequence[ModelRow]) -> str:
    shown = [
        [
            row.run_id + (", served" if row.current else ", before it" if row.previous else ""),
            (row.created or "").replace("T", " ").removesuffix("Z"),
            f"!{row.refused}" if row.refused else ", ".join(map(_figure, list(row.metrics.items())[:3])),
        ]
        for row in rows[:SHOWN_RUNS]
    ]
    return "<h2>Models</h2>" + table("", ["run", "made", "judged"], shown)


def _figure(named: tuple[str, float]) -> str:
    """``window all recall at 10: 0.2320``: in words, which a narrow screen can break between."""
    return f"{re.sub('[._]', ' ', named[0])}: {named[1]:.4f}"


def _shop(stores: Stores) -> str:
    try:
        keys = [record.key_class.value for record in stores.keys.all() if record.revoked_at is None]
        span = stores.log.span()
        rows = [
            ["lines in the log", f"{stores.log.position():,}"],
            ["first and last event", f"{span[0]:%Y-%m-%d} to {span[1]:%Y-%m-%d %H:%M}" if span else "none"],
            ["version of the catalogue", f"{stores.catalogue.version():,}"],
            ["keys in force", ", ".join(f"{keys.count(k)} {k}_" for k in ("pk", "sk", "adm"))],
            ["ids to be forgotten", f"{stores.tombstones.count():,}"],
        ]
    except RecommenderError:
        return '<h2>Shop</h2><p class="bad">The database does not answer.</p>'
    return "<h2>Shop</h2>" + table("", ["what", "how much"], rows)


def _counts(series: metrics.Series) -> str:
    rows = [
        [name.removeprefix("recommender_").replace("_", " "), " ".join(values), f"{numbers[0]:,.0f}"]
        for (name, values), numbers in sorted(series.items())
        if len(numbers) == 1
    ]
    return "<h2>Numbers</h2>" + table("", ["what", "which", "how many"], rows)
