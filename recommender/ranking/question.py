"""One request, resolved against the assortment: rows instead of ids, and everything the list must keep out."""

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender.domain.errors import BadInputError
from recommender.domain.requests import Repeat, Request
from recommender.model.contract import Ask, Query
from recommender.ranking.assortment import Assortment, micros
from recommender.ranking.scenarios import Context, Scenario
from recommender.ranking.settings import MAX_SIZE

NONE: frozenset[int] = frozenset()
NO_ROWS: NDArray[np.int32] = np.zeros(0, np.int32)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What one list is to be, in rows of one assortment.

    Attributes
    ----------
    request, scenario
        As asked.
    now_us : int
        The moment the list is for.
    query : Query
        What the model is asked. Context items it does not know are left out; with none left it is asked for the person.
    told : bool
        Whether the request names items the list should be built around.
    understood : bool
        Whether the model knows at least one of them.
    shelf, category : int
        Codes of the first context item the catalogue has a category of; -1 none.
    barred : frozenset of int
        Rows that must not appear: excluded, on the page, in the cart and, with ``Repeat.FORBID``, bought before.
    in_hand, excluded : frozenset of int
        Of these, what is on the page or in the cart, and what the request excludes.
    barred_groups : frozenset of int
        Groups of the page's and the cart's items: a variant of what is in hand is no suggestion.
    own : int32 array
        Rows the person bought before, ascending; the category cap passes over them.
    country : str or None
        The country the list may lean on.
    """

    request: Request
    scenario: Scenario
    now_us: int
    query: Query
    told: bool
    understood: bool
    shelf: int
    category: int
    barred: frozenset[int]
    in_hand: frozenset[int]
    excluded: frozenset[int]
    barred_groups: frozenset[int]
    own: NDArray[np.int32]
    country: str | None


def check(request: Request) -> None:
    """Refuse what no list can be made for.

    Raises
    ------
    BadInputError
        The size is out of bounds, or ``now`` has no time zone.
    """
    if not 1 <= request.size <= MAX_SIZE:
        raise BadInputError(f"A list of {request.size} items cannot be made; ask for a size from 1 to {MAX_SIZE}.")
    if request.now.tzinfo is None:
        raise BadInputError("The moment of a request needs a time zone; give it as an aware time in UTC.")


def resolve(
    request: Request,
    scenario: Scenario,
    assortment: Assortment,
    *,
    model_items: int,
    bought: Iterable[str],
    country: str | None,
    own: NDArray[np.int32] = NO_ROWS,
) -> Question:
    """Look the request's ids up once.

    Parameters
    ----------
    model_items : int
        How many rows are the model's; 0 without a model.
    bought : iterable of str
        Items bought before; used with ``Repeat.FORBID`` only.
    country : str, optional
        The request's or the customer's.
    own : int32 array
        Rows the person bought before, ascending, where the list may know.
    """
    told = scenario.context_ids(request)
    context = _rows(assortment, told)
    in_hand = (
        frozenset(_rows(assortment, request.item_ids + request.cart)) if request.item_ids or request.cart else NONE
    )
    excluded = frozenset(_rows(assortment, request.exclude)) if request.exclude else NONE
    forbidden = _rows(assortment, bought) if request.repeat is Repeat.FORBID else ()
    columns = assortment.columns
    home = next((row for row in context if columns.category[row] >= 0), None) if context else None
    understood = tuple([row for row in context if row < model_items])
    ask = scenario.ask if understood or scenario.context is Context.NOTHING else Ask.HOME
    return Question(
        request=request,
        scenario=scenario,
        now_us=micros(request.now),
        query=Query(ask=ask, context=understood, repeat=request.repeat),
        told=bool(told),
        understood=bool(understood),
        shelf=-1 if home is None else int(columns.shelf[home]),
        category=-1 if home is None else int(columns.category[home]),
        barred=in_hand.union(excluded, forbidden) if in_hand or excluded or forbidden else NONE,
        in_hand=in_hand,
        excluded=excluded,
        barred_groups=frozenset([g for row in in_hand if (g := int(columns.group[row])) >= 0]) if in_hand else NONE,
        own=own,
        country=country,
    )


def _rows(assortment: Assortment, ids: Iterable[str]) -> list[int]:
    """Rows of the ids somebody knows, each once, in the order given."""
    if not ids:
        return []
    return [row for item_id in dict.fromkeys(ids) if (row := assortment.row(item_id)) is not None]
