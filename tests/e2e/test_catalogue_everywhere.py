"""The catalogue of a service with several workers: one written copy, and changes that reach every answer."""

import http.client
import time
from decimal import Decimal
from pathlib import Path

import pytest
from small_shop import ITEMS, OPEN, Service, fill, opened, publish, serving, wait_until

from recommender.domain.items import Item

RUN = "20260302T000000Z"
HOME = "/v1/recommendations/home?customer_id=c0&size=20"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    fill(tmp_path)
    publish(tmp_path, RUN)
    return tmp_path


def answers(service: Service, many: int = 40) -> list[dict[str, str]]:
    """Item to title of many lists; a connection each, so that every worker is asked."""
    lists = [service.get(HOME).json["items"] for _ in range(many)]
    return [{item["item_id"]: f"{item['title']} {item['price']}" for item in items} for items in lists]


def seconds_until_seen(home: Path, service: Service, turn: int) -> float:
    """Change the catalogue; how long until forty lists in a row, of every worker, show it."""
    title, gone = f"Changed {turn}", f"i{turn + 1:02d}"
    with opened(home) as stores:
        stores.catalogue.put(
            [
                Item(item_id="i00", title=title, price=Decimal("3.75")),
                Item(item_id=gone, visible=False),
                Item(item_id=f"new{turn}", title="New thing", price=Decimal("1.50")),
            ]
        )
    began = time.monotonic()
    while True:
        asked = time.monotonic()
        if all(
            items.get("i00") == f"{title} 3.75" and items.get(f"new{turn}") == "New thing 1.5" and gone not in items
            for items in answers(service)
        ):
            return asked - began
        assert asked - began < 30


def answered(service: Service) -> bool:
    """Whether twenty lists in a row can be had; connections the killed worker had accepted are reset."""
    try:
        return len(answers(service, 20)) == 20
    except (OSError, http.client.HTTPException):
        return False


def test_a_change_is_in_every_workers_answers_within_a_second(home: Path) -> None:
    with serving(home, OPEN, "--workers", "2") as service:
        assert answers(service)[0]["i00"] == "Thing i00 2.5"
        assert wait_until(lambda: len(service.workers()) == 2, seconds=20)
        waited = [seconds_until_seen(home, service, turn) for turn in range(3)]
        assert min(waited) < 1, waited  # the best of three: a busy machine may hold up any one of them


def test_workers_share_one_written_catalogue_and_a_worker_that_is_replaced_takes_it(home: Path) -> None:
    with serving(home, OPEN, "--workers", "2") as service:
        written = list(home.glob("var/catalogue/*/*-*"))
        assert len(written) == 1
        assert wait_until(lambda: len(service.workers()) == 2, seconds=20)
        worker = service.workers()[0]

        def uses_it() -> bool:
            used = [place.path for place in worker.memory_maps() if str(written[0]) in place.path]
            return any(path.endswith("cards.utf8.npy") for path in used)

        assert wait_until(uses_it, seconds=20)
        worker.kill()
        assert wait_until(lambda: len(service.workers()) == 2 and worker not in service.workers(), seconds=20)
        assert wait_until(lambda: answered(service), seconds=20)
        assert all(len(items) == len(ITEMS) for items in answers(service, 10))
        assert list(home.glob("var/catalogue/*/*-*")) == written
