"""JSON as we take it: no name twice in one object, no NaN or Infinity, no number beyond what a float or 20 digits hold."""

import json
import math
from collections.abc import Sequence
from typing import Any


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON numbers")


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("a number has more than 20 digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


STRICT = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer, parse_float=_finite
)
"""Raises ``ValueError`` (``JSONDecodeError`` where it is no JSON at all) or ``RecursionError``."""
