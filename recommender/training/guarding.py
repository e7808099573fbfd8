"""No branch below bestsellers: where these find more on the judged days, they are what is shown there.

Weights and forests are chosen on windows before the judged days. If a shop has turned since (a season, another public), what was
chosen may stand below a list that knows nobody. Bestsellers then lead in that branch until a later training does better.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from recommender.evaluation.gate import LEAST_LISTS, METRIC, worse
from recommender.evaluation.judging import ALL, Verdicts, groups_of
from recommender.evaluation.split import Group, Track
from recommender.model.fitted import FittedModel
from recommender.training.fitting import FitSettings

BRANCHES: Mapping[tuple[Track, str], tuple[str, ...]] = {
    (Track.WINDOW, Group.KNOWN): ("home.known.repeats",),
    (Track.WINDOW_NEW, Group.KNOWN): ("home.known.new",),
    (Track.WINDOW, Group.VIEWER): ("home.session.repeats",),
    (Track.WINDOW_NEW, Group.VIEWER): ("home.session.new",),
    (Track.WINDOW, Group.NEW): ("home.unknown",),
    (Track.SESSION, ALL): ("home.session.repeats", "home.session.new"),
}
"""The places whose blends answer a group of a track."""

BESTSELLERS = "popular"

BELOW = 1e-6
"""What is left of the other weights: they fill up where bestsellers end, and looks are still heard."""


def behind(ours: Mapping[Track, Verdicts], bestsellers: Mapping[Track, Verdicts]) -> dict[str, str]:
    """Places where bestsellers are clearly better, each with a sentence that says so.

    The rule is that of the publish gate: at least 30 lists, and beyond the noise of the paired bootstrap.

    Parameters
    ----------
    ours, bestsellers : mapping of Track to Verdicts
        Of the same lists.
    """
    found: dict[str, str] = {}
    for (track, group), places in BRANCHES.items():
        if track not in ours or track not in bestsellers or group not in groups_of(ours[track].truth):
            continue
        rows = groups_of(ours[track].truth)[group]
        mine, theirs = (verdicts[track].by_metric[METRIC][rows] for verdicts in (ours, bestsellers))
        if len(rows) >= LEAST_LISTS and worse(mine, theirs):
            values = f"{theirs.mean():.4f} against {mine.mean():.4f} on {len(rows):,} lists ({track}, {group})"
            found |= dict.fromkeys(places, values)
    return found


def led(model: FittedModel, places: Collection[str]) -> FittedModel:
    """The model with bestsellers first in these places."""
    return replace(
        model,
        blends={place: _led(one) if place in places else one for place, one in model.blends.items()},
        rankers={place: one for place, one in model.rankers.items() if place not in places},
    )


def led_settings(settings: FitSettings, places: Collection[str]) -> FitSettings:
    """The settings of such a model."""
    return replace(
        settings,
        blends={place: _led(one) if place in places else one for place, one in settings.blends.items()},
        rankers={place: one for place, one in settings.rankers.items() if place not in places},
        plans={place: one for place, one in settings.plans.items() if place not in places},
    )


def said(places: Mapping[str, str]) -> list[str]:
    """One note for each reason."""
    return [
        f"Bestsellers find more on the judged days than what was chosen before: {values}. They lead in"
        f" {', '.join(place for place, why in places.items() if why == values)} until a training does better."
        for values in dict.fromkeys(places.values())
    ]


def _led(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: BELOW * weight for name, weight in weights.items()} | {BESTSELLERS: 1.0}
