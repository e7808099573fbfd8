"""Whether a file that should hold items holds events: columns that no item has."""

from collections.abc import Sequence

from recommender.domain.errors import BadInputError
from recommender.domain.synonyms import EVENT_SYNONYMS, plain
from recommender.importing.report import ImportOptions

SIGNS = ("customer_id", "visitor_id", "order_id", "timestamp")
"""Fields of an event that say who, in which order and when."""

_AMBIGUOUS = """order user client klient klient_id buyer device_id invoice invoice_no invoice_number faktura zamowienie
timestamp ts time date datetime date_time created data czas kiedy клиент заказ дата время"""
AMBIGUOUS = frozenset(plain(word) for word in _AMBIGUOUS.split())
"""Names an attribute of an item may have, too (the place in an order, the day of a change): one alone says nothing."""


def without_signs(options: ImportOptions) -> dict[str, str]:
    """What was mapped, without ``--map customer_id=`` and the like, by which the shop says that a column is an attribute."""
    return {name: column for name, column in options.maps.items() if column or name not in SIGNS}


def refuse_events(rest: Sequence[str], options: ImportOptions, file: str) -> None:
    """Refuse a file of items whose columns beyond those of items say who bought, in which order or when.

    Raises
    ------
    BadInputError
        One column can be nothing else, or two of the ambiguous ones agree.
    """
    found: dict[str, list[str]] = {}
    for column in rest:
        for field in SIGNS:
            if options.maps.get(field) != "" and plain(column) in {plain(field), *EVENT_SYNONYMS[field]}:
                found.setdefault(field, []).append(column)
    columns = [column for group in found.values() for column in group]
    if len(found) >= 2 or any(plain(column) not in AMBIGUOUS for column in columns):
        none = " ".join(f"--map {field}=" for field in found)
        meant = ", ".join(f"{', '.join(group)} ({field})" for field, group in found.items())
        raise BadInputError(
            f"{file} looks like a file of events, not of items: it has {meant}. Take it in with `recommender import events`."
            f" If these are attributes of items, say that no column is such a field: {none}."
        )
