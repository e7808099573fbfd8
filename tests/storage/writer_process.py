"""Writers the tests start as processes of their own and kill. Each prints what was acknowledged, once it was.

``python writer_process.py append URL HOME PREFIX COUNT`` · ``… import URL HOME ROWS`` · ``… open URL HOME``
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.ports import Source, Stores
from recommender.storage import open_stores

SOURCE = Source(kind="api", legal_basis="contract", name="test")
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def say(word: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def append(stores: Stores, prefix: str, count: int) -> None:
    """Append events of two items one by one; ``prefix-n`` is printed after its commit."""
    for number in range(count):
        items = (EventItem(item_id="a"), EventItem(item_id="b"))
        one = Event(event_id=f"{prefix}-{number}", type=EventType.PURCHASE, time=NOON, customer_id=prefix, items=items)
        assert stores.log.append([one], SOURCE).new == (True,)
        say(one.event_id)


def bring_in(stores: Stores, count: int) -> None:
    """Import rows in chunks of 1,000; prints each chunk, then ``committed``."""
    with stores.log.importing(Source(kind="import", legal_basis="contract", name="test.csv")) as session:
        for start in range(0, count, 1_000):
            some = range(start, min(start + 1_000, count))
            session.write(
                pl.DataFrame(
                    {
                        "type": ["purchase"] * len(some),
                        "time_us": list(some),
                        "customer_id": [f"c{n % 7}" for n in some],
                        "item_id": ["a"] * len(some),
                    }
                )
            )
            say(f"chunk {start}")
    say("committed")


def main() -> None:
    """Do what the arguments say."""
    what, url, home, *rest = sys.argv[1:]
    stores = open_stores(url, home=Path(home))
    if what == "append":
        append(stores, rest[0], int(rest[1]))
    elif what == "import":
        bring_in(stores, int(rest[0]))
    say(f"done {stores.log.position()}")
    stores.close()


if __name__ == "__main__":
    main()
