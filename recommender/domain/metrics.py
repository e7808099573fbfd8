"""What the service counts about itself, cheap enough for every request; whoever serves says where the numbers lie.

Ask for a cell once, keep it, and add to it where things happen::

    ACCEPTED = metrics.counter("recommender_ingest_events_total", verdict="accepted")
    ...
    ACCEPTED.add(len(events))

Adding costs well under a microsecond and never fails. Numbers lie in this process's memory until
:meth:`Registry.attach` moves them into one that other processes can read (see ``api/metrics.py``). Label values must
come from a closed set that we chose: never an id, an address or anything a caller wrote.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
SECONDS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Upper bounds of the buckets for durations: half a millisecond to one second."""

MAX_CELLS = 16_384
"""Most numbers a process may hold (128 KB). Series beyond are counted nowhere but in one cell that says so."""
MAX_LABEL_LETTERS = 64


@dataclass(frozen=True, slots=True)
class Metric:
    """One declared metric: what kind it is, its labels, and how the numbers of several processes become one."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    merge: Literal["sum", "max"] = "sum"
    buckets: tuple[float, ...] = ()

    @property
    def cells(self) -> int:
        """How many numbers one series takes: a histogram one per bucket, one above them and the sum."""
        return len(self.buckets) + 2 if self.kind == "histogram" else 1


METRICS: Mapping[str, Metric] = {
    "recommender_http_requests_total": Metric(
        "counter", "Requests answered, by route template.", ("route", "method", "status")
    ),
    "recommender_http_request_duration_seconds": Metric(
        "histogram", "Time from the whole request to the whole answer.", ("route",), buckets=SECONDS
    ),
    "recommender_refusals_total": Metric("counter", "Calls refused, by problem code.", ("code",)),
    "recommender_slates_total": Metric(
        "counter", "Lists given; fallback is 'none' or why a lower rung answered.", ("scenario", "fallback")
    ),
    "recommender_slate_items_total": Metric("counter", "Places of lists, by who proposed the item.", ("generator",)),
    "recommender_candidates_total": Metric(
        "counter", "Items brought to what a list is chosen from, by who brought them.", ("generator",)
    ),
    "recommender_ingest_events_total": Metric("counter", "Events received, by verdict.", ("verdict",)),
    "recommender_ingest_commit_duration_seconds": Metric(
        "histogram", "Time one group of events took to be durable.", buckets=SECONDS
    ),
    "recommender_ingest_queue_events": Metric("gauge", "Events waiting for their commit."),
    "recommender_cache_requests_total": Metric(
        "counter", "Looks into a cache; outcome is hit, miss, stale or error.", ("store", "outcome")
    ),
    "recommender_store_duration_seconds": Metric(
        "histogram", "Time a store took to answer.", ("store",), buckets=SECONDS
    ),
    "recommender_store_breaker_open": Metric(
        "gauge", "1 while a store that did not answer is left alone.", ("store",), merge="max"
    ),
    "recommender_model_stale": Metric(
        "gauge", "1 while a published bundle cannot be loaded by some worker.", merge="max"
    ),
    "recommender_metrics_dropped_total": Metric("counter", "Series left out because there were too many."),
}
"""Every metric there is. A name that is not here is a mistake in the program."""


class Cell:
    """One counter or gauge series."""

    __slots__ = ("_lock", "_registry", "place")

    def __init__(self, registry: "Registry", place: int) -> None:
        self._registry, self.place, self._lock = registry, place, registry.lock

    def add(self, amount: float = 1.0) -> None:
        """Add to the number."""
        with self._lock:
            self._registry.numbers[self.place] += amount

    def set(self, value: float) -> None:
        """Replace the number (gauges)."""
        self._registry.numbers[self.place] = value


class Cells:
    """Several series, added to at once for little more than one."""

    __slots__ = ("_lock", "_places", "_registry")

    def __init__(self, registry: "Registry", places: Sequence[int]) -> None:
        self._registry, self._places, self._lock = registry, tuple(places), registry.lock

    def add(self, amounts: Sequence[float]) -> None:
        """Add to each number what stands in its place."""
        with self._lock:
            numbers = self._registry.numbers
            for place, amount in zip(self._places, amounts, strict=True):
                numbers[place] += amount


class Spread:
    """One histogram series."""

    __slots__ = ("_bounds", "_lock", "_place", "_registry")

    def __init__(self, registry: "Registry", place: int, bounds: tuple[float, ...]) -> None:
        self._registry, self._place, self._bounds, self._lock = registry, place, bounds, registry.lock

    def observe(self, value: float) -> None:
        """Count one value (seconds)."""
        place = self._place
        with self._lock:
            numbers = self._registry.numbers
            numbers[place + bisect_left(self._bounds, value)] += 1.0
            numbers[place + len(self._bounds) + 1] += value


class Registry:
    """The numbers of one process."""

    def __init__(self, metrics: Mapping[str, Metric] = METRICS) -> None:
        self.lock = threading.Lock()
        self.numbers: memoryview[float] = memoryview(bytearray(8 * MAX_CELLS)).cast("d")
        self.series: dict[tuple[str, tuple[str, ...]], int] = {}
        self._metrics = metrics
        self._used = 1  # place 0 takes what nobody reads: the numbers of series that were left out
        self._told: Callable[[str, tuple[str, ...], int], None] | None = None
        self._dropped = self._place("recommender_metrics_dropped_total", ())

    def counter(self, name: str, **labels: str) -> Cell:
        """The series of a counter with these labels; the same each time.

        Raises
        ------
        ValueError
            If :data:`METRICS` does not declare the name, of this kind, with exactly these labels.
        """
        return Cell(self, self._found(name, "counter", labels))

    def counters(self, name: str, label: str, values: Sequence[str]) -> Cells:
        """The series of a counter with one label, one for each of its values, likewise."""
        return Cells(self, [self._found(name, "counter", {label: value}) for value in values])

    def gauge(self, name: str, **labels: str) -> Cell:
        """The series of a gauge, likewise."""
        return Cell(self, self._found(name, "gauge", labels))

    def histogram(self, name: str, **labels: str) -> Spread:
        """The series of a histogram, likewise."""
        return Spread(self, self._found(name, "histogram", labels), self._metrics[name].buckets)

    def attach(self, numbers: "memoryview[float]", told: Callable[[str, tuple[str, ...], int], None]) -> None:
        """Let the numbers lie in another memory from now on; what was counted so far moves along.

        Parameters
        ----------
        numbers
            ``MAX_CELLS`` float64 numbers.
        told
            Called with name, label values and place of every series there is and of each new one.
        """
        with self.lock:
            numbers[: self._used] = self.numbers[: self._used]
            self.numbers, self._told = numbers, told
            for (name, values), place in self.series.items():
                told(name, values, place)

    def read(self, name: str, values: tuple[str, ...]) -> list[float]:
        """The numbers of a series that is there: one, or a histogram's counts per bucket and its sum."""
        place = self.series[name, values]
        return list(self.numbers[place : place + self._metrics[name].cells])

    def _found(self, name: str, kind: Kind, labels: Mapping[str, str]) -> int:
        metric = self._metrics.get(name)
        if metric is None or metric.kind != kind or set(labels) != set(metric.labels):
            raise ValueError(f"no {kind} {name} with the labels {sorted(labels)} is declared in domain/metrics.py")
        values = tuple(labels[label][:MAX_LABEL_LETTERS] for label in metric.labels)
        place = self.series.get((name, values))
        if place is not None:
            return place
        with self.lock:
            return self._place(name, values)

    def _place(self, name: str, values: tuple[str, ...]) -> int:
        """Where a series' numbers begin (the lock is held, or nobody else knows this registry yet)."""
        known = self.series.get((name, values))
        if known is not None:
            return known
        size = self._metrics[name].cells
        if self._used + size > MAX_CELLS - 32:
            self.numbers[self._dropped] += 1.0
            return MAX_CELLS - 32  # a corner that is never read
        place, self._used = self._used, self._used + size
        self.series[name, values] = place
        if self._told is not None:
            self._told(name, values, place)
        return place


REGISTRY = Registry()
"""The numbers of this process."""


def counter(name: str, **labels: str) -> Cell:
    """A series of this process's counters; see :meth:`Registry.counter`."""
    return REGISTRY.counter(name, **labels)


def counters(name: str, label: str, values: Sequence[str]) -> Cells:
    """Series of one of this process's counters, by the values of its one label."""
    return REGISTRY.counters(name, label, values)


def together(cells: Sequence[Cell]) -> Cells:
    """Some of this process's counters, of whichever names."""
    return Cells(REGISTRY, [cell.place for cell in cells])


def gauge(name: str, **labels: str) -> Cell:
    """A series of this process's gauges."""
    return REGISTRY.gauge(name, **labels)


def histogram(name: str, **labels: str) -> Spread:
    """A series of this process's histograms."""
    return REGISTRY.histogram(name, **labels)
