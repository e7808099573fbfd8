"""The product's own training on what was known at the cut, and what it costs."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recommender.interactions import Interactions
from recommender.model.fitted import FittedModel
from recommender.training.fitting import fit
from recommender.training.recipe import recipe_of
from recommender.training.tuning import Choice, tune


@dataclass(slots=True)
class Cost:
    """What a stretch of work took: seconds by the clock and of all processors, and the process's largest memory (MB)."""

    seconds: float = field(default=0.0)
    cpu_s: float = field(default=0.0)
    peak_mb: float = field(default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model, how it was chosen, what it cost, and its recipe as JSON."""

    model: FittedModel
    choice: Choice
    cost: Cost
    recipe: dict[str, Any]


def train(past: Interactions, *, budget: float, seed: int) -> Trained:
    """Choose on windows before the clock of training, fit on everything before it: ``recommender train`` without stores."""
    with measured() as cost:
        choice = tune(past, budget_seconds=budget, seed=seed, clock=time.monotonic)
        model = fit(past, choice.settings, seed=seed).model
    recipe = recipe_of(choice.settings, seed=seed, trials=choice.trials)
    return Trained(model=model, choice=choice, cost=cost, recipe=recipe)


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure what is done inside; the peak is that of the process from here on, what it held before included."""
    cost = Cost()
    _forget_peak()
    began, cpu = time.monotonic(), _cpu()
    yield cost
    cost.seconds, cost.cpu_s = time.monotonic() - began, _cpu() - cpu
    cost.peak_mb = _peak_mb()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _forget_peak() -> None:
    """Begin the kernel's record of the largest memory anew, where it lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        print("the peak of memory is that of the whole process: its record cannot be begun anew here")


def _peak_mb() -> float:
    told = Path("/proc/self/status")
    lines = told.read_text(encoding="ascii").splitlines() if told.exists() else []
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
