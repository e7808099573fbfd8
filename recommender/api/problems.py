"""Errors as people and programs read them: ``application/problem+json`` (RFC 9457), one table of codes."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from recommender.api.log_lines import log_unexpected
from recommender.domain import metrics
from recommender.domain.errors import RecommenderError


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field. ``pointer`` is its JSON pointer; query parameters are pointed at the same way."""

    pointer: str
    code: str
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error. ``code`` is stable; ``detail`` says what to do; ``request_id`` is in the log too."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: tuple[FieldProblem, ...] = ()


CODES: Mapping[str, tuple[int, str]] = {
    "bad_request": (400, "The request cannot be read"),
    "invalid_parameter": (400, "A parameter has a value it cannot have"),
    "unknown_parameter": (400, "A parameter is not known"),
    "invalid_body": (400, "The body is not the JSON this call takes"),
    "unauthorized": (401, "A valid key is needed"),
    "forbidden": (403, "This key may not do that"),
    "foreign_origin": (403, "This page may not call the service"),
    "undeclared_route": (403, "This address is closed"),
    "not_found": (404, "There is nothing at this address"),
    "unknown_scenario": (404, "There is no such scenario"),
    "erased": (410, "This person asked to be forgotten"),
    "method_not_allowed": (405, "This address does not take this method"),
    "slow_body": (408, "The body came too slowly"),
    "body_too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "This kind of body is not taken"),
    "rate_limited": (429, "Too many calls"),
    "internal_error": (500, "Something went wrong here"),
    "store_unavailable": (503, "A store does not answer"),
    "not_ready": (503, "The service is not ready"),
}
"""Stable code → (status, title). ``type`` of a problem is ``/problems/<code>``, an address of this service."""

_BY_STATUS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "slow_body",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
}
_SAME_CODE = frozenset({"unknown_scenario", "store_unavailable"})
_DETAILS = {
    404: "No resource has this address; /openapi.json lists those that exist.",
    405: "The Allow header lists the methods this address takes.",
    413: "A body has at most 1,000,000 bytes.",
}


class Refusal(Exception):  # noqa: N818 - it is an answer, not a failure
    """Raised anywhere in a request to answer it with a problem."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: tuple[FieldProblem, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.errors = errors
        self.headers = dict(headers or {})


def encode(refusal: Refusal, request_id: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """The problem as status, headers and body, for whoever answers without Flask."""
    status, title = CODES[refusal.code]
    problem = Problem(
        type=f"/problems/{refusal.code}",
        title=title,
        status=status,
        code=refusal.code,
        detail=str(refusal),
        request_id=request_id,
        errors=refusal.errors,
    )
    _refused(refusal.code).add()
    headers = [("Content-Type", "application/problem+json"), *refusal.headers.items()]
    return status, headers, msgspec.json.encode(problem)


@cache
def _refused(code: str) -> metrics.Cell:
    return metrics.counter("recommender_refusals_total", code=code)


def respond(refusal: Refusal) -> Response:
    """The problem as a response."""
    status, headers, body = encode(refusal, g.get("request_id", ""))
    return Response(body, status, headers)


def of_error(error: RecommenderError) -> Refusal:
    """A use case's error as the problem a caller sees; the sentence is ours and safe to show where it is their fault."""
    if error.code == "store_unavailable":
        return Refusal(
            "store_unavailable",
            "A store this call needs does not answer; try again in a few seconds.",
            headers={"Retry-After": "2"},
        )
    if error.code in _SAME_CODE:
        return Refusal(error.code, str(error))
    if error.exit_code in (2, 3):
        return Refusal("bad_request", str(error))
    return _internal()


def install(app: Flask) -> None:
    """Answer every error of this application, raised by us, by Flask or by accident, with a problem."""
    app.register_error_handler(Refusal, respond)
    app.register_error_handler(RecommenderError, lambda error: respond(of_error(error)))
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_accident)


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    code = _BY_STATUS.get(status, "internal_error" if status >= 500 else "bad_request")
    detail = _DETAILS.get(status, error.description or CODES[code][1])
    headers: dict[str, str] = {}
    valid: Any = getattr(error, "valid_methods", None)
    if valid:
        headers["Allow"] = ", ".join(sorted(valid))
    return respond(Refusal(code, detail, headers=headers))


def _of_accident(error: Exception) -> Response:
    log_unexpected(error, request_id=g.get("request_id", ""))
    return respond(_internal())


def _internal() -> Refusal:
    return Refusal("internal_error", "The fault is on our side and is logged under this request_id.")
