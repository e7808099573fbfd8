"""A small shop for drills, made with the same commands people type: 120 items, 80 customers, a trained model."""

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drill.processes import environment

ITEMS = tuple(f"i{n:03d}" for n in range(120))
CUSTOMERS = tuple(f"c{n:02d}" for n in range(80))
SEED = 20_260_301
ORDERS_EACH = 6
ITEMS_EACH = 3
SHELVES = ("Kitchen > Cups", "Kitchen > Plates", "Garden", "Toys > Wooden", "Stationery")


def command(home: Path, *words: str) -> list[str]:
    """A ``recommender`` command on a home."""
    return [sys.executable, "-m", "recommender", "--home", str(home), *words]


def do(home: Path, *words: str, variables: Mapping[str, str] | None = None) -> str:
    """Run a command; a failure is an error with what it said."""
    done = subprocess.run(
        command(home, *words), capture_output=True, text=True, check=False, env=environment(variables or {})
    )
    if done.returncode != 0:
        raise RuntimeError(f"recommender {' '.join(words)} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def open_shop(home: Path, variables: Mapping[str, str] | None = None) -> Path:
    """Catalogue, orders and a published model in a fresh home."""
    home.mkdir(parents=True)
    files = home / "files"
    files.mkdir()
    (files / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in _items()))
    (files / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in _orders()))
    do(home, "import", "items", str(files / "items.jsonl"), variables=variables)
    do(home, "import", "events", str(files / "events.jsonl"), variables=variables)
    do(home, "train", "--budget", "0", variables=variables)
    return home


def _items() -> list[dict[str, object]]:
    return [
        {
            "item_id": item,
            "title": f"Thing {item}",
            "price": f"{1 + n % 17}.50",
            "currency": "GBP",
            "category": SHELVES[n % len(SHELVES)],
            "availability": "in stock",
        }
        for n, item in enumerate(ITEMS)
    ]


def _orders() -> list[dict[str, object]]:
    """Every customer keeps to one shelf most of the time, so that lists differ from person to person."""
    chance = random.Random(SEED)
    last = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    rows: list[dict[str, object]] = []
    for n, customer in enumerate(CUSTOMERS):
        mine = [item for place, item in enumerate(ITEMS) if place % len(SHELVES) == n % len(SHELVES)]
        for order in range(ORDERS_EACH):
            when = last - timedelta(days=12 * order + chance.randrange(12), seconds=chance.randrange(80_000))
            bought = chance.sample(mine, ITEMS_EACH - 1) + chance.sample(ITEMS, 1)
            rows += [_bought(customer, item, when, f"o-{customer}-{order}") for item in bought]
    return rows


def _bought(customer: str, item: str, when: datetime, order: str) -> dict[str, object]:
    return {
        "type": "purchase",
        "timestamp": when.isoformat(),
        "customer_id": customer,
        "item_id": item,
        "quantity": 1,
        "price": "2.50",
        "currency": "GBP",
        "order_id": order,
    }
