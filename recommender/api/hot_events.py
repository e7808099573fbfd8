"""``POST /v1/events`` without Flask around it: the same door, the same reading, the same answer, and less in between.

A test holds what is answered here and what the Flask route answers to the same bytes.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from recommender.api.access import Door, Header
from recommender.api.cors import Headers
from recommender.api.event_verdicts import NOTHING, Call, verdicts
from recommender.api.events import CLASSES, ROUTE, EventDesk, read_call
from recommender.api.later import Answer
from recommender.api.log_lines import log_request, log_unexpected
from recommender.api.numbering import request_number
from recommender.api.problems import Refusal, encode, of_error
from recommender.api.reading import pairs_of
from recommender.domain.errors import RecommenderError
from recommender.domain.incoming import Receipt
from recommender.domain.keys import KeyClass
from recommender.services.ingest import PATIENCE_SECONDS, too_slow


class Request(Protocol):
    """What is asked of a request besides its body; granian's scope has it."""

    query_string: str
    client: str

    @property
    def headers(self) -> "Named":
        """By lower-case names."""
        ...


class Named(Protocol):
    """Request headers."""

    @property
    def get(self) -> Header:
        """The value of a header; None if it is not there."""
        ...


class HotEvents:
    """Answers ``POST /v1/events`` on the event loop."""

    def __init__(self, desk: EventDesk, door: Door, *, draining: Callable[[], bool] = bool) -> None:
        self._desk, self._door, self._draining = desk, door, draining

    async def __call__(self, request: Request, body: bytes) -> Answer:
        """One call: status, headers and body, after its events are durable."""
        began, request_id = time.perf_counter(), request_number()
        origin: Headers = ()
        try:
            admitted = self._door.admit(
                CLASSES, request.headers.get, request.query_string, request.client.rpartition(":")[0]
            )
            origin = admitted.headers
            call = self._read(request, body, admitted.key_class, admitted.key_id)
            status, headers, answer = 202, JSON, verdicts(call, await self._stored(call))
        except Refusal as refusal:
            status, headers, answer = _problem(refusal, request_id)
        except RecommenderError as error:
            status, headers, answer = _problem(of_error(error), request_id)
        except Exception as error:  # noqa: BLE001 - as every view's accident is answered
            log_unexpected(error, request_id=request_id)
            status, headers, answer = _problem(of_error(RecommenderError()), request_id)
        shared = [*headers, ("x-request-id", request_id), *SHARED, *((n.lower(), value) for n, value in origin)]
        if self._draining():
            shared.append(("connection", "close"))
        log_request(
            method="POST",
            route=ROUTE,
            status=status,
            milliseconds=(time.perf_counter() - began) * 1000,
            request_id=request_id,
        )
        return status, shared, answer

    def _read(self, request: Request, body: bytes, key_class: KeyClass | None, key_id: str) -> Call:
        header, query = request.headers.get, request.query_string
        found = dict(pairs_of(query.encode())).get("identity") if "identity" in query else None
        return read_call(
            self._desk,
            body,
            content_type=header("content-type") or "",
            encoding=header("content-encoding") or "",
            identity=found,
            key_class=key_class or KeyClass.PK,
            key_id=key_id,
        )

    async def _stored(self, call: Call) -> Receipt:
        """The receipt, once the events are durable; a wait without an end is refused."""
        if call.empty:
            return NOTHING
        future = self._desk.ingest.submit_here(call.delivery)
        give_up = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, _give_up, future)
        try:
            return await future
        finally:
            give_up.cancel()


def _give_up(future: "asyncio.Future[Receipt]") -> None:
    if not future.done():
        future.set_exception(too_slow())


def _problem(refusal: Refusal, request_id: str) -> Answer:
    status, headers, body = encode(refusal, request_id)
    return status, [(name.lower(), value) for name, value in headers], body


JSON = [("content-type", "application/json")]
SHARED = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "private, no-store"),
)
"""What Flask's answers carry, too."""
