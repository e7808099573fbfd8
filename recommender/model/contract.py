"""What a model is asked and what it answers. Items are row numbers of the model (``item_ids``) here, not ids."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender.domain.events import Line
from recommender.domain.requests import Repeat
from recommender.interactions import Histories

if TYPE_CHECKING:
    import polars as pl

    from recommender.features.record import Record


Naming = Callable[[str], int | None]
"""The row of an item the model does not know: from the model's number of items on; None for what nobody knows."""


class Branch(StrEnum):
    """Which blend answers: bought before; looked or put into a cart only; nothing known."""

    KNOWN = "known"
    SESSION = "session"
    UNKNOWN = "unknown"


class Ask(StrEnum):
    """What a list is for."""

    HOME = "home"  # the person
    SIMILAR = "similar"  # instead of, or next to, the context items
    CART = "cart"  # to go with the context items
    TRENDING = "trending"  # what many buy now, nothing personal


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One person's question. ``context`` is the page's item (SIMILAR) or the cart (CART); never proposed back."""

    ask: Ask
    context: tuple[int, ...] = ()
    repeat: Repeat = Repeat.AUTO


class Told(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a forest was told of a list's candidates, and what of it moved them.

    ``values[i, j]`` is what column ``names[j]`` says of ``items[i]``; ``moved[i, j]`` is by how much what the forest says of the item
    is above what it would say if that column had the median of the candidates. ``order`` is ``forest`` or ``both``: the mean of
    its order and the blend's.
    """

    order: str
    items: NDArray[np.int32]
    names: tuple[str, ...]
    values: NDArray[np.float32]
    moved: NDArray[np.float64]


class Sources(Sequence[str]):
    """Names place by place, each looked up when it is asked for: of 200 candidates a list shows few.

    Parameters
    ----------
    names : sequence of str
    place : int array of length n
        Which of the names stands at each place.
    """

    __slots__ = ("_names", "_place")

    def __init__(self, names: Sequence[str], place: NDArray[np.int64]) -> None:
        self._names, self._place = names, place

    def __len__(self) -> int:
        return len(self._place)

    @overload
    def __getitem__(self, at: int, /) -> str: ...
    @overload
    def __getitem__(self, at: slice, /) -> list[str]: ...
    def __getitem__(self, at: int | slice, /) -> str | list[str]:
        if isinstance(at, slice):
            return [self._names[one] for one in self._place[at].tolist()]
        return self._names[self._place.item(at)]

    def many(self, places: Sequence[int]) -> list[str]:
        """The names at some places."""
        return [*map(self._names.__getitem__, self._place.take(places).tolist())]


class Proposal(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The blend's opinion on one question: best first, ties broken the same way every time.

    ``sources[i]`` names the generator that weighed most for ``items[i]``. With ``Repeat.FORBID`` nothing the person
    bought before is in it. May be short or empty; the slate fills up from :meth:`Model.popular`.

    ``shares`` (only where asked for) says how much each generator added to each score: float32 arrays as long as
    ``items`` by name, adding up to ``scores`` – where a forest decided the order (``told``), to the blend's score brought to the
    height of the new one.
    """

    items: NDArray[np.int32]
    scores: NDArray[np.float32]
    sources: Sequence[str]
    branch: Branch
    shares: Mapping[str, NDArray[np.float32]] | None = None
    told: Told | None = None


class Evidence(msgspec.Struct, frozen=True):
    """What the named generator saw when it proposed the item: enough to say a true sentence, never more.

    ``code`` is one of: ``again`` (``when_us`` last bought, ``count`` times), ``viewed`` (``when_us``, ``count``),
    ``carted`` (``when_us``), ``bought_with`` (``related`` was bought by the person or is in the cart, and both are
    bought together), ``viewed_next`` (``related`` was viewed, many look at this next), ``close_to`` (item-kNN or ALS:
    ``related`` is the history or context item that weighs most), ``trending`` (bought by many lately),
    ``trending_country`` and ``trending_category`` (the same within the person's country, or ``category``); with these
    three, ``count`` is how many distinct people bought it, wherever they live, in the seven days before ``when_us``, the
    clock of training.
    """

    code: str
    related: int | None = None
    count: int | None = None
    when_us: int | None = None
    category: str | None = None


class Model(Protocol):
    """A trained model. Immutable, safe to share between threads, built from a bundle's arrays or fresh from training."""

    @property
    def item_ids(self) -> Sequence[str]:
        """Row number to item id, sorted."""
        ...

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of the profile its rankers ask for; nothing needs to be known of the others."""
        ...

    def index_of(self, item_id: str) -> int | None:
        """Row number of an item; None if the model has never seen it."""
        ...

    def index_of_many(self, item_ids: Sequence[str]) -> NDArray[np.int32]:
        """Row number of each item, int32; -1 for items the model has never seen."""
        ...

    def histories(
        self,
        lines: Sequence[Sequence[Line]],
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        """Turn the lines of people (one sequence each, any order) into arrays; later lines than ``now`` are left out.

        ``naming`` gives rows to items the model does not know; without it they are left out.
        """
        ...

    def histories_of_frame(
        self,
        frame: "pl.DataFrame",
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        """The same from columns with ``who`` (``EventLog.of_people``): equal arrays for equal lines."""
        ...

    def histories_of_records(
        self,
        records: "Sequence[Record | None]",
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        """The same from the records of profiles, one a person (None: nothing known): equal arrays for equal lines."""
        ...

    def propose(
        self, histories: Histories, queries: Sequence[Query], *, limit: int = 200, explain: bool = False
    ) -> list[Proposal]:
        """Answer one question per person; with ``explain`` each proposal has its ``shares``.

        A person's answer does not depend on who else is in the call: one by one or many at once gives the same bytes.
        """
        ...

    def popular(self, country: str | None = None, category: str | None = None) -> NDArray[np.int32]:
        """Every item ever bought (or, without purchases, viewed), most popular now first: the fallback's order."""
        ...

    def wanted_by(self, items: NDArray[np.int32]) -> NDArray[np.int64]:
        """How many distinct people ever bought each item, int64; where nobody bought anything, looked at it in the last 30 days."""
        ...

    def evidence(self, source: str, item: int, histories: Histories, person: int, query: Query) -> Evidence:
        """Why the named generator proposed the item to that person (row of ``histories``)."""
        ...

    def evidences(
        self, sources: Sequence[str], items: Sequence[int], histories: Histories, person: int, query: Query
    ) -> Sequence[Evidence]:
        """:meth:`evidence` for the items of one list at once, in their order."""
        ...

    def to_arrays(self) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]]:
        """Item-side arrays by name and a JSON-able description: all a bundle needs. No person in either."""
        ...
