"""``GET /v1/recommendations/{scenario}`` without Flask around it: the same door, the same reading, the same use case.

A test holds what is answered here and what the Flask route answers to the same bytes.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from recommender.api.hot_events import JSON, SHARED, Request
from recommender.api.identity import HEADER
from recommender.api.later import Answer
from recommender.api.log_lines import log_request, log_unexpected
from recommender.api.numbering import request_number
from recommender.api.problems import Refusal, encode, of_error
from recommender.api.recommendations import CLASSES, ROUTE, asked, encoded, parameters_of
from recommender.domain.errors import RecommenderError
from recommender.domain.keys import KeyClass
from recommender.domain.requests import Request as Question
from recommender.ranking.scenarios import SCENARIOS

if TYPE_CHECKING:
    from recommender.api.app import Service

Headers = list[tuple[str, str]]


def hot_lists(service: "Service") -> "Mapping[tuple[str, str], Callable[[Request, bytes], Awaitable[Answer]]]":
    """The answers by method and path, for every scenario there is; other paths are Flask's."""
    made = HotLists(service)
    return {("GET", ROUTE.replace("<scenario>", name)): partial(made.answer, name) for name in SCENARIOS}


class HotLists:
    """Answers ``GET /v1/recommendations/{scenario}`` at once."""

    def __init__(self, service: "Service") -> None:
        self._storefront, self._callers, self._clock = service.storefront, service.callers, service.clock
        self._door, self._draining = service.door, service.draining

    async def answer(self, scenario: str, request: Request, _: bytes) -> Answer:
        """One call: status, headers and body."""
        began, request_id = time.perf_counter(), request_number()
        status, headers, body = await self._made(scenario, request, request_id)
        headers += (("x-request-id", request_id), *SHARED)
        if self._draining():
            headers.append(("connection", "close"))
        log_request(
            method="GET",
            route=ROUTE,
            status=status,
            milliseconds=(time.perf_counter() - began) * 1000,
            request_id=request_id,
        )
        return status, headers, body

    async def _made(self, scenario: str, request: Request, request_id: str) -> tuple[int, Headers, bytes]:
        origin: Headers = []
        try:
            query, header = request.query_string, request.headers.get
            admitted = self._door.admit(CLASSES, header, query, request.client.rpartition(":")[0])
            origin = [(name.lower(), value) for name, value in admitted.headers]
            question, notice = asked(
                scenario,
                parameters_of(query.encode()),
                self._callers,
                key_class=admitted.key_class or KeyClass.PK,
                clock=self._clock,
            )
            await self._come(question, request_id)
            body = self._storefront.body(question, request_id=request_id, encode=encoded)
        except Refusal as refusal:
            return _problem(refusal, request_id, origin)
        except RecommenderError as error:
            return _problem(of_error(error), request_id, origin)
        except Exception as error:  # noqa: BLE001 - as every view's accident is answered
            log_unexpected(error, request_id=request_id)
            return _problem(of_error(RecommenderError()), request_id, origin)
        headers = [*JSON, *origin]
        if notice is not None:
            headers.append((HEADER.lower(), notice))
        return 200, headers, body

    async def _come(self, question: Question, request_id: str) -> None:
        """Wait for what the list is made of, while others are answered; without it the list is made of what there is."""
        try:
            coming = self._storefront.begin(question)
            if coming is not None:
                await coming
        except Exception as error:  # noqa: BLE001 - a list is owed whatever breaks
            log_unexpected(error, request_id=request_id)


def _problem(refusal: Refusal, request_id: str, origin: Headers) -> tuple[int, Headers, bytes]:
    status, headers, body = encode(refusal, request_id)
    own = {name.lower(): value for name, value in headers}
    return status, [*(own | dict(origin)).items()], body
