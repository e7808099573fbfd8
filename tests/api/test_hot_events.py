"""Events answered without Flask: the same bytes as with it, and nobody held up by a commit that takes its time."""

import asyncio
import fcntl
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from event_calls import CONSENT, Shop, open_shop, view

from recommender.api import hot_events, rsgi
from recommender.api.events import ROUTE
from recommender.api.hot_events import HotEvents
from recommender.api.later import Answer, Patient
from recommender.api.rsgi import Shim
from recommender.domain.ports import Stores

Headers = dict[str, str]


class Named:
    """Headers as granian gives them."""

    def __init__(self, given: Headers) -> None:
        self._given = given

    def get(self, key: str, default: Any = None) -> Any:
        return self._given.get(key, default)

    def items(self) -> list[tuple[str, str]]:
        return list(self._given.items())


class Scope:
    """One request as granian tells of it."""

    http_version = "1.1"
    server = "127.0.0.1:8000"
    client = "127.0.0.1:5000"
    scheme = "http"
    authority: str | None = None

    def __init__(self, path: str, query: str, headers: Headers, method: str = "POST") -> None:
        self.method, self.path, self.query_string = method, path, query
        self.headers: rsgi.Headers = Named(headers)


class Protocol:
    """Hands over a body and takes the answer."""

    def __init__(self, body: bytes) -> None:
        self._chunks = [body]
        self.answer: Answer | None = None

    def __aiter__(self) -> "Protocol":
        return self

    async def __call__(self) -> bytes:
        return b"".join(self._chunks)

    async def __anext__(self) -> bytes:
        if not self._chunks:
            raise StopAsyncIteration
        return self._chunks.pop()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = status, headers, body


@pytest.fixture
def shop(sqlite_stores: Stores) -> Iterator[Shop]:
    made = open_shop(sqlite_stores)
    yield made
    made.ingest.stop()


def shim(shop: Shop, *, hot: bool) -> Shim:
    short_cut = {("POST", ROUTE): HotEvents(shop.desk, shop.door)} if hot else {}
    return Shim(Patient(shop.app), hot=short_cut)


async def asked(server: Shim, body: bytes, *, query: str = "", **headers: str) -> Answer:
    named = {"host": "localhost", "content-type": "application/json", "content-length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    protocol = Protocol(body)
    await server.__rsgi__(Scope(ROUTE, query, named), protocol)
    assert protocol.answer is not None
    return protocol.answer


def without_its_number(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = answer
    assert len({name for name, _ in headers}) == len(headers)
    told = {name: "…" if name == "x-request-id" else value for name, value in headers}
    return status, told, re.sub(rb'"request_id":"\w+"', b"", body)


CALLS: dict[str, tuple[bytes, str, Headers]] = {
    "good": (json.dumps([view(event_id="e"), view("guest"), view(event_id="e")]).encode(), "", {}),
    "empty": (b"", "", {}),
    "no events": (b"[]", "", {}),
    "form": (b"a=b", "", {"content_type": "text/html"}),
    "no gzip": (b"{}", "", {"content_encoding": "gzip"}),
    "no key": (b"{}", "", {"authorization": ""}),
    "false key": (b"{}", "", {"authorization": "Bearer sk_nothing"}),
    "secret in address": (b"{}", "key=sk_x", {"authorization": ""}),
    "foreign page": (b"{}", "", {"origin": "https://elsewhere.example"}),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_short_cut_answers_with_the_same_bytes_as_flask(shop: Shop, name: str) -> None:
    body, query, headers = CALLS[name]
    headers = {"authorization": f"Bearer {shop.sk}"} | headers
    shop.said([view(event_id="e")])
    answers = [
        without_its_number(asyncio.run(asked(shim(shop, hot=hot), body, query=query, **headers)))
        for hot in (True, False)
    ]
    assert answers[0] == answers[1]


def test_a_browsers_call_is_answered_alike_too(shop: Shop) -> None:
    body = json.dumps([view(event_id="e", customer_id="c1", consent=CONSENT)]).encode()
    shop.said([view(event_id="e")])
    with_proof = f"key={shop.pk}&identity=v1.k.00.1.0"
    answers = [
        without_its_number(asyncio.run(asked(shim(shop, hot=hot), body, query=with_proof))) for hot in (True, False)
    ]
    assert answers[0] == answers[1]
    assert b"unproven_customer" in answers[0][2]


def test_calls_that_arrive_during_a_commit_share_the_next_one(shop: Shop) -> None:
    server = shim(shop, hot=True)

    async def many() -> list[Answer]:
        bodies = [json.dumps(view(f"v{number}")).encode() for number in range(200)]
        return await asyncio.gather(*(asked(server, body, authorization=f"Bearer {shop.sk}") for body in bodies))

    answers = asyncio.run(many())
    assert [json.loads(body)["accepted"] for _, _, body in answers] == [1] * 200
    assert len(shop.lines("seq")) == 200
    assert len(shop.marked) < 50, "one mark for each commit"


@pytest.mark.parametrize("hot", [True, False])
def test_while_another_program_writes_callers_wait_and_are_then_asked_to_come_back(
    shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch, *, hot: bool
) -> None:
    monkeypatch.setattr(hot_events, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr("recommender.api.later.PATIENCE_SECONDS", 0.3)
    server = shim(shop, hot=hot)
    handle = os.open(home / "var" / "write.lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)

    async def together() -> tuple[list[Answer], int]:
        ticks = 0
        one = [asked(server, json.dumps(view("v1")).encode(), authorization=f"Bearer {shop.sk}") for _ in range(3)]
        waiting = asyncio.gather(*one)
        while not waiting.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return await waiting, ticks

    answers, ticks = asyncio.run(together())
    os.close(handle)
    assert ticks > 10, "the loop went on"
    for status, headers, _ in answers:
        assert status == 503
        assert "retry-after" in dict(headers)
    assert shop.said(view("v2"))["accepted"] == 1
