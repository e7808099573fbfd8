"""Judging what is live on the last days of a home's log (``make evaluate``, ``recommender evaluate``)."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from recommender.bundle import Manifest
from recommender.domain.errors import (
    BadInputError,
    BundleRefusedError,
    NoBundleError,
    StoreUnavailableError,
    UsageError,
)
from recommender.domain.people import Person
from recommender.evaluation.advice import days_to_judge, last_wanted
from recommender.evaluation.report.data import Study
from recommender.evaluation.report.page import Names, page
from recommender.evaluation.report.plain import as_object, lists_table
from recommender.evaluation.split import clock_cut
from recommender.interactions import Interactions, Kind
from recommender.services import exports
from recommender.services.reports import FOLDER, begin
from recommender.train import live_manifest, moment_of, prune_reports, read_shop, window_of
from recommender.training.metering import Meter
from recommender.training.progress import Progress, quiet
from recommender.training.reading import Reading
from recommender.training.replaying import evaluate_recipe
from recommender.wiring import Shop

if TYPE_CHECKING:
    import polars as pl

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What ``recommender evaluate`` found. ``report`` has the rows of a training's report, and more."""

    run_id: str | None
    report: Mapping[str, Any]
    page_file: Path
    lists_file: Path

    def as_json(self) -> dict[str, Any]:
        """The judgement as an object."""
        files = {"page_file": str(self.page_file), "lists_file": str(self.lists_file)}
        return {"recipe_of": self.run_id, **files, **self.report}


def evaluate_home(
    shop: Shop,
    *,
    until: datetime | None = None,
    days: int | None = None,
    out: Path | None = None,
    seed: int = 0,
    progress: Progress = quiet,
) -> Judgement:
    """Judge the live recipe, or without one the defaults, on the last days, learned without them; write the report.

    Parameters
    ----------
    out : Path, optional
        Where the page goes; default: ``var/reports``, where the figures of every list always go.

    Raises
    ------
    BadInputError
        There is nothing to judge on: nothing to find in the days asked for, or nothing known before them.
    UsageError
        The folder of ``out`` is not there, or it is not named as a page.
    StoreUnavailableError
        The report cannot be written.
    """
    if out is not None and not out.parent.is_dir():
        raise UsageError(f"There is no folder {out.parent}; make it first, or write elsewhere.")
    if out is not None and out.suffix != ".html":
        raise UsageError(f"The report is a page: {out.name} must end in .html.")
    meter = Meter()
    with meter.stage("reading the log"):
        reading = read_shop(shop, until=until, progress=progress)
    live, interactions = live_manifest(shop), reading.interactions
    if not len(interactions.time_us):
        raise BadInputError(
            "The log holds no views or purchases, so there is nothing to judge on; import events first."
        )
    cut = clock_cut(interactions) if days is None else interactions.now_us - days * DAY_US
    study = evaluate_recipe(
        interactions,
        live.meta.get("recipe") if live else None,
        cut_us=cut,
        seen=None if live is None else _seen(live, interactions.now_us, cut),
        others=_others(shop, live),
        seed=seed,
        progress=progress,
        meter=meter,
    )
    if study is None:
        raise BadInputError(_why_not(interactions, cut, asked=days is not None))
    return _written(shop, study, reading, live, out)


def _seen(live: Manifest, now_us: int, cut_us: int) -> str | None:
    """What has to be said where the live recipe was chosen on days that it is judged on here; None where it was not.

    A bundle from before this was kept tells nothing.
    """
    told = live.meta.get("data_window", {}).get("judged_from")
    if told is None:
        return None
    unseen_us = int(datetime.fromisoformat(told).timestamp() * 1e6)
    if unseen_us <= cut_us + 1_000_000:  # told in whole seconds
        return None
    days = (now_us - unseen_us) // DAY_US
    return (
        f"The live recipe was chosen on days up to {told}, of which some are judged here: it may look better than it is."
        + (f" `--days {days}` or fewer judge it on days that had no say." if days else "")
    )


def _why_not(interactions: Interactions, cut_us: int, *, asked: bool) -> str:
    """Why a log cannot be judged at a cut, and which ``--days`` would work if any."""
    bought, last = bool((interactions.kind == Kind.PURCHASE).any()), last_wanted(interactions)
    if last is None:
        return (
            "This log holds no purchases, and nobody looked at one item after another in a visit, so there is nothing to"
            " judge on; import orders."
        )
    first, days, by_itself = int(interactions.time_us.min()), days_to_judge(interactions), clock_cut(interactions)
    if cut_us <= first:
        why = f"Nothing is known before {moment_of(cut_us)}"
    elif bought:
        why = f"Nobody bought anything after {moment_of(cut_us)}"
    else:
        why = f"This log holds no purchases, and in no visit after {moment_of(cut_us)} anything was looked at next"
    if len(days):
        upto = f" to {days[-1]}" if len(days) > 1 else ""
        return f"{why}; ask for --days {days[0]}{upto}."
    if asked and first < by_itself <= last:
        return f"{why}; the log is too short for whole days: leave out --days."
    what = "purchase" if bought else "visit with several looks"
    return (
        f"{why}; no --days can help, as no whole number of last days begins between the first event, {moment_of(first)}, and the"
        f" last {what}, {moment_of(last)}. Import more of the past."
    )


