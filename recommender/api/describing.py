"""What the API's description says of a view, said beside the view."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

View = TypeVar("View", bound=Callable[..., object])
_ABOUT = "recommender_operation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the description says of one view that its declaration does not.

    Attributes
    ----------
    answer
        A struct, a media type, or None for an answer without a body.
    status
        Of a good answer.
    query, body
        Structs of what may be asked; ``body_types`` are the media types a body may come in.
    problems
        Codes beyond those every call may give.
    also
        Further answers by status: a struct or a media type.
    """

    summary: str
    answer: type[msgspec.Struct] | str | None
    status: int = 200
    query: type[msgspec.Struct] | None = None
    body: object = None
    body_types: tuple[str, ...] = ("application/json",)
    problems: tuple[str, ...] = ()
    also: Mapping[int, type[msgspec.Struct] | str] | None = None


def described(operation: Operation) -> Callable[[View], View]:
    """Say what the description tells of a view."""

    def declare(view: View) -> View:
        setattr(view, _ABOUT, operation)
        return view

    return declare


def description(view: object) -> Operation | None:
    """What was said of a view; None if nothing."""
    found = getattr(view, _ABOUT, None)
    return found if isinstance(found, Operation) else None
