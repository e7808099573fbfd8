"""A record of everything that was ever read on a test window: one line of JSON a reading."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = "quality-log.jsonl"


def fingerprint(recipe: Mapping[str, Any]) -> str:
    """The same for equal recipes only."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]


def note(
    file: Path,
    *,
    now: datetime,
    data_set: str,
    recipe: Mapping[str, Any],
    asked: Mapping[str, Any],
    figures: Mapping[str, float],
) -> None:
    """Append one reading: when, of what, by which recipe, and every figure of ours it told."""
    line = {
        "read_at": now.isoformat(timespec="seconds"),
        "data_set": data_set,
        "recipe_id": fingerprint(recipe),
        "asked": dict(asked),
        "figures": {name: round(value, 6) for name, value in figures.items()},
        "recipe": dict(recipe),
    }
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")
