"""The body of a list, joined from pieces that were made once: the same bytes the answer's struct would give."""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from recommender.domain.slates import Reason
from recommender.services.finishing import Drawn

_json: Callable[[object], bytes] = msgspec.json.Encoder().encode


def body_of(made: Drawn) -> bytes:
    """A decided list with at least one pick, as JSON (see :class:`recommender.api.recommendations.Answer`)."""
    edition, picks = made.edition, made.picks
    pieces = edition.assortment.pieces([pick.row for pick in picks])
    scores = _json([pick.score for pick in picks])[1:-1].split(b",")
    places = [
        b'{"item_id":%b,"rank":%d,"score":%b,"source":%b,"reason":%b,%b}'
        % (item_id, rank, score, _source(pick.source), _reason(reason), card)
        for rank, (pick, reason, score, (item_id, card)) in enumerate(
            zip(picks, made.reasons, scores, pieces, strict=True), start=1
        )
    ]
    return b'{"slate_id":%b,"scenario":%b,"model":%b,"fallback":%b,"basis":%b,"items":[%b]}' % (
        _json(made.slate_id),
        _source(made.question.request.scenario),
        _source(edition.run_id),
        _source(made.fallback),
        _source(made.basis),
        b",".join(places),
    )


@lru_cache(maxsize=1_024)
def _source(text: str | None) -> bytes:
    """Names that stand in many answers."""
    return _json(text)


@lru_cache(maxsize=20_000)
def _reason(reason: Reason) -> bytes:
    return b'{"code":%b,"text":%b}' % (_json(reason.code), _json(reason.text))
