"""What the HTTP doors are made of: who is let in, what is answered, what is watched."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from recommender.domain.errors import BadInputError, StoreUnavailableError
from recommender.services.keys import KeyRing
from recommender.services.watching import Watch
from recommender.settings import Settings
from recommender.storage.secret import Secrets
from recommender.wiring.newsletter import mail_room_of
from recommender.wiring.shop import Shop

if TYPE_CHECKING:
    from flask import Blueprint

    from recommender.api import Service
    from recommender.api.access import Door
    from recommender.api.admin import Overview
    from recommender.api.board import Board
    from recommender.api.events import EventDesk
    from recommender.api.root import Link
    from recommender.api.rsgi import Hot
    from recommender.api.standing import Readiness
    from recommender.api.storefront import Storefront
    from recommender.api.visitors import Callers


def service_of(
    shop: Shop,
    *,
    open_to_all: bool,
    examples: "Sequence[Link]" = (),
    note: str | None = None,
    board: "Board | None" = None,
) -> "tuple[Service, Sequence[Watch]]":
    """What the HTTP application is made of, and the watches its worker must start.

    ``open_to_all`` answers without keys: loopback only, which the caller sees to. ``board`` is what the processes of
    the service share; None: there is one process only.
    """
    from recommender.api import Service, newsletter
    from recommender.api.standing import Standing

    keys = None if open_to_all else KeyRing(shop.stores.keys)
    watches = _watches(shop, keys)
    recommender = shop.recommender
    recommender.records = replace(recommender.records, profiles=shop.profiles, portraits=shop.portraits)
    current = shop.models()
    shop.catalogue_view.assortment(current[1] if current else None)
    draining = bool if board is None else lambda: board.draining
    ready = Standing(models=shop.models, catalogue=shop.catalogue_view, watches=watches, draining=draining)
    callers = callers_of(shop)
    storefront = _storefront(shop)
    service = Service(
        storefront=storefront,
        door=door_of(shop.settings, keys, board),
        callers=callers,
        more=(*resources_of(shop, callers), newsletter.blueprint(mail_room_of(shop, storefront))),
        clock=shop.clock,
        ready=ready,
        draining=draining,
        examples=examples,
        note=note,
        overview=overview_of(shop, ready, board) if open_to_all else None,
    )
    return service, watches


def _watches(shop: Shop, keys: KeyRing | None) -> "tuple[Watch, ...]":
    """What a worker looks after while it answers; keys, rules and catalogue are read once here."""
    from recommender.api.standing import check_disk

    here: dict[str, Callable[[], object]] = {"model": shop.models.poll}
    if keys is not None:
        with suppress(StoreUnavailableError):  # callers are told so, and the watch tries again
            keys.refresh()
        here["keys"] = keys.refresh
    here["disk"] = partial(check_disk, shop.settings.var_dir)
    here["rules"] = shop.rules.poll
    with suppress(BadInputError):  # said in the log and by /readyz; lists are given without rules
        shop.rules.poll()
    shop.catalogue_view.follow()
    return (
        Watch(here),
        Watch({"log": shop.stores.log.position}),
        Watch({"catalogue": shop.catalogue_view.poll}, seconds=0.2),
        Watch({"people": shop.follower.poll}, seconds=0.25),
        *([Watch(shop.cache_checks, meanwhile="people are read from the log")] if shop.cache_checks else ()),
    )


def _storefront(shop: Shop) -> "Storefront":
    from recommender.api.storefront import Storefront

    recommender = shop.recommender
    return Storefront(
        recommend=recommender.slate,
        last_resort=recommender.without_model,
        nothing=recommender.without_anything,
        cards=shop.catalogue_view.cards,
        list_of=recommender.list_of,
        begin=recommender.begin,
    )


def resources_of(shop: Shop, callers: "Callers") -> "Sequence[Blueprint]":
    """What is written over HTTP: events, items and customers."""
    from recommender.api import customers, events, items
    from recommender.api.later import Backroom
    from recommender.services.customer_desk import CustomerDesk

    settings = shop.settings
    counter = CustomerDesk(
        stores=shop.stores,
        board=shop.freshness,
        profiles=shop.profile_store,
        portraits=shop.portraits,
        home=settings.home,
        clock=shop.clock,
    )
    return (
        events.blueprint(desk_of(shop, callers)),
        items.blueprint(shop.stores.catalogue, shop.clock),
        customers.blueprint(counter, Backroom()),
    )


def desk_of(shop: Shop, callers: "Callers") -> "EventDesk":
    """What decides about events before they are stored."""
    from recommender.api.events import EventDesk

    settings = shop.settings
    return EventDesk(
        ingest=shop.ingest,
        callers=callers,
        clock=shop.clock,
        name_key=hmac.digest(Secrets(settings.var_dir).at_home, b"purpose:event-ids", "sha256"),
        legal_basis=settings.legal_basis,
        currency=settings.currency,
    )


def hot_of(shop: Shop, service: "Service") -> "Mapping[tuple[str, str], Hot]":
    """What is answered without Flask, by method and path."""
    from recommender.api.events import ROUTE
    from recommender.api.hot_events import HotEvents
    from recommender.api.hot_letters import hot_letters
    from recommender.api.hot_lists import hot_lists

    events = HotEvents(desk_of(shop, service.callers), service.door, draining=service.draining)
    letters = hot_letters(service, mail_room_of(shop, service.storefront))
    return {("POST", ROUTE): events, **hot_lists(service), **letters}


def door_of(settings: Settings, keys: KeyRing | None, board: "Board | None" = None) -> "Door":
    """Who is let in, from which pages, how often.

    Raises
    ------
    SettingsError
        Origins or trusted proxies cannot be read.
    """
    from recommender.api.access import Door
    from recommender.api.cors import Origins
    from recommender.api.limits import Limits, Proxies

    limits = Limits(
        board.buckets() if board else None, per_address=settings.limit_per_address, per_key=settings.limit_per_key
    )
    return Door(keys, origins=Origins.parse(settings.origins), limits=limits, proxies=Proxies(settings.trusted_proxies))


def callers_of(shop: Shop) -> "Callers":
    """Who a call is about.

    Raises
    ------
    SettingsError
        The identity secrets cannot be read.
    """
    from recommender.api.identity import Identities
    from recommender.api.visitors import Callers, VisitorIds

    settings = shop.settings
    secret = hmac.digest(Secrets(settings.var_dir).at_home, b"purpose:visitor-ids", "sha256")
    visitors = VisitorIds(secret, signed_only=settings.visitor_ids == "signed")
    return Callers(identities=Identities.parse(settings.identity_secrets), visitors=visitors)


def operations_of(shop: Shop, address: str, board: "Board") -> "tuple[Door, Overview, Watch]":
    """What the second listener is made of; ``address`` is where the service answers, the watch keeps its keys fresh."""
    from recommender.api.access import Door
    from recommender.api.admin import readiness_at
    from recommender.api.listener import on_loopback

    keys = KeyRing(shop.stores.keys)
    keys.refresh()
    own = on_loopback(shop.settings.admin_host)
    overview = overview_of(shop, partial(readiness_at, address), board, open_metrics=own)
    return Door(keys), overview, Watch({"keys": keys.refresh})


def overview_of(
    shop: Shop, ready: "Callable[[], Readiness | None]", board: "Board | None", *, open_metrics: bool = True
) -> "Overview":
    """What operations are shown."""
    from recommender.api.admin import Overview

    folder = board.folder if board else None
    return Overview(shelf=shop.shelf, stores=shop.stores, ready=ready, folder=folder, open_metrics=open_metrics)
