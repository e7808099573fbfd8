"""Trainings and judgements as people read them on a terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from recommender.cli.output import table
from recommender.evaluation.report.chosen import FEW_LISTS, TOLD, alone, taken_over, told_recipe
from recommender.evaluation.report.wording import FEW, TOO_FEW

if TYPE_CHECKING:
    from recommender.evaluate import Judgement
    from recommender.train import Outcome

MAIN = "ndcg_at_10"
OTHERS = ("recall_at_10", "recall_at_20", "mrr_at_20", "hit_at_10")
WHO = {"all": "all together", "known": "bought before", "viewer": "only looked", "new": "are unknown"}
WHAT = {
    "window": "bought",
    "window_new": "new to them",
    "basket": "next basket",
    "session": "in a visit",
    "next_look": "looked at next",
}
MAINS = ("window", "next_look")
"""The tracks that are spoken of first: where there are purchases, where there are none."""
FULL_WIDTH = 130
"""Terminals narrower than this get the main figure and its comparisons only; the report file has the rest."""
WIDE = 100
"""Narrower ones are not told how many past lists each choice rests on."""


def say_training(console: Console, outcome: "Outcome") -> None:
    """The table, the notes, and what became of the model."""
    report = outcome.report
    counts = report["counts"]
    console.print(
        f"learned from {counts['interactions']:,} interactions of {counts['people']:,} people with"
        f" {counts['items']:,} items, {_days(report['data_window'])}, in {report['seconds']:.1f} s"
    )
    for why, lines in report["left_out"].items():
        console.print(f"left out: {lines:,} lines, {why}")
    for what, lines in report["noticed"].items():
        console.print(f"noticed: {lines:,} lines, {what}")
    _say_choice(console, report)
    if known := taken_over(report):
        console.print(known)
    _say_rows(console, report)
    for reason in report["gate"]["kept"]:
        console.print(f"the live recipe is kept: {reason}")
    for warning in report["gate"]["warnings"]:
        console.print(f"warning: {warning}")
    console.print(f"the report: {outcome.page_file}")
    console.print(f"the same for programs: {outcome.report_file}")
    if outcome.published:
        what = ", the live recipe learned from everything known now," if report["gate"]["kept"] else ""
        console.print(f"published: {outcome.run_id}{what} is served now; `recommender models rollback` takes it back")


def say_evaluation(console: Console, judged: "Judgement") -> None:
    """The table of a judgement."""
    who = f"the recipe of {judged.run_id}" if judged.run_id else "the default recipe"
    console.print(f"{who}, learned from what was known on {judged.report['cut']}, judged on what came later")
    _say_rows(console, judged.report)
    for check in judged.report["checks"]:
        console.print(
            f"check {'passed' if check['passed'] else 'FAILED, do not trust these figures'}: {check['sentence']}"
        )
    console.print(f"the figures of every list: {judged.lists_file}")
    console.print(f"the report: {judged.page_file}")


def _say_choice(console: Console, report: Mapping[str, Any]) -> None:
    """Who may decide each place's lists and what each of them reached on past windows; nothing where none could be weighed."""
    choice, wide = report["choice"], console.width >= WIDE
    rows = []
    for place, grade in choice["grades"].items():
        popular, own, best = alone(report, place)
        plan = told_recipe(report)["rankers"].get(place)
        rows.append(
            [
                place,
                *([f"{choice['lists'][place]:,}"] if wide else []),
                _four(popular),
                _four(own),
                "–" if best is None else f"{best[1]:.4f} {best[0]}",
                _four(grade),
                "blend" if plan is None else f"{plan['size']}{'+blend' if plan['order'] == 'both' else ''}",
            ]
        )
    if rows:
        headings = ["lists of", "past lists", "popularity"] if wide else ["lists of", "popular"]
        headings += ["own", "best alone", "blend", "decides"]
        console.print()
        console.print("NDCG@10 on past windows, by which it was chosen:")
        console.print(table(None, headings, rows))
        _say_forests(console, report["ranking"]["table"])


