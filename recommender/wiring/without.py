"""A home whose database is away when a process begins to answer from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from recommender.domain.clock import ShopClock
from recommender.domain.errors import StoreAwayError
from recommender.domain.ports import ProfileStore, Standing
from recommender.settings import Settings
from recommender.storage.secret import SECRET_FILE
from recommender.wiring.shop import Shop, connect

if TYPE_CHECKING:
    from recommender.storage.freshness import FreshnessBoard


@dataclass(frozen=True)
class ShopWithoutDatabase(Shop):
    """A home whose database was away when a process began: lists come from the written catalogue and the model.

    Nothing is known of anybody, nothing is stored, and dates are today's.
    """

    @cached_property
    def clock(self) -> ShopClock:
        """The wall clock."""
        return ShopClock()

    @cached_property
    def freshness(self) -> "FreshnessBoard":
        """A board of its own, which nobody else sees."""
        from recommender.storage.freshness import FRESHNESS_FILE, FreshnessBoard

        with TemporaryDirectory() as folder:
            return FreshnessBoard(Path(folder) / FRESHNESS_FILE, Standing(position=0, consent=0, customers=0))

    @cached_property
    def profile_store(self) -> ProfileStore:
        """None: whose consent cannot be asked is a stranger."""
        from recommender.storage.absent import absent_profiles

        return absent_profiles("The database is away, so nothing is known of people.")

    @property
    def cache_checks(self) -> Mapping[str, Callable[[], object]]:
        """None: nothing is asked of a cache."""
        return {}


def connect_to_answer(settings: Settings) -> Shop:
    """:func:`connect` for a process that answers; without the database while that is away, if it was there before.

    Raises
    ------
    StoreUnavailableError
        The database refuses us, or is away and this home has never been served from it.
    """
    try:
        return connect(settings, serving=True)
    except StoreAwayError as error:
        if not (settings.var_dir / SECRET_FILE).exists():
            raise
        from recommender.storage.absent import absent_stores

        return ShopWithoutDatabase(settings=settings, stores=absent_stores(str(error)))
