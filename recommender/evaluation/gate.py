"""Whether a new model may go live: judged on the same later lists as the live recipe, refitted on the same data.

Where the new recipe is worse the live one stays, but not with its old data: it is fitted on everything known now, unless the
data themselves have gone wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommender.algorithms.ragged import Floats
from recommender.evaluation.intervals import bootstrap
from recommender.evaluation.judging import Verdicts, groups_of
from recommender.evaluation.split import Track

METRIC = "ndcg_at_10"

LEAST_LISTS = 30
"""A branch of fewer lists is reported, not judged."""

LEAST_COVERAGE = 0.5
"""Share of the live recipe's coverage a new model must keep."""

COLLAPSED = 0.5
"""Share of the figure the live model itself was published with, below which the data, not the recipe, have gone wrong."""

LEAST_KNOWN = 0.9
"""Share of the live model's interactions, and of its items, a model that nothing can be compared on must be learned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One recipe's lists on the judging window: verdicts by track and its coverage."""

    verdicts: Mapping[Track, Verdicts]
    coverage: Mapping[Track, float]
    finite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The decision, and every reason against in one sentence each. ``warnings`` did not decide.

    ``kept`` are the reasons against the new recipe where the live one is published instead, fitted on what is known now.
    """

    publish: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def gate(new: Judged, live: Judged | None, published: Mapping[str, float] | None = None) -> Gate:
    """Decide.

    A branch (track × group) with at least 30 lists speaks against publishing if the new recipe's NDCG@10 is lower than
    the live recipe's on the same lists beyond noise: the 95 % interval of the paired difference lies below 0. Where the
    live recipe passes what a first model has to pass, it is kept instead, with these reasons (``kept``).

    Parameters
    ----------
    live : Judged or None
        The live recipe on the same lists; None before the first publication, which only needs sane scores.
    published : mapping, optional
        Figures (``<track>.<group>.ndcg_at_10``) the live model was published with; a fall below half of one means
        that the data have changed under the recipe (a broken import), which like against like cannot see.
    """
    reasons = _insane(new, published)
    if live is not None:
        sane = not _insane(live, published)
        for track in new.verdicts:
            reasons += _branches(track, new.verdicts[track], live.verdicts[track])
            reasons += _coverage(track, new.coverage[track], live.coverage[track])
        if reasons and sane:
            return Gate(publish=True, reasons=(), kept=tuple(reasons))
    return Gate(publish=not reasons, reasons=tuple(reasons))


def _insane(judged: Judged, published: Mapping[str, float] | None) -> list[str]:
    """What speaks against a model that is compared with no other."""
    reasons = [] if judged.finite else ["Some scores are not finite."]
    return reasons + (_collapse(judged, published) if published else [])


def unjudged(new: Mapping[str, int], live: Mapping[str, int] | None) -> Gate:
    """Decide where nobody bought anything in the judging window, so that there is nothing to compare on.

    A model that knows about as much as the live one, or more, is of a shop that goes on; one that knows much less is of a log
    that was lost or cut by mistake.

    Parameters
    ----------
    new, live : mapping
        ``interactions`` and ``items`` a model was learned from. ``live`` is None before the first publication, which
        needs nothing; what a live model does not say of itself speaks against the new one.
    """
    window = "Nobody bought anything in the judging window: nothing was compared."
    if live is None:
        return Gate(publish=True, reasons=(), warnings=(window,))
    reasons = [
        f"Nothing to compare on: it was learned from {new[name]:,} {name}, the live model from {_told(live.get(name))}"
        for name in ("interactions", "items")
        if (known := live.get(name)) is None or new[name] < LEAST_KNOWN * known
    ]
    return Gate(publish=not reasons, reasons=tuple(reasons), warnings=(window,))


def _told(count: int | None) -> str:
    return "a number it does not tell" if count is None else f"{count:,}"


def _branches(track: Track, new: Verdicts, live: Verdicts) -> list[str]:
    reasons = []
    for group, rows in groups_of(new.truth).items():
        ours, theirs = new.by_metric[METRIC][rows], live.by_metric[METRIC][rows]
        if len(rows) >= LEAST_LISTS and worse(ours, theirs):
            values = f"{ours.mean():.4f} against {theirs.mean():.4f} on {len(rows)} lists"
            reasons.append(f"{track}.{group}.{METRIC} is worse than the live recipe's beyond noise: {values}.")
    return reasons


def worse(new: Floats, live: Floats) -> bool:
    """Whether paired values are lower beyond the bootstrap's noise."""
    return bool(bootstrap(new - live).high < 0)


def _coverage(track: Track, new: float, live: float) -> list[str]:
    if new >= LEAST_COVERAGE * live:
        return []
    return [f"{track}: lists show {new:.1%} of the items, less than half of the live recipe's {live:.1%}."]


def _collapse(new: Judged, published: Mapping[str, float]) -> list[str]:
    reasons = []
    for track, verdict in new.verdicts.items():
        for group, rows in groups_of(verdict.truth).items():
            name = f"{track}.{group}.{METRIC}"
            value, was = float(np.mean(verdict.by_metric[METRIC][rows])), published.get(name, 0.0)
            if len(rows) >= LEAST_LISTS and value < COLLAPSED * was:
                reasons.append(
                    f"{name} fell to {value:.4f} from {was:.4f} when the live model was published: check the data."
                )
    return reasons
