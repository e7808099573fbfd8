"""The other sections of a report: what was learned from, charts, checks, people, how it was chosen, what it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from markupsafe import Markup

from recommender.evaluation.curves import Point
from recommender.evaluation.examples import Done, Example
from recommender.evaluation.intervals import Mean
from recommender.evaluation.report.data import JUDGED, Span, Stage, Study
from recommender.evaluation.report.svg import Line, Part, bar, lines, nice_end, slim, timeline
from recommender.evaluation.report.wording import (
    CHECKS,
    DONE,
    FEW,
    GROUPS,
    KINDS,
    STEPS,
    TOO_FEW,
    TRACKS,
    between,
    counted,
    generator_name,
    model_name,
    signed,
    written,
)
from recommender.evaluation.split import Track

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
UNSEEN = "Settings come from earlier windows that end before it, so nothing is chosen with the judged days in sight."
UNTUNED = ("popularity", "own_frequency")
"""Baselines without settings to tune."""

_STYLES = {"popularity": "dashed", "own_frequency": "dotted"}
_LOOKS = {"ours": "green line", "dashed": "dashed", "dotted": "dotted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What stands for people (pseudonyms by row number; who has none is left out) and items (titles, else ids)."""

    people: Mapping[int, str]
    items: Mapping[int, str]
    item_ids: Sequence[str]

    def item(self, row: int) -> str:
        """An item's title, or its id."""
        return self.items.get(row) or self.item_ids[row]


def day(time_us: int) -> str:
    """A date, ``2 November 2011``."""
    moment = datetime.fromtimestamp(time_us / 1e6, UTC)
    return f"{moment.day} {moment:%B %Y}"


def moment(time_us: int) -> str:
    """A date with its time in UTC."""
    return f"{day(time_us)}, {datetime.fromtimestamp(time_us / 1e6, UTC):%H:%M:%S} UTC"


def lasting(span: Span) -> str:
    """How long the judged time is: ``9 days``, or ``5 hours`` where it is less than a day."""
    judged_us = span.last_us - span.cut_us
    hours = max(round(judged_us / HOUR_US), 1)
    if hours < DAY_US // HOUR_US:
        return counted(hours, "hour", "hours")
    return counted(round(judged_us / DAY_US), "day", "days")


def finding(study: Study) -> dict[str, Any]:
    """The result in a sentence or two."""
    told = len(study.verdicts[JUDGED][study.main].lists) >= FEW
    beaten = [_lead(study, model) for model in study.models[1:] if told and not model.startswith("run.")]
    return {
        "headline": _headline(study),
        "told": _told(study),
        "better": [name for name, sign in beaten if sign == "ahead"],
        "level": [name for name, sign in beaten if sign == "level"],
        "worse": [name for name, sign in beaten if sign == "behind"],
    }


def _headline(study: Study) -> str:
    if len(study.verdicts[JUDGED][study.main].lists) < FEW:
        return "Too few lists to tell how good they are"
    if study.main is Track.NEXT_LOOK:
        return f"{_of_hundred(study)} of 100 times, what is looked at next is among ten items shown"
    found = study.cell("window.all.found_at_10")
    told = f"{found.mean.value:.1f}" if found else "0"
    return f"Of ten items shown, {told} are bought by that person in the {lasting(study.span)} after"


