"""The application: blueprints, who may call them, how errors look, what is logged and counted."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from flask import Blueprint, Flask, Response, g, request

from recommender.api import (
    access,
    admin,
    documents,
    openapi,
    operations,
    problems,
    recommendations,
    root,
    visitors,
    widget,
)
from recommender.api.access import Door
from recommender.api.admin import Overview
from recommender.api.identity import Identities
from recommender.api.log_lines import log_request
from recommender.api.numbering import request_number
from recommender.api.problems import Refusal
from recommender.api.root import Link
from recommender.api.standing import Readiness
from recommender.api.storefront import Storefront
from recommender.api.visitors import Callers, VisitorIds
from recommender.domain.clock import ShopClock

MAX_BODY_BYTES = 1_000_000
REFUSAL_KEY = "recommender.refusal"
"""Where the server leaves a problem it found before the application was asked (a slow or too large body)."""


def _no_callers() -> Callers:
    return Callers(identities=Identities({}), visitors=VisitorIds(secrets.token_bytes(32)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything the application needs from outside.

    Attributes
    ----------
    door
        Asks for keys; a door without keys is only for a service that listens on loopback.
    callers
        Decides who a call is about. By default nobody's proof holds, and visitor ids last as long as the process.
    ready
        Called by ``/readyz``.
    draining
        Whether the service was told to stop: it asks callers to come back on another connection.
    examples, note
        What the page at ``/`` offers besides the API's description.
    overview
        What ``/admin`` and ``/metrics`` show; None: they have a listener of their own.
    more
        Further resources.
    """

    storefront: Storefront
    door: Door
    clock: ShopClock
    ready: Callable[[], Readiness]
    callers: Callers = field(default_factory=_no_callers)
    draining: Callable[[], bool] = bool
    examples: Sequence[Link] = ()
    note: str | None = None
    overview: Overview | None = None
    more: Sequence[Blueprint] = ()


def create_app(service: Service) -> Flask:
    """Build the application over a service; nothing is global, so several can live in one process."""
    app = bare_app(service.door, draining=service.draining)
    described = cache(lambda: openapi.document(app))
    for bp in (
        recommendations.blueprint(service.storefront, service.clock, service.callers),
        visitors.blueprint(service.callers.visitors),
        operations.blueprint(service.ready, described),
        documents.blueprint(described),
        root.blueprint(service.examples, service.note),
        widget.blueprint(),
        *service.more,
    ):
        app.register_blueprint(bp)
    if service.overview is not None:
        app.register_blueprint(admin.blueprint(service.overview))
    return app


def operations_app(door: Door, overview: Overview) -> Flask:
    """The application of the second listener: ``/metrics`` and ``/admin``, and what every listener of ours answers."""
    app = bare_app(door)
    silent = Readiness(status="not_ready", model=None, checks={})
    app.register_blueprint(admin.blueprint(overview))
    app.register_blueprint(
        operations.blueprint(lambda: overview.ready() or silent, cache(lambda: openapi.document(app)))
    )
    return app


def bare_app(door: Door, *, draining: Callable[[], bool] = bool) -> Flask:
    """An application without a resource: the door, problems, log lines and headers all of ours share."""
    app = Flask("recommender.api", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    _observe(app, draining)
    access.install(app, door)
    problems.install(app)
    return app


def _observe(app: Flask, draining: Callable[[], bool]) -> None:
    """Number every request, pass on what the server refused, log one line at the end, set the headers all share."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = request_number()
        refused = request.environ.get(REFUSAL_KEY)
        if refused is not None:
            raise Refusal(*refused, headers={"Connection": "close"})

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-Id"] = g.request_id
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cache-Control", "private, no-store")
        if draining():
            headers["Connection"] = "close"
        log_request(
            method=request.method if request.method in METHODS else "OTHER",
            route=request.url_rule.rule if request.url_rule else "-",
            status=response.status_code,
            milliseconds=(time.perf_counter() - g.began) * 1000,
            request_id=g.request_id,
        )
        return response


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
