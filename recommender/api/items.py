"""``/v1/items``: what the shop sells, as its server says it. A change shows in every list within a second."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from recommender.api.access import allow
from recommender.api.describing import Operation, described
from recommender.api.event_bodies import Bad, open_body
from recommender.api.event_fields import Scalar, Unusable, id_of, in_words
from recommender.api.item_checks import CatalogueItem, Change, ItemFields, change_of, check_item
from recommender.api.item_names import ID, named
from recommender.api.later import Backroom
from recommender.api.problems import FieldProblem, Refusal
from recommender.api.reading import object_of, pointer_to
from recommender.domain.clock import ShopClock
from recommender.domain.items import Availability, Item
from recommender.domain.keys import KeyClass
from recommender.domain.ports import Catalogue

ENCODER = msgspec.json.Encoder(decimal_format="number")


class ItemRejected(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was not taken: its place in the call, a stable code, and what to do."""

    index: int
    code: str
    message: str


class ItemsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the items of a bulk call."""

    created: int
    updated: int
    rejected: tuple[ItemRejected, ...]


class ItemsBody(msgspec.Struct, frozen=True, kw_only=True):
    """Items to insert or update; a list of items, or one item, will do as well."""

    items: list[CatalogueItem]


class ItemShown(msgspec.Struct, frozen=True, kw_only=True):
    """All the catalogue knows of one item; null where the shop did not say."""

    item_id: str
    title: str | None
    url: str | None
    image: str | None
    price: Decimal | None
    currency: str | None
    sale_price: Decimal | None
    availability: Availability | None
    stock: int | None
    visible: bool | None
    category: str | None
    brand: str | None
    item_group_id: str | None
    color: str | None
    size: str | None
    description: str | None
    added_at: datetime | None
    available_from: datetime | None
    available_until: datetime | None
    margin: Decimal | None
    attributes: dict[str, Scalar]


def blueprint(catalogue: Catalogue, clock: ShopClock) -> Blueprint:
    """The routes; what they ask of the database happens beside the event loop."""
    bp = Blueprint("items", __name__, url_prefix="/v1/items")
    backroom = Backroom()

    @bp.put("")
    @allow(KeyClass.SK)
    @described(
        Operation(
            summary="Insert or update up to 500 items",
            answer=ItemsTaken,
            body=ItemsBody | list[CatalogueItem] | CatalogueItem,
            problems=("invalid_body", "unsupported_media_type"),
        )
    )
    def put() -> ResponseReturnValue:
        changes, rejected = _read_items(request.get_data(), clock)
        found: ResponseReturnValue = backroom.do(
            lambda: _store(catalogue, changes), lambda counts: _json(ItemsTaken(**counts, rejected=rejected))
        )
        return found

    @bp.get("/<path:item_id>")
    @allow(KeyClass.SK)
    @described(Operation(summary="One item", answer=ItemShown, problems=("not_found",)))
    def show(item_id: str) -> ResponseReturnValue:
        clean = _path_id(item_id)
        found: ResponseReturnValue = backroom.do(
            lambda: catalogue.get([clean]).get(clean), lambda item: _json(_shown(_there(item), clock))
        )
        return found

    @bp.patch("/<path:item_id>")
    @allow(KeyClass.SK)
    @described(
        Operation(
            summary="Change price, stock, visibility or anything else of one item",
            answer=ItemShown,
            body=ItemFields,
            problems=("not_found", "invalid_body", "invalid_parameter", "unsupported_media_type"),
        )
    )
    def change(item_id: str) -> ResponseReturnValue:
        wanted = _read_change(_path_id(item_id), clock)
        found: ResponseReturnValue = backroom.do(
            lambda: _changed(catalogue, wanted), lambda item: _json(_shown(_there(item), clock))
        )
        return found

    @bp.delete("/<path:item_id>")
    @allow(KeyClass.SK)
    @described(Operation(summary="Take an item out of the catalogue", answer=None, status=204, problems=("not_found",)))
    def remove(item_id: str) -> ResponseReturnValue:
        clean = _path_id(item_id)
        found: ResponseReturnValue = backroom.do(lambda: _removed(catalogue, clean), _gone)
        return found

    return bp


def _read_items(body: bytes, clock: ShopClock) -> tuple[list[Change], tuple[ItemRejected, ...]]:
    headers = request.headers
    envelope = open_body(
        body,
        content_type=headers.get("Content-Type", ""),
        encoding=headers.get("Content-Encoding", ""),
        name="items",
    )
    changes: list[Change] = []
    rejected = []
    for index, sent in enumerate(envelope.events):
        found = sent if isinstance(sent, Bad) else check_item(sent, clock)
        if isinstance(found, Bad):
            rejected.append(ItemRejected(index=index, code=found.code, message=found.message))
        else:
            changes.append(found)
    return changes, tuple(rejected)


def _read_change(item_id: str, clock: ShopClock) -> Change:
    headers = request.headers
    sent = object_of(
        request.get_data(),
        content_type=headers.get("Content-Type", ""),
        encoding=headers.get("Content-Encoding", ""),
    )
    try:
        if ID in sent:
            raise Unusable("bad_item_id", "The address says which item it is; leave item_id out.")  # noqa: TRY301
        return change_of(item_id, msgspec.convert(named(sent, told=(ID,)), ItemFields), clock)
    except msgspec.ValidationError as error:
        raise Refusal("invalid_parameter", in_words(error, "The item")) from None
    except Unusable as error:
        field = error.field or error.code.removeprefix("bad_")
        problem = FieldProblem(pointer=pointer_to(field), code=error.code, message=str(error))
        raise Refusal("invalid_parameter", str(error), errors=(problem,)) from None


def _path_id(item_id: str) -> str:
    try:
        clean = id_of(item_id, "item_id")
    except Unusable as error:
        raise Refusal("not_found", str(error)) from None
    if clean is None:
        raise Refusal("not_found", "The address names no item.")
    return clean


def _store(catalogue: Catalogue, changes: list[Change]) -> Mapping[str, int]:
    """The last of several changes to one item in one call comes on top of the others."""
    created = updated = 0
    for some in _without_repeats(changes):
        counts = catalogue.put(
            [change.item for change in some], clear={change.item.item_id: change.clear for change in some}
        )
        created, updated = created + counts.new, updated + counts.duplicates
    return {"created": created, "updated": updated}


def _without_repeats(changes: list[Change]) -> list[list[Change]]:
    """The changes in as few rounds as it takes for no item to be named twice in one."""
    rounds: list[list[Change]] = []
    times: dict[str, int] = {}
    for change in changes:
        number = times[change.item.item_id] = times.get(change.item.item_id, -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(change)
    return rounds


def _changed(catalogue: Catalogue, wanted: Change) -> Item | None:
    """The item after the change; None if the catalogue has none of this id."""
    item_id = wanted.item.item_id
    stood = catalogue.get([item_id]).get(item_id)
    if stood is None or stood.removed:
        return None
    catalogue.put([wanted.item], clear={item_id: wanted.clear})
    return catalogue.get([item_id]).get(item_id)


def _removed(catalogue: Catalogue, item_id: str) -> bool:
    stood = catalogue.get([item_id]).get(item_id)
    if stood is None or stood.removed:
        return False
    catalogue.put([Item(item_id=item_id, removed=True)])
    return True


def _gone(there: bool) -> Response:  # noqa: FBT001
    if not there:
        raise _unknown()
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def _there(item: Item | None) -> Item:
    if item is None or item.removed:
        raise _unknown()
    return item


def _unknown() -> Refusal:
    return Refusal("not_found", "The catalogue has no item with this id; PUT /v1/items adds it.")


def _shown(item: Item, clock: ShopClock) -> ItemShown:
    values: dict[str, Any] = {name: getattr(item, name) for name in ItemShown.__struct_fields__}
    for name in ("added_at", "available_from", "available_until"):
        if values[name] is not None:
            values[name] = clock.shown(values[name])
    values["attributes"] = dict(item.attributes)
    return ItemShown(**values)


def _json(body: msgspec.Struct) -> Response:
    return Response(ENCODER.encode(body), mimetype="application/json")
