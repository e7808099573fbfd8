"""A small bundle with one array of each kind, and ways to forge one."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.bundle import Shelf, write_bundle
from recommender.bundle.manifest import MANIFEST, SEAL, ArrayFile, content_of, seal

CREATED = datetime(2026, 11, 22, 1, 8, 34, tzinfo=UTC)


def small_arrays(fill: int = 1) -> dict[str, NDArray[Any]]:
    return {
        "als.item_factors": np.full((7, 4), fill / 2, np.float32),
        "items.category": np.arange(7, dtype=np.int32) + fill,
        "items.known": np.array([True, False, True, True, False, True, True]),
        "items.ids": np.array([f"v{i}".encode() for i in range(7)]),
        "popularity.score": np.linspace(0, fill, 7),
        "neighbours.indptr": np.array([0, 3, 5], np.int64),
    }


def put(folder: Path, run_id: str, fill: int = 1, **meta: Any) -> Path:
    return write_bundle(
        folder,
        run_id,
        small_arrays(fill),
        {"fill": fill, **meta},
        created=CREATED,
        documents={"metrics.json": b'{"ndcg_at_10": 0.36}\n'},
    )


def shelf_with(folder: Path, *runs: str) -> Shelf:
    """A shelf whose runs were published in this order."""
    shelf = Shelf(folder)
    for fill, run in enumerate(runs, start=1):
        put(folder, run, fill)
        shelf.publish(run)
    return shelf


def reseal(bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest and seal it anew, as one with write access to the folder could."""
    manifest = json.loads((bundle / MANIFEST).read_bytes())
    change(manifest)
    files = tuple(
        ArrayFile(**{**file, "shape": tuple(file["shape"])}) for file in manifest["files"] if isinstance(file, dict)
    )
    manifest["content"] = content_of(files)
    reseal_bytes(bundle, json.dumps(manifest).encode())


def reseal_bytes(bundle: Path, data: bytes) -> None:
    (bundle / MANIFEST).write_bytes(data)
    (bundle / SEAL).write_bytes(seal(data))


def forge(bundle: Path, name: str, data: bytes, **entry: Any) -> None:
    """Replace a file and make size and checksum in the manifest agree with it."""
    (bundle / name).write_bytes(data)

    def change(manifest: dict[str, Any]) -> None:
        for file in manifest["files"]:
            if file["name"] == name:
                file |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), **entry}

    reseal(bundle, change)
