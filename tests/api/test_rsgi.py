"""The shim between granian and Flask, without a server (the server's tests are in e2e)."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from storefronts import make_app

from recommender.api import rsgi
from recommender.api.app import MAX_BODY_BYTES

HOME = "/v1/recommendations/home"


class Headers:
    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = list(pairs)

    def get(self, key: str, default: Any = None) -> Any:
        return next((value for name, value in self._pairs if name == key), default)

    def items(self) -> list[tuple[str, str]]:
        return self._pairs


@dataclass
class Scope:
    headers: rsgi.Headers
    method: str = "GET"
    path: str = HOME
    query_string: str = ""
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.1:5555"
    scheme: str = "http"
    authority: str | None = None


@dataclass
class Line:
    """The other end: gives the body in pieces, with a pause before each, and takes the answer."""

    pieces: Sequence[bytes] = ()
    pause: float = 0.0
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    given: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            await asyncio.sleep(self.pause)
            self.given += len(piece)
            yield piece

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, dict(headers), body))


def scope(*pairs: tuple[str, str], **more: Any) -> Scope:
    return Scope(Headers([("host", "localhost:8000"), *pairs]), **more)


def run(asked: Scope, line: Line) -> list[tuple[int, dict[str, str], bytes]]:
    asyncio.run(rsgi.Shim(make_app().wsgi_app).__rsgi__(asked, line))
    return line.answers


def test_an_answer_is_byte_for_byte_the_applications_own() -> None:
    ((status, headers, body),) = run(scope(query_string="size=3&customer_id=c1"), Line())
    own = make_app().test_client().get(f"{HOME}?size=3&customer_id=c1")
    assert (status, body) == (own.status_code, own.data)
    assert headers["content-type"] == own.headers["Content-Type"]
    assert headers["cache-control"] == "private, no-store"


def test_a_body_in_pieces_arrives_whole() -> None:
    asked = scope(("content-type", "application/json"), ("content-length", "10"), method="POST")
    ((status, _, body),) = run(asked, Line([b'{"siz', b'e":2}']))
    assert (status, body.count(b'"rank"')) == (200, 2)


def test_a_body_without_a_length_is_read_no_further_than_the_cap() -> None:
    line = Line([b" " * 100_000] * 100)
    ((status, headers, _),) = run(scope(("transfer-encoding", "chunked"), method="POST"), line)
    assert (status, headers["connection"]) == (413, "close")
    assert line.given <= MAX_BODY_BYTES + 100_000


def test_a_body_that_says_it_is_too_large_is_not_read_at_all() -> None:
    line = Line([b"x"])
    ((status, _, _),) = run(scope(("content-length", "300000000"), method="POST"), line)
    assert (status, line.given) == (413, 0)


def test_a_body_that_never_comes_is_given_up() -> None:
    line = Line([b"x"], pause=rsgi.BODY_SECONDS + 3)
    ((status, headers, body),) = run(scope(("content-length", "10"), method="POST"), line)
    assert (status, headers["content-type"]) == (408, "application/problem+json")
    assert b"slow_body" in body


def test_a_caller_who_hung_up_is_not_answered() -> None:
    assert run(scope(("content-length", "10"), method="POST"), Line([b"x"])) == []


def test_paths_and_queries_beyond_ascii_arrive_as_wsgi_says() -> None:
    environ = rsgi.environ_of(scope(path="/żółw", query_string="a=ż"), b"", None)
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/żółw"
    assert environ["QUERY_STRING"].encode("latin-1").decode() == "a=ż"


def test_no_header_can_pose_as_another() -> None:
    environ = rsgi.environ_of(scope(("x_api_key", "sk_forged"), ("x-a", "1"), ("x-a", "2")), b"", None)
    assert "HTTP_X_API_KEY" not in environ
    assert environ["HTTP_X_A"] == "1,2"


def test_the_length_is_that_of_what_was_read() -> None:
    environ = rsgi.environ_of(scope(("content-length", "99"), ("transfer-encoding", "chunked")), b"abc", None)
    assert environ["CONTENT_LENGTH"] == "3"
    assert "HTTP_TRANSFER_ENCODING" not in environ


def test_what_an_application_opened_is_closed() -> None:
    closed: list[bool] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"a", b"b"])

        def close(self) -> None:
            closed.append(True)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        start_response("200 OK", [("X-A", "1"), ("Content-Length", "2")])
        return Body()

    status, headers, body = rsgi.call(application, rsgi.environ_of(scope(), b"", None))
    assert (status, headers, body, closed) == (200, [("x-a", "1")], b"ab", [True])
