"""What answers are told of the people they are for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from recommender.domain.people import Person
from recommender.domain.requests import Request
from recommender.interactions import Histories
from recommender.ranking.scenarios import Scenario

NOBODY = Person()
Asked = Sequence[tuple[Request, Scenario]]


def any_line(histories: Histories, person: int) -> bool:
    """Whether a person has any line there, be it with an item that came after the training."""
    both = (histories,) if histories.newcomers is None else (histories, histories.newcomers)
    return any(bool(one.indptr[person + 1] > one.indptr[person]) for one in both)


def _no_attributes(_: int) -> None:
    return None


class Known(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What may be used of each person asked about, in the order of the requests.

    Attributes
    ----------
    histories : Histories or None
        What the model sees; empty for who is unknown, refuses, or asks for a list that is not personal. None without a model.
    bought : sequence of frozenset of str
        Items bought before, where ``Repeat.FORBID`` asks for it; empty otherwise.
    countries : sequence of str or None
        The request's country, else the customer's where the list is personal.
    leaned : sequence of bool
        Whether anything of the person's record was used.
    trouble : str or None
        Which store did not answer; the lists are made without it.
    attributes : function
        From the place of a request to the person's attributes by name; None for whom none may be used. Asked for only
        where rules lean on them.
    """

    histories: Histories | None
    bought: Sequence[frozenset[str]]
    countries: Sequence[str | None]
    leaned: Sequence[bool]
    trouble: str | None
    attributes: Callable[[int], Mapping[str, Any] | None] = _no_attributes
