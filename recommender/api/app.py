"""The application: blueprints, who may call them, how errors look, what is logged."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from flask import Flask, Response, g, request

from recommender.api import access, openapi, operations, problems, recommendations, root
from recommender.api.log_lines import log_request
from recommender.api.problems import Refusal
from recommender.api.root import Link
from recommender.api.standing import Readiness
from recommender.api.storefront import Storefront
from recommender.domain.clock import ShopClock
from recommender.services.keys import KeyRing

MAX_BODY_BYTES = 1_000_000
REFUSAL_KEY = "recommender.refusal"
"""Where the server leaves a problem it found before the application was asked (a slow or too large body)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything the application needs from outside.

    Attributes
    ----------
    keys
        None: no keys are asked for; only for a service that listens on loopback.
    ready
        Called by ``/readyz``.
    examples, note
        What the page at ``/`` offers besides the API's description.
    """

    storefront: Storefront
    keys: KeyRing | None
    clock: ShopClock
    ready: Callable[[], Readiness]
    examples: Sequence[Link] = ()
    note: str | None = None


def create_app(service: Service) -> Flask:
    """Build the application over a service; nothing is global, so several can live in one process."""
    app = Flask("recommender.api", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    _observe(app)
    access.install(app, service.keys)
    problems.install(app)
    for bp in (
        recommendations.blueprint(service.storefront, service.clock),
        operations.blueprint(service.ready, cache(lambda: openapi.document(app))),
        root.blueprint(service.examples, service.note),
    ):
        app.register_blueprint(bp)
    return app


def _observe(app: Flask) -> None:
    """Number every request, pass on what the server refused, log one line at the end, set the headers all share."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = secrets.token_hex(8)
        refused = request.environ.get(REFUSAL_KEY)
        if refused is not None:
            raise Refusal(*refused, headers={"Connection": "close"})

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-Id"] = g.request_id
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers.setdefault("Cache-Control", "private, no-store")
        log_request(
            method=request.method if request.method in METHODS else "OTHER",
            route=request.url_rule.rule if request.url_rule else "-",
            status=response.status_code,
            milliseconds=(time.perf_counter() - g.began) * 1000,
            request_id=g.request_id,
        )
        return response


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
