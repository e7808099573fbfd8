"""Profiles that were read before their answer are handed over once, to the answer that follows, and never after somebody was forgotten."""

import asyncio
from collections.abc import Awaitable, Sequence

from redis_server import stored

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.ports import StoredProfile
from recommender.services.early import SECONDS, Early


class Slow:
    """A store whose answers come later."""

    def __init__(self, profiles: dict[str, StoredProfile]) -> None:
        self.profiles, self.down, self.begun = profiles, False, True

    def begin(self, keys: Sequence[str]) -> Awaitable[list[StoredProfile | None]] | None:
        return self._later(keys) if self.begun else None

    async def _later(self, keys: Sequence[str]) -> list[StoredProfile | None]:
        await asyncio.sleep(0)
        if self.down:
            raise StoreUnavailableError("gone")
        return [self.profiles.get(key) for key in keys]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def early(**profiles: StoredProfile) -> tuple[Early, Slow, Clock]:
    store, clock = Slow(profiles), Clock()
    return Early(store, clock), store, clock  # type: ignore[arg-type] # of a store only begin is asked


async def waited(one: Early, keys: Sequence[str], generation: int = 0) -> None:
    begun = one.begin(keys, generation)
    assert begun is not None
    await begun


def test_what_came_is_taken_once() -> None:
    one, _, _ = early(a=stored(1))
    asyncio.run(waited(one, ["a", "b"]))
    assert one.taken(["a", "b"], 0) == [stored(1), None]
    assert one.taken(["a", "b"], 0) is None


def test_nothing_is_taken_of_half_an_answer_and_nothing_stays() -> None:
    one, _, _ = early(a=stored(1))
    asyncio.run(waited(one, ["a"]))
    assert one.taken(["a", "b"], 0) is None
    assert one.taken(["a"], 0) is None


def test_what_was_begun_before_somebody_was_forgotten_is_not_handed_over() -> None:
    one, _, _ = early(a=stored(1))
    asyncio.run(waited(one, ["a"], generation=4))
    assert one.taken(["a"], 5) is None


def test_what_nobody_took_is_soon_too_old() -> None:
    one, _, clock = early(a=stored(1))
    asyncio.run(waited(one, ["a"]))
    clock.now += SECONDS + 0.1
    assert one.taken(["a"], 0) is None


def test_a_store_that_fails_or_has_no_way_leaves_nothing() -> None:
    one, store, _ = early(a=stored(1))
    store.down = True
    asyncio.run(waited(one, ["a"]))
    assert one.taken(["a"], 0) is None
    store.begun = False
    assert one.begin(["a"], 0) is None
