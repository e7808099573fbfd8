"""Profiles in Redis or Valkey, for several hosts. It may die, freeze or fill up at any time: that costs a miss, no more."""

import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from itertools import islice
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.retry import Retry

from recommender.domain import metrics
from recommender.domain.breaker import Breaker
from recommender.domain.errors import SettingsError, StoreUnavailableError
from recommender.domain.people import Person
from recommender.domain.ports import StoredProfile
from recommender.storage.profiles.naming import digest_of, keys_of
from recommender.storage.profiles.redis_pipe import ANSWERED, RedisPipe

TIMEOUT_SECONDS = 0.05
PATIENCE_SECONDS = 5.0
"""For rebuilding, erasing and clearing, where nobody waits for a list."""

KEPT_SECONDS = 30 * 24 * 3600
"""A profile nobody asked for this long is let go; the log still has the person."""

ERASED_SECONDS = 10
"""How long an erased person's key refuses profiles that were read just before."""

AT_ONCE = 500
HEAD = struct.Struct("<4sqIII")
MAGIC = b"rpf1"
ERASED = b"erased"
PUT = f"""
local stands = redis.pcall('GET', KEYS[1])
if type(stands) == 'table' then stands = false end
if stands == '{ERASED.decode()}' then return 0 end
if stands and string.sub(stands, 1, 4) ~= '{MAGIC.decode()}' then stands = false end
local at = ''
if stands then at = string.sub(stands, 5, 12) end
if at ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
"""Compare the position that stands with the one expected, then set; what is no profile counts as nothing."""


class RedisProfiles:
    """:class:`~recommender.domain.ports.ProfileStore` over a Redis URL.

    Explicit timeouts, no retries, one breaker; a connection per thread, used without the client's own layers (they
    cost more than the server). Keys are ``<prefix>:{hash}``.

    Parameters
    ----------
    url : str
        ``redis://``, ``rediss://`` or ``unix://``.
    prefix : str
        What keeps several shops on one server apart.
    breaker : Breaker, optional
    """

    def __init__(self, url: str, *, prefix: str, breaker: Breaker | None = None) -> None:
        self._pools = {seconds: _pool(url, seconds) for seconds in (TIMEOUT_SECONDS, PATIENCE_SECONDS)}
        self._prefix = prefix.encode()
        self.breaker = breaker or Breaker()
        self._mine = threading.local()
        self._pipe = RedisPipe(url, seconds=TIMEOUT_SECONDS, breaker=self.breaker)
        self._left_alone = metrics.gauge("recommender_store_breaker_open", store="redis")

    waits = True

    def get(self, keys: Sequence[str]) -> list[StoredProfile | None]:
        """The profiles in one round trip; anything that is no profile is None.

        Raises
        ------
        StoreUnavailableError
            If the server does not answer within 50 ms, or did not lately.
        """
        found = self._asked([("GET", self._name(key)) for key in keys])
        return [_decoded(value) for value in found]

    def begin(self, keys: Sequence[str]) -> Awaitable[list[StoredProfile | None]] | None:
        """The same, on the event loop that runs; None where there is no connection yet."""
        answers = self._pipe.ask([("GET", self._name(key)) for key in keys])
        return None if answers is None else _read(answers)

    def put(self, key: str, profile: StoredProfile, expected: int | None) -> bool:
        """Compare and set by a script. A full server, too, counts as not stored."""
        at = b"" if expected is None else struct.pack("<q", expected)
        command = ("EVAL", PUT, 1, self._name(key), at, _encoded(profile), KEPT_SECONDS)
        return bool(self._asked([command])[0] == 1)

    def put_many(self, profiles: Iterable[tuple[str, StoredProfile]], *, replace: bool = False) -> int:
        """Store all, some hundreds a round trip; each person's profile changes in one step.

        With ``replace`` the profiles that were not given are let go afterwards.
        """
        stored, given = 0, set[bytes]()
        every = iter(profiles)
        with self._patient() as ask:
            while some := list(islice(every, AT_ONCE)):
                names = [self._name(key) for key, _ in some]
                values = [_encoded(profile) for _, profile in some]
                answers = ask([("SET", n, v, "EX", KEPT_SECONDS) for n, v in zip(names, values, strict=True)])
                _refuse_errors(answers)
                stored += len(some)
                if replace:
                    given.update(names)
            if replace:
                self._drop(ask, kept=given)
        return stored

    def erase(self, person: Person) -> int:
        """Forget the person; for some seconds the keys refuse what somebody read before."""
        with self._patient() as ask:
            names = [self._name(key) for key in keys_of(person)]
            stood = ask([("GETRANGE", name, 0, len(MAGIC) - 1) for name in names])
            _refuse_errors(ask([("SET", name, ERASED, "EX", ERASED_SECONDS) for name in names]))
        return sum(value == MAGIC for value in stood)

    def clear(self) -> None:
        """Delete every key of this shop."""
        with self._patient() as ask:
            self._drop(ask, kept=frozenset())

    def check(self) -> None:
        """Ask as a list would, within 50 ms, and what it costs no list: a breaker that is open closes once this is answered.

        Whether it is open is told in the service's numbers.

        Raises
        ------
        StoreUnavailableError
            If the server does not answer, answers by an error, or is left alone because it did not answer lately.
        """
        try:
            answer = self._asked([("PING",)])[0]
        finally:
            self._left_alone.set(self.breaker.is_open)
        if isinstance(answer, redis.RedisError):
            raise StoreUnavailableError("The profile cache (RECOMMENDER_REDIS_URL) answers by an error.") from answer

    def close(self) -> None:
        """Close every connection of this thread; those of other threads close with them."""
        self._pipe.close()
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            connection.disconnect()
            self._mine.connection = None

    def _name(self, key: str) -> bytes:
        return b"%s:{%s}" % (self._prefix, digest_of(key).hex().encode())

    def _drop(self, ask: "Ask", *, kept: AbstractSet[bytes]) -> None:
        cursor: Any = b"0"
        pattern = self._prefix.replace(b"\\", b"\\\\").replace(b"*", b"\\*").replace(b"?", b"\\?").replace(b"[", b"\\[")
        while True:
            answer = ask([("SCAN", cursor, "MATCH", pattern + b":{*}", "COUNT", AT_ONCE)])
            _refuse_errors(answer)
            cursor, names = answer[0]
            if gone := [name for name in names if name not in kept]:
                _refuse_errors(ask([("UNLINK", name) for name in gone]))
            if cursor in (b"0", 0):
                return

    def _asked(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Answers of a quick question, behind the breaker; an error of the server on one command stands in its place."""
        if not self.breaker.allows():
            raise StoreUnavailableError("The profile cache (RECOMMENDER_REDIS_URL) did not answer lately.")
        began = time.monotonic()
        try:
            answers = self._exchanged(commands)
        except (redis.RedisError, OSError) as error:
            self._mine.connection = None
            self.breaker.failed(silent=isinstance(error, redis.TimeoutError | TimeoutError))
            raise StoreUnavailableError(
                f"The profile cache (RECOMMENDER_REDIS_URL) does not answer ({type(error).__name__})."
            ) from error
        self.breaker.succeeded()
        ANSWERED.observe(time.monotonic() - began)
        return answers

    def _exchanged(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        connection = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = self._pools[TIMEOUT_SECONDS].make_connection()
        return _exchange(connection, commands)

    @contextmanager
    def _patient(self) -> "Iterator[Ask]":
        """A connection of its own that waits longer."""
        connection = self._pools[PATIENCE_SECONDS].make_connection()
        try:
            yield lambda commands: _exchange(connection, commands)
        except (redis.RedisError, OSError) as error:
            raise StoreUnavailableError(
                f"The profile cache (RECOMMENDER_REDIS_URL) does not answer or is full ({error}); nothing of it is lost."
            ) from error
        finally:
            connection.disconnect()  # type: ignore[no-untyped-call] # redis-py says no type here


Ask = Callable[[Sequence[tuple[Any, ...]]], list[Any]]


def _pool(url: str, seconds: float) -> ConnectionPool:
    try:
        return ConnectionPool.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
    except ValueError as error:
        raise SettingsError(
            f"RECOMMENDER_REDIS_URL cannot be read ({error}); write redis://host:6379/0 or unix:///path."
        ) from error


def _exchange(connection: Any, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Send all, then read all. After anything but an answer the connection is closed: an answer may be under way.

    An answer that is an error of the server stands in the list as an exception.
    """
    answers: list[Any] = []
    whole = False
    try:
        connection.connect()
        connection.send_packed_command(connection.pack_commands(commands))
        for _ in commands:
            try:
                answers.append(connection.read_response())
            except redis.ResponseError as error:
                answers.append(error)
        whole = True
    finally:
        if not whole:
            connection.disconnect()
    return answers


async def _read(answers: Awaitable[list[Any]]) -> list[StoredProfile | None]:
    return [_decoded(value) for value in await answers]


def _refuse_errors(answers: Iterable[Any]) -> None:
    for answer in answers:
        if isinstance(answer, redis.RedisError):
            raise answer


def _encoded(profile: StoredProfile) -> bytes:
    sizes = (len(profile.state), len(profile.items), len(profile.facts))
    return HEAD.pack(MAGIC, profile.position, *sizes) + profile.state + profile.items + profile.facts


def _decoded(value: Any) -> StoredProfile | None:
    if not isinstance(value, bytes) or len(value) < HEAD.size or not value.startswith(MAGIC):
        return None
    _, position, state, items, facts = HEAD.unpack_from(value)
    a, b, c = HEAD.size + state, HEAD.size + state + items, HEAD.size + state + items + facts
    if len(value) != c:
        return None
    return StoredProfile(position=position, state=value[HEAD.size : a], items=value[a:b], facts=value[b:c])
