"""Which field each name of an item that was sent is: its own, what other systems call it, or an attribute."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from recommender.api.event_fields import Unusable
from recommender.domain.synonyms import ITEM_SYNONYMS, plain

ID = "item_id"
ATTRIBUTES = "attributes"
_OWN = frozenset({*ITEM_SYNONYMS, ATTRIBUTES})
_PLAIN = {plain(field): field for field in ITEM_SYNONYMS}
_FIELD_OF = {word: field for field, words in ITEM_SYNONYMS.items() for word in words} | _PLAIN
LONGEST_NAME = 128
"""Most characters of an attribute's name."""


def named(sent: Mapping[str, Any], told: Iterable[str] = ()) -> Mapping[str, Any]:
    """What was sent under our names, as in files: a field's own name beats what others call it; any other name is an attribute.

    Parameters
    ----------
    told
        Fields that are told elsewhere: what else is called so is an attribute.

    Returns
    -------
    mapping
        What ``attributes`` says itself beats a name beside it. Values of fields are unchecked.

    Raises
    ------
    Unusable
        Two names could be one field, or an attribute is a list or an object.
    """
    if sent.keys() <= _OWN:
        return sent
    fields = {name: value for name, value in sent.items() if name in _OWN}
    rest = [name for name in sent if name not in _OWN]
    for field, names in _other_names(rest).items():
        if field not in fields and field not in told:
            name = _one_of(field, names)
            fields[field] = sent[name]
            rest.remove(name)
    own = fields.get(ATTRIBUTES, {})
    if rest and isinstance(own, dict):
        fields[ATTRIBUTES] = {name: _scalar(name, sent[name]) for name in rest} | own
    return fields


def _other_names(names: Iterable[str]) -> dict[str, list[str]]:
    """The names that some field goes by, by field."""
    found: dict[str, list[str]] = {}
    for name in names:
        field = _field(name) if len(name) <= LONGEST_NAME else None
        if field is not None:
            found.setdefault(field, []).append(name)
    return found


@lru_cache(1_024)
def _field(name: str) -> str | None:
    return _FIELD_OF.get(plain(name))


def _one_of(field: str, names: list[str]) -> str:
    alike = [name for name in names if _PLAIN.get(plain(name)) == field]
    fitting = alike if len(alike) == 1 else names
    if len(fitting) > 1:
        raise Unusable(
            "ambiguous_name", f"{' and '.join(names)} could each be {field}; name it {field}.", field=names[0]
        )
    return fitting[0]


def _scalar(name: str, value: Any) -> Any:
    if isinstance(value, list | dict):
        shown = name if name.isprintable() and len(name) <= LONGEST_NAME else "…"
        raise Unusable(
            "bad_attributes",
            f"{shown} is no field of an item, and an attribute is a text, a number, true, false or null.",
            field=shown,
        )
    return value
