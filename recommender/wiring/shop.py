"""One home, opened: its stores, and the use cases connected to them.

Each part imports what it is made of when it is first asked for, so that a command which lists keys loads no model.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from secrets import token_hex
from types import TracebackType
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from recommender.domain.clock import CLOCK_SHIFT, ShopClock
from recommender.domain.errors import NoBundleError
from recommender.domain.ports import ProfileStore, Stores
from recommender.settings import Settings
from recommender.storage import default_url, open_stores

if TYPE_CHECKING:
    from recommender.bundle import Bundle, Shelf
    from recommender.model.contract import Model
    from recommender.model.fitted import FittedModel
    from recommender.services.attributes import Portraits
    from recommender.services.catalogue_child import Child
    from recommender.services.catalogue_shelf import CatalogueShelf
    from recommender.services.catalogue_view import CatalogueView
    from recommender.services.following import Follower
    from recommender.services.ingest import Ingest
    from recommender.services.model_source import ModelSource
    from recommender.services.privacy import Cache
    from recommender.services.profiles import Profiles
    from recommender.services.recommend import Recommender
    from recommender.services.shop_rules import ShopRules
    from recommender.services.slates import SlateNames
    from recommender.storage.freshness import FreshnessBoard

MODEL = "model"
"""Where a bundle's description keeps what the model needs besides its arrays."""

CACHE_NAME = "cache_name"
SERVING_CACHE_MB = 4

log = logging.getLogger("recommender.wiring")


@dataclass(frozen=True)
class Shop:
    """One home, opened. Parts are made when they are first asked for; use it as a context manager."""

    settings: Settings
    stores: Stores
    writer: "Child | None" = None

    @cached_property
    def shelf(self) -> "Shelf":
        """The bundles."""
        from recommender.bundle import Shelf

        return Shelf(self.settings.models_dir)

    @cached_property
    def clock(self) -> ShopClock:
        """The shop's clock; set back in a demo."""
        return ShopClock(timedelta(days=int(self.stores.meta.get(CLOCK_SHIFT) or 0)))

    @cached_property
    def models(self) -> "ModelSource":
        """The published model, loaded at once and followed by :meth:`ModelSource.poll`."""
        from recommender.services.model_source import ModelSource

        source = ModelSource(stamp=self.shelf.stamp, load=_prepared(_loader(self.shelf), self.catalogue_view.prepare))
        source.poll()
        return source

    @cached_property
    def catalogue_view(self) -> "CatalogueView":
        """The catalogue as lists need it; written once for all processes of the home."""
        from recommender.services.catalogue_view import CatalogueView

        shelf = shelf_of(self.settings)
        return CatalogueView(self.stores.catalogue, shelf=shelf, elsewhere=self.writer)

    @cached_property
    def rules(self) -> "ShopRules":
        """The shop's rules, not yet read."""
        from recommender.services.shop_rules import ShopRules

        return ShopRules(self.settings.rules_file, timezone=ZoneInfo(self.settings.timezone), clock=self.clock)

    @cached_property
    def slate_names(self) -> "SlateNames":
        """Names of lists, the same on every host that has the home's secret."""
        from recommender.services.slates import SlateNames
        from recommender.storage.secret import Secrets

        return SlateNames(Secrets(self.settings.var_dir).at_home)

    @cached_property
    def recommender(self) -> "Recommender":
        """Requests in, slates out; a broken file of rules is an error unless somebody follows it already."""
        from recommender.ranking.settings import AnswerSettings
        from recommender.services.recommend import Recommender

        settings = self.settings
        if not self.rules.looked:
            self.rules.load()
        named = tuple(part.strip() for part in settings.sensitive_categories.split(";") if part.strip())
        made = Recommender(
            models=self.models,
            log=self.stores.log,
            catalogue=self.catalogue_view,
            customers=self.stores.customers,
            consent=self.stores.consent,
            settings=AnswerSettings(timezone=ZoneInfo(settings.timezone), clock=self.clock, sensitive_categories=named),
            slate_id=self.slate_names,
            rules=self.rules,
        )
        current = self.models()
        if any(self.rules().signals.values()) or (current is not None and current[1].attributes):
            made.records = replace(made.records, portraits=self.portraits)
        return made

    @cached_property
    def cache_name(self) -> str:
        """What names this log in caches beside it; it travels with the data, so that another log finds none of its own."""
        meta = self.stores.meta
        if meta.get(CACHE_NAME) is None:
            meta.set(CACHE_NAME, token_hex(8))
        return meta.get(CACHE_NAME) or ""

    @cached_property
    def freshness(self) -> "FreshnessBoard":
        """What changed of whom, shared by every process of the host."""
        from recommender.storage.freshness import FRESHNESS_FILE, FreshnessBoard

        path = self.settings.var_dir / FRESHNESS_FILE
        return FreshnessBoard(path, self.stores.changes.standing(), shop=self.cache_name)

    @cached_property
    def profile_store(self) -> ProfileStore:
        """The cache of profiles."""
        from recommender.storage.profiles import open_profiles

        return open_profiles(self.settings.home, redis_url=self.settings.redis_url, shop=self.cache_name)

    @property
    def cache_checks(self) -> Mapping[str, Callable[[], object]]:
        """What tells whether a cache that is a server of its own answers, by the name ``/readyz`` gives it."""
        return {} if self.settings.redis_url is None else {"redis": self.profile_store.check}

    @property
    def cache(self) -> "Cache":
        """What must forget a person, or everything, together with the stores."""
        from recommender.services.privacy import Cache

        return Cache(profiles=self.profile_store, board=self.freshness)

    @cached_property
    def follower(self) -> "Follower":
        """Marks what others wrote."""
        from recommender.services.following import Follower

        return Follower(self.stores.changes, self.freshness, self.profile_store)

    @cached_property
    def profiles(self) -> "Profiles":
        """People, from the cache or the log."""
        from recommender.ranking.settings import AnswerSettings
        from recommender.services.bounded import Bounded, Direct
        from recommender.services.profiles import Profiles

        stores, in_a_file = self.stores, not (self.settings.database_url or "sqlite").startswith("postgres")
        return Profiles(
            log=stores.log,
            customers=stores.customers,
            consent=stores.consent,
            changes=stores.changes,
            store=self.profile_store,
            board=self.freshness,
            limit=AnswerSettings().history_lines,
            asking=Direct() if in_a_file else Bounded(),
        )

    @cached_property
    def portraits(self) -> "Portraits":
        """People's attributes."""
        from recommender.services.attributes import Portraits
        from recommender.services.item_lookup import CatalogueLookup
        from recommender.services.population import PublishedPopulation

        return Portraits(self.profiles, CatalogueLookup(self.stores.catalogue), PublishedPopulation(self.shelf))

    @cached_property
    def ingest(self) -> "Ingest":
        """Events into the log."""
        from recommender.services.following import Trail
        from recommender.services.ingest import Ingest

        return Ingest(
            self.stores.intake,
            mark=self.freshness.mark,
            marked=Trail(self.freshness).add,
            letters=self.stores.dead_letters,
            keep_days=self.settings.dead_letter_days,
        )

    def close(self) -> None:
        """Commit what waits and let go of the stores."""
        if "ingest" in self.__dict__:
            self.ingest.stop()
        if "profile_store" in self.__dict__:
            self.profile_store.close()
        self.stores.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(settings: Settings, *, serving: bool = False) -> Shop:
    """Open the stores of a home, making or upgrading them where needed.

    ``serving`` is for a process that answers: it keeps little of the database in its own memory, and has the catalogue
    written by another.

    Raises
    ------
    StoreUnavailableError
        If the database cannot be reached or the folder not be written.
    """
    url = settings.database_url or default_url(settings.home)
    if not serving:
        return Shop(settings=settings, stores=open_stores(url, home=settings.home))
    from recommender.services.catalogue_child import Child

    stores = open_stores(url, home=settings.home, cache_mb=SERVING_CACHE_MB)
    return Shop(settings=settings, stores=stores, writer=Child(settings.home, settings.database_url))


