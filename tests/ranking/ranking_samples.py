"""A shop one can hold in the head, and a model whose every proposal is written down."""
# ruff: noqa: ARG002 - the written model answers everybody alike

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.domain.events import Line
from recommender.domain.items import Item
from recommender.domain.requests import Repeat, Request
from recommender.interactions import Histories
from recommender.model.contract import Branch, Evidence, Naming, Proposal, Query
from recommender.ranking.assortment import Assortment, build_assortment
from recommender.ranking.ladder import Ladder
from recommender.ranking.question import Question, resolve
from recommender.ranking.scenarios import scenario_named

if TYPE_CHECKING:
    from recommender.features.record import Record

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass(kw_only=True)
class WrittenModel:
    """Proposes what it was told to, whoever asks; ``standing`` is its popularity order."""

    item_ids: Sequence[str]
    proposed: Sequence[str] = ()
    scores: Sequence[float] | None = None
    standing: Sequence[str] = ()
    by_country: Mapping[str, Sequence[str]] = field(default_factory=dict)
    buyers: Mapping[str, int] = field(default_factory=dict)  # how many people bought an item: who is not in here, many
    attributes: tuple[str, ...] = ()

    def index_of(self, item_id: str) -> int | None:
        return self.item_ids.index(item_id) if item_id in self.item_ids else None

    def index_of_many(self, item_ids: Sequence[str]) -> NDArray[np.int32]:
        return np.array([self.item_ids.index(one) if one in self.item_ids else -1 for one in item_ids], np.int32)

    def _rows(self, ids: Sequence[str]) -> NDArray[np.int32]:
        return np.array([self.item_ids.index(item_id) for item_id in ids], dtype=np.int32)

    def histories(
        self,
        lines: Sequence[Sequence[Line]],
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        return nobody(len(lines))

    def histories_of_frame(
        self,
        frame: pl.DataFrame,
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        return nobody(len(now))

    def histories_of_records(
        self,
        records: "Sequence[Record | None]",
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        return nobody(len(now))

    def propose(
        self, histories: Histories, queries: Sequence[Query], *, limit: int = 200, explain: bool = False
    ) -> list[Proposal]:
        return [self.proposal(query) for query in queries]

    def proposal(self, query: Query) -> Proposal:
        rows = self._rows(self.proposed)
        scores = self.scores if self.scores is not None else [1 / (1 + place) for place in range(len(rows))]
        return Proposal(
            items=rows, scores=np.array(scores, np.float32), sources=("written",) * len(rows), branch=Branch.UNKNOWN
        )

    def popular(self, country: str | None = None, category: str | None = None) -> NDArray[np.int32]:
        return self._rows(self.standing if country is None else self.by_country.get(country, self.standing))

    def wanted_by(self, items: NDArray[np.int32]) -> NDArray[np.int64]:
        return np.array([self.buyers.get(self.item_ids[item], 1_000) for item in items], np.int64)

    def evidence(self, source: str, item: int, histories: Histories, person: int, query: Query) -> Evidence:
        return Evidence(code="trending")

    def evidences(
        self, sources: Sequence[str], items: Sequence[int], histories: Histories, person: int, query: Query
    ) -> list[Evidence]:
        return [Evidence(code="trending") for _ in items]

    def to_arrays(self) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]]:
        return {}, {}


def nobody(n: int) -> Histories:
    """``n`` people without events."""
    none = np.zeros(0, np.int64)
    return Histories(
        indptr=np.zeros(n + 1, np.int64),
        item=none.astype(np.int32),
        kind=none.astype(np.int8),
        time_us=none,
        quantity=none.astype(np.float32),
        order=none,
        country=np.full(n, -1, np.int32),
        now_us=np.zeros(n, np.int64),
    )


def catalogue(*items: Item) -> dict[str, Item]:
    return {item.item_id: item for item in items}


def aligned(items: Mapping[str, Item], model: WrittenModel | None = None) -> Assortment:
    return build_assortment(items) if model is None else build_assortment(items, model.item_ids, model.index_of)


def asked(scenario: str, assortment: Assortment, model: WrittenModel | None = None, **wishes: Any) -> Question:
    """A question about nobody in particular at :data:`NOW`; ``bought``, ``own`` and ``country`` are what the stores would say."""
    bought, country, own = wishes.pop("bought", ()), wishes.pop("country", None), wishes.pop("own", ())
    wishes.setdefault("now", NOW)
    request = Request(scenario=scenario, **wishes)
    return resolve(
        request,
        scenario_named(scenario),
        assortment,
        model_items=0 if model is None else len(model.item_ids),
        bought=bought,
        country=country,
        own=np.array(sorted(own), np.int32),
    )


def ladder(items: Mapping[str, Item], model: WrittenModel | None = None) -> Ladder:
    return Ladder(aligned(items, model), model)


FORBID = Repeat.FORBID
