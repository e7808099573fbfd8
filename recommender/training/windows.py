"""Validation windows: a model fitted on what was known at an earlier moment, and the questions that moment left open."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.algorithms.contract import Generator
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Floats
from recommender.evaluation.report.data import Span
from recommender.evaluation.split import before, window_us
from recommender.interactions import Interactions
from recommender.kernels.plain import scaled
from recommender.model.blend import candidates
from recommender.model.fitted import FittedModel
from recommender.model.proposing import banned, focus
from recommender.training.fitting import FitSettings, fit
from recommender.training.places import MOST_LISTS, PLACES, questions
from recommender.training.questions import Questions
from recommender.training.weighing import Exam, Table, exam_of

N_WINDOWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One earlier moment: what was known, the model fitted on it, the questions by place."""

    past: Interactions
    model: FittedModel
    questions: Mapping[str, Questions]
    tables: dict[str, Table]
    notes: tuple[str, ...]


CROWD = 1 / 3
"""A window never holds more than this share of what happened before its end: it has to leave something to learn from."""

SLICE = 1 / 8
"""Share of the events a window holds where by the clock it would hold too many: a log without real times, or a shop's first rush."""


def window_cuts(interactions: Interactions, n: int = N_WINDOWS) -> list[tuple[int, int]]:
    """(cut, end) of up to ``n`` windows before the clock of training, newest first, each a holdout's share of the span, six weeks at most.

    A window in which nothing happened asks nothing and is left out. One that would hold more than :data:`CROWD` of the events
    before its end begins later, as far as their times differ.
    """
    times = interactions.time_us
    if not len(times):
        return []
    first, end = int(times[0]), interactions.now_us
    length = window_us(times, end)
    cuts = []
    for _ in range(n):
        cut, until = end - length, int(times.searchsorted(end))
        since = int(times.searchsorted(cut))
        if until - since > CROWD * until:
            cut = int(times[int((1.0 - SLICE) * until)])
            since = int(times.searchsorted(cut))
        if not first < cut < end:
            break
        if since < until:
            cuts.append((cut, end))
        end = cut
    return cuts


STEPS = 72
"""Steps in which the log's lines are counted along the time line."""


def span_of(everything: Interactions, past: Interactions, cut_us: int) -> Span:
    """The moments of a split, for reports; there is at least one line."""
    first, last = int(everything.time_us.min()), int(everything.time_us.max())
    edges = np.linspace(first, last + 1, STEPS + 1)
    return Span(
        first_us=first,
        cut_us=cut_us,
        last_us=last,
        windows=tuple(window_cuts(past)),
        busy=np.histogram(everything.time_us, edges)[0].astype(np.int64),
    )


def open_window(
    everything: Interactions,
    cut_us: int,
    end_us: int,
    settings: FitSettings,
    seed: int,
    *,
    tables: bool = True,
    lists: int = MOST_LISTS,
) -> Window:
    """Fit on what was known at the cut and, for ``tables``, score every candidate of every question by every generator."""
    past = before(everything, cut_us)
    fitted = fit(past, settings, seed=seed)
    asked = questions(everything, past, end_us, np.random.default_rng(seed), lists)
    scored = asked if tables else ()
    return Window(
        past=past,
        model=fitted.model,
        questions=asked,
        tables={place: table_of(fitted.model, speakers(fitted.model, place), asked[place]) for place in scored},
        notes=fitted.notes,
    )


def speakers(model: FittedModel, place: str) -> list[Generator]:
    """The model's generators that may speak in a place, in the register's order."""
    return [generator for generator in model.generators if generator.name in PLACES[place]]


def table_of(model: FittedModel, generators: Sequence[Generator], asked: Questions) -> Table:
    """Candidates of every question of a place, scored by the generators."""
    n_items = len(model.item_ids)
    keys, scores, lengths = [], [], []
    for number, person in enumerate(people_of(asked, n_items)):
        out = banned(model.facts.repeat_rate, person, asked.queries[number].repeat)
        found = candidates(generators, person, out, rank=model.facts.rank)
        keys.append(found.item + number * n_items)
        scores.append(found.score.astype(np.float32))
        lengths.append(len(found.item))
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.array(lengths, np.int64))])
    return Table(key=np.concatenate(keys), indptr=ends, score=np.concatenate(scores, axis=1))


def rescored(window: Window, generator: Generator, place: str) -> Floats:
    """What another fit of a generator says of the candidates a place has, scaled as in the table; float64 of length n."""
    table, n_items = window.tables[place], len(window.model.item_ids)
    ends = table.indptr.tolist()
    parts = [np.zeros(0)]
    for number, person in enumerate(people_of(window.questions[place], n_items)):
        items = table.key[ends[number] : ends[number + 1]] - number * n_items
        parts.append(scaled(generator.look(person).at(items)))
    return np.concatenate(parts)


def people_of(asked: Questions, n_items: int) -> Iterator[Person]:
    """The people of a place's questions, one after the other."""
    for number, query in enumerate(asked.queries):
        yield Person(asked.histories, number, focus(query), n_items)


def exam(window: Window, place: str) -> Exam:
    """A place's candidates beside their truth."""
    asked = window.questions[place]
    return exam_of(window.tables[place], len(window.model.item_ids), asked.indptr, asked.item)
