"""Between granian and Flask: reads a body on the event loop, then runs the application there.

A worker that handed every connection a thread would be blocked by as many slow bodies as it has threads. Here a body
that is still on its way costs nothing but memory, and never more than the cap. A view that waits for a commit (see
``later``) gives the loop back meanwhile.
"""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

from granian.rsgi import ProtocolError  # type: ignore[attr-defined] # made in Rust: its stubs leave it out

from recommender.api.app import MAX_BODY_BYTES, REFUSAL_KEY
from recommender.api.later import Answer, Patient

BODY_SECONDS = 2.0
"""How long a body may take from the first header to its last byte."""

Refused = tuple[str, str]
SLOW: Refused = ("slow_body", f"The body did not arrive within {BODY_SECONDS:g} seconds.")
LARGE: Refused = ("body_too_large", f"A body has at most {MAX_BODY_BYTES:,} bytes.")


class Headers(Protocol):
    """Request headers: lower-case names."""

    def get(self, key: str, default: Any = None) -> Any: ...  # noqa: D102
    def items(self) -> list[tuple[str, str]]: ...  # noqa: D102


class Scope(Protocol):
    """What granian tells of a request."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Headers


class HttpProtocol(Protocol):
    """How granian hands over the body and takes the answer."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def __call__(self) -> Awaitable[bytes]: ...  # noqa: D102
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...  # noqa: D102


Hot = Callable[[Scope, bytes], Awaitable[Answer | None]]
"""None: the application is to answer."""


class Shim:
    """An RSGI application around a WSGI one.

    Parameters
    ----------
    application
        Run to its end at once, or, if it is patient, as far as it gets without waiting.
    hot
        Answers to calls of one method at one path that are too many for a whole application each. A path that ends with a
        slash stands for everything directly below it.
    on_start, on_stop
        Called in the worker when its loop stands, and after the last request was answered.
    """

    def __init__(
        self,
        application: WSGIApplication | Patient,
        *,
        hot: "Mapping[tuple[str, str], Hot]" = MappingProxyType({}),
        on_start: Callable[[asyncio.AbstractEventLoop], None] = lambda _: None,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._application = application
        self._hot = hot
        self._on_start = on_start
        self._on_stop = on_stop

    def turn(self, application: WSGIApplication | Patient, hot: "Mapping[tuple[str, str], Hot]") -> None:
        """Answer from others from the next request on."""
        self._application, self._hot = application, hot

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._on_start(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._on_stop()

    def _hot_of(self, scope: Scope) -> "Hot | None":
        found = self._hot.get((scope.method, scope.path))
        return found or self._hot.get((scope.method, scope.path[: scope.path.rfind("/") + 1]))

    async def __rsgi__(self, scope: Scope, protocol: HttpProtocol) -> None:
        body: bytes = b""
        refused: Refused | None = None
        length = scope.headers.get("content-length")
        chunked = scope.headers.get("transfer-encoding") is not None
        if length is not None or chunked:
            expected = int(length) if length is not None and length.isdigit() else None
            if expected is not None and expected > MAX_BODY_BYTES:
                refused = LARGE
            else:
                body, refused = await (_pieces if expected is None or chunked else _whole)(protocol)
                if refused is None and expected is not None and len(body) < expected:
                    return  # the caller hung up; there is nobody to answer
        hot = self._hot_of(scope) if refused is None else None
        answered = None if hot is None else await hot(scope, body)
        if answered is not None:
            protocol.response_bytes(*answered)
            return
        environ = environ_of(scope, body, refused)
        if isinstance(self._application, Patient):
            answer = as_the_server_sends(await self._application(environ), scope.method)
        else:
            answer = call(self._application, environ)
        protocol.response_bytes(*answer)


async def _whole(protocol: HttpProtocol) -> tuple[bytes, Refused | None]:
    """A body whose length is known, in one wait of the loop; short if the caller hung up."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await protocol(), None
    except TimeoutError:
        return b"", SLOW
    except ProtocolError:
        return b"", None


async def _pieces(protocol: HttpProtocol) -> tuple[bytes, Refused | None]:
    """A body that does not say how long it is, or why not all of it."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in protocol:
                chunks.append(chunk)
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    return b"", LARGE
    except TimeoutError:
        return b"", SLOW
    return b"".join(chunks), None


def environ_of(scope: Scope, body: bytes, refused: Refused | None) -> dict[str, Any]:
    """The request as WSGI tells it (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": host or "localhost",
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        _add_header(environ, name, value)
    if scope.authority and "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if refused is not None:
        environ[REFUSAL_KEY] = refused
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    """One header; names with an underscore are dropped, because they could pose as another name."""
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
    text = value.encode().decode("latin-1")
    environ[key] = f"{environ[key]},{text}" if key in environ else text


def call(application: WSGIApplication, environ: dict[str, Any]) -> Answer:
    """Run a WSGI application to its end: status, headers, body."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        started[:] = [(status, headers)]
        return _no_write

    parts: Iterable[bytes] = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    return as_the_server_sends((int(status[:3]), headers, body), environ["REQUEST_METHOD"])


def as_the_server_sends(answer: Answer, method: str) -> Answer:
    """The answer with lower-case header names, without the headers the server writes itself."""
    status, headers, body = answer
    left_out = _OURS if method == "HEAD" else _SERVERS
    return status, [(low, value) for name, value in headers if (low := name.lower()) not in left_out], body


_OURS = frozenset({"transfer-encoding", "keep-alive"})
_SERVERS = _OURS | {"content-length"}
"""Headers the server writes itself; it cannot know how long the answer to a HEAD would have been."""


def _no_write(_: bytes) -> None:
    raise NotImplementedError("this application returns its body")
