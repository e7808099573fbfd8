"""A small application that takes events, over real stores, for the tests of the route."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from recommender.api import events
from recommender.api.access import Door
from recommender.api.app import bare_app
from recommender.api.events import EventDesk
from recommender.api.identity import Identities
from recommender.api.visitors import Callers, VisitorIds
from recommender.domain.clock import ShopClock
from recommender.domain.keys import KeyClass
from recommender.domain.ports import Stores
from recommender.services.ingest import Ingest
from recommender.services.keys import KeyRing, create_key

SECRET = "a-secret-of-at-least-thirty-two-letters"
CONSENT = {"analytics_profile": True}


@dataclass(slots=True)
class Shop:
    """An application, its stores and a key of each class."""

    app: Flask
    stores: Stores
    ingest: Ingest
    desk: EventDesk
    door: Door
    pk: str
    sk: str
    marked: list[tuple[tuple[str, ...], int]]

    def post(self, body: Any, *, key: str | None = None, **more: Any) -> Any:
        """Send events with a server's key (or another); the response."""
        client: FlaskClient = self.app.test_client()
        headers = {"Authorization": f"Bearer {key or self.sk}", **more.pop("headers", {})}
        if isinstance(body, bytes | str):
            return client.post("/v1/events", data=body, headers=headers, **more)
        return client.post("/v1/events", json=body, headers=headers, **more)

    def said(self, body: Any, **more: Any) -> Any:
        """The verdicts."""
        response = self.post(body, **more)
        assert response.status_code == 202, response.get_data(as_text=True)
        return response.get_json()

    def lines(self, *columns: str) -> list[Any]:
        """What the log holds, in order."""
        return [row for frame in self.stores.log.frames(columns=list(columns)) for row in frame.rows()]


def open_shop(stores: Stores, *, legal_basis: str = "contract", shift_days: int = 0) -> Shop:
    """An application over these stores. Stop its ``ingest`` at the end."""
    pk = create_key(stores.keys, key_class=KeyClass.PK, now=datetime.now(UTC)).token
    sk = create_key(stores.keys, key_class=KeyClass.SK, now=datetime.now(UTC)).token
    ring = KeyRing(stores.keys)
    ring.refresh()
    marked: list[tuple[tuple[str, ...], int]] = []
    ingest = Ingest(
        stores.intake,
        mark=lambda people, position: marked.append((tuple(sorted(people)), position)),
        letters=stores.dead_letters,
    )
    desk = EventDesk(
        ingest=ingest,
        callers=Callers(identities=Identities({"k": SECRET}), visitors=VisitorIds(b"secret")),
        clock=ShopClock(timedelta(days=shift_days)),
        name_key=b"name",
        legal_basis=legal_basis,
        currency="PLN",
    )
    door = Door(ring)
    app = bare_app(door)
    app.register_blueprint(events.blueprint(desk))
    return Shop(app=app, stores=stores, ingest=ingest, desk=desk, door=door, pk=pk, sk=sk, marked=marked)


def view(visitor_id: str = "v1", item_id: str = "i1", **more: Any) -> dict[str, Any]:
    """An event of the simplest kind."""
    return {"type": "view_item", "visitor_id": visitor_id, "items": [{"item_id": item_id}], **more}
