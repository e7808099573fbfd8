"""What the tests of the HTTP edge share: the application over a plain use case, keys in a real store."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask

from recommender.api import Service, create_app
from recommender.api.access import Door
from recommender.api.standing import Readiness
from recommender.api.storefront import LastResort, Storefront
from recommender.domain.clock import ShopClock
from recommender.domain.keys import KeyClass
from recommender.domain.ports import Stores
from recommender.domain.requests import Request
from recommender.domain.slates import Basis, Reason, Slate, SlateItem
from recommender.services.catalogue_view import Card
from recommender.services.keys import KeyRing, create_key, revoke_key
from recommender.storage import default_url, open_stores

NOW = datetime(2026, 3, 1, tzinfo=UTC)
READY = Readiness(status="ready", model="run-1", checks={"model": "ok", "catalogue": "ok", "database": "ok"})
CARD = Card(
    title="Mug, blue",
    url="/items/mug",
    image="https://shop.example/mug.jpg",
    price=Decimal("7.50"),
    sale_price=None,
    currency="GBP",
)


class Spy:
    """A use case that answers anything and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Slate:
        self.asked.append(request)
        return slate_of(request)


def slate_of(request: Request, *, fallback: str | None = None) -> Slate:
    items = tuple(
        SlateItem(
            item_id=f"i{n}", rank=n, score=1 / n, source="popular", reason=Reason(code="trending", text="Bought.")
        )
        for n in range(1, request.size + 1)
    )
    return Slate(
        slate_id="slate-1",
        scenario=request.scenario,
        model="run-1",
        fallback=fallback,
        basis=Basis.PERSONAL if request.person.label else Basis.ANONYMOUS,
        items=items,
    )


def last_resort(request: Request, *, fallback: str) -> Slate:
    return slate_of(request, fallback=fallback)


def make_app(
    *,
    recommend: Callable[[Request], Slate] | None = None,
    resort: LastResort = last_resort,
    keys: KeyRing | None = None,
    card: Card = CARD,
    ready: Callable[[], Readiness] = lambda: READY,
    clock: ShopClock | None = None,
    door: Door | None = None,
    **more: Any,
) -> Flask:
    """The application over a use case; without ``keys``, open as in the demo. ``more`` goes to the service."""

    def cards(item_ids: Sequence[str]) -> list[Card]:
        return [card for _ in item_ids]

    storefront = Storefront(recommend=recommend or Spy(), last_resort=resort, cards=cards)
    service = Service(storefront=storefront, door=door or Door(keys), clock=clock or ShopClock(), ready=ready, **more)
    return create_app(service)


@contextmanager
def opened(home: Path) -> Iterator[Stores]:
    stores = open_stores(default_url(home), home=home)
    try:
        yield stores
    finally:
        stores.close()


class Tokens:
    """One key of each class in force, and a revoked one, all in one store."""

    def __init__(self, stores: Stores) -> None:
        made = {kind: create_key(stores.keys, key_class=kind, now=NOW) for kind in KeyClass}
        gone = create_key(stores.keys, key_class=KeyClass.SK, now=NOW)
        revoke_key(stores.keys, gone.record.key_id, now=NOW)
        self.pk, self.sk, self.adm = (made[kind].token for kind in (KeyClass.PK, KeyClass.SK, KeyClass.ADM))
        self.revoked = gone.token
        self.ring = KeyRing(stores.keys)
        self.ring.refresh()
