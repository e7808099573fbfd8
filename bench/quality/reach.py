"""How much of what is wanted is among the candidates at all: what no ranking of them can go beyond."""

from collections.abc import Mapping

import numpy as np

from bench.quality.paper import Paper, repeat_of
from bench.quality.singles import sampled
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Ints, distinct, found
from recommender.evaluation.moments import Sight, edges
from recommender.evaluation.split import Track
from recommender.interactions import Histories
from recommender.model.blend import proposals
from recommender.model.fitted import FittedModel
from recommender.model.proposing import banned

UNION = "union"

SAMPLE = 500
"""Lists that are looked at, at most."""


def reach(model: FittedModel, paper: Paper, track: Track) -> Mapping[str, float]:
    """Mean share of each list's truth among the candidates, of each generator alone and of their union."""
    truth = paper.asked[track].truth
    keep = np.flatnonzero(sampled(len(truth.person)))
    keep = keep[:: -(-len(keep) // SAMPLE)]
    histories = _histories(paper, track, keep)
    shares: dict[str, list[float]] = {name: [] for name in (*model.names, UNION)}
    for row, number in enumerate(keep.tolist()):
        wanted = truth.item[truth.indptr[number] : truth.indptr[number + 1]]
        person = Person(histories, row, (), len(model.item_ids))
        out = banned(model.facts.repeat_rate, person, repeat_of(track))
        opinions = [generator.look(person) for generator in model.generators]
        proposed = proposals(opinions, out, n_known=len(model.item_ids))
        brought: dict[str, Ints] = {
            name: np.sort(paper.named(items)).astype(np.int64)
            for name, items in zip(model.names, proposed, strict=True)
        }
        brought[UNION] = distinct(np.concatenate(list(brought.values())))
        for name, items in brought.items():
            shares[name].append(float(found(wanted, items).mean()))
    return {name: float(np.mean(values)) for name, values in shares.items() if values}


def _histories(paper: Paper, track: Track, keep: Ints) -> Histories:
    asked = paper.asked[track]
    since, until = edges(asked, Sight.LIVE, paper.cut_us)
    return paper.archive.histories(asked.truth.person[keep], since[keep], until[keep])


def shown(shares: Mapping[str, float]) -> str:
    """The shares in one line, largest first."""
    ordered = sorted(shares.items(), key=lambda one: -one[1])
    return ", ".join(f"{name} {value:.3f}" for name, value in ordered if value > 0)
