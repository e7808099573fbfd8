"""What the exact scan by length reads of a catalogue, beside scoring every item, on factors trained from events."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from bench.figures import Figure, figure
from bench.serving import customers_of
from recommender.algorithms import norm_scan
from recommender.algorithms.factors import FactorGenerator
from recommender.algorithms.ragged import Ints
from recommender.model.contract import Ask, Model, Query
from recommender.model.fitted import FittedModel

BAR = 0.10
TOP = 200
PEOPLE = 300
ROUNDS = 5


def run(home: Path) -> dict[str, Figure]:
    """The 200 best items of many real people, by turns exactly by the scan and by scoring all; equal lists or an error."""
    generator, people = _folded(home)
    for person in people:
        rows, scores = _by_length(generator, person)
        all_rows, all_scores = _in_full(generator, person)
        if not np.allclose(scores, all_scores, rtol=1e-4) or len(np.intersect1d(rows, all_rows)) < len(rows) - 2:
            raise RuntimeError("the scan does not give what scoring everything gives; its time says nothing")
    rounds = [(_us(_by_length, generator, people), _us(_in_full, generator, people)) for _ in range(ROUNDS)]
    return {
        "candidates.exact_over_scan.100k": figure([a / b for a, b in rounds], "ratio", bar=BAR, better="lower"),
        "candidates.exact.100k.us": figure([a for a, _ in rounds], "µs"),
        "candidates.full_scan.100k.us": figure([b for _, b in rounds], "µs"),
    }


def _by_length(generator: FactorGenerator, person: norm_scan.Factors) -> tuple[Ints, norm_scan.Factors]:
    return generator.rows.top(person, TOP)


def _in_full(generator: FactorGenerator, person: norm_scan.Factors) -> tuple[Ints, norm_scan.Factors]:
    return norm_scan.full(generator.factors, person, TOP)


def _folded(home: Path) -> tuple[FactorGenerator, list[norm_scan.Factors]]:
    """The home's factors, and people of its log folded in."""
    from recommender.domain.people import Person
    from recommender.settings import Settings
    from recommender.wiring import connect

    ids = pl.read_parquet(customers_of(home))["customer_id"].cast(pl.String).sort()
    chosen = ids.gather_every(max(1, len(ids) // PEOPLE)).to_list()[:PEOPLE]
    with connect(Settings(home=home)) as shop:
        current, now = shop.models(), shop.clock.now()
        if current is None:
            raise RuntimeError(f"{home} has no model")
        lines = shop.stores.log.of_people([Person(customer_id=one) for one in chosen])
        return _people_of(current[1], lines, [now] * len(chosen))


def _people_of(
    model: Model, lines: pl.DataFrame, moments: Sequence[datetime]
) -> tuple[FactorGenerator, list[norm_scan.Factors]]:
    """The generator of factors and everybody's own factors; who has no history is left out."""
    if not isinstance(model, FittedModel):
        raise TypeError(f"a {type(model).__name__} has no generators to look at")
    generator = next((one for one in model.generators if isinstance(one, FactorGenerator)), None)
    if generator is None:
        raise RuntimeError("the model has no generator of factors")
    histories = model.histories_of_frame(lines, [None] * len(moments), moments)
    found = []
    for place in range(len(moments)):
        person = model.person(histories, place, Query(ask=Ask.HOME))
        item, weight = person.anchors(generator.side, generator.half_life_days)
        folded = generator.fold_in(item, weight)
        if folded is not None:
            found.append(folded)
    if len(found) < len(moments) / 2:
        raise RuntimeError(f"only {len(found)} of {len(moments)} people could be folded in")
    return generator, found


def _us(ask: Callable[..., object], generator: FactorGenerator, people: list[norm_scan.Factors]) -> float:
    began = time.thread_time()
    for person in people:
        ask(generator, person)
    return (time.thread_time() - began) * 1e6 / len(people)
