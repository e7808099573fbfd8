"""A recipe on trial: fitted on what was known before the cut, asked, compared with what came after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from recommender.domain.requests import Repeat
from recommender.evaluation.asking import BASELINES, ask, baseline
from recommender.evaluation.gate import Judged
from recommender.evaluation.intervals import Mean
from recommender.evaluation.judging import Known, Verdicts, figures, judge_lists
from recommender.evaluation.metrics import coverage
from recommender.evaluation.split import Track, Truth
from recommender.interactions import Interactions, as_histories, some_histories
from recommender.model.contract import Ask, Query
from recommender.model.fitted import FittedModel
from recommender.training.fitting import FitSettings, lean

_NEEDED = {"popularity": "popular", "own_frequency": "own", "als": "als"}
"""The generator each baseline rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Figures ``<track>.<group>.<metric>`` with intervals, those of each baseline, and what the gate needs."""

    cut_us: int
    figures: Mapping[str, Mean]
    baselines: Mapping[str, Mapping[str, Mean]]
    judged: Judged
    notes: tuple[str, ...] = field(default=())


def judge(
    model: FittedModel, past: Interactions, truths: Mapping[Track, Truth], *, baselines: bool = True
) -> Evaluation:
    """Judge a model that was fitted on ``past`` and on nothing later, beside the baselines it contains."""
    known = Known.of(past)
    verdicts = _verdicts(model, past, truths)
    names = [name for name in BASELINES if baselines and _possible(model, name)]
    return Evaluation(
        cut_us=past.now_us,
        figures=figures(verdicts, known),
        baselines={name: figures(_verdicts(baseline(model, name), past, truths), known) for name in names},
        judged=Judged(
            verdicts=verdicts,
            coverage={track: coverage(verdict.lists, known.n_items) for track, verdict in verdicts.items()},
            finite=_finite(model, past, truths),
        ),
    )


def judged_part(settings: FitSettings, *, baselines: bool) -> FitSettings:
    """Settings that fit only what :func:`judge` asks: the lists of people, and what the baselines need."""
    return lean(settings, places="home.", besides=_NEEDED.values() if baselines else ())


def _possible(model: FittedModel, name: str) -> bool:
    return _NEEDED[name] in model.names


def _verdicts(model: FittedModel, past: Interactions, truths: Mapping[Track, Truth]) -> dict[Track, Verdicts]:
    return {
        track: judge_lists(ask(model, past, truth.person, track), truth, len(past.item_ids))
        for track, truth in truths.items()
        if len(truth.person)
    }


def _finite(model: FittedModel, past: Interactions, truths: Mapping[Track, Truth]) -> bool:
    """Whether a sample of proposals holds finite scores above 0 only."""
    people = truths[Track.WINDOW].person[:200]
    query = Query(ask=Ask.HOME, repeat=Repeat.AUTO)
    histories = some_histories(as_histories(past), people)
    return all(
        bool(np.isfinite(answer.scores).all() and (answer.scores > 0).all())
        for answer in model.propose(histories, [query] * len(people))
    )
