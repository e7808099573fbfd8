"""Profiles read before the answer that needs them, where reading waits for another server."""

from collections.abc import Awaitable, Callable, Sequence

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.ports import ProfileStore, StoredProfile

MOST = 1_000
"""Profiles at most that wait to be taken: an answer that was never made leaves one behind."""

SECONDS = 1.0
"""How long one waits to be taken; the answer is made right after it came."""


class Early:
    """Begins to read, and hands over what came, once. For one event loop and what runs on it.

    Parameters
    ----------
    store : ProfileStore
    monotonic : function
        The clock.
    """

    def __init__(self, store: ProfileStore, monotonic: Callable[[], float]) -> None:
        self._store, self._monotonic = store, monotonic
        self._came: dict[str, tuple[float, int, StoredProfile | None]] = {}

    def begin(self, keys: Sequence[str], generation: int) -> Awaitable[None] | None:
        """What is to be awaited before the answer is made; None if nothing is.

        Parameters
        ----------
        keys : sequence of str
            Person keys.
        generation : int
            Changes when somebody is forgotten; what was begun before is not handed over then.
        """
        found = self._store.begin(keys)
        return None if found is None else self._take_in(keys, generation, found)

    def taken(self, keys: Sequence[str], generation: int) -> list[StoredProfile | None] | None:
        """What came for these keys; None if not all of it did. It is gone from here then; what nobody takes is let go of later."""
        if not self._came:
            return None
        now, found = self._monotonic(), []
        for key in keys:
            until, began, profile = self._came.pop(key, (0.0, generation, None))
            if until >= now and began == generation:
                found.append(profile)
        return found if len(found) == len(keys) else None

    async def _take_in(
        self, keys: Sequence[str], generation: int, found: Awaitable[list[StoredProfile | None]]
    ) -> None:
        """A store that failed has left nothing: it is asked again, and says so, or not, while its breaker is open."""
        try:
            profiles = await found
        except StoreUnavailableError:
            return
        if len(self._came) >= MOST:
            self._came.clear()
        until = self._monotonic() + SECONDS
        self._came.update((key, (until, generation, one)) for key, one in zip(keys, profiles, strict=True))
