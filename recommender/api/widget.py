"""The widget's files: ``/widget.js`` for pages that want the newest, ``/w/1/…-<mark>.js`` for those that want one for good."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

from flask import Blueprint, Response, request

from recommender.api.access import allow
from recommender.api.describing import Operation, described
from recommender.api.problems import Refusal

MARK_LENGTH = 12
FILES = ("widget", "feed", "words", "row", "debug")
"""The widget, and what it fetches when it is needed."""
SHORT = "public, max-age=300, stale-while-revalidate=86400"
FOR_GOOD = "public, max-age=31536000, immutable"
KIND = "text/javascript; charset=utf-8"
_NAME = re.compile(r"(widget|feed|words|row|debug)-([0-9a-f]{12})\.js", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One built file, as it is and compressed; ``mark`` is the beginning of its content's SHA-256."""

    body: bytes
    packed: bytes
    mark: str


def read_script(name: str) -> Script:
    """A built file (one of :data:`FILES`) that lies in the package."""
    body = files("recommender.api").joinpath("static", "widget", f"{name}.js").read_bytes()
    mark = hashlib.sha256(body).hexdigest()[:MARK_LENGTH]
    return Script(body=body, packed=gzip.compress(body, 9, mtime=0), mark=mark)


def lasting_address(name: str = "widget") -> str:
    """The address of a file of exactly this content: ``/w/1/widget-<mark>.js``."""
    return f"/w/1/{name}-{read_script(name).mark}.js"


def blueprint() -> Blueprint:
    """The routes. Scripts hold no secret, so pages of any origin may load them."""
    scripts = {name: read_script(name) for name in FILES}
    bp = Blueprint("widget", __name__)

    @bp.get("/widget.js")
    @described(Operation(summary="The widget, as it is now", answer="text/javascript"))
    @allow()
    def newest() -> Response:
        return _sent(scripts["widget"], SHORT)

    @bp.get("/w/1/<name>")
    @described(
        Operation(summary="A file of the widget, by its content", answer="text/javascript", problems=("not_found",))
    )
    @allow()
    def lasting(name: str) -> Response:
        found = _NAME.fullmatch(name)
        if found is None:
            raise Refusal("not_found", "The widget has no such file.")
        script = scripts[found[1]]
        return _sent(script, FOR_GOOD if script.mark == found[2] else SHORT)

    return bp


def _sent(script: Script, keep: str) -> Response:
    """The file; a page written for an older one gets today's, but not for good."""
    pack = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(script.packed if pack else script.body)
    response.headers["Content-Type"] = KIND
    if pack:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = keep
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(f"{script.mark}{'-gz' if pack else ''}")
    response.make_conditional(request)
    return response
