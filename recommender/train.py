"""Training from a home's log to a published bundle (``make train``, ``recommender train``)."""

import json
import runpy
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from recommender.bundle import Manifest, write_bundle
from recommender.domain.consent import Purpose
from recommender.domain.errors import BundleRefusedError, NoBundleError, StoreUnavailableError
from recommender.evaluation.report.data import Span, Stage
from recommender.evaluation.report.plain import stage_told
from recommender.evaluation.report.training import training_page
from recommender.features.chronicle import READ as CHRONICLED
from recommender.features.chronicle import Chronicle
from recommender.features.population import READ, Census
from recommender.services.item_lookup import CatalogueLookup
from recommender.services.population import POPULATION
from recommender.services.reports import FOLDER, prune
from recommender.training.catalogue import facts_told
from recommender.training.metering import Meter
from recommender.training.pipeline import TrainingResult, train_model
from recommender.training.progress import Progress, quiet
from recommender.training.reading import COLUMNS, Reading, read_interactions
from recommender.wiring import MODEL, Shop

if TYPE_CHECKING:
    import polars as pl

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a training ended. ``report`` is what ``var/reports/<run>.json`` holds, ``page_file`` the same for people to read."""

    run_id: str
    published: bool
    refusal: str | None
    report: Mapping[str, Any]
    report_file: Path
    page_file: Path

    def as_json(self) -> dict[str, Any]:
        """The outcome as an object."""
        return {
            "run": self.run_id,
            "published": self.published,
            "refusal": self.refusal,
            "report_file": str(self.report_file),
            "page_file": str(self.page_file),
            **self.report,
        }


def train_home(
    shop: Shop,
    *,
    until: datetime | None = None,
    seed: int = 0,
    budget: float = 60.0,
    progress: Progress = quiet,
) -> Outcome:
    """Read the log, choose, judge, learn from everything, write a bundle, publish it unless it is worse.

    Parameters
    ----------
    until : datetime, optional
        Only events before this moment.
    budget : float
        Seconds for tuning; 0 keeps the documented hyper-parameters.

    Raises
    ------
    BusyError
        Somebody else is training here.
    StoreUnavailableError
        A store does not answer or the disk is full. The live model stays, nothing half-done is left.
    """
    began, now = time.monotonic(), datetime.now(UTC)
    shelf = shop.shelf
    with shelf.training(now):
        shelf.sweep()
        census, meter = _census(shop), Meter()
        with meter.stage("reading the log"):
            reading = read_shop(shop, until=until, progress=progress, census=census)
        live = live_manifest(shop)
        result = train_model(
            reading.interactions,
            live.meta.get("recipe") if live else None,
            live_figures=live.meta.get("metrics") if live else None,
            live_counts=live.meta.get("counts") if live else None,
            seed=seed,
            budget_seconds=budget,
            trials_in=shop.settings.var_dir / "tuning",
            progress=progress,
            meter=meter,
        )
        result = replace(result, notes=(*reading.notes, *result.notes))
        run_id = shelf.new_run_id(now)
        report = _report(run_id, result, reading, live, seconds=time.monotonic() - began)
        progress("publishing", 0, 1, "bundles")
        at = shop.clock.now() if until is None else until
        with meter.stage("writing the bundle"):
            _write(shop, run_id, result, {**report, POPULATION: census.population(int(at.timestamp()))}, now)
        report |= {"stages": [stage_told(one) for one in meter.stages]}
        file = _write_report(shop, report, result.span, meter.stages)  # before the model goes live: it may fail
        if result.gate.publish:
            shelf.publish(run_id)
        shelf.prune(keep=KEPT_RUNS)
        prune_reports(shop)
        progress("publishing", 1, 1, "bundles")
    return Outcome(
        run_id=run_id,
        published=result.gate.publish,
        refusal=None if result.gate.publish else _refusal(run_id, result, live),
        report=report,
        report_file=file,
        page_file=file.with_suffix(".html"),
    )


def _census(shop: Shop) -> Census:
    customers, _ = shop.stores.consent.refusals(Purpose.MODEL_TRAINING)
    return Census(dict(shop.stores.log.links()), customers)


def read_shop(
    shop: Shop, *, until: datetime | None = None, progress: Progress = quiet, census: Census | None = None
) -> Reading:
    """The log of a home, with what the other stores say of its people and items; counted in ``census`` on the way."""
    stores = shop.stores
    customers, visitors = stores.consent.refusals(Purpose.MODEL_TRAINING)
    lines = stores.log.position()
    chronicle = Chronicle(CatalogueLookup(stores.catalogue), dict(stores.log.links()))
    columns = tuple(dict.fromkeys((*COLUMNS, *READ, *CHRONICLED)))

    def told(frames: "Iterator[pl.DataFrame]") -> "Iterator[pl.DataFrame]":
        done = 0
        for frame in frames:
            progress("reading", done, max(lines, done), "lines")
            if census is not None:
                census.add(frame)
            chronicle.add(frame)
            yield frame.select(COLUMNS)
            done += len(frame)
        progress("reading", done, done, "lines")

    reading = read_interactions(
        told(stores.log.frames(until=until, columns=columns)),
        countries=stores.customers.countries(),
        catalogue=facts_told(stores.catalogue.all()),
        links=stores.log.links(),
        excluded_customers=customers,
        excluded_visitors=visitors,
        until=until,
        now=shop.clock.now(),
    )
    attributes = chronicle.of(reading.people)
    return replace(reading, interactions=replace(reading.interactions, attributes=attributes))


def live_manifest(shop: Shop) -> Manifest | None:
    """What the live bundle says of itself; None without a usable one."""
    try:
        current = shop.shelf.current()
        return None if current is None else shop.shelf.manifest(current)
    except (BundleRefusedError, NoBundleError):
        return None


def moment_of(time_us: int) -> str:
    """A moment as reports write it."""
    return f"{EPOCH + timedelta(microseconds=time_us):%Y-%m-%dT%H:%M:%SZ}"


def window_of(reading: Reading) -> dict[str, str | None]:
    """First and last moment of what was read; None without any."""
    times = reading.interactions.time_us
    if not len(times):
        return {"first": None, "last": None}
    return {"first": moment_of(int(times[0])), "last": moment_of(int(times[-1]))}


def _report(
    run_id: str, result: TrainingResult, reading: Reading, live: Manifest | None, *, seconds: float
) -> dict[str, Any]:
    interactions = reading.interactions
    return {
        "run": run_id,
        "parent": live.run_id if live else None,
        "data_window": {
            **window_of(reading),
            "judged_from": None if result.span is None else moment_of(result.span.cut_us),
        },
        "counts": {
            "interactions": len(interactions.time_us),
            "people": interactions.n_people,
            "items": len(interactions.item_ids),
        },
        "left_out": {why: lines for why, lines in reading.left_out.items() if lines},
        "noticed": dict(reading.noticed),
        "seconds": round(seconds, 1),
        **result.report(),
    }


def _write(shop: Shop, run_id: str, result: TrainingResult, report: Mapping[str, Any], now: datetime) -> None:
    arrays, described = result.model.to_arrays()
    meta = {
        MODEL: described,
        "parent": report["parent"],
        "data_window": report["data_window"],
        "counts": report["counts"],
        "seed": result.recipe["seed"],
        "recipe": result.recipe,
        "metrics": result.figures(),
        "notes": report["notes"],
        POPULATION: report[POPULATION],
    }
    write_bundle(shop.settings.models_dir, run_id, arrays, meta, created=now)


def _write_report(shop: Shop, report: Mapping[str, Any], span: Span | None, stages: Sequence[Stage]) -> Path:
    """The report as an object and as a page; the oldest ones go."""
    made = datetime.now(tz=ZoneInfo(shop.settings.timezone))
    folder = shop.settings.var_dir / FOLDER
    file = folder / f"{report['run']}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        shown = training_page(report, span=span, stages=stages, made=made)
        file.with_suffix(".html").write_text(shown, encoding="utf-8")
    except OSError as error:
        raise StoreUnavailableError(f"The report {file} cannot be written: {error.strerror}.") from error
    return file


def prune_reports(shop: Shop) -> None:
    """Let go of the oldest reports; those of bundles that are still there stay."""
    settings = shop.settings
    prune(settings.home.resolve(), settings.var_dir / FOLDER, keep=settings.reports_kept, runs=shop.shelf.runs())


def _refusal(run_id: str, result: TrainingResult, live: Manifest | None) -> str:
    than = f"{live.run_id} stays live" if live else "nothing is live"
    why = "; ".join(reason.rstrip(".") for reason in result.gate.reasons)
    return f"Not published: {why}. {than}. `recommender models publish {run_id}` overrides."


def main() -> None:
    """``python -m recommender.train [options]`` is ``recommender train [options]``."""
    sys.argv.insert(1, "train")
    runpy.run_module("recommender", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
