"""The catalogue in memory: aligned to the model for the rules, as cards for the shop's pages."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.items import Item
from recommender.domain.ports import Catalogue
from recommender.model.contract import Model
from recommender.ranking.assortment import Assortment, build_assortment

log = logging.getLogger("recommender.catalogue")

RETRY_SECONDS = 1.0
"""How long a catalogue store that did not answer is left alone."""
KEPT_MODELS = 2
"""For how many models the alignment is kept: the one in use and the one before it, while they are swapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a page shows of an item; None where the catalogue does not say."""

    title: str | None = None
    url: str | None = None
    image: str | None = None
    price: Decimal | None = None
    sale_price: Decimal | None = None
    currency: str | None = None


BLANK_CARD = Card()


@dataclass(frozen=True, slots=True)
class _State:
    """One version of the catalogue and its alignments; replaced as a whole, never changed."""

    version: int
    items: Mapping[str, Item]
    aligned: tuple[tuple[Model | None, Assortment], ...] = field(default=())


class CatalogueView:
    """Follows a catalogue store by its version number. Safe to share between threads.

    A reader takes one reference and works on it. One thread refreshes, the others go on with what is there; only the very
    first reading is waited for. A store that does not answer leaves the last version in place (an empty one before the first).

    Parameters
    ----------
    catalogue : Catalogue
    refresh_seconds : float
        How often the store is asked for its version, at most. A change shows this much later at the latest.
    monotonic : function
        Seconds that only grow.
    """

    def __init__(
        self, catalogue: Catalogue, *, refresh_seconds: float = 0.2, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalogue = catalogue
        self._refresh_seconds = refresh_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._ask_at = float("-inf")

    def assortment(self, model: Model | None) -> Assortment:
        """The catalogue of this moment in the rows of a model (None: in rows of its own)."""
        state = self._current()
        known = _aligned(state, model)
        if known is not None:
            return known
        with self._lock:
            state = self._state or state
            known = _aligned(state, model)
            if known is None:
                known = _align(state.items, model)
                self._state = _State(state.version, state.items, ((model, known), *state.aligned)[:KEPT_MODELS])
            return known

    def cards(self, item_ids: Sequence[str]) -> list[Card]:
        """What pages show of the items, in the order given; a blank card for an item the catalogue does not know."""
        items = self._current().items
        return [_card(items.get(item_id)) for item_id in item_ids]

    def items(self) -> Mapping[str, Item]:
        """Every item of this moment by id, removed ones included."""
        return self._current().items

    @property
    def version(self) -> int:
        """The version in use; -1 while the store has never answered."""
        return self._current().version

    def _current(self) -> _State:
        state = self._state
        if state is not None and self._monotonic() < self._ask_at:
            return state
        if not self._lock.acquire(blocking=state is None):
            return state or _State(-1, {})
        try:
            if self._state is None or self._monotonic() >= self._ask_at:
                self._refresh()
            return self._state or _State(-1, {})
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        """Bring the state up to the store's version (the lock is held)."""
        try:
            version = self._catalogue.version()
            if self._state is None or version < self._state.version:
                self._state = _State(version, {item.item_id: item for item in self._catalogue.all()})
            elif version > self._state.version:
                self._state = _changed(self._state, version, self._catalogue.changed_since(self._state.version))
            self._ask_at = self._monotonic() + self._refresh_seconds
        except StoreUnavailableError as error:
            log.warning("The catalogue store does not answer; lists are made from what was last read: %s", error)
            self._state = self._state or _State(-1, {})
            self._ask_at = self._monotonic() + max(RETRY_SECONDS, self._refresh_seconds)


def _aligned(state: _State, model: Model | None) -> Assortment | None:
    return next((assortment for known, assortment in state.aligned if known is model), None)


def _align(items: Mapping[str, Item], model: Model | None) -> Assortment:
    return build_assortment(items) if model is None else build_assortment(items, model.item_ids, model.index_of)


def _changed(state: _State, version: int, changed: Sequence[Item]) -> _State:
    items = {**state.items, **{item.item_id: item for item in changed}}
    return _State(version, items, tuple((m, a.with_changes(changed)) for m, a in state.aligned))


def _card(item: Item | None) -> Card:
    if item is None:
        return BLANK_CARD
    return Card(
        title=item.title,
        url=item.url,
        image=item.image,
        price=item.price,
        sale_price=item.sale_price,
        currency=item.currency,
    )
