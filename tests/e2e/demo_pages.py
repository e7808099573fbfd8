"""A demo shop of twelve items and eight customers, its pages ready to be asked without a server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer
from small_shop import (
    ITEMS,
    PEOPLE,
    Service,
    environment,
    fill,
    free_port,
    leave_nobody,
    opened,
    publish,
    wait_until,
)

from recommender.api.app import create_app
from recommender.demo.shop import hang_pictures
from recommender.demo_shop.blueprint import blueprint
from recommender.demo_shop.facts import COLUMNS, write_facts
from recommender.demo_shop.people import CHOSEN
from recommender.domain.items import Item
from recommender.settings import Settings
from recommender.wiring import Shop, connect, service_of

ROOT = Path(__file__).parents[2]
CATEGORIES = ("Kitchen > Mugs & teaware", "Kitchen > Baking & cakes", "Party", "Home > Decorations")


def set_up(home: Path) -> None:
    """Fill a home as the demo does, with shelves and two customers to shop as."""
    fill(home)
    publish(home, "20260301T000000Z")
    with opened(home) as stores:
        stores.catalogue.put(
            Item(item_id=item, category=CATEGORIES[place % len(CATEGORIES)]) for place, item in enumerate(ITEMS)
        )
        stores.meta.set(CHOSEN, json.dumps({"data": "x", "people": [[PEOPLE[0], "gifts"], [PEOPLE[1], "new"]]}))
        hang_pictures(stores)
        write_facts(home / "var", lambda: stores.log.frames(columns=COLUMNS), "sample")


@contextmanager
def pages(home: Path) -> Iterator[tuple[FlaskClient, Shop]]:
    """A browser without script at the pages of a home that was set up."""
    with connect(replace(Settings(), home=home, currency="GBP")) as shop:
        service, watches = service_of(shop, open_to_all=True)
        app = create_app(replace(service, more=(*service.more, blueprint(shop))))
        for watch in watches:
            watch.once()
        yield app.test_client(), shop


def carried(client: FlaskClient) -> list[object]:
    """What the browser's cookie says: person, visitor, consent, language, basket, order just placed."""
    cookie = client.get_cookie("demo", path="/demo")
    assert cookie is not None
    found = URLSafeSerializer("unknown", salt="demo-shop", serializer=_Json).loads_unsafe(cookie.value)[1]
    assert isinstance(found, list)
    return found


class _Json:
    @staticmethod
    def dumps(content: object) -> str:
        return msgspec.json.encode(content).decode()

    @staticmethod
    def loads(text: str | bytes) -> object:
        return msgspec.json.decode(text)


PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from recommender.api.processes import hold_port
from recommender.serve import Plan, run
from recommender.settings import Settings

if __name__ == "__main__":
    settings = replace(Settings(), home=Path(sys.argv[1]), port=int(sys.argv[2]), currency="GBP")
    plan = Plan(settings=settings, open_to_all=True, demo_shop=True)
    run(plan, hold=hold_port(settings.host, settings.port), when_ready=lambda address: print("answers at", address, flush=True))
"""


@contextmanager
def demo_service(home: Path) -> Iterator[Service]:
    """The service with the demo's pages over a home that was set up; nothing of it is left afterwards."""
    port, said, program = free_port(), home / "demo.txt", home / "demo_service.py"
    program.write_text(PROGRAM)
    with said.open("wb") as out:
        call = [sys.executable, str(program), str(home), str(port)]
        process = subprocess.Popen(
            call, stdout=out, stderr=out, env=environment(PYTHONPATH=str(ROOT)), start_new_session=True
        )
    service = Service(process, port, said)
    try:
        wait_until(lambda: "answers at" in service.text() or process.poll() is not None, seconds=40)
        assert process.poll() is None, service.text()
        yield service
    finally:
        leave_nobody(service)
