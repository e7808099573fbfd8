"""Settings in, connected use cases out: the only file that knows which stores there are."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from recommender.bundle import Bundle, Shelf
from recommender.domain.clock import CLOCK_SHIFT, ShopClock
from recommender.domain.errors import NoBundleError
from recommender.domain.ports import Stores
from recommender.model.contract import Model
from recommender.model.fitted import FittedModel
from recommender.ranking.settings import AnswerSettings
from recommender.services.catalogue_view import CatalogueView
from recommender.services.keys import KeyRing
from recommender.services.model_source import ModelSource
from recommender.services.recommend import Recommender
from recommender.services.watching import Watch
from recommender.settings import Settings
from recommender.storage import default_url, open_stores

if TYPE_CHECKING:
    from recommender.api import Service
    from recommender.api.root import Link

MODEL = "model"
"""Where a bundle's description keeps what the model needs besides its arrays."""

log = logging.getLogger("recommender.wiring")


@dataclass(frozen=True)
class Shop:
    """One home, opened. Parts are made when they are first asked for; use it as a context manager."""

    settings: Settings
    stores: Stores

    @cached_property
    def shelf(self) -> Shelf:
        """The bundles."""
        return Shelf(self.settings.models_dir)

    @cached_property
    def clock(self) -> ShopClock:
        """The shop's clock; set back in a demo."""
        return ShopClock(timedelta(days=int(self.stores.meta.get(CLOCK_SHIFT) or 0)))

    @cached_property
    def models(self) -> ModelSource:
        """The published model, loaded at once and followed by :meth:`ModelSource.poll`."""
        source = ModelSource(stamp=self.shelf.stamp, load=_loader(self.shelf))
        source.poll()
        return source

    @cached_property
    def catalogue_view(self) -> CatalogueView:
        """The catalogue in memory."""
        return CatalogueView(self.stores.catalogue)

    @cached_property
    def recommender(self) -> Recommender:
        """Requests in, slates out."""
        settings = self.settings
        named = tuple(part.strip() for part in settings.sensitive_categories.split(";") if part.strip())
        return Recommender(
            models=self.models,
            log=self.stores.log,
            catalogue=self.catalogue_view,
            customers=self.stores.customers,
            consent=self.stores.consent,
            settings=AnswerSettings(timezone=ZoneInfo(settings.timezone), clock=self.clock, sensitive_categories=named),
        )

    def close(self) -> None:
        """Let go of the stores."""
        self.stores.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(settings: Settings) -> Shop:
    """Open the stores of a home, making or upgrading them where needed.

    Raises
    ------
    StoreUnavailableError
        If the database cannot be reached or the folder not be written.
    """
    url = settings.database_url or default_url(settings.home)
    return Shop(settings=settings, stores=open_stores(url, home=settings.home))


def model_of(bundle: Bundle) -> FittedModel:
    """The model a bundle holds."""
    return FittedModel.from_arrays(bundle.arrays, bundle.meta[MODEL])


def _loader(shelf: Shelf) -> Callable[[], tuple[str, Model] | None]:
    """What the model source calls; a process that starts with a damaged current bundle takes the last good one."""
    held: list[str] = []

    def load() -> tuple[str, Model] | None:
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


def _passed_over(error: Exception) -> None:
    log.error("a published bundle is passed over: %s", error)


def service_of(
    shop: Shop, *, open_to_all: bool, examples: "Sequence[Link]" = (), note: str | None = None
) -> "tuple[Service, Sequence[Watch]]":
    """What the HTTP application is made of, and the watches its worker must start.

    ``open_to_all`` answers without keys: loopback only, which the caller sees to.
    """
    from recommender.api import Service
    from recommender.api.standing import Standing
    from recommender.api.storefront import Storefront

    keys = None if open_to_all else KeyRing(shop.stores.keys)
    here: dict[str, Callable[[], object]] = {"model": shop.models.poll}
    if keys is not None:
        keys.refresh()
        here["keys"] = keys.refresh
    watches = (Watch(here), Watch({"log": shop.stores.log.position}))
    recommender = shop.recommender
    current = shop.models()
    shop.catalogue_view.assortment(current[1] if current else None)
    service = Service(
        storefront=Storefront(
            recommend=recommender.slate,
            last_resort=recommender.without_model,
            cards=shop.catalogue_view.cards,
        ),
        keys=keys,
        clock=shop.clock,
        ready=Standing(models=shop.models, catalogue=shop.catalogue_view, watches=watches),
        examples=examples,
        note=note,
    )
    return service, watches
