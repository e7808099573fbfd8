"""The body of a list, joined from pieces that are there already: the same bytes the answer's struct would give."""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from recommender import kernels
from recommender.domain.slates import Reason
from recommender.ranking.settings import MAX_SIZE
from recommender.services.finishing import Drawn

_json: Callable[[object], bytes] = msgspec.json.Encoder().encode
RANKS = [b"%d" % rank for rank in range(1, MAX_SIZE + 1)]


def body_of(made: Drawn) -> bytes:
    """A decided list with at least one pick, as JSON (see :class:`recommender.api.recommendations.Answer`)."""
    edition, n = made.edition, len(made.picks)
    rows, scores, sources, _, _ = zip(*made.picks, strict=True)
    item_ids, cards = edition.assortment.pieces(list(rows))
    return b'{"slate_id":%b,"scenario":%b,"model":%b,"fallback":%b,"basis":%b,"items":[%b]}' % (
        _json(made.slate_id),
        _source(made.question.request.scenario),
        _source(edition.run_id),
        _source(made.fallback),
        _source(made.basis),
        kernels.interleaved(
            (
                b'{"item_id":',
                item_ids,
                b',"rank":',
                RANKS[:n],
                b',"score":',
                _json(scores)[1:-1].split(b","),
                b',"source":',
                [*map(_source, sources)],
                b',"reason":',
                [*map(_reason, made.reasons)],
                b",",
                cards,
                b"}",
            ),
            n,
            b",",
        ),
    )


@lru_cache(maxsize=1_024)
def _source(text: str | None) -> bytes:
    """Names that stand in many answers."""
    return _json(text)


@lru_cache(maxsize=20_000)
def _reason(reason: Reason) -> bytes:
    return b'{"code":%b,"text":%b}' % (_json(reason.code), _json(reason.text))
