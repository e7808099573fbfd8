"""The catalogue every worker answers from: written once, mapped by all, with what has changed since laid over it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from recommender.domain.entries import Entry
from recommender.domain.errors import BusyError, StoreUnavailableError
from recommender.domain.items import Item
from recommender.domain.ports import Catalogue
from recommender.model.contract import Model
from recommender.ranking.assortment import Assortment
from recommender.ranking.cards import BLANK_CARD, Card, card_of, fragment_of
from recommender.ranking.keeping import remember
from recommender.services.catalogue_book import Book, Books, Elsewhere
from recommender.services.catalogue_shelf import CatalogueShelf

__all__ = ["BLANK_CARD", "Card", "CatalogueView"]

log = logging.getLogger("recommender.catalogue")

RETRY_SECONDS = 1.0
"""How long a catalogue store that did not answer is left alone."""
KEPT_CARDS = 4_096
MANY = 1_000
"""So many changed items, or one in fifty of a larger catalogue, and the catalogue is written anew."""
TOO_MANY = 4
"""Times as many, and it is written anew before anything else."""


@dataclass(frozen=True, slots=True)
class _State:
    """One version of the catalogue; replaced as a whole, never changed."""

    version: int
    book: Book
    entries: Mapping[str, Entry]
    assortments: tuple[tuple[Model | None, Assortment], ...]
    cards: dict[str, Card]

    def of(self, model: Model | None) -> Assortment | None:
        """The assortment of a model, if it is made."""
        return next((made for known, made in self.assortments if known is model), None)


class CatalogueView:
    """Follows a catalogue store by its version number. Safe to share between threads.

    A reader takes one reference and works on it. A store that does not answer leaves the last version in place; right
    after a start, what was last written. After :meth:`follow` no reader ever asks the store.

    Parameters
    ----------
    catalogue : Catalogue
    shelf : CatalogueShelf, optional
        Where the catalogue is written for all processes of the host; without one each keeps it to itself.
    refresh_seconds : float
        How often the store is asked for its version, at most. A change shows this much later at the latest.
    monotonic : function
        Seconds that only grow.
    elsewhere : function, optional
        Has another process write the catalogue; without it, or where it fails, this one does.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        shelf: CatalogueShelf | None = None,
        refresh_seconds: float = 0.2,
        monotonic: Callable[[], float] = time.monotonic,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._books = Books(catalogue, shelf, elsewhere)
        self._refresh_seconds = refresh_seconds
        self._monotonic = monotonic
        self._refreshing = threading.Lock()
        self._swapping = threading.Lock()
        self._state: _State | None = None
        self._ask_at = float("-inf")
        self._followed = False
        self._writing: threading.Thread | None = None

    def follow(self) -> None:
        """From now on :meth:`poll` is called regularly: read what is there, and let no reader ask the store again."""
        self._current()
        self._followed = True

    def poll(self) -> None:
        """Look for changes; for a thread of its own (:class:`~recommender.services.watching.Watch`).

        Raises
        ------
        StoreUnavailableError
            The store does not answer; what was last read stays in use.
        """
        with self._refreshing:
            self._refresh()

    def wait(self, seconds: float = 60.0) -> None:
        """Until a catalogue this process is just writing stands; the next :meth:`poll` takes it up."""
        if self._writing is not None:
            self._writing.join(seconds)

    def prepare(self, model: Model) -> None:
        """Make what lists of a model need, before it is put to use."""
        self.assortment(model)

    def assortment(self, model: Model | None) -> Assortment:
        """The catalogue of this moment in the rows of a model (None: in rows of its own)."""
        state = self._current()
        known = state.of(model)
        if known is not None:
            return known
        made = state.book.assortment(model)
        with self._swapping:
            now = self._state
            if now is None or now.book is not state.book:
                return made.with_changes(state.entries.values()) if state.entries else made
            known = now.of(model)
            if known is None:
                known = made.with_changes(now.entries.values()) if now.entries else made
                kept = state.book.kept(now.assortments)
                self._state = replace(now, assortments=((model, known), *kept))
            return known

    def cards(self, item_ids: Sequence[str]) -> list[Card]:
        """What pages show of the items, in the order given; a blank card for an item the catalogue does not know."""
        state = self._current()
        known = state.cards
        return [known.get(item_id) or _card(state, item_id) for item_id in item_ids]

    def items(self) -> Mapping[str, Item]:
        """The items of this moment by id, removed ones included; each is made when it is asked for."""
        return self.assortment(None).items

    @property
    def version(self) -> int:
        """The version in use; -1 while the store has never answered and nothing was written."""
        return self._current().version

    def _current(self) -> _State:
        state = self._state
        if state is not None and (self._followed or self._monotonic() < self._ask_at):
            return state
        if not self._refreshing.acquire(blocking=state is None):
            return state or self._nothing()
        try:
            if self._state is None or self._monotonic() >= self._ask_at:
                self._refresh()
        except StoreUnavailableError as error:
            log.warning("The catalogue store does not answer; lists are made from what was last read: %s", error)
        finally:
            self._refreshing.release()
        return self._state or self._nothing()

    def _nothing(self) -> _State:
        return _State(-1, self._books.empty, {}, (), {})

    def _refresh(self) -> None:
        """Bring the state up to the store's version (the refreshing lock is held)."""
        try:
            self._advance(self._catalogue.version())
            self._ask_at = self._monotonic() + self._refresh_seconds
        except StoreUnavailableError:
            if self._state is None:
                self._begin(self._books.newest() or self._books.empty)
            self._ask_at = self._monotonic() + max(RETRY_SECONDS, self._refresh_seconds)
            raise

    def _begin(self, book: Book) -> None:
        self._state = _State(book.version, book, {}, (), {})

    def _advance(self, version: int) -> None:
        state = self._state
        if state is not None and version < state.version:
            self._books.clear(above=version)
            self._turn(self._books.write(version, self._models()))
        elif state is None or state.book is self._books.empty:
            book = self._books.newest()
            if book is not None and book.version > version:
                self._books.clear(above=version)
                book = self._books.newest()
            self._begin(book or self._books.write(version, self._models()))
        else:
            self._take_newer(state, version)
        self._catch_up(version)

    def _take_newer(self, state: _State, version: int) -> None:
        """Move on to a newer written catalogue, if a process has made one; write one if somebody took ours away."""
        book = self._books.newest(known=state.book)
        if book is None and state.book.lost:
            book = self._books.write(version, self._models())
        if book is not None:
            self._turn(book)

    def _turn(self, book: Book) -> None:
        """Go over to another written catalogue; the models in use are aligned first, then one reference is swapped."""
        made = tuple((model, book.assortment(model)) for model in self._models())
        changed = list(self._catalogue.entries(book.version))
        entries = {entry.item_id: entry for entry in changed}
        laid = tuple((model, one.with_changes(changed) if changed else one) for model, one in made)
        with self._swapping:
            self._state = _State(book.version, book, entries, laid, {})

    def _models(self) -> list[Model | None]:
        return [model for model, _ in self._state.assortments] if self._state else []

    def _catch_up(self, version: int) -> None:
        """Lay what has changed over the written catalogue, or write it anew if that is too much."""
        state = self._state
        if state is None or version <= state.version:
            return
        many = max(MANY, len(state.book.listing) // 50)
        room = TOO_MANY * many - len(state.entries)
        changed = list(islice(self._catalogue.entries(state.version), max(room, 0) + 1))
        if len(changed) > room:
            self._turn(self._books.write(version, self._models()))
            return
        entries = {**state.entries, **{entry.item_id: entry for entry in changed}}
        with self._swapping:
            now = self._state or state
            laid = tuple((model, one.with_changes(changed)) for model, one in now.assortments)
            self._state = _State(version, state.book, entries, laid, {})
        if len(entries) > many and self._books.lasting:
            self._write_beside(version)

    def _write_beside(self, version: int) -> None:
        """Write the catalogue anew while lists go on; taken up when it is there."""
        if self._writing is not None and self._writing.is_alive():
            return
        self._writing = threading.Thread(target=self._rewrite, args=(version,), name="catalogue", daemon=True)
        self._writing.start()

    def _rewrite(self, version: int) -> None:
        try:
            self._books.write(version, self._models(), wait=False)
        except BusyError:
            return
        except (OSError, StoreUnavailableError) as error:
            log.warning("The catalogue cannot be written anew, the changes stay in memory: %s", error)


def _card(state: _State, item_id: str) -> Card:
    entry = state.entries.get(item_id)
    if entry is not None:
        fragment = fragment_of(entry)
    else:
        place = state.book.listing.ids.index_of(item_id)
        if place is None:
            return BLANK_CARD
        fragment = state.book.listing.fragment(place)
    return remember(state.cards, item_id, card_of(fragment), most=KEPT_CARDS)
