"""What the use cases need from the outside, as small interfaces. ``storage`` implements them.

Every store that keeps anything of a person has ``erase``: a store without it cannot be wired.
All methods raise :class:`~recommender.domain.errors.StoreUnavailableError` when the store is down, full or locked.
"""

from recommender.domain.ports.catalogue import Catalogue
from recommender.domain.ports.changes import Changed, Changes, Standing
from recommender.domain.ports.imports import Appended, ImportCounts, ImportSession, ReadyRows, Source
from recommender.domain.ports.keys import KeyStore, Meta
from recommender.domain.ports.letters import NUMBER_BYTES, ReaderRow, Readers
from recommender.domain.ports.log import EventLog
from recommender.domain.ports.people import ConsentLedger, Customers, Tombstones
from recommender.domain.ports.profiles import Freshness, ProfileStore, StoredProfile
from recommender.domain.ports.stores import Stores

__all__ = [
    "NUMBER_BYTES",
    "Appended",
    "Catalogue",
    "Changed",
    "Changes",
    "ConsentLedger",
    "Customers",
    "EventLog",
    "Freshness",
    "ImportCounts",
    "ImportSession",
    "KeyStore",
    "Meta",
    "ProfileStore",
    "ReaderRow",
    "Readers",
    "ReadyRows",
    "Source",
    "Standing",
    "StoredProfile",
    "Stores",
    "Tombstones",
]
