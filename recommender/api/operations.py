"""What machines ask about the service itself: is it alive, is it ready, what does it speak."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from flask import Blueprint, Response

from recommender.api.access import allow
from recommender.api.problems import CODES, Refusal
from recommender.api.standing import Readiness


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


def blueprint(ready: Callable[[], Readiness], describe: Callable[[], dict[str, Any]]) -> Blueprint:
    """Health, readiness, the API's description (made by ``describe``) and the meaning of each problem."""
    bp = Blueprint("operations", __name__)

    @bp.get("/healthz")
    @allow()
    def healthz() -> Response:
        return _json(Alive())

    @bp.get("/readyz")
    @allow()
    def readyz() -> Response:
        found = ready()
        return _json(found, status=503 if found.status in ("not_ready", "draining") else 200)

    @bp.get("/openapi.json")
    @allow()
    def openapi() -> Response:
        return _json(describe())

    @bp.get("/problems/<code>")
    @allow()
    def problem(code: str) -> Response:
        if code not in CODES:
            raise Refusal("not_found", f"No problem has this code. Known: {', '.join(CODES)}.")
        status, title = CODES[code]
        return Response(f"{code}\n\n{title}. Answered with status {status}.\n", mimetype="text/plain")

    return bp


def _json(body: object, *, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, mimetype="application/json")
