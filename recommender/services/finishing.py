"""From picks to the slate that goes back: items, why no better rung answered, what it rests on, how it came about."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recommender.domain.slates import Basis, Explanation, Reason, Slate, SlateItem
from recommender.model.contract import Evidence, Proposal
from recommender.ranking.explain import Witnessed, explained
from recommender.ranking.ladder import RECENT
from recommender.ranking.question import Question
from recommender.ranking.rungs import PINNED, Wishes, fitting
from recommender.ranking.scenarios import Context
from recommender.ranking.slate import Pick
from recommender.services.edition import Edition

STATIC = "static"
"""Source of the list the shop keeps for when nothing else can be shown."""


class Drawn(NamedTuple):
    """A list that is decided, before it takes a shape: a slate, or bytes.

    Attributes
    ----------
    picks, reasons
        Its places and why each is there, side by side.
    static : tuple of SlateItem
        The shop's own list, where there is no pick.
    evidence : sequence of Evidence or None
        Beside the picks, what the model's proposals rest on; empty where nobody asks for it.
    """

    edition: Edition
    question: Question
    slate_id: str
    fallback: str | None
    basis: Basis
    picks: Sequence[Pick]
    reasons: Sequence[Reason]
    static: tuple[SlateItem, ...] = ()
    explanation: Explanation | None = None
    evidence: Sequence[Evidence | None] = ()


def drawn(
    edition: Edition,
    question: Question,
    picks: Sequence[Pick],
    reasons: Sequence[Reason],
    *,
    slate_id: str,
    fallback: str | None,
    leaned: bool = False,
    explanation: Explanation | None = None,
    evidence: Sequence[Evidence | None] = (),
) -> Drawn:
    """The decided list; without a pick it is the static one."""
    static = () if picks else static_items(edition, question)
    if static and fallback == "nothing_sellable":
        fallback = "static_list"
    basis = _basis(question, leaned=leaned)
    return Drawn(edition, question, slate_id, fallback, basis, picks, reasons, static, explanation, evidence)


def slate_of(made: Drawn) -> Slate:
    """The decided list as a slate."""
    return Slate(
        slate_id=made.slate_id,
        scenario=made.question.request.scenario,
        model=made.edition.run_id,
        fallback=made.fallback,
        basis=made.basis,
        items=items_of(made.edition, made.picks, made.reasons) if made.picks else made.static,
        explanation=made.explanation,
    )


def static_items(edition: Edition, question: Question) -> tuple[SlateItem, ...]:
    """The list the shop keeps for when nothing else can be shown. What the catalogue does not know counts as sellable."""
    request, assortment = question.request, edition.assortment
    refused = {*request.exclude, *request.item_ids, *request.cart}
    shown: list[str] = []
    for item_id in edition.rulebook.rules.static:
        row = assortment.row(item_id)
        if item_id in refused or (row is None and request.only is not None):
            continue
        if row is None or (row not in question.barred and _passes(edition, question, row)):
            shown.append(item_id)
    reason = edition.reasons.neutral(question)
    return tuple(
        SlateItem(i, rank, round(1 / rank, 6), STATIC, reason) for rank, i in enumerate(shown[: request.size], 1)
    )


def _passes(edition: Edition, question: Question, row: int) -> bool:
    rows = np.array([row], dtype=np.int32)
    return bool(fitting(edition.assortment, rows, question.now_us, edition.wishes(question))[0])


def explanation_of(
    edition: Edition, question: Question, wishes: Wishes, proposal: Proposal | None, picks: Sequence[Pick]
) -> Explanation | None:
    """How the list came about; None unless it was asked for."""
    if wishes.trace is None:
        return None
    witnessed = Witnessed(
        assortment=edition.assortment,
        question=question,
        sieve=wishes.sieve,
        ruling=wishes.ruling,
        attributes=wishes.attributes,
        proposal=proposal,
    )
    return explained(witnessed, [pick.row for pick in picks], wishes.trace)


def items_of(edition: Edition, picks: Sequence[Pick], reasons: Sequence[Reason]) -> tuple[SlateItem, ...]:
    """The places of the list."""
    ids = edition.assortment.ids
    return tuple(
        SlateItem(ids[row], rank, score, source, reason)
        for rank, ((row, score, source, _, _), reason) in enumerate(zip(picks, reasons, strict=True), start=1)
    )


def fallback_of(edition: Edition, question: Question, picks: Sequence[Pick], trouble: str | None) -> str | None:
    """Why the list is not what the scenario promises, the gravest cause first; None if its first rung gave an item."""
    scenario = question.scenario
    first = next((pick for pick in picks if pick.source != PINNED), None)
    founded = first is not None and first.proposed and trouble is None  # by a model, then
    if founded and scenario.context is Context.NOTHING and not scenario.recent_first:
        return None
    causes = (
        (edition.model is None, "no_model"),
        (trouble is not None, trouble),
        (scenario.context is not Context.NOTHING and not question.told, "no_context"),
        (question.told and not question.understood, "unknown_item"),
        (not picks, "nothing_sellable"),
        (scenario.recent_first and first is not None and first.source != RECENT, "nothing_viewed"),
        (first is not None and not first.proposed and first.source != RECENT, "no_candidates"),
    )
    return next((name for holds, name in causes if holds), None)


def _basis(question: Question, *, leaned: bool) -> Basis:
    if leaned:
        return Basis.PERSONAL
    near = question.understood or question.category >= 0
    return Basis.SESSION if near else Basis.ANONYMOUS
