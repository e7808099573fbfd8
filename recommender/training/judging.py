"""A recipe on trial: fitted on what was known before the cut, asked, compared with what came after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from recommender.algorithms.ragged import Ints
from recommender.domain.requests import Repeat
from recommender.evaluation.asking import NEEDED, ask, baseline
from recommender.evaluation.gate import Judged
from recommender.evaluation.intervals import Mean
from recommender.evaluation.judging import Known, Verdicts, figures, judge_lists
from recommender.evaluation.metrics import coverage
from recommender.evaluation.moments import Archive
from recommender.evaluation.split import Track, Truth, truth_after
from recommender.evaluation.tasks import ask_track, drawn, next_looks
from recommender.evaluation.variants import possible_baselines
from recommender.evaluation.visits import Asked, sessions_after
from recommender.interactions import Interactions, as_histories, some_histories
from recommender.model.contract import Ask, Query
from recommender.model.fitted import FittedModel
from recommender.training.fitting import FitSettings, lean
from recommender.training.guarding import behind, led

MOST_MOMENTS = 2_000
"""Lists in the middle of visits; of more, so many are drawn. Each reads the log up to its own moment."""

ONLY_LOOKS = "This log holds no purchases: lists are judged by what people look at next, not by what they buy."


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Figures ``<track>.<group>.<metric>`` with intervals, those of each baseline, and what the gate needs.

    ``led`` are the places where bestsellers lead because they found more, with the reason: the figures are of lists led so.
    """

    cut_us: int
    figures: Mapping[str, Mean]
    baselines: Mapping[str, Mapping[str, Mean]]
    judged: Judged
    led: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What came after a cut, for recipes to be judged by.

    Attributes
    ----------
    past : Interactions
        What was known at the cut.
    truths : mapping of Track to Truth
        What people bought later, asked at the cut; of more lists than an evaluation asks for, so many are drawn.
    moments : mapping of Track to Asked
        Lists asked for in the middle of later visits: of people nobody knows, for what they put into the cart or buy; where
        nobody ever bought anything, for what is looked at next.
    archive : Archive or None
        The log that is read up to those moments; None without any.
    """

    past: Interactions
    truths: Mapping[Track, Truth]
    moments: Mapping[Track, Asked] = field(default_factory=dict)
    archive: Archive | None = None

    @classmethod
    def of(cls, everything: Interactions, past: Interactions, *, seed: int) -> "Later | None":
        """None where there is nothing to judge by, or nothing was known."""
        if not len(past.time_us):
            return None
        found = {track: one for track, one in truth_after(everything, past.now_us).items() if len(one.person)}
        truths = {track: one.of(drawn(one, seed)) for track, one in found.items()}
        looks = next_looks(everything, past.now_us, seed)
        if not truths and looks is None:
            return None
        asked = {Track.SESSION: sessions_after(everything, past.now_us)} if looks is None else {Track.NEXT_LOOK: looks}
        moments = {track: one.of(drawn(one.truth, seed, MOST_MOMENTS)) for track, one in asked.items()}
        moments = {track: one for track, one in moments.items() if len(one.truth.person)}
        return cls(past=past, truths=truths, moments=moments, archive=Archive.of(everything) if moments else None)

    def people(self) -> Ints:
        """Who is asked for at the cut, or else in visits; each once, ascending."""
        every = self.truths or {track: asked.truth for track, asked in self.moments.items()}
        return np.unique(next(iter(every.values())).person)


def judge(model: FittedModel, later: Later, *, baselines: bool = True) -> Evaluation:
    """Judge a model that was fitted on ``later.past`` and on nothing later, beside the baselines it contains.

    With ``baselines`` bestsellers lead where they are clearly better (see :mod:`~recommender.training.guarding`).
    """
    known, asked = Known.of(later.past), _verdicts(model, later)
    names = possible_baselines(model) if baselines else ()
    others = {name: _verdicts(baseline(model, name), later) for name in names}
    places = behind(asked, others["popularity"]) if "popularity" in others else {}
    verdicts = _verdicts(led(model, places), later) if places else asked
    return Evaluation(
        cut_us=later.past.now_us,
        figures=figures(verdicts, known),
        baselines={name: figures(one, known) for name, one in others.items()},
        judged=Judged(
            verdicts=verdicts,
            coverage={track: coverage(verdict.lists, known.n_items) for track, verdict in verdicts.items()},
            finite=_finite(model, later),
        ),
        led=places,
    )


def judged_part(settings: FitSettings, *, baselines: bool) -> FitSettings:
    """Settings that fit only what :func:`judge` asks: the lists of people, and what the baselines need."""
    return lean(settings, places="home.", besides=NEEDED.values() if baselines else ())


def _verdicts(model: FittedModel, later: Later) -> dict[Track, Verdicts]:
    n_items = len(later.past.item_ids)
    verdicts = {
        track: judge_lists(ask(model, later.past, truth.person, track), truth, n_items)
        for track, truth in later.truths.items()
    }
    if later.archive is not None:
        for track, asked in later.moments.items():
            verdicts[track] = judge_lists(ask_track(model, later.archive, asked, track), asked.truth, n_items)
    return verdicts


def _finite(model: FittedModel, later: Later) -> bool:
    """Whether a sample of proposals holds finite scores above 0 only."""
    people = later.people()[:200]
    query = Query(ask=Ask.HOME, repeat=Repeat.AUTO)
    histories = some_histories(as_histories(later.past), people)
    return all(
        bool(np.isfinite(answer.scores).all() and (answer.scores > 0).all())
        for answer in model.propose(histories, [query] * len(people))
    )
