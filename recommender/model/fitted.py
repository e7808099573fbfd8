"""A trained model: generators and the weights they are blended with, item-side arrays only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms import Family, spec_of
from recommender.algorithms.contract import Generator
from recommender.algorithms.person import Person
from recommender.algorithms.popularity import CountryPopularity
from recommender.bundle import PackedTexts, pack_ids
from recommender.domain.errors import BundleRefusedError
from recommender.domain.events import Line
from recommender.interactions import Histories
from recommender.model.columns import TRAITS
from recommender.model.contract import Evidence, Naming, Proposal, Query
from recommender.model.evidence import Witness
from recommender.model.facts import ItemFacts
from recommender.model.item_ids import Rows
from recommender.model.lines import histories_of_columns, histories_of_lines, histories_of_records
from recommender.model.proposing import Panel, focus, panel_for, panel_of, propose
from recommender.model.ranker import Ranker, prefix_of, rankers_from
from recommender.model.remembering import evidence_of, remember_evidence

if TYPE_CHECKING:
    import polars as pl

    from recommender.features.record import Record

Blends = Mapping[str, Mapping[str, float]]

ITEM_IDS = "items.ids"
"""Name of the item ids among a bundle's arrays."""

_BUYERS, _LOOKERS = TRAITS.index("buyers_ever"), TRAITS.index("looked_30d")


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """Implements :class:`recommender.model.contract.Model`. Not slotted: look-up tables are built once, when first asked for."""

    item_ids: Sequence[str]
    facts: ItemFacts
    generators: tuple[Generator, ...]
    blends: Blends
    rankers: Mapping[str, Ranker] = field(default_factory=dict)
    names: tuple[str, ...] = field(init=False)
    _latest: dict[str, tuple[Histories, Query, Person]] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        ids = self.item_ids
        packed = ids if isinstance(ids, PackedTexts) else PackedTexts(ITEM_IDS, pack_ids(ITEM_IDS, ids))
        object.__setattr__(self, "item_ids", packed)
        object.__setattr__(self, "names", tuple(generator.name for generator in self.generators))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of the profile its rankers ask for, by the registry's names."""
        return tuple(sorted({name for ranker in self.rankers.values() for name in ranker.attributes}))

    @property
    def _ids(self) -> PackedTexts:
        return cast("PackedTexts", self.item_ids)

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self._ids)

    @cached_property
    def _mark(self) -> object:
        """Stands for this model beside what records keep for it; holds nothing of it."""
        return object()

    @cached_property
    def _speakers(self) -> dict[str, tuple[Generator, Family]]:
        return {generator.name: (generator, spec_of(generator.name).family) for generator in self.generators}

    @cached_property
    def _panels(self) -> dict[str, Panel]:
        return {place: panel_of(self.generators, weights) for place, weights in self.blends.items()}

    @cached_property
    def _item_frame(self) -> "pl.DataFrame":
        import polars as pl  # only here: a worker that reads people one by one never needs it

        rows = np.arange(len(self.item_ids), dtype=np.int32)
        return pl.DataFrame({"item_id": pl.Series(list(self.item_ids), dtype=pl.String), "item": rows})

    @cached_property
    def _countries(self) -> dict[str, int]:
        return {country: row for row, country in enumerate(self.facts.countries)}

    def index_of(self, item_id: str) -> int | None:
        """Row number of an item; None if the model has never seen it."""
        return self._ids.index_of(item_id)

    def index_of_many(self, item_ids: Sequence[str]) -> NDArray[np.int32]:
        """Row number of each item, int32; -1 for items the model has never seen."""
        return self._ids.index_of_many(item_ids)

    def panel(self, place: str) -> Panel:
        """The generators that answer in a place of the blend; none where the blend has no such place."""
        return self._panels.get(place) or panel_of((), {})

    def person(self, histories: Histories, place: int, query: Query) -> Person:
        """One of the people as the generators see them. What was worked out for a list is there when its reasons are asked for."""
        latest = self._latest.get("person")
        if latest is not None and latest[0] is histories and latest[1] is query and len(histories) == 1:
            return latest[2]  # of this very question: what another one turns in it must not be seen here
        person = Person(histories, place, focus(query), len(self.item_ids))
        panel_for(self, person, query)
        if len(histories) == 1:
            self._latest["person"] = (histories, query, person)
        return person

    def _codes(self, countries: Sequence[str | None]) -> list[int]:
        return [-1 if country is None else self._countries.get(country, -1) for country in countries]

    def histories(
        self,
        lines: Sequence[Sequence[Line]],
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        """Turn the lines of people into arrays; see the contract."""
        return histories_of_lines(lines, self._codes(countries), now, self._rows, naming)

    def histories_of_frame(
        self,
        frame: "pl.DataFrame",
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        """The same from columns with ``who``."""
        return histories_of_columns(frame, self._codes(countries), now, self._item_frame, naming)

    def histories_of_records(
        self,
        records: "Sequence[Record | None]",
        countries: Sequence[str | None],
        now: Sequence[datetime],
        naming: Naming | None = None,
    ) -> Histories:
        """The same from the records of profiles."""
        return histories_of_records(records, self._codes(countries), now, self._rows, self._mark, naming=naming)

    def propose(
        self, histories: Histories, queries: Sequence[Query], *, limit: int = 200, explain: bool = False
    ) -> list[Proposal]:
        """Answer one question per person; see the contract."""
        return propose(self, histories, queries, limit=limit, explain=explain)

    def popular(self, country: str | None = None, category: str | None = None) -> NDArray[np.int32]:
        """Every item ever bought (or viewed), most popular now first; a country's own favourites lead its list."""
        order = self.facts.standing[: self.facts.n_standing]
        table = next((g for g in self.generators if isinstance(g, CountryPopularity)), None)
        if country is not None and table is not None and country in self._countries:
            lead = table.best[table.span(self._countries[country])]
            order = np.concatenate([lead, order[~np.isin(order, lead)]])
        if category is not None:
            codes = [row for row, name in enumerate(self.facts.categories) if name == category]
            order = order[np.isin(self.facts.category[order], codes)]
        return np.asarray(order, np.int32)

    def wanted_by(self, items: NDArray[np.int32]) -> NDArray[np.int64]:
        """How many distinct people ever bought each item; where nobody bought anything, looked at it in the last 30 days."""
        told = self.facts.traits
        sold = bool(len(told)) and told[self.facts.standing[0], _BUYERS] > 0  # what sold stands before what never did
        return np.asarray(np.rint(np.expm1(told[items, _BUYERS if sold else _LOOKERS])), np.int64)

    def evidence(self, source: str, item: int, histories: Histories, person: int, query: Query) -> Evidence:
        """Why the named generator proposed the item to that person."""
        return self.evidences((source,), (item,), histories, person, query)[0]

    def evidences(
        self, sources: Sequence[str], items: Sequence[int], histories: Histories, person: int, query: Query
    ) -> Sequence[Evidence]:
        """The same for several items of one person."""
        shown = tuple(sources), tuple(items)
        known = evidence_of(histories, query, shown)
        if known is None:
            seen = self.person(histories, person, query)
            witness = Witness(self.facts, histories, place=person, person=seen, items=items)
            known = witness.testimony(map(self._speakers.__getitem__, sources))
            remember_evidence(histories, query, shown, known)
        return known

    def to_arrays(self) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]]:
        """Item-side arrays by name and a JSON-able description."""
        arrays: dict[str, NDArray[Any]] = {
            "items.standing": self.facts.standing,
            "items.rank": self.facts.rank,
            "items.repeat_rate": self.facts.repeat_rate,
            "items.category": self.facts.category,
            "items.shelves": self.facts.shelves,
            "items.week_buyers": self.facts.week_buyers,
            "items.traits": self.facts.traits,
            **pack_ids(ITEM_IDS, self._ids),
        }
        for generator in self.generators:
            arrays |= {f"{generator.name}.{part}": array for part, array in generator.to_arrays().items()}
        rankers = {place: ranker.to_arrays() for place, ranker in self.rankers.items()}
        for place, (parts, _) in rankers.items():
            arrays |= {f"{prefix_of(place)}{part}": array for part, array in parts.items()}
        described = {
            "countries": list(self.facts.countries),
            "categories": list(self.facts.categories),
            "n_standing": self.facts.n_standing,
            "clock_us": self.facts.clock_us,
            "generators": list(self.names),
            "blends": {place: dict(weights) for place, weights in self.blends.items()},
            "rankers": {place: words for place, (_, words) in rankers.items()},
        }
        return arrays, described

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], described: Mapping[str, Any]) -> Self:
        """Rebuild from what :meth:`to_arrays` gave.

        Raises
        ------
        BundleRefusedError
            If an array is not there: the bundle was written by an older version.
        """
        try:
            return cls._restored(arrays, described)
        except KeyError as error:
            raise BundleRefusedError(
                f"The model has no {error.args[0]!r}: an older version of the program wrote it; train again."
            ) from error

    @classmethod
    def _restored(cls, arrays: Mapping[str, NDArray[Any]], described: Mapping[str, Any]) -> Self:
        facts = ItemFacts(
            standing=arrays["items.standing"],
            rank=arrays["items.rank"],
            n_standing=described["n_standing"],
            repeat_rate=arrays["items.repeat_rate"],
            category=arrays["items.category"],
            shelves=arrays["items.shelves"],
            week_buyers=arrays["items.week_buyers"],
            traits=arrays["items.traits"],
            clock_us=described["clock_us"],
            categories=tuple(described["categories"]),
            countries=tuple(described["countries"]),
        )
        generators = tuple(
            spec_of(name).restore(
                name, {key.removeprefix(f"{name}."): a for key, a in arrays.items() if key.startswith(f"{name}.")}
            )
            for name in described["generators"]
        )
        return cls(
            item_ids=PackedTexts(ITEM_IDS, arrays),
            facts=facts,
            generators=generators,
            blends=described["blends"],
            rankers=rankers_from(arrays, described["rankers"], len(facts.rank)),
        )
