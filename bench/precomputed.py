"""The yardstick of reading lists made beforehand: ids from the store, cards from memory, on the same Flask and granian.

``PRECOMPUTED_LISTS`` names the store (an SQLite file or ``redis://…``), ``PRECOMPUTED_CARDS`` a file of cards.
Everything that need not be done per request is done before, so that this is as fast as such a server can reasonably be.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path

import msgspec
from flask import Flask, Response, request

Read = Callable[[str], bytes | None]


def write_lists(store: str, lists: Mapping[str, Sequence[str]], people: Sequence[str]) -> int:
    """Store a list for every person: their own where there is one, else another's; returns how many are stored.

    The store is as large as a real one, so that reading it costs what it would.
    """
    spare = cycle(list(lists.values()))
    rows = [(person, msgspec.json.encode(lists.get(person) or next(spare))) for person in people]
    if store.startswith("redis"):
        import redis

        client = redis.Redis.from_url(store)
        for start in range(0, len(rows), 5_000):
            client.mset({f"precomputed:{person}": ids for person, ids in rows[start : start + 5_000]})
        return len(rows)
    with sqlite3.connect(store) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE lists (person TEXT PRIMARY KEY, ids BLOB) WITHOUT ROWID")
        database.executemany("INSERT INTO lists VALUES (?, ?)", rows)
    return len(rows)


def write_cards(file: Path, cards: Mapping[str, bytes]) -> None:
    """Keep what a page shows of each item, encoded, in one file."""
    file.write_bytes(msgspec.msgpack.encode(cards))


def create_app(read: Read, cards: Mapping[str, bytes]) -> Flask:
    """The server over a way to read and the cards."""
    app = Flask(__name__)
    decode = msgspec.json.Decoder(list[str]).decode

    @app.get("/")
    def ok() -> str:
        return "ok"

    @app.get("/v1/recommendations/<scenario>")
    def show(scenario: str) -> Response:
        ids = decode(read(request.args["customer_id"]) or b"[]")
        places = b",".join([b'{"rank":%d,%b' % (rank, cards[item]) for rank, item in enumerate(ids, 1)])
        head = b'{"slate_id":"precomputed","scenario":"%b","model":"precomputed","fallback":null,' % scenario.encode()
        return Response(head + b'"basis":"personal","items":[' + places + b"]}", mimetype="application/json")

    return app


def reader(store: str) -> Read:
    """How a person's list is read from a store."""
    if store.startswith("redis"):
        import redis

        client = redis.Redis.from_url(store)

        def from_redis(person: str) -> bytes | None:
            found = client.get(f"precomputed:{person}")
            return found if isinstance(found, bytes) else None

        return from_redis
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True, check_same_thread=False, isolation_level=None)
    database.execute("PRAGMA mmap_size=268435456")

    def from_file(person: str) -> bytes | None:
        row = database.execute("SELECT ids FROM lists WHERE person = ?", (person,)).fetchone()
        return None if row is None else bytes(row[0])

    return from_file


def from_environment() -> Flask:
    """What granian starts (``bench.precomputed:from_environment`` as a factory)."""
    cards = msgspec.msgpack.decode(Path(os.environ["PRECOMPUTED_CARDS"]).read_bytes(), type=dict[str, bytes])
    return create_app(reader(os.environ["PRECOMPUTED_LISTS"]), cards)
