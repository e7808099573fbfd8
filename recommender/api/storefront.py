"""The one place that keeps a storefront from ever going without a list."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from recommender.api.list_bodies import body_of
from recommender.api.log_lines import log_unexpected
from recommender.domain.errors import BadInputError
from recommender.domain.metrics import Cell, Cells, counter, together
from recommender.domain.requests import Request
from recommender.domain.slates import Slate
from recommender.ranking.scenarios import SCENARIOS
from recommender.services.catalogue_view import Card
from recommender.services.finishing import Drawn, slate_of

Encode = Callable[[Slate, Sequence[Card]], bytes]
"""The answer's body from a slate and the cards of its items."""


class LastResort(Protocol):
    """A list that needs only what is in memory."""

    def __call__(self, request: Request, *, fallback: str) -> Slate:
        """The list; ``fallback`` says in it why it is no better one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Storefront:
    """Answers a request by the use case, or by the last rung of the ladder when that breaks.

    Attributes
    ----------
    recommend
        The use case. Bad input is its caller's fault and passes through; anything else is ours.
    last_resort
        A list from the catalogue in memory.
    cards
        What the catalogue in memory says of items, in the order given.
    nothing
        The shop's static list, or an empty one: for when even the catalogue in memory cannot be used.
    list_of
        The use case again, with its answer before it becomes a slate; None: there is only ``recommend``.
    begin
        What a caller on an event loop awaits before it asks for the body; None if there is nothing to wait for.
    """

    recommend: Callable[[Request], Slate]
    last_resort: LastResort
    cards: Callable[[Sequence[str]], Sequence[Card]]
    nothing: LastResort | None = None
    list_of: Callable[[Request], Drawn] | None = None
    begin: Callable[[Request], Awaitable[None] | None] = lambda _: None

    def body(self, request: Request, *, request_id: str, encode: Encode) -> bytes:
        """The body of the answer: what ``encode`` makes of :meth:`__call__`'s, with less in between where that can be."""
        if self.list_of is None:
            return encode(*self(request, request_id=request_id))
        try:
            made = self.list_of(request)
            if not made.picks or made.explanation is not None:
                return encode(*self._with_cards(slate_of(made)))
            body = body_of(made)
            _count(request.scenario, made.fallback, [pick.source for pick in made.picks])
        except BadInputError:
            raise
        except Exception as error:  # noqa: BLE001 - as below
            log_unexpected(error, request_id=request_id)
            return encode(*self._resort(request, request_id))
        return body

    def __call__(self, request: Request, *, request_id: str) -> tuple[Slate, Sequence[Card]]:
        """The slate and the cards of its items, place by place."""
        try:
            return self._with_cards(self.recommend(request))
        except BadInputError:
            raise
        except Exception as error:  # noqa: BLE001 - a blank place costs the shop more than a plain list
            log_unexpected(error, request_id=request_id)
        return self._resort(request, request_id)

    def _resort(self, request: Request, request_id: str) -> tuple[Slate, Sequence[Card]]:
        """The lower rungs."""
        try:
            return self._with_cards(self.last_resort(request, fallback="internal_error"))
        except Exception as error:
            if self.nothing is None:
                raise
            log_unexpected(error, request_id=request_id)
        slate = self.nothing(request, fallback="internal_error")
        count(slate)
        return slate, [Card()] * len(slate.items)

    def _with_cards(self, slate: Slate) -> tuple[Slate, Sequence[Card]]:
        cards = self.cards([place.item_id for place in slate.items])
        count(slate)
        return slate, cards


@lru_cache(maxsize=1024)
def _lists(scenario: str, fallback: str) -> Cell:
    known = scenario if scenario in SCENARIOS else "other"  # labels hold no word of a caller's
    return counter("recommender_slates_total", scenario=known, fallback=fallback)


@lru_cache(maxsize=1024)
def _cells(scenario: str, fallback: str, *sources: str) -> Cells:
    """The number of lists, and those of places by who proposed them."""
    places = [counter("recommender_slate_items_total", generator=source) for source in sources]
    return together((_lists(scenario, fallback), *places))


def count(slate: Slate) -> None:
    """Count a list that is given, and who proposed its places."""
    _count(slate.scenario, slate.fallback, [place.source for place in slate.items])


def _count(scenario: str, fallback: str | None, sources: Sequence[str]) -> None:
    places: dict[str, int] = {}
    for source in sources:
        places[source] = places.get(source, 0) + 1
    _cells(scenario, fallback or "none", *places).add((1, *places.values()))
