"""Answers kept in memory, never more than so many."""

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def remember(kept: dict[Key, Value], key: Key, value: Value, *, most: int) -> Value:
    """Keep a value, in place of the oldest if there are ``most`` already; returns the value."""
    while len(kept) >= most:
        kept.pop(next(iter(kept)), None)
    kept[key] = value
    return value