def _say_forests(console: Console, tables: Mapping[str, Mapping[str, float]]) -> None:
    """What forests reached beside the blend, and what telling them the profile's attributes changed; nothing where none was grown."""
    plain = {
        place: {name: one[name] for name in one if not name.startswith(FEW_LISTS) and not name.endswith(TOLD)}
        for place, one in tables.items()
    }
    names = list(dict.fromkeys(name for one in plain.values() for name in one))
    if len(names) > 1:
        console.print("On the newest of them, which no forest had learned from:")
        console.print(
            table(
                None,
                ["lists of", *names],
                [[place, *(_four(one.get(name)) for name in names)] for place, one in plain.items()],
            )
        )
    for place, one in tables.items():
        for name in one:
            if name.endswith(TOLD):
                before, after = one[name.removesuffix(TOLD)], one[name]
                console.print(
                    f"{place}: a small forest told the profile's attributes {after:.4f}, without them {before:.4f}"
                )


def _say_rows(console: Console, report: Mapping[str, Any]) -> None:
    headings, cells = grid(report["rows"], full=console.width >= FULL_WIDTH)
    if cells:
        console.print()
        console.print(table(None, headings, cells))
        console.print()
    if any(row["name"].endswith(f".{MAIN}") and row["lists"] < FEW for row in report["rows"]):
        console.print(f"Lines of fewer than {FEW} lists are {TOO_FEW}.")
    for row in report["rows"]:
        track, group, figure = row["name"].split(".")
        if track in MAINS and group == "all" and figure in ("coverage_at_10", "novelty"):
            console.print(f"{figure}: {row['value']:.3f}")
    for note in report["notes"]:
        console.print(f"note: {note}")


def grid(rows: Sequence[Mapping[str, Any]], *, full: bool = True) -> tuple[list[str], list[list[str]]]:
    """Headings and cells: a line per track and group; NDCG@10 beside the live model and the baselines, then the rest."""
    by_name = {row["name"]: row for row in rows}
    main = [row for row in rows if row["name"].endswith(f".{MAIN}")]
    baselines = [key for key in (main[0] if main else {}) if key.startswith("baseline.")]
    live = any(row.get("live") is not None for row in main)
    looks = any(row["name"].startswith("next_look.") for row in main)
    headings = ["items" if looks else "bought items", "by people who", "lists", "NDCG@10"]
    headings += ["95 %"] if full else []
    headings += ["live", "change"] if live else []
    headings += [name.removeprefix("baseline.own_").removeprefix("baseline.") for name in baselines]
    others = OTHERS if full else ()
    headings += [name.replace("_at_", "@").replace("ndcg", "NDCG").replace("mrr", "MRR") for name in others]
    return headings, [_cells(row, by_name, baselines, live=live, full=full) for row in main]


def _cells(
    row: Mapping[str, Any],
    by_name: Mapping[str, Mapping[str, Any]],
    baselines: Sequence[str],
    *,
    live: bool,
    full: bool,
) -> list[str]:
    track, group, _ = row["name"].split(".")
    cells = [WHAT.get(track, track), WHO.get(group, group), f"{row['lists']:,}", f"{row['value']:.4f}"]
    if full:
        cells.append(TOO_FEW if row["lists"] < FEW else f"{row['low']:.3f}-{row['high']:.3f}")
    if live:
        cells += [_four(row.get("live")), _four(row.get("delta_to_live"), sign=True)]
    cells += [_four(row.get(name)) for name in baselines]
    return cells + [_four(by_name.get(f"{track}.{group}.{name}", {}).get("value")) for name in (OTHERS if full else ())]


def _four(value: float | None, *, sign: bool = False) -> str:
    if value is None:
        return "–"
    value = round(value, 4) + 0.0  # never -0.0000
    return f"{value:+.4f}" if sign else f"{value:.4f}"


def _days(window: Mapping[str, str | None]) -> str:
    first, last = window["first"], window["last"]
    return f"{first[:10]} to {last[:10]}" if first and last else "no events"
