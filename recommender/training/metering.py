"""How long each stage of long work takes, and how much memory the process has had by its end."""

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, process_time

from recommender.evaluation.report.data import Stage


def peak_mb() -> float:
    """The most memory (resident, MB) this process has ever had."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20) if sys.platform == "darwin" else most / (1 << 10)


class Meter:
    """Stages one after the other.

    Parameters
    ----------
    clock, cpu, peak : callables
        Monotonic seconds, processor seconds of all threads, megabytes.
    """

    def __init__(
        self,
        clock: Callable[[], float] = monotonic,
        cpu: Callable[[], float] = process_time,
        peak: Callable[[], float] = peak_mb,
    ) -> None:
        self._clock, self._cpu, self._peak = clock, cpu, peak
        self.stages: list[Stage] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what is done within it."""
        began, spent = self._clock(), self._cpu()
        yield
        self.stages.append(
            Stage(
                name=name,
                seconds=self._clock() - began,
                cpu_seconds=self._cpu() - spent,
                peak_mb=self._peak(),
            )
        )