def _others(shop: Shop, live: Manifest | None) -> dict[str, Mapping[str, Any]]:
    """The recipe of the run to compare with: the newest that is not live, whether it was before it or was refused."""
    for run in reversed(shop.shelf.runs()):
        if live is not None and run != live.run_id:
            try:
                recipe = shop.shelf.manifest(run).meta.get("recipe")
            except (BundleRefusedError, NoBundleError):
                continue
            if recipe and recipe != live.meta.get("recipe"):
                return {run: recipe}
    return {}


def _written(shop: Shop, study: Study, reading: Reading, live: Manifest | None, out: Path | None) -> Judgement:
    """Put the page, the lists and the figures into files."""
    made, folder = datetime.now(tz=ZoneInfo(shop.settings.timezone)), shop.settings.var_dir / FOLDER
    people = _pseudonyms(shop, reading, study)
    names = Names(
        people={row: people[row] for row in {example.person for example in study.examples}},
        items=_titles(shop, reading, study),
        item_ids=reading.interactions.item_ids,
    )
    report = {
        "cut": moment_of(study.span.cut_us),
        "data_window": window_of(reading),
        "left_out": {why: lines for why, lines in reading.left_out.items() if lines},
        **as_object(study),
    }
    written = page(
        study,
        names,
        run_id=live.run_id if live else None,
        made=made,
        training=_training(folder, live),
        left_out=reading.left_out,
    )
    table = lists_table(study, people, reading.interactions.item_ids)
    try:
        page_file, lists_file = _in_files(shop, made, report, table, written=written, out=out)
        prune_reports(shop)
    except OSError as error:
        raise StoreUnavailableError(f"The report {out or folder} cannot be written: {error.strerror}.") from error
    _forget_erased(shop, reading, people, (page_file, lists_file))
    return Judgement(run_id=live.run_id if live else None, report=report, page_file=page_file, lists_file=lists_file)


def _in_files(
    shop: Shop, made: datetime, report: Mapping[str, Any], lists: "pl.DataFrame", *, written: str, out: Path | None
) -> tuple[Path, Path]:
    """Page and lists, beside the figures; both name people, so both are remembered before they are there."""
    folder = shop.settings.var_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    base = begin(folder, made, json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    page_file, lists_file = out or base.with_suffix(".html"), base.with_suffix(".parquet")
    for file in (page_file, lists_file):
        exports.remember(shop.settings.home.resolve(), file)
    lists.write_parquet(lists_file)
    page_file.write_text(written, encoding="utf-8")
    return page_file, lists_file


def _forget_erased(shop: Shop, reading: Reading, people: Mapping[int, str], made: Collection[Path]) -> None:
    """Take out again who was erased while the judgement ran; who is erased from now on, the erasure takes out.

    What was made and cannot be rewritten is deleted.
    """
    rows = sorted(people)
    gone = shop.stores.tombstones.covers([_person(name) for name in reading.people.gather(rows).to_list()])
    aliases = frozenset(people[row] for row, erased in zip(rows, gone, strict=True) if erased)
    if aliases:
        home = shop.settings.home.resolve()
        left = {home / name for name in exports.forget(home, aliases).left}
        for file in made:
            if file.resolve() in left:
                file.unlink()
                raise StoreUnavailableError(f"{file.name} named somebody erased meanwhile and could not be rewritten.")


def _training(folder: Path, live: Manifest | None) -> Mapping[str, Any] | None:
    """What was written down when the live model was trained; None where that is not there any more."""
    file = folder / f"{live.run_id}.json" if live else None
    if file is None or not file.is_file():
        return None
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _pseudonyms(shop: Shop, reading: Reading, study: Study) -> dict[int, str]:
    """What stands in the report for each person with a list."""
    rows = sorted({p for by in study.verdicts.values() for v in by.values() for p in v.truth.person.tolist()})
    named = [_person(name) for name in reading.people.gather(rows).to_list()]
    return dict(zip(rows, shop.stores.tombstones.pseudonyms(named), strict=True))


def _person(name: str) -> Person:
    kind, one = name[:2], name[2:]
    return Person(customer_id=one) if kind == "c:" else Person(visitor_id=one)


def _titles(shop: Shop, reading: Reading, study: Study) -> dict[int, str]:
    """Titles of the items the examples name, by row number."""
    rows = {item for one in study.examples for item in (*one.shown, *(done.item for done in one.history))}
    wanted = {reading.interactions.item_ids[row]: row for row in rows}
    told = ((wanted[item.item_id], item.title) for item in shop.stores.catalogue.all() if item.item_id in wanted)
    return {row: title for row, title in told if title}