def shelf_of(settings: Settings) -> "CatalogueShelf":
    """Where the written catalogues of a home are."""
    from recommender.services.catalogue_shelf import CatalogueShelf

    return CatalogueShelf.at(settings.var_dir, settings.database_url or default_url(settings.home))


def write_catalogue(settings: Settings, *, wait: bool) -> None:
    """Write the catalogue as it is now for all processes of a home, brought into the rows of the published model.

    Raises
    ------
    OSError, StoreUnavailableError
        The disk is full or may not be written, or the store failed.
    BusyError
        Another process is writing, and ``wait`` is False.
    """
    with connect(settings) as shop:
        found = _loader(shop.shelf)()
        catalogue, models = shop.stores.catalogue, () if found is None else (found[1],)
        shelf_of(settings).write(catalogue.version(), catalogue.entries, [*models, None], wait=wait)


def model_of(bundle: "Bundle") -> "FittedModel":
    """The model a bundle holds."""
    from recommender.model.fitted import FittedModel

    return FittedModel.from_arrays(bundle.arrays, bundle.meta[MODEL])


def _loader(shelf: "Shelf") -> "Callable[[], tuple[str, Model] | None]":
    """What the model source calls; a process that starts with a damaged current bundle takes the last good one."""
    held: list[str] = []

    def load() -> "tuple[str, Model] | None":
        if shelf.stamp() is None:
            return None
        try:
            bundle = shelf.load_current() if held else shelf.load_last_good(_passed_over)
        except NoBundleError:
            if held:
                raise
            return None
        held.append(bundle.run_id)
        del held[:-1]
        return bundle.run_id, model_of(bundle)

    return load


def _prepared(
    load: "Callable[[], tuple[str, Model] | None]", prepare: "Callable[[Model], None]"
) -> "Callable[[], tuple[str, Model] | None]":
    """Load a model and make ready what its lists need, so that the first request after the switch waits for nothing."""

    def load_and_prepare() -> "tuple[str, Model] | None":
        loaded = load()
        if loaded is not None:
            prepare(loaded[1])
        return loaded

    return load_and_prepare


def _passed_over(error: Exception) -> None:
    log.error("a published bundle is passed over: %s", error)
