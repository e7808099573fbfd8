"""Attributes worked out when first asked for, on objects that one thread makes and uses."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Value = TypeVar("Value")


class once(Generic[Value]):  # noqa: N801 - a decorator, like the one it stands for
    """:func:`functools.cached_property` as it is from Python 3.12 on: without the lock, a microsecond an attribute.

    Two threads that ask at the same time may both work the value out; the last one's stays.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, of: None, owner: type) -> Self: ...
    @overload
    def __get__(self, of: object, owner: type | None = None) -> Value: ...
    def __get__(self, of: object | None, owner: type | None = None) -> Self | Value:
        """Work the value out and put it in the place of this descriptor."""
        if of is None:
            return self
        value = self._make(of)
        of.__dict__[self._name] = value
        return value
