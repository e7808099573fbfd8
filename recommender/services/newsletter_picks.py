"""Lists from what a campaign picked: what can be sold now, said as it is true now, filled up with what many people buy."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
from msgspec import structs

from recommender.domain.requests import Request
from recommender.domain.slates import Basis, Slate
from recommender.model.contract import Evidence
from recommender.ranking.assortment import Assortment
from recommender.ranking.question import resolve
from recommender.ranking.rungs import Rung, Wishes
from recommender.ranking.scenarios import scenario_named
from recommender.ranking.slate import fill
from recommender.services.finishing import Drawn, drawn, fallback_of, slate_of
from recommender.services.newsletter_kept import KeptPick, coarse, packed
from recommender.services.recommend import Responder

SPARE = 3
"""So many times the items of a letter are kept, so that what is sold out can be replaced."""
FEWEST = 18


KEPT_ROWS = 16_384
RowOf = Callable[[str], int | None]


@lru_cache(maxsize=2)
def rows_of(assortment: Assortment) -> RowOf:
    """:meth:`Assortment.row`, remembered: letters of one campaign name the same items over and over."""
    return lru_cache(maxsize=KEPT_ROWS)(assortment.row)


class Made(NamedTuple):
    """A list of a campaign, and what is kept of it; None where it is not the reader's own."""

    slate: Slate
    picks: bytes | None


def lists_to_keep(responder: Responder, requests: Sequence[Request]) -> list[Made]:
    """Answer requests in their order, each from what is kept for it, so that it can be fetched as it stands in the file."""
    longer = [structs.replace(request, size=max(SPARE * request.size, FEWEST)) for request in requests]
    found = [picks_of(made) for made in responder.lists(longer)]
    general = [request for request, picks in zip(requests, found, strict=True) if picks is None]
    others = iter(responder.slates(general))
    return [
        Made(next(others), None) if picks is None else Made(slate_from(responder, picks, request), packed(picks))
        for request, picks in zip(requests, found, strict=True)
    ]


def picks_of(made: Drawn) -> tuple[KeptPick, ...] | None:
    """What to keep of a list: what the model proposed for this reader. None of a list that rests on nothing personal."""
    if made.basis is not Basis.PERSONAL or made.fallback is not None:
        return None
    ids, own = made.edition.assortment.ids, frozenset(made.question.own.tolist())
    return tuple(
        KeptPick(
            item_id=ids[pick.row],
            score=pick.score,
            source=pick.source,
            own=pick.row in own,
            picked=pick.picked,
            code=seen.code,
            related=None if seen.related is None else ids[seen.related],
            count=seen.count,
            when_us=coarse(seen.when_us),
        )
        for pick, seen in zip(made.picks, made.evidence, strict=True)
        if pick.proposed and seen is not None
    )


def slate_from(responder: Responder, kept: Sequence[KeptPick], request: Request) -> Slate:
    """The list of this moment from what was kept.

    It passes the rules of every list: sellable now, the shop's exclusions, pins and caps of now. Boosts are those of the
    campaign. Each sentence is made anew from what was kept, so it says no more than is true now.
    """
    edition = responder.edition
    assortment, scenario = edition.assortment, scenario_named(request.scenario)
    row_of = rows_of(assortment)
    found = [(row, pick) for pick in kept if (row := row_of(pick.item_id)) is not None]
    own = np.array(sorted({row for row, pick in found if pick.own}), np.int32)
    n_model = 0 if edition.model is None else len(edition.model.item_ids)
    question = resolve(request, scenario, assortment, model_items=n_model, bought=(), country=None, own=own)
    rungs = chain((_rung(found, request.size),), edition.ladder.rungs(question, None))
    picks = fill(assortment, rungs, question, _moved_before(edition.wishes(question)))
    by_row = dict(found)
    evidence = [_evidence(by_row[pick.row], row_of) if pick.proposed else None for pick in picks]
    made = drawn(
        edition,
        question,
        picks,
        edition.reasons.of_list(picks, evidence, question),
        slate_id=responder.slate_id(request.scenario, edition.run_id, question.now_us),
        fallback=fallback_of(edition, question, picks, None),
        leaned=any(pick.proposed for pick in picks),
    )
    return slate_of(made)


def _rung(found: Sequence[tuple[int, KeptPick]], size: int) -> Rung:
    """What was kept, in its order; a place below the list's end says that the shop moved it up."""
    return Rung(
        rows=np.array([row for row, _ in found], dtype=np.int32),
        sources=[pick.source for _, pick in found],
        scores=np.array([pick.score for _, pick in found], dtype=np.float32),
        places=np.array([size if pick.picked else 0 for _, pick in found], dtype=np.int64),
    )


def _moved_before(wishes: Wishes) -> Wishes:
    """The wishes without what the campaign has already applied to scores."""
    ruling = wishes.ruling
    return wishes if ruling is None else replace(wishes, ruling=replace(ruling, factor=None, weights={}))


def _evidence(pick: KeptPick, row_of: RowOf) -> Evidence:
    related = None if pick.related is None else row_of(pick.related)
    return Evidence(code=pick.code, related=related, count=pick.count, when_us=pick.when_us)
