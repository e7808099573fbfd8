"""Plain fetches of letters without Flask around them: what a mail tool asks a hundred thousand times in a row.

A call with parameters, with a tag to compare or about anything but a letter is left to the application. A test holds both
to the same answer.
"""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

from recommender.api.hot_events import SHARED, Request
from recommender.api.later import Answer
from recommender.api.log_lines import log_request, log_unexpected
from recommender.api.newsletter import POLICY, LetterAnswer, MailRoom, tag_of
from recommender.api.numbering import request_number
from recommender.api.problems import Refusal, encode, of_error
from recommender.domain.errors import RecommenderError
from recommender.domain.keys import KeyClass
from recommender.mail import mail, plain
from recommender.services.newsletter import ROUTE, Written
from recommender.services.newsletter_campaign import described

if TYPE_CHECKING:
    from recommender.api.app import Service

PATH = re.compile(rf"{ROUTE}/([A-Za-z0-9_-]+)\.(html|txt|json)")
NO_KEY: frozenset[KeyClass] = frozenset()
KINDS: Mapping[str, tuple[str, str, Callable[[Written], bytes]]] = {
    "html": ("mail", "text/html; charset=utf-8", lambda written: mail(written.letter).encode()),
    "txt": ("text", "text/plain; charset=utf-8", lambda written: plain(written.letter).encode()),
    "json": (
        "json",
        "application/json",
        lambda written: msgspec.json.encode(msgspec.convert(described(written), LetterAnswer)),
    ),
}
"""Ending of an address → what its tag is of, media type, and how the letter is written."""


class Fetch(Request, Protocol):
    """What is asked of a request; granian's scope has it."""

    path: str
    scheme: str
    server: str


def hot_letters(
    service: "Service", room: MailRoom
) -> "Mapping[tuple[str, str], Callable[[Fetch, bytes], Awaitable[Answer | None]]]":
    """The one answer, for everything directly below the route."""
    return {("GET", f"{ROUTE}/"): HotLetters(service, room)}


class HotLetters:
    """Answers ``GET /v1/newsletter/{token}.html``, ``.txt`` and ``.json`` at once."""

    def __init__(self, service: "Service", room: MailRoom) -> None:
        self._room, self._door, self._draining = room, service.door, service.draining

    async def __call__(self, request: Fetch, _: bytes) -> Answer | None:
        """One call: status, headers and body; None leaves it to the application."""
        found = PATH.fullmatch(request.path)
        header = request.headers.get
        if found is None or request.query_string or header("if-none-match") is not None:
            return None
        began, request_id = time.perf_counter(), request_number()
        status, headers, body = self._made(found[1], found[2], request, request_id)
        own = {name for name, _ in headers}
        headers += [("x-request-id", request_id), *(pair for pair in SHARED if pair[0] not in own)]
        if self._draining():
            headers.append(("connection", "close"))
        log_request(
            method="GET",
            route=f"{ROUTE}/<token>.{found[2]}",
            status=status,
            milliseconds=(time.perf_counter() - began) * 1000,
            request_id=request_id,
        )
        return status, headers, body

    def _made(self, token: str, kind: str, request: Fetch, request_id: str) -> Answer:
        room, header = self._room, request.headers.get
        origin: list[tuple[str, str]] = []
        try:
            admitted = self._door.admit(NO_KEY, header, "", request.client.rpartition(":")[0])
            origin = [(name.lower(), value) for name, value in admitted.headers]
            base = room.public_url or f"{request.scheme}://{header('host') or request.server}"
            written = room.letter(token, room.newsletter.reader(token), request_id=request_id, base=base)
            part, media, write = KINDS[kind]
            body = write(written)
        except Refusal as refusal:
            return _problem(refusal, request_id, origin)
        except RecommenderError as error:
            return _problem(of_error(error), request_id, origin)
        except Exception as error:  # noqa: BLE001 - as every view's accident is answered
            log_unexpected(error, request_id=request_id)
            return _problem(of_error(RecommenderError()), request_id, origin)
        headers = [
            ("content-type", media),
            ("etag", f'W/"{tag_of(written, part)}"'),
            ("cache-control", "private, no-cache"),
            ("x-robots-tag", "noindex"),
            *([("content-security-policy", POLICY)] if kind == "html" else []),
            *origin,
        ]
        return 200, headers, body


def _problem(refusal: Refusal, request_id: str, origin: list[tuple[str, str]]) -> Answer:
    status, headers, body = encode(refusal, request_id)
    own = {name.lower(): value for name, value in headers}
    return status, [*(own | dict(origin)).items()], body
