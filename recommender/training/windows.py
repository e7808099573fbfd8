"""Validation windows: a model fitted on what was known at an earlier moment, and the questions that moment left open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.algorithms.contract import Generator
from recommender.algorithms.digest import Digest, digest
from recommender.algorithms.ragged import Floats
from recommender.evaluation.split import HOLDOUT, before
from recommender.interactions import Interactions, some_histories
from recommender.model.blend import Table, candidates
from recommender.model.contract import Ask
from recommender.model.fitted import FittedModel
from recommender.model.proposing import banned, block_size
from recommender.training.fitting import FitSettings, fit
from recommender.training.places import PLACES, Questions, questions
from recommender.training.weighing import Exam, exam_of

N_WINDOWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One earlier moment: what was known, the model fitted on it, the questions by place."""

    past: Interactions
    model: FittedModel
    questions: Mapping[str, Questions]
    tables: Mapping[str, Table]
    notes: tuple[str, ...]


def window_cuts(interactions: Interactions, n: int = N_WINDOWS) -> list[tuple[int, int]]:
    """(cut, end) of up to ``n`` windows before the clock of training, newest first, each a holdout's share of the span."""
    if not len(interactions.time_us):
        return []
    first = int(interactions.time_us.min())
    length = int(HOLDOUT * (interactions.now_us - first))
    cuts = [(interactions.now_us - (k + 1) * length, interactions.now_us - k * length) for k in range(n)]
    return [(cut, end) for cut, end in cuts if first < cut < end]


def open_window(everything: Interactions, cut_us: int, end_us: int, settings: FitSettings, seed: int) -> Window:
    """Fit on what was known at the cut and score every candidate of every question by every generator."""
    past = before(everything, cut_us)
    fitted = fit(past, settings, seed=seed)
    asked = questions(everything, past, end_us, np.random.default_rng(seed))
    tables = {place: table_of(fitted.model, speakers(fitted.model, place), asked[place]) for place in asked}
    return Window(past=past, model=fitted.model, questions=asked, tables=tables, notes=fitted.notes)


def speakers(model: FittedModel, place: str) -> list[Generator]:
    """The model's generators that may speak in a place, in the register's order."""
    return [generator for generator in model.generators if generator.name in PLACES[place]]


def blocks(model: FittedModel, asked: Questions) -> Sequence[tuple[int, Digest, int]]:
    """(first list, digest, lists) of each block of the questions."""
    size = block_size(len(model.item_ids))
    out = []
    for start in range(0, len(asked.queries), size):
        people = np.arange(start, min(start + size, len(asked.queries)))
        queries = asked.queries[start : start + size]
        contexts = [query.context if query.ask in (Ask.SIMILAR, Ask.CART) else () for query in queries]
        view = digest(some_histories(asked.histories, people), contexts, len(model.item_ids))
        out.append((start, view, len(people)))
    return out


def table_of(model: FittedModel, generators: Sequence[Generator], asked: Questions) -> Table:
    """Candidates of every question of a place, scored by the generators."""
    keys, scores, lengths = [], [], []
    for start, view, _ in blocks(model, asked):
        out = banned(model, view, asked.queries[start].repeat)
        part = candidates(generators, view, out, standing=model.facts.standing, rank=model.rank)
        keys.append(part.key + start * view.n_items)
        scores.append(part.score.astype(np.float32))
        lengths.append(np.diff(part.indptr))
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(lengths))])
    return Table(key=np.concatenate(keys), indptr=ends, score=np.concatenate(scores, axis=1))


def rescored(window: Window, generator: Generator, place: str) -> Floats:
    """What another fit of a generator says of the candidates a place has, scaled as in the table; float64 of length n."""
    table, asked = window.tables[place], window.questions[place]
    out = np.zeros(len(table.key))
    for start, view, n_lists in blocks(window.model, asked):
        part = slice(int(table.indptr[start]), int(table.indptr[start + n_lists]))
        lengths = np.diff(table.indptr[start : start + n_lists + 1])
        raw = generator.look(view).at(table.key[part] - start * view.n_items)
        best = np.zeros(n_lists)
        np.maximum.at(best, np.repeat(np.arange(n_lists), lengths), raw)
        out[part] = np.sqrt(raw / np.repeat(np.where(best > 0, best, 1.0), lengths))
    return out


def exam(window: Window, place: str) -> Exam:
    """A place's candidates beside their truth."""
    asked = window.questions[place]
    return exam_of(window.tables[place], len(window.model.item_ids), asked.indptr, asked.item)
