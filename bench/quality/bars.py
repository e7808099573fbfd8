"""What is asked of the figures, and what would be better still."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bench.figures import Figure


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure should reach (``better`` higher) or not exceed (lower), and the stretch beyond it."""

    value: float
    stretch: float | None = None
    better: Literal["higher", "lower"] = "higher"

    def holds(self, value: float) -> bool:
        """Whether a value does."""
        return _reaches(value, self.value, self.better)

    def stretched(self, value: float) -> bool:
        """Whether it reaches the stretch."""
        return self.stretch is not None and _reaches(value, self.stretch, self.better)


def _reaches(value: float, aim: float, better: str) -> bool:
    return value >= aim if better == "higher" else value <= aim


BARS: Mapping[str, Bar] = {
    "online_retail.window.known.ndcg_at_10": Bar(0.378, 0.41),
    "online_retail.window_new.known.ndcg_at_10": Bar(0.140, 0.16),
    "online_retail.window.new.ndcg_at_10": Bar(0.108, 0.12),
    "online_retail.window.all.coverage_at_10": Bar(0.30, 0.40),
    "online_retail.basket.all.ndcg_at_10": Bar(0.268, 0.29),
    "online_retail.basket.known.ndcg_at_10": Bar(0.292, 0.315),
    "online_retail.train.seconds": Bar(120, 60, "lower"),
    "online_retail.train.peak_mb": Bar(1500, 750, "lower"),
    "complete_journey.window.all.ndcg_at_10": Bar(0.455, 0.48),
    "complete_journey.window.all.recall_at_10": Bar(0.092),
    "complete_journey.window_new.all.ndcg_at_10": Bar(0.062, 0.070),
    "complete_journey.train.seconds": Bar(240, 120, "lower"),
    "complete_journey.train.peak_mb": Bar(2500, 1250, "lower"),
    "retailrocket_multibehavior.basket.all.recall_at_10": Bar(0.125, 0.15),
    "retailrocket_multibehavior.basket.live_over_nightly": Bar(1.9),
    "academic_diginetica_sessions.p_at_20": Bar(0.530, 0.545),
    "academic_diginetica_sessions.mrr_at_20": Bar(0.190, 0.195),
    "academic_diginetica_sessions.ms_per_query": Bar(1.0, None, "lower"),
    "academic_amazon_beauty_seq.hr_at_10": Bar(0.098, 0.105),
    "academic_amazon_beauty_seq.ndcg_at_10": Bar(0.062, 0.067),
    "academic_amazon_toys_seq.hr_at_10": Bar(0.117, 0.125),
    "academic_amazon_toys_seq.ndcg_at_10": Bar(0.075, 0.080),
    "academic_gowalla.recall_at_20": Bar(0.185, 0.192),
    "academic_gowalla.ndcg_at_20": Bar(0.152, 0.160),
    "academic_gowalla.fit_seconds": Bar(60, None, "lower"),
}
"""By the figure's name; other figures are told, not held against anything."""

NOT_WORSE = "worst_vs_best_single"
"""Figures of this name may not lie below 0 on any data set: see :mod:`bench.quality.singles`."""


def held(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """The figures with their bars."""
    return {name: _held(name, one) for name, one in figures.items()}


def _held(name: str, one: Figure) -> Figure:
    bar = Bar(0.0) if name.endswith(f".{NOT_WORSE}") else BARS.get(name)
    return one if bar is None else replace(one, bar=bar.value, ok=bar.holds(one.value))


def stretches(figures: Mapping[str, Figure]) -> list[str]:
    """A line for each figure that reaches its stretch."""
    return [
        f"reaches the stretch {bar.stretch:g}: {name} {figures[name].value:.4g}"
        for name, bar in BARS.items()
        if name in figures and bar.stretched(figures[name].value)
    ]
