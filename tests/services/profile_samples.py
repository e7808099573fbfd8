"""A small shop with a profile cache, a board and whoever follows the log, all real."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.ports import ProfileStore, Source, Stores
from recommender.services.following import Follower
from recommender.services.profiles import Profiles
from recommender.storage import default_url, open_stores
from recommender.storage.freshness import FreshnessBoard
from recommender.storage.profiles.sqlite import SqliteProfiles

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
SERVER = Source(kind="api", legal_basis="contract")


def happened(
    event_id: str,
    item_id: str = "mug",
    *,
    customer_id: str | None = None,
    visitor_id: str | None = None,
    kind: EventType = EventType.PURCHASE,
    seconds: float = 0,
) -> Event:
    """One thing with one item, some seconds after noon."""
    return Event(
        event_id=event_id,
        type=kind,
        time=NOON + timedelta(seconds=seconds),
        items=(EventItem(item_id=item_id),),
        customer_id=customer_id,
        visitor_id=visitor_id,
    )


class Corner:
    """Stores, cache, board and reader of one home."""

    def __init__(self, home: Path, stores: Stores, *, store: ProfileStore | None = None, limit: int = 2_000) -> None:
        self.home = home
        self.stores = stores
        self.board = FreshnessBoard(home / "var" / "freshness", stores.changes.standing())
        self.store = store or SqliteProfiles(home / "var" / "profiles.db")
        self.follower = Follower(stores.changes, self.board, self.store)
        self.limit = limit
        self.profiles = self.reader()

    def reader(self) -> Profiles:
        """As another worker has it: the same files, nothing in memory."""
        stores = self.stores
        return Profiles(
            log=stores.log,
            customers=stores.customers,
            consent=stores.consent,
            changes=stores.changes,
            store=self.store,
            board=self.board,
            limit=self.limit,
        )

    def tell(self, *events: Event) -> None:
        """Store events and mark them, as the service does."""
        self.stores.log.append(events, SERVER)
        self.follower.poll()


@contextmanager
def corner_at(home: Path) -> Iterator[Corner]:
    stores = open_stores(default_url(home), home=home)
    corner = Corner(home, stores)
    kept = corner.store
    try:
        yield corner
    finally:
        kept.close()
        stores.close()
