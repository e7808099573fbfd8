"""How the live model's settings were chosen, as its training wrote it down; sections appear where there is something to show."""

from collections.abc import Mapping, Sequence
from typing import Any

from recommender.evaluation.report.svg import bar, nice_end
from recommender.evaluation.report.wording import generator_name, written

MOST_FEATURES = 20

PLACES: Mapping[str, str] = {
    "home.known.repeats": "Lists of customers",
    "home.known.new": "Lists of customers, new items only",
    "home.session.repeats": "Lists of visitors who looked",
    "home.session.new": "Lists of visitors who looked, new items only",
    "home.unknown": "Lists of strangers",
    "similar": "Similar items",
    "cart": "To go with a cart",
    "trending": "Popular now",
}


def weights(training: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each place's blend: what it reached on earlier windows, and who has how much of a say."""
    choice, blends = training.get("choice", {}), training.get("recipe", {}).get("blends", {})
    grades, lists = choice.get("grades", {}), choice.get("lists", {})
    return [
        {
            "place": PLACES.get(place, place),
            "exact": place,
            "grade": written(grades[place]) if place in grades else "not measured",
            "lists": f"{lists[place]:,}" if place in lists else "too few",
            "said": ", ".join(
                f"{generator_name(name)} {weight:g}"
                for name, weight in sorted(blend.items(), key=lambda pair: -pair[1])
            ),
        }
        for place, blend in blends.items()
    ]


def importance(training: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the ranker rests on, by branch: shares of the gain, the largest first; nothing where no ranker was kept."""
    found = training.get("importance") or {}
    return [
        {"branch": PLACES.get(branch, branch), "rows": _features(gains)} for branch, gains in found.items() if gains
    ]


def _features(gains: Mapping[str, float]) -> list[dict[str, Any]]:
    total = sum(gains.values()) or 1.0
    first = sorted(gains.items(), key=lambda pair: -pair[1])[:MOST_FEATURES]
    end = nice_end(first[0][1] / total)
    return [
        {
            "name": name.replace("_", " "),
            "share": f"{gain / total:.1%}",
            "chart": bar(gain / total, end=end, style="ours", label=f"{name}: {gain / total:.1%}"),
        }
        for name, gain in first
    ]


def trials(training: Mapping[str, Any]) -> dict[str, Any]:
    """How many changes were tried and, where they were written down, each."""
    choice = training.get("choice", {})
    tried: Sequence[Mapping[str, Any]] = choice.get("history") or ()
    return {
        "count": choice.get("trials", 0),
        "rows": [{key: _said(value) for key, value in row.items()} for row in tried],
    }


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(one)}" for key, one in value.items())
    return str(value)
