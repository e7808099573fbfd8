"""A catalogue in arrays, with its alignments to the models in use: in files where there is a place for them, else in memory."""

import logging
import threading
from collections.abc import Sequence
from typing import Protocol, TypeVar

from recommender.domain.errors import BusyError, StoreUnavailableError
from recommender.domain.memory import give_back
from recommender.domain.ports import Catalogue
from recommender.model.contract import Model
from recommender.ranking.aligning import Aligned, align
from recommender.ranking.assortment import Assortment
from recommender.ranking.listing import Listing, build_listing
from recommender.services.catalogue_shelf import CatalogueShelf, Written

log = logging.getLogger("recommender.catalogue")

KEPT_MODELS = 2
"""For how many models the alignment is kept: the one in use and the one before it, while they are swapped."""
T = TypeVar("T")


class Elsewhere(Protocol):
    """Has another process write the catalogue; see :class:`recommender.services.catalogue_child.Child`."""

    def __call__(self, *, wait: bool) -> None:
        """Returns when it stands on the shelf."""
        ...


class Book:
    """One catalogue in arrays.

    Attributes
    ----------
    version : int
        The store's version it was read at.
    listing : Listing
    """

    def __init__(
        self, version: int, listing: Listing, written: Written | None = None, shelf: CatalogueShelf | None = None
    ) -> None:
        self.version = version
        self.listing = listing
        self.written = written
        self._shelf = shelf
        self._lock = threading.Lock()
        self._made: list[tuple[Model | None, Aligned]] = []

    @property
    def lost(self) -> bool:
        """Whether its files have been removed without a newer one in their place: the store is another than before."""
        return self.written is not None and not self.written.folder.exists()

    def assortment(self, model: Model | None) -> Assortment:
        """The catalogue as written, in the rows of a model."""
        with self._lock:
            aligned = next((made for known, made in self._made if known is model), None)
            if aligned is None:
                aligned = self._align(model)
                self._made = [(model, aligned), *self.kept(self._made)]
        return Assortment(aligned) if model is None else Assortment(aligned, model.item_ids, model.index_of)

    @staticmethod
    def kept(made: Sequence[tuple[Model | None, T]]) -> list[tuple[Model | None, T]]:
        """What stays beside a new one: that of no model, and that of the latest models."""
        models = [pair for pair in made if pair[0] is not None][: KEPT_MODELS - 1]
        return [*models, *(pair for pair in made if pair[0] is None)]

    def _align(self, model: Model | None) -> Aligned:
        if self._shelf is not None and self.written is not None:
            try:
                return self._shelf.aligned(self.written, model)
            except (OSError, StoreUnavailableError, BusyError) as error:
                log.warning("This process keeps its own alignment of the catalogue: %s", error)
        if model is None:
            return align(self.listing)
        return align(self.listing, model.item_ids, model.index_of, model.popular())


class Books:
    """Where books come from; with ``elsewhere`` they are written by another process.

    Attributes
    ----------
    empty : Book
        For when nothing was ever read.
    lasting : bool
        Whether there is a place for files.
    """

    def __init__(self, catalogue: Catalogue, shelf: CatalogueShelf | None, elsewhere: Elsewhere | None = None) -> None:
        self._catalogue = catalogue
        self._shelf = shelf
        self._elsewhere = elsewhere
        self.empty = Book(-1, build_listing([]))
        self.lasting = shelf is not None

    def newest(self, *, known: Book | None = None) -> Book | None:
        """The newest written one; None if there is none, or none newer than the known one."""
        if self._shelf is None:
            return None
        name = known.written.folder.name if known is not None and known.written is not None else ""
        written = self._shelf.newest(known=name, since=0 if known is None else max(known.version, 0))
        return None if written is None else Book(written.version, written.listing, written, self._shelf)

    def write(self, version: int, models: Sequence[Model | None], *, wait: bool = True) -> Book:
        """Read the store and write what is there now; where that fails, keep it in memory.

        Raises
        ------
        StoreUnavailableError
            The store failed.
        BusyError
            Another process is writing, and ``wait`` is False.
        """
        if self._shelf is not None:
            book = self._written_elsewhere(version, self._shelf, wait=wait)
            if book is not None:
                return book
            try:
                written = self._shelf.write(version, self._catalogue.entries, [*models, None], wait=wait)
                give_back()
                return Book(written.version, written.listing, written, self._shelf)
            except OSError as error:
                log.warning("The catalogue cannot be written for other processes, this one keeps its own: %s", error)
            except BusyError:
                if not wait:
                    raise
        return Book(version, build_listing(self._catalogue.entries()))

    def _written_elsewhere(self, version: int, shelf: CatalogueShelf, *, wait: bool) -> Book | None:
        """What another process has written at our request; None where that failed."""
        if self._elsewhere is None:
            return None
        try:
            self._elsewhere(wait=wait)
        except BusyError:
            if not wait:
                raise
            return None
        except StoreUnavailableError as error:
            log.warning("The catalogue is written by this process, because another could not: %s", error)
            return None
        written = shelf.newest(since=max(version, 0))
        return None if written is None else Book(written.version, written.listing, written, shelf)

    def clear(self, *, above: int) -> None:
        """Forget what was written after that version: the store went back."""
        if self._shelf is not None:
            self._shelf.clear(above=above)
