"""The service's numbers as Prometheus reads them, summed over its workers, past and present."""

import mmap
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from recommender.api.board import CELLS, SERIES
from recommender.domain import metrics
from recommender.domain.metrics import METRICS, REGISTRY, Metric

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Series = dict[tuple[str, tuple[str, ...]], list[float]]
"""(name, label values) → the numbers of one series."""
Facts = Mapping[tuple[str, str], tuple[Mapping[str, str], float]]
"""Gauges worked out when asked: (name, help) → (labels, value)."""


@cache
def _requests(route: str, method: str, status: int) -> metrics.Cell:
    return metrics.counter("recommender_http_requests_total", route=route, method=method, status=str(status))


@cache
def _durations(route: str) -> metrics.Spread:
    return metrics.histogram("recommender_http_request_duration_seconds", route=route)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer. ``route`` is the template, never the address; ``method`` one of the known ones."""
    _requests(route, method, status).add()
    _durations(route).observe(seconds)


def collected(folder: Path | None) -> Series:
    """The numbers of all processes that publish below ``folder``; None: of this process alone."""
    if folder is None:
        return {key: REGISTRY.read(*key) for key in list(REGISTRY.series)}
    found: Series = {}
    for listed in folder.glob(f"*{SERIES}"):
        for (name, values), numbers in _of_process(listed):
            seen = found.get((name, values))
            found[name, values] = numbers if seen is None else _merged(METRICS[name], seen, numbers)
    return found


def _of_process(listed: Path) -> Iterator[tuple[tuple[str, tuple[str, ...]], list[float]]]:
    try:
        with (
            listed.with_suffix(CELLS).open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as cells,
        ):
            numbers = memoryview(bytes(cells)).cast("d")
        lines = listed.read_bytes().rpartition(b"\n")[0].split(b"\n")
    except (OSError, ValueError):
        return  # it is only just beginning, or gone
    alive = _runs(int(listed.name.partition("-")[0]))
    for line in lines:
        if not line:
            continue
        name, values, place = msgspec.json.decode(line, type=tuple[str, tuple[str, ...], int])
        metric = METRICS.get(name)
        if metric is not None and (alive or metric.kind != "gauge"):
            yield (name, values), list(numbers[place : place + metric.cells])


def _runs(process: int) -> bool:
    """Whether a process is there: what a dead one was busy with is over, what it did stays counted."""
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


def _merged(metric: Metric, left: list[float], right: list[float]) -> list[float]:
    join: Callable[[float, float], float] = max if metric.merge == "max" else float.__add__
    return [join(one, other) for one, other in zip(left, right, strict=True)]


def render(folder: Path | None, facts: Facts) -> bytes:
    """All numbers in the text format of Prometheus.

    Parameters
    ----------
    facts
        What is worked out at this moment: the published bundle and its age, readiness.
    """
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(collected(folder), facts))
    return generate_latest(registry)


class _Collector:
    def __init__(self, series: Series, facts: Facts) -> None:
        self._series, self._facts = series, facts

    def collect(self) -> "Iterator[Family]":
        by_name: dict[str, list[tuple[tuple[str, ...], list[float]]]] = {name: [] for name in METRICS}
        for (name, values), numbers in sorted(self._series.items()):
            by_name[name].append((values, numbers))
        for name, rows in by_name.items():
            yield _family(name, METRICS[name], rows)
        yield from map(_fact, self._facts.items())


def _family(name: str, metric: Metric, rows: list[tuple[tuple[str, ...], list[float]]]) -> "Family":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    if metric.kind == "histogram":
        spread = HistogramMetricFamily(name, metric.help, labels=metric.labels)
        bounds = [*(f"{bound:g}" for bound in metric.buckets), "+Inf"]
        for values, numbers in rows:
            buckets = list(zip(bounds, accumulate(numbers[:-1]), strict=True))
            spread.add_metric(values, buckets=buckets, sum_value=numbers[-1])
        return spread
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(name, metric.help, labels=metric.labels)
    for values, numbers in rows:
        family.add_metric(values, numbers[0])
    return family


def _fact(entry: tuple[tuple[str, str], tuple[Mapping[str, str], float]]) -> "Family":
    from prometheus_client.core import GaugeMetricFamily

    (name, text), (labels, value) = entry
    family = GaugeMetricFamily(name, text, labels=tuple(labels))
    family.add_metric(tuple(labels.values()), value)
    return family
