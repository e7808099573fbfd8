"""Answers kept in memory, never more than so many."""

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def remember(kept: dict[Key, Value], key: Key, value: Value, *, most: int) -> Value:
    """Keep a value, starting over when there are ``most`` already; returns the value. Threads may do so at once."""
    if len(kept) >= most:
        kept.clear()
    kept[key] = value
    return value
