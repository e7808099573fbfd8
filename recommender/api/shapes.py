"""The shapes of bodies and answers, as the API's description names them."""

from collections.abc import Iterable
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

_TEMPLATE = "#/components/schemas/{name}"


def parts(kind: Any) -> tuple[Any, ...]:
    """What a body may be, one by one: msgspec describes no union of structs. None is nothing."""
    if kind is None:
        return ()
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


class Shapes:
    """Schemas of all the types named, each under one name.

    Attributes
    ----------
    schemas
        By name, those of inner structs included.
    """

    def __init__(self, kinds: Iterable[Any]) -> None:
        ordered = sorted({part for kind in kinds for part in parts(kind)}, key=str)
        found, schemas = msgspec.json.schema_components(ordered, ref_template=_TEMPLATE)
        self._found = dict(zip(ordered, found, strict=True))
        _decimals_are_numbers(schemas)
        self.schemas = dict(sorted(schemas.items()))

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type: a reference, or in full what has no name (a list)."""
        several = [dict(self._found[part]) for part in parts(kind)]
        return {"anyOf": several} if len(several) > 1 else several[0]


def _decimals_are_numbers(found: Any) -> None:
    """Decimals are written as JSON numbers with their exact digits; msgspec describes them as texts."""
    if isinstance(found, dict):
        if found.get("format") == "decimal":
            found.pop("format")
            found["type"] = "number"
        for inner in found.values():
            _decimals_are_numbers(inner)
    elif isinstance(found, list):
        for inner in found:
            _decimals_are_numbers(inner)
