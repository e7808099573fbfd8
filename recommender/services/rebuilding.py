"""Every profile anew from the log, in columns: after an import, a new version, or the loss of the cache."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

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
    left : int
        People with more lines than a record holds, who are read from the log when they are next asked for.
    position : int
        The last line of the log that is in.
    """

    events: int
    people: int
    left: int
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
        people = store.put_many(pass_over.profiles(lookup), replace=True)
        if stores.tombstones.count() == forgotten:
            return RebuildReport(
                events=pass_over.events,
                people=people,
                left=pass_over.left,
                position=pass_over.standing.position,
                seconds=time.perf_counter() - began,
            )
        store.clear()
    raise StoreUnavailableError("People are being erased at the moment; rebuild the profiles afterwards.")


@dataclass(slots=True, kw_only=True)
class _Pass:
    """One pass over the log. Where the stores stand is read before: later lines are left for the next reading."""

    stores: Stores
    limit: int
    progress: Progress
    standing: Standing
    events: int = 0
    left: int = 0
    lines: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: {"customer_id": [], "visitor_id": []})

    def profiles(self, lookup: ItemLookup) -> Iterator[tuple[str, StoredProfile]]:
        """Each person's profile, but for those whose record would be cut."""
        owner = dict(self.stores.log.links())
        told = _Told(self.stores, owner, self.standing)
        many: frozenset[str] | None = None
        for done, (key, state, items) in enumerate(rebuild(self._frames(), lookup, owner, self.limit), start=1):
            if many is None:
                many = self._with_many_lines(owner)
            if done % 1_000 == 0:
                self.progress("storing profiles", done, None, "people")
            if key in many:
                self.left += 1
                continue
            facts = encoded_facts(told.of(key))
            yield key, StoredProfile(position=self.standing.position, state=state, items=items, facts=facts)

    def _frames(self) -> Iterator[pl.DataFrame]:
        for frame in self.stores.log.frames(columns=COLUMNS):
            lines = frame.filter(pl.col("seq") <= self.standing.position)
            self.events += lines.height
            for name, counted in self.lines.items():
                others = ["visitor_id"] if name == "customer_id" else []
                counted.append(lines.group_by([name, *others]).len())
            self.progress("reading the log", self.events, None, "events")
            yield lines

    def _with_many_lines(self, owner: Mapping[str, str]) -> frozenset[str]:
        """Keys of people with as many lines as a record holds, or more."""
        links = pl.DataFrame(
            {"visitor_id": list(owner), "owner": list(owner.values())},
            schema={"visitor_id": pl.String, "owner": pl.String},
        )
        customers = pl.concat(self.lines["customer_id"]).join(links, on="visitor_id", how="left")
        whose = {
            "c:": customers.select(who=pl.coalesce("customer_id", "owner"), len="len"),
            "v:": pl.concat(self.lines["visitor_id"]).select(who="visitor_id", len="len"),
        }
        found: set[str] = set()
        for kind, counted in whose.items():
            sums = counted.drop_nulls("who").group_by("who").agg(pl.col("len").sum())
            found.update(kind + one for one in sums.filter(pl.col("len") >= self.limit)["who"].to_list())
        return frozenset(found)


class _Told:
    """What the stores say of people beside events, read once."""

    def __init__(self, stores: Stores, owner: Mapping[str, str], standing: Standing) -> None:
        self._standing = standing
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
        linked = tuple(self._linked.get(one, ())) if key.startswith("c:") else ()
        return Facts(
            stamp=self._standing.facts,
            linked=linked,
            country=self._countries.get(one) or None if key.startswith("c:") else None,
            refused=tuple(self._refused.get(key, ())),
            folded=self._standing.position,
            folded_linked=linked,
        )
