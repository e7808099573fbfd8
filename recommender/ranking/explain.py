"""How a list came about, told by the very steps that make it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.domain.slates import Dropped, Explained, Explanation, Feature
from recommender.model.contract import Proposal
from recommender.ranking.assortment import Assortment
from recommender.ranking.filters import Sieve
from recommender.ranking.question import Question
from recommender.ranking.ruling import Ruling
from recommender.ranking.signals import Attributes, matches_of

MOST = 50
"""How many items that were left out are told."""

FEATURES = 10
"""How many of the things a forest was told are told of an item."""


@dataclass(slots=True)
class Trace:
    """Notes what is left out while a list is filled: row, source and, where the step knows it, why."""

    noted: dict[int, tuple[str, str | None, str | None]] = field(default_factory=dict)

    def note(self, row: int, source: str, why: str | None = None, rule: str | None = None) -> None:
        """Remember one row, the first time only; ``why`` None is found out later."""
        if row not in self.noted and len(self.noted) < MOST:
            self.noted[row] = (source, why, rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """What the steps of one list rested on."""

    assortment: Assortment
    question: Question
    sieve: Sieve | None
    ruling: Ruling | None
    attributes: Attributes | None
    proposal: Proposal | None


def explained(witnessed: Witnessed, rows: Sequence[int], trace: Trace) -> Explanation:
    """Explain a finished list of these rows."""
    shown = frozenset(rows)
    ids = witnessed.assortment.ids
    left = [(row, *noted) for row, noted in trace.noted.items() if row not in shown]
    return Explanation(
        order=_order(witnessed.proposal),
        items=tuple(_explained(witnessed, row) for row in rows),
        dropped=tuple(
            Dropped(item_id=ids[row], source=source, why=why or found, rule=rule or by)
            for row, source, why, rule in left
            for found, by in [_why(witnessed, row)]
        ),
    )


def _explained(witnessed: Witnessed, row: int) -> Explained:
    ruling = witnessed.ruling
    touching = ruling.touching(row) if ruling is not None else []
    factor = 1.0 if ruling is None or ruling.factor is None else float(ruling.factor[row])
    return Explained(
        item_id=witnessed.assortment.ids[row],
        generators=_shares(witnessed.proposal, row),
        signals=_signals(witnessed, row),
        rules=tuple(placed.name for placed in touching),
        factor=round(factor, 6),
        features=_features(witnessed.proposal, row),
    )


def _order(proposal: Proposal | None) -> str | None:
    if proposal is None or not len(proposal.items):
        return None
    return "blend" if proposal.told is None else proposal.told.order


def _features(proposal: Proposal | None, row: int) -> Mapping[str, Feature]:
    """What the forest was told that moved a row most; empty where no forest looked at it."""
    told = None if proposal is None else proposal.told
    if told is None or row not in told.items:
        return {}
    place = int(np.flatnonzero(told.items == row)[0])
    strongest = np.argsort(-np.abs(told.moved[place]), kind="stable")[:FEATURES].tolist()
    return {
        told.names[one]: Feature(round(float(told.values[place, one]), 4), round(float(told.moved[place, one]), 4))
        for one in strongest
        if abs(told.moved[place, one]) >= 5e-5
    }


def _shares(proposal: Proposal | None, row: int) -> Mapping[str, float]:
    """Each generator's share in the proposal's score of a row; empty where the model did not propose it."""
    told = None if proposal is None else proposal.shares
    if proposal is None or not told:
        return {}
    places = np.flatnonzero(proposal.items == row)
    if len(places) == 0:
        return {}
    parts = {name: float(values[int(places[0])]) for name, values in told.items()}
    whole = sum(parts.values())
    return {name: round(part / whole, 4) for name, part in parts.items() if part > 0} if whole > 0 else {}


def _signals(witnessed: Witnessed, row: int) -> Mapping[str, float]:
    ruling, attributes = witnessed.ruling, witnessed.attributes
    if ruling is None or attributes is None or not ruling.weights:
        return {}
    rows = np.array([row], dtype=np.int32)
    added = matches_of(ruling.weights, attributes, witnessed.assortment, rows)
    return {name: round(float(share[0]), 4) for name, share in added.items()}


def _why(witnessed: Witnessed, row: int) -> tuple[str, str | None]:
    """Which rule of the list keeps a row out, in the order the rules are applied."""
    question, rows = witnessed.question, np.array([row], dtype=np.int32)
    rule = None if witnessed.ruling is None else witnessed.ruling.excluding(row)
    causes = (
        ("not_sellable", not witnessed.assortment.columns.offered[row]),
        ("not_on_sale_now", not witnessed.assortment.sellable(rows, question.now_us)[0]),
        ("rule", rule is not None),
        ("filter", witnessed.sieve is not None and not witnessed.sieve.keep(rows)[0]),
        ("in_hand", row in question.in_hand),
        ("excluded", row in question.excluded),
        ("bought_before", row in question.barred),
        ("no_score", True),
    )
    why = next(name for name, holds in causes if holds)
    return why, rule if why == "rule" else None