def _told(study: Study) -> list[str]:
    """Who was asked for, and what bestsellers would find."""
    lists = len(study.verdicts[JUDGED][study.main].lists)
    if lists < FEW:
        when = f"in the {lasting(study.span)} after what was learned from"
        if study.main is Track.NEXT_LOOK:
            found = f"{counted(lists, 'visit', 'visits')} {when} had a next look; this log holds no purchases."
        else:
            found = f"Only {counted(lists, 'person', 'people')} bought anything {when}."
        return [found, f"Below {FEW} lists every figure is chance: wait for more, or judge on more days."]
    if study.main is Track.NEXT_LOOK:
        asked = f"Asked in {counted(lists, 'visit', 'visits')} of the {lasting(study.span)} after; this log holds no purchases."
        plain = _of_hundred(study, "popularity")
        return [
            asked,
            *([f"The same most wanted items for everybody would find it {plain} of 100 times."] if plain else []),
        ]
    told = [f"Asked for the {counted(lists, 'person', 'people')} who bought anything in this time."]
    plainly = study.cell("window.all.found_at_10", "popularity")
    if plainly:
        told.append(f"The same bestsellers for everybody would find {plainly.mean.value:.1f} of ten.")
    return [*told, f"{_of_hundred(study)} of 100 people find at least one in their list."]


def _of_hundred(study: Study, model: str = JUDGED) -> str:
    """How many of a hundred lists hold anything that is wanted; empty without the figure."""
    hit = study.cell(f"{study.main}.all.hit_at_10", model)
    return f"{hit.mean.value * 100:.0f}" if hit else ""


def _lead(study: Study, model: str) -> tuple[str, str]:
    cell = study.cell(f"{study.main}.all.ndcg_at_10", model)
    words = model_name(model, None).removesuffix(" (ALS)").lower()
    if cell is None or cell.lead is None or cell.lead.low <= 0 <= cell.lead.high:
        return words, "level"
    return words, "ahead" if cell.lead.low > 0 else "behind"


def untuned(study: Study) -> list[str]:
    """What the baselines of the report are called that have no settings to tune."""
    return [model_name(model, None).lower() for model in study.models if model in UNTUNED]


def split(study: Study) -> dict[str, Any]:
    """What was learned from, and the time line."""
    span = study.span
    return {
        "lines": [(KINDS.get(kind, kind), f"{count:,}") for kind, count in study.learned.lines.items()],
        "people": f"{study.learned.people:,}",
        "known_items": f"{study.learned.items:,}",
        "judged_lines": f"{study.learned.judged_lines:,}",
        "days": lasting(span),
        "did": "looked at" if study.main is Track.NEXT_LOOK else "bought",
        "chosen": study.seen or UNSEEN,
        "first": day(span.first_us),
        "cut": moment(span.cut_us),
        "last": day(span.last_us),
        "chart": spanned(span),
    }


def spanned(span: Span) -> Markup:
    """The time line: lines of the log, the cut, and the windows before it."""
    whole = max(span.last_us - span.first_us, 1)

    def share(time_us: int) -> float:
        return min(max((time_us - span.first_us) / whole, 0.0), 1.0)

    parts = [
        Part(start=share(cut), end=share(end), name=f"settings chosen on this window ({number})", style="window")
        for number, (cut, end) in enumerate(span.windows, 1)
    ]
    ends = (day(span.first_us), day(span.cut_us), day(span.last_us))
    label = f"Lines of the log from {ends[0]} to {ends[2]}; learned from until {ends[1]}, judged on the rest."
    chart = timeline(span.busy.tolist(), parts, share(span.cut_us), ends, label=label)
    chosen_on = " Dashed boxes: the windows settings were chosen on." if parts else ""
    return chart + slim(
        f"Left of the dashed line: learned from, {ends[0]} to {ends[1]}. Right of it: judged on, until {ends[2]}.{chosen_on}"
    )


def checks(study: Study) -> list[dict[str, Any]]:
    """What was tried to fool the figures."""
    return [
        {"title": CHECKS.get(one.name, one.name), "passed": one.passed, "sentence": one.sentence}
        for one in study.checks
    ]


def curves(study: Study, run_id: str | None) -> list[dict[str, Any]]:
    """NDCG@10 by how much is known, as charts and tables."""
    return [_curve(points, *STEPS[name], run_id) for name, points in study.curves.items() if len(points) > 1]


