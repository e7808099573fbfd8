"""Every profile anew from the log, in columns: after an import, a new version, or the loss of the cache."""

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from recommender.ahead import ahead
from recommender.domain.consent import Purpose
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.events import LINE_COLUMNS
from recommender.domain.ports import ProfileStore, Standing, StoredProfile, Stores
from recommender.features import ItemLookup
from recommender.features.frames import rebuild
from recommender.services.profiles import Facts, encoded_facts

TRIES = 3
COLUMNS = tuple(name for name in LINE_COLUMNS if name != "event_id")
"""What profiles are made of: everything but the longest column."""

Progress = Callable[[str, int, int | None, str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """How a rebuild went.

    Attributes
    ----------
    events, people : int
        Lines read; profiles stored.
    position : int
        The last line of the log that is in.
    """

    events: int
    people: int
    position: int
    seconds: float

    @property
    def events_per_s(self) -> float:
        """Lines a second, reading and storing included."""
        return self.events / self.seconds if self.seconds else 0.0


def rebuild_profiles(
    stores: Stores,
    store: ProfileStore,
    lookup: ItemLookup,
    *,
    limit: int,
    progress: Progress = lambda *_: None,
) -> RebuildReport:
    """Replace the cache by profiles made of the whole log; readers see the old ones until it is done.

    Parameters
    ----------
    limit : int
        How many of a person's newest lines a record holds, as answers read them.

    Raises
    ------
    StoreUnavailableError
        If a store does not answer, or people were erased each time it was tried.
    """
    began = time.perf_counter()
    for _ in range(TRIES):
        forgotten = stores.tombstones.count()
        pass_over = _Pass(stores=stores, limit=limit, progress=progress, standing=stores.changes.standing())
        with _uncollected():
            people = store.put_many(pass_over.profiles(lookup), replace=True)
        if stores.tombstones.count() == forgotten:
            return RebuildReport(
                events=pass_over.events,
                people=people,
                position=pass_over.standing.position,
                seconds=time.perf_counter() - began,
            )
        store.clear()
    raise StoreUnavailableError("People are being erased at the moment; rebuild the profiles afterwards.")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for reference cycles, of which millions of small lists make much and find none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(slots=True, kw_only=True)
class _Pass:
    """One pass over the log. Where the stores stand is read before: later lines are left for the next reading."""

    stores: Stores
    limit: int
    progress: Progress
    standing: Standing
    events: int = 0

    def profiles(self, lookup: ItemLookup) -> Iterator[tuple[str, StoredProfile]]:
        """Each person's profile."""
        owner = dict(self.stores.log.links())
        told = _Told(self.stores, owner, self.standing)
        frames = ahead(self._frames(), held=2)
        for done, (key, state, items) in enumerate(rebuild(frames, lookup, owner, self.limit), start=1):
            if done % 1_000 == 0:
                self.progress("storing profiles", done, None, "people")
            facts = encoded_facts(told.of(key))
            yield key, StoredProfile(position=self.standing.position, state=state, items=items, facts=facts)

    def _frames(self) -> Generator[pl.DataFrame, None, None]:
        for frame in self.stores.log.frames(columns=COLUMNS):
            lines = frame.filter(pl.col("seq") <= self.standing.position)
            self.events += lines.height
            self.progress("reading the log", self.events, None, "events")
            yield lines


class _Told:
    """What the stores say of people beside events, read once."""

    def __init__(self, stores: Stores, owner: Mapping[str, str], standing: Standing) -> None:
        self._standing = standing
        self._owner = owner
        self._countries = stores.customers.countries()
        self._linked: dict[str, list[str]] = defaultdict(list)
        for visitor, customer in sorted(owner.items()):
            self._linked[customer].append(visitor)
        self._refused: dict[str, list[str]] = defaultdict(list)
        for purpose in sorted(Purpose):
            customers, visitors = stores.consent.refusals(purpose)
            for kind, ids in (("c:", customers), ("v:", visitors)):
                for one in ids:
                    self._refused[kind + one].append(purpose.value)

    def of(self, key: str) -> Facts:
        one = key[2:]
        owner = self._owner.get(one) if key.startswith("v:") else None
        linked = tuple(self._linked.get(one, ())) if key.startswith("c:") else ()
        refused = self._refused.get(key, [])
        if owner is not None:
            refused = sorted({*refused, *self._refused.get(f"c:{owner}", ())})
        return Facts(
            stamp=self._standing.facts,
            owner=owner,
            linked=linked,
            country=self._countries.get(one) or None if key.startswith("c:") else None,
            refused=tuple(refused),
            folded=self._standing.position,
            folded_linked=linked,
        )
