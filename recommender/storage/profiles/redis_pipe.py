"""Questions to Redis that hold nobody up: while one answer is on its way, the event loop makes others.

A thread that waits for a server lets its core go cold, which costs a list more than the answer does (docs/decisions/0008-profiles.md).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Any, NamedTuple

import hiredis
from redis.connection import SSLConnection, parse_url

from recommender.domain import metrics
from recommender.domain.breaker import Breaker
from recommender.domain.errors import StoreUnavailableError

Command = tuple[str | bytes | int, ...]
REFUSED = "The profile cache (RECOMMENDER_REDIS_URL) refuses us."

ANSWERED = metrics.histogram("recommender_store_duration_seconds", store="redis")
OPENING_SECONDS = 1.0
"""How long connecting may take, where nobody waits for it; and how long after a failure nobody tries."""


class _Asked(NamedTuple):
    began: float
    due: float
    wanted: int
    answers: "asyncio.Future[list[Any]]"


class RedisPipe(asyncio.Protocol):
    """One connection of one event loop. What is asked in one turn of the loop leaves in one write.

    It connects when it is first asked for something. Until then, where it cannot, and over TLS there is no pipe, and the caller
    asks in its own way. Not for several threads.

    Parameters
    ----------
    url : str
        ``redis://`` or ``unix://``.
    seconds : float
        How long an answer may take; then the connection is closed, the breaker opens, and all who wait are told.
    breaker : Breaker
        Opened by silence, closed by answers; while it is open there is no pipe.
    """

    def __init__(self, url: str, *, seconds: float, breaker: Breaker) -> None:
        self._url, self._seconds, self._breaker = url, seconds, breaker
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pipe: asyncio.Transport | None = None
        self._opening: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._forget()

    def _forget(self) -> None:
        self._reader = hiredis.Reader()
        self._asked: deque[_Asked] = deque()
        self._heard: list[Any] = []
        self._out: list[bytes] = []
        self._watched = False

    def ask(self, commands: Sequence[Command]) -> "asyncio.Future[list[Any]] | None":
        """The answers to come, an error of the server in the place of its command; None where there is no pipe.

        Awaiting them raises :class:`~recommender.domain.errors.StoreUnavailableError`.
        """
        loop = asyncio.get_running_loop()
        if self._pipe is None or self._loop is not loop or self._breaker.is_open:
            self._open(loop)
            return None
        answers = self._noted(loop, len(commands), self._seconds)
        if not self._out:
            loop.call_soon(self._send)
        self._out += [packed(command) for command in commands]
        if not self._watched:
            self._watched = True
            loop.call_at(self._asked[0].due, self._watch)
        return answers

    def close(self) -> None:
        """Let go of the connection; from any thread."""
        pipe, loop = self._pipe, self._loop
        if pipe is not None and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(pipe.abort)

    def data_received(self, data: bytes) -> None:
        """Answers, or pieces of them. Who speaks without being asked is hung up on: it would answer the next question."""
        if not self._asked:
            self._hang_up()
            return
        self._reader.feed(data)
        try:
            while self._asked and (answer := self._reader.gets()) is not False:
                self._hear(answer)
        except hiredis.ProtocolError:  # no Redis
            self._breaker.failed()
            self._hang_up()
        else:
            self._breaker.succeeded()

    def _hear(self, answer: Any) -> None:
        self._heard.append(answer)
        if len(self._heard) == self._asked[0].wanted:
            heard, self._heard = self._heard, []
            began, _, _, answers = self._asked.popleft()
            ANSWERED.observe(monotonic() - began)
            if not answers.done():
                answers.set_result(heard)

    def _hang_up(self) -> None:
        if self._pipe is not None:
            self._pipe.abort()

    def connection_lost(self, _: Exception | None) -> None:
        """Whoever waits is told."""
        waiting = [asked.answers for asked in self._asked]
        self._pipe = None
        self._forget()
        for answers in waiting:
            if not answers.done():
                answers.set_exception(StoreUnavailableError("The profile cache (RECOMMENDER_REDIS_URL) went away."))

    def _noted(self, loop: asyncio.AbstractEventLoop, wanted: int, seconds: float) -> "asyncio.Future[list[Any]]":
        answers: asyncio.Future[list[Any]] = loop.create_future()
        self._asked.append(_Asked(monotonic(), loop.time() + seconds, wanted, answers))
        return answers

    def _send(self) -> None:
        out, self._out = self._out, []
        if self._pipe is not None:
            self._pipe.write(b"".join(out))

    def _watch(self) -> None:
        """One look ahead for all questions: the oldest is the first that may be overdue."""
        self._watched = False
        if not self._asked or self._loop is None or self._pipe is None:
            return
        if self._asked[0].due > self._loop.time():
            self._watched = True
            self._loop.call_at(self._asked[0].due, self._watch)
            return
        self._breaker.failed(silent=True)
        self._hang_up()

    def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:  # another loop's connection is of no use here
            self.close()
            self._loop, self._pipe, self._opening, self._not_before = loop, None, None, 0.0
        if self._opening is None and not self._breaker.is_open and loop.time() >= self._not_before:
            self._not_before = loop.time() + OPENING_SECONDS
            self._opening = loop.create_task(self._connect(loop))

    async def _greet(
        self, loop: asyncio.AbstractEventLoop, pipe: asyncio.Transport, greeting: Sequence[Command]
    ) -> None:
        if not greeting:
            return
        answers = self._noted(loop, len(greeting), OPENING_SECONDS)
        pipe.write(b"".join([packed(command) for command in greeting]))
        if any(isinstance(answer, hiredis.HiredisError) for answer in await answers):
            raise StoreUnavailableError(REFUSED)

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> None:
        pipe: asyncio.Transport | None = None
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                told: dict[str, Any] = parse_url(self._url)  # type: ignore[no-untyped-call] # redis-py says no type here
                if told.get("connection_class") is SSLConnection:
                    return
                if "path" in told:
                    pipe, _ = await loop.create_unix_connection(lambda: self, told["path"])
                else:
                    place = told.get("host", "localhost"), told.get("port", 6379)
                    pipe, _ = await loop.create_connection(lambda: self, *place)
                await self._greet(loop, pipe, _greeting(told))
                self._pipe = None if pipe.is_closing() else pipe
        except (OSError, StoreUnavailableError, TimeoutError):
            if pipe is not None:
                pipe.abort()
        finally:
            self._opening = None


def packed(command: Command) -> bytes:
    """A command as the server reads it."""
    made: bytes = hiredis.pack_command(command)  # type: ignore[arg-type] # its stub asks for a tuple of one
    return made


def _greeting(told: dict[str, Any]) -> list[Command]:
    """What a connection says first: who it is, and which database it means."""
    name, password, database = told.get("username"), told.get("password"), told.get("db")
    greeting: list[Command] = []
    if password:
        greeting.append(("AUTH", name, password) if name else ("AUTH", password))
    if database:
        greeting.append(("SELECT", database))
    return greeting
