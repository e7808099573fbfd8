"""The state of one person's profile: fold lines in, merge, encode, and read attributes off it.

``fold`` adds lines one by one, :mod:`recommender.features.frames` whole logs in columns; both end in the same bytes.
Lines must be new: the log stores an event once, and a state does not remember which it has seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import msgspec

from recommender.domain.errors import BadInputError
from recommender.domain.events import EventType, Line
from recommender.features.columns import UNKNOWN, ItemFacts, ItemLookup
from recommender.features.facet import AttributeValue, Moment, Population
from recommender.features.primitives import Cell, Primitive
from recommender.features.registry import FACETS, PRIMITIVES


def _declared(one: Primitive) -> str:
    fields = {name: getattr(one, name) for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())}
    fields["types"] = sorted(one.types) if one.types else None
    return f"{type(one).__name__}{sorted((name, str(value)) for name, value in fields.items())}"


VERSION = crc32("\n".join(map(_declared, PRIMITIVES)).encode())
"""Of the declarations: it changes when any facet keeps something else, so that an old blob is never misread."""

_ENCODER = msgspec.msgpack.Encoder()
_PACKED: Any = tuple.__class_getitem__((int, *(one.packed_type for one in PRIMITIVES)))
_DECODER: "msgspec.msgpack.Decoder[tuple[Any, ...]]" = msgspec.msgpack.Decoder(_PACKED)
_OF_ANY_TYPE = tuple(place for place, one in enumerate(PRIMITIVES) if one.types is None)
_OF_TYPE: Mapping[str, tuple[int, ...]] = {
    str(name): tuple(place for place, one in enumerate(PRIMITIVES) if one.types is None or name in one.types)
    for name in EventType
}
_PLACES: Mapping[str, tuple[tuple[str, int], ...]] = {
    facet.name: tuple((one.name, PRIMITIVES.index(one)) for one in facet.primitives) for facet in FACETS
}


@dataclass(frozen=True, slots=True)
class State:
    """What facets keep of one person: one cell for each of :data:`PRIMITIVES`. Never changed, only replaced."""

    cells: tuple[Cell, ...]


def empty() -> State:
    """The state of somebody of whom nothing is known; the zero of :func:`merge`."""
    return State(tuple(one.zero() for one in PRIMITIVES))


def fold(state: State, lines: Iterable[Line], lookup: ItemLookup) -> State:
    """The state with more lines, in any order. ``lookup`` is asked once an item."""
    cells = [one.copy(cell) for one, cell in zip(PRIMITIVES, state.cells, strict=True)]
    facts: dict[str | None, ItemFacts] = {None: UNKNOWN}
    for line in lines:
        item = line.item_id or None
        known = facts.get(item)
        if known is None:
            known = facts[item] = (lookup.facts(item) if item else None) or UNKNOWN
        for place in _OF_TYPE.get(line.type, _OF_ANY_TYPE):
            cells[place] = PRIMITIVES[place].add(cells[place], line, known)
    return State(tuple(one.trim(cell) for one, cell in zip(PRIMITIVES, cells, strict=True)))


def merge(left: State, right: State) -> State:
    """The state of both sets of lines, which must be disjoint. Associative and commutative."""
    return State(tuple(one.merge(a, b) for one, a, b in zip(PRIMITIVES, left.cells, right.cells, strict=True)))


def encode(state: State) -> bytes:
    """The state as bytes (msgpack); equal states give equal bytes."""
    return encode_packed(tuple(one.pack(cell) for one, cell in zip(PRIMITIVES, state.cells, strict=True)))


def encode_packed(packed: Sequence[Any]) -> bytes:
    """The bytes of cells that are packed already, in the order of :data:`PRIMITIVES`."""
    return _ENCODER.encode((VERSION, *packed))


def decode(blob: bytes) -> State:
    """Back again.

    Raises
    ------
    BadInputError
        If the bytes are no state, or one of other facets: it has to be folded anew from the log.
    """
    return State(tuple(_unpacked(_packed(blob), range(len(PRIMITIVES))).values()))


def _packed(blob: bytes) -> list[Any]:
    try:
        version, *packed = _DECODER.decode(blob)
    except msgspec.DecodeError as error:
        raise BadInputError(f"The profile cannot be read ({error}); rebuild it from the log.") from error
    if version != VERSION:
        raise BadInputError("The profile was written by another version; rebuild it from the log.")
    return packed


def _unpacked(packed: Sequence[Any], places: Iterable[int]) -> dict[int, Cell]:
    try:
        return {place: PRIMITIVES[place].unpack(packed[place]) for place in places}
    except (ValueError, IndexError) as error:
        raise BadInputError(f"The profile cannot be read ({error}); rebuild it from the log.") from error


def values(
    state: State, now_us: int, population: Population | None = None, *, facets: Iterable[str] | None = None
) -> dict[str, AttributeValue]:
    """The attributes by name (see :data:`~recommender.features.registry.ATTRIBUTES`) as of a moment.

    Parameters
    ----------
    now_us : int
        Microseconds since 1970 UTC.
    population : Population, optional
        Quantiles of everybody; without it, attributes that compare people are None.
    facets : iterable of str, optional
        Only the attributes of these facets, which costs less.
    """
    return _values(state.cells, now_us, population, facets)


def values_of_nobody(facets: Iterable[str] | None = None) -> dict[str, AttributeValue]:
    """The attributes of somebody of whom nothing is known; the same at any moment."""
    return values(empty(), 0, facets=facets)


def values_of_blob(
    blob: bytes, now_us: int, population: Population | None = None, *, facets: Iterable[str] | None = None
) -> dict[str, AttributeValue]:
    """:func:`values` of the state in the bytes; what the asked facets do not need is not unpacked.

    Raises
    ------
    BadInputError
        As :func:`decode`.
    """
    wanted = _PLACES if facets is None else facets
    places = [place for name in wanted for _, place in _PLACES[name]]
    return _values(_unpacked(_packed(blob), places), now_us, population, wanted)


def _values(
    cells: Sequence[Cell] | Mapping[int, Cell],
    now_us: int,
    population: Population | None,
    facets: Iterable[str] | None,
) -> dict[str, AttributeValue]:
    moment = Moment(now_s=now_us // 1_000_000, population=population)
    wanted = None if facets is None else set(facets)
    found: dict[str, AttributeValue] = {}
    for facet in FACETS:
        if wanted is None or facet.name in wanted:
            found.update(facet.values({name: cells[place] for name, place in _PLACES[facet.name]}, moment))
    return found
