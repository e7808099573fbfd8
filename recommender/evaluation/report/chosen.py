"""How the live model's settings were chosen, as its training wrote it down; sections appear where there is something to show."""

from collections.abc import Mapping, Sequence
from typing import Any

from recommender.evaluation.report.svg import bar, dots, nice_end, slim
from recommender.evaluation.report.wording import counted, feature_name, generator_name, signed, written

MOST_FEATURES = 20
MOST_TRIALS = 200
"""Trials a page lists, the best; the JSON file has all."""

MOST_DOTS = 1_000

FEW_LISTS = "small, few lists"
"""What a small forest is called that learns from few lists only, which one that is told attributes is held against."""

TOLD = " with attributes"
"""Ends the name of a forest that is told the attributes of the profile."""

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


def told_recipe(training: Mapping[str, Any]) -> Mapping[str, Any]:
    """The recipe whose choice the report tells: where the live one was kept, the one that was not taken."""
    recipe: Mapping[str, Any] = training.get("refused") or training.get("recipe", {})
    return recipe


def alone(training: Mapping[str, Any], place: str) -> tuple[float | None, float | None, tuple[str, float] | None]:
    """What popularity, the person's own items and the best generator (with its name) reached alone on a place's past lists."""
    told = training.get("choice", {}).get("alone", {}).get(place) or {}
    best = max(told, key=lambda name: told[name], default=None)
    return told.get("popular"), told.get("own"), None if best is None else (best, told[best])


def weights(training: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each place's blend: what it reached on earlier windows, and who has how much of a say."""
    choice, blends = training.get("choice", {}), told_recipe(training).get("blends", {})
    grades, lists = choice.get("grades", {}), choice.get("lists", {})
    return [
        {
            "place": PLACES.get(place, place),
            "exact": place,
            "grade": written(grades[place]) if place in grades else "not measured",
            "lists": f"{lists[place]:,}" if place in lists else "too few",
            "alone": _alone(training, place),
            "said": ", ".join(
                f"{generator_name(name)} {weight:g}"
                for name, weight in sorted(blend.items(), key=lambda pair: -pair[1])
            ),
        }
        for place, blend in blends.items()
    ]


def _alone(training: Mapping[str, Any], place: str) -> str:
    """Beside the blend: popularity, own items, the best generator alone; nothing where nothing was measured."""
    popular, own, best = alone(training, place)
    told = [("popularity", popular), ("own items", own)]
    told += [] if best is None or best[0] in ("popular", "own") else [(generator_name(best[0]), best[1])]
    return "; ".join(f"{name} {written(grade)}" for name, grade in told if grade is not None)


def deciders(training: Mapping[str, Any]) -> dict[str, Any]:
    """What each way of ordering reached on the newest earlier window, by place; nothing where none was compared."""
    table = training.get("ranking", {}).get("table") or {}
    names = list(dict.fromkeys(name for grades in table.values() for name in grades))
    plans = told_recipe(training).get("rankers", {})
    return {
        "names": [name.replace("+", " and ") for name in names],
        "rows": [
            {
                "place": PLACES.get(place, place),
                "cells": [written(grades[name]) if name in grades else "not tried" for name in names],
                "decides": _decider(plans.get(place)),
            }
            for place, grades in table.items()
        ],
    }


def _decider(plan: Mapping[str, Any] | None) -> str:
    if plan is None or plan.get("order") == "blend":
        return "blend"
    told = ", told attributes" if plan.get("attributes") else ""
    return f"{plan.get('size', '')} forest{' and blend' if plan.get('order') == 'both' else ''}{told}".strip()


def importance(training: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the ranker rests on, by place: shares of the gain, the largest first; nothing where no ranker was kept."""
    found = training.get("ranking", {}).get("importance") or {}
    return [
        {"branch": PLACES.get(branch, branch), "rows": _features(gains)} for branch, gains in found.items() if gains
    ]


def _features(gains: Mapping[str, float]) -> list[dict[str, Any]]:
    total = sum(gains.values()) or 1.0
    first = sorted(gains.items(), key=lambda pair: -pair[1])[:MOST_FEATURES]
    end = nice_end(first[0][1] / total)
    return [
        {
            "name": feature_name(name),
            "exact": name,
            "share": f"{gain / total:.1%}",
            "chart": bar(gain / total, end=end, style="ours", label=f"{name}: {gain / total:.1%}"),
        }
        for name, gain in first
    ]


def _between(verdict: Mapping[str, Any]) -> str:
    """The interval; nothing where a trial gained too little to be looked at closer."""
    low, high = verdict.get("low", 0.0), verdict.get("high", 0.0)
    return "" if low == high == 0.0 else f"{signed(low)} to {signed(high)}"


def trials(training: Mapping[str, Any]) -> dict[str, Any]:
    """How many settings were tried, what became of each generator's best, and every one."""
    tuning = training.get("tuning", {})
    tried: Sequence[Mapping[str, Any]] = tuning.get("trials") or ()
    gains = [_gain(one) for one in tried]
    label = f"Change of NDCG@10 by each of {len(gains)} trials in their order; the line is the best so far."
    shown = _worth_showing(tried, gains)
    return {
        "count": len(tried) or training.get("choice", {}).get("trials", 0),
        "taken_over": taken_over(training),
        "refused": bool(training.get("refused")),
        "chart": dots(gains, label=label)
        + slim(f"From trial 1 to {len(gains)}; from {signed(min(gains))} to {signed(max(gains))}.")
        if 1 < len(gains) <= MOST_DOTS
        else None,
        "verdicts": [
            {
                "name": generator_name(one["generator"]),
                "kept": one["kept"],
                "gain": signed(one["gain"]),
                "between": _between(one),
                "why": one.get("why", ""),
            }
            for one in tuning.get("verdicts") or ()
        ],
        "rows": [
            {
                "name": generator_name(one["generator"]),
                "gain": signed(gain),
                "cut": bool(one.get("cut")),
                "params": ", ".join(f"{key} {value:.4g}" for key, value in one["params"].items()),
            }
            for one, gain in shown
        ],
        "more": len(tried) - len(shown),
    }


def taken_over(training: Mapping[str, Any]) -> str | None:
    """How many trials were not run but known from an earlier training, as a sentence; None where every one was run."""
    tuning = training.get("tuning", {})
    known, count = tuning.get("resumed", 0), len(tuning.get("trials") or ())
    if not known:
        return None
    said = f"{known:,} of {counted(count, 'trial', 'trials')} {'was' if known == 1 else 'were'} taken over"
    return f"{said} from an earlier training on the same data."


def _worth_showing(tried: Sequence[Mapping[str, Any]], gains: Sequence[float]) -> list[tuple[Mapping[str, Any], float]]:
    """The best of the trials, as many as a page holds, in their order."""
    best = sorted(range(len(tried)), key=lambda one: -gains[one])[:MOST_TRIALS]
    return [(tried[one], gains[one]) for one in sorted(best)]


def _gain(trial: Mapping[str, Any]) -> float:
    """Mean over the windows a trial has seen."""
    seen = list(trial["gains"].values())
    return sum(seen) / len(seen) if seen else 0.0