def _curve(points: Sequence[Point], title: str, under: str, run_id: str | None) -> dict[str, Any]:
    models = [model for model in points[0].means if not model.startswith("run.") and model != "als"]
    drawn = [
        Line(
            name=model_name(model, run_id),
            style=_STYLES.get(model, "ours"),
            values=[point.means[model].value for point in points],
            lows=[_if_enough(point.means[model], "low") for point in points] if model == JUDGED else (),
            highs=[_if_enough(point.means[model], "high") for point in points] if model == JUDGED else (),
        )
        for model in models
    ]
    groups = [point.label for point in points]
    return {
        "title": title,
        "under": under,
        "chart": lines(groups, drawn, under=under, label=f"{title}: NDCG@10 of {', '.join(one.name for one in drawn)}")
        + slim("; ".join(f"{_LOOKS[one.style]}: {one.name.lower()}" for one in drawn).capitalize() + "."),
        "models": [one.name for one in drawn],
        "rows": [
            (
                point.label,
                f"{point.means[JUDGED].n:,}",
                [f"{written(m.value)} ({between(m)})" for m in map(point.means.__getitem__, models)],
            )
            for point in points
        ],
    }


def _if_enough(mean: Mean, which: Literal["low", "high"]) -> float | None:
    """An end of the interval of a mean; None of few lists."""
    if mean.n < FEW:
        return None
    return mean.low if which == "low" else mean.high


def ablation(study: Study) -> list[dict[str, Any]]:
    """Each track: generators by what is lost without them."""
    out = []
    for track in dict.fromkeys(one.track for one in study.ablation):
        worths = sorted((one for one in study.ablation if one.track is track), key=lambda one: -one.loss.value)
        most_alone = nice_end(max(one.alone.value for one in worths))
        most_loss = nice_end(max(abs(one.loss.value) for one in worths))
        both = min(one.loss.value for one in worths) < 0
        rows = [
            {
                "name": generator_name(one.generator),
                "exact": one.generator,
                "alone": written(one.alone.value),
                "alone_chart": bar(
                    one.alone.value, end=most_alone, style="theirs", label=f"alone {one.alone.value:.4f}"
                ),
                "loss": signed(one.loss.value),
                "loss_chart": bar(
                    one.loss.value, end=most_loss, style="ours", label=f"missed {one.loss.value:.4f}", both=both
                ),
                "between": TOO_FEW if one.loss.n < FEW else f"{signed(one.loss.low)} to {signed(one.loss.high)}",
                "clear": one.loss.n < FEW or not one.loss.low <= 0 <= one.loss.high,
            }
            for one in worths
        ]
        out.append({"title": TRACKS[track][0], "lists": counted(worths[0].alone.n, "list", "lists"), "rows": rows})
    return out


def people(study: Study, names: Names) -> list[dict[str, Any]]:
    """Examples of people under their pseudonyms."""
    return [_person(one, names) for one in study.examples if one.person in names.people]


def _person(one: Example, names: Names) -> dict[str, Any]:
    return {
        "id": names.people[one.person],
        "group": GROUPS[one.group],
        "known": one.known,
        "bought": one.bought,
        "found": sum(one.hits),
        "history": [_deed(done, names) for done in one.history],
        "shown": [(names.item(item), hit) for item, hit in zip(one.shown, one.hits, strict=True)],
    }


def _deed(done: Done, names: Names) -> str:
    often = f" {done.times} times, last" if done.times > 1 else ""
    return f"{names.item(done.item)} – {DONE[done.kind.name.lower()]}{often} on {day(done.time_us)}"


def stages(study: Study) -> list[tuple[str, str, str, str]]:
    """Name, seconds, processor seconds, megabytes."""
    return staged(study.stages)


def staged(stages: Sequence[Stage]) -> list[tuple[str, str, str, str]]:
    """The same of any stages."""
    return [(one.name, f"{one.seconds:,.1f}", f"{one.cpu_seconds:,.1f}", f"{one.peak_mb:,.0f}") for one in stages]
