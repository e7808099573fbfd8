"""Small files as shops write them, and short ways to import them."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import zstandard

from recommender.domain.ports import Stores
from recommender.importing import ImportOptions, ImportReport, import_customers, import_events, import_items

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
PLAIN = "type,timestamp,customer_id,item_id,quantity,price,order_id\n"


def options(**told: Any) -> ImportOptions:
    return ImportOptions(**{"now": NOW, **told})


def events(stores: Stores, path: Path, **told: Any) -> ImportReport:
    return import_events(path, log=stores.log, options=options(**told))


def items(stores: Stores, path: Path, **told: Any) -> ImportReport:
    return import_items(path, catalogue=stores.catalogue, options=options(**told))


def customers(stores: Stores, path: Path, **told: Any) -> ImportReport:
    return import_customers(path, customers=stores.customers, consent=stores.consent, options=options(**told))


def log(stores: Stores, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of the whole log, in its order."""
    frames = list(stores.log.frames())
    return pl.concat(frames).select(columns).rows() if frames else []


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    data = text.encode(encoding)
    if path.suffix == ".gz":
        data = gzip.compress(data)
    if path.suffix == ".zst":
        data = zstandard.ZstdCompressor().compress(data)
    path.write_bytes(data)
    return path


def orders(folder: Path, *rows: str, name: str = "orders.csv") -> Path:
    """A CSV in our own words."""
    return write(folder / name, PLAIN + "".join(row + "\n" for row in rows))


def order(place: int, *, item: str = "i1", person: str = "c1") -> str:
    return f"purchase,2024-05-01T10:00:{place % 60:02d}Z,{person},{item},1,9.99,o{place}"


def reasons(report: ImportReport) -> Sequence[str]:
    return [reject.code for reject in report.rejects]
