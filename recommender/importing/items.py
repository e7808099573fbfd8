"""Items from a file into the catalogue: checked whole first, then stored in one transaction."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from recommender.domain.events import PRICE_SCALE
from recommender.domain.items import Availability, Item
from recommender.domain.ports import Catalogue
from recommender.importing.attributes import AttributeTypes, attributes, kept_as_attributes
from recommender.importing.events import check_options
from recommender.importing.item_columns import item_plan
from recommender.importing.opening import open_table
from recommender.importing.report import ImportOptions, ImportReport, Progress, Step, silent
from recommender.importing.running import Plan, Run

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def import_items(
    path: Path, *, catalogue: Catalogue, options: ImportOptions | None = None, progress: Progress = silent
) -> ImportReport:
    """Read a file of items and store them, all or none; an empty cell leaves what is stored as it is.

    With ``options.replace`` the file is the whole catalogue: items it lacks are taken out.
    Raises what :func:`~recommender.importing.events.import_events` raises.
    """
    options = options or ImportOptions()
    check_options(options)
    with open_table(Path(path), progress) as table:
        run = Run("items", table, options, progress)
        sample, chunks = run.sampled()
        plan = item_plan(sample, table, options)
        run.check_constants(sample, plan)
        run.attributes, run.ignored = kept_as_attributes(sample, plan.columns.rest)
        kinds = AttributeTypes(table.separator)
        seen: set[str] = set()
        twice = 0
        for parsed in run.good_rows(chunks, plan):
            kinds.look(parsed)
            before = len(seen)
            seen.update(parsed["item_id"].to_list())
            twice += parsed.height - (len(seen) - before)
        if twice:
            run.warnings.append(f"{twice} rows repeat an item_id of an earlier row; the last one counts.")
        if run.refused:
            run.refuse(plan)
        if not options.dry_run:
            _store(run, plan, kinds, catalogue)
        return run.report(plan, stored=not options.dry_run)


def _store(run: Run, plan: Plan, kinds: AttributeTypes, catalogue: Catalogue) -> None:
    if run.options.replace and run.rejected:
        run.warnings.append(
            "Items whose rows were rejected count as missing from the catalogue, so they were taken out."
        )
    run.progress(Step(stage="storing", rows=run.rows))
    items = (item for parsed in run.again(plan) for item in _items(kinds.typed(parsed)))
    run.counts.append(catalogue.put(items, replace=run.options.replace))


def _items(parsed: pl.DataFrame) -> Iterator[Item]:
    for row in parsed.iter_rows(named=True):
        yield Item(
            item_id=row["item_id"],
            title=row["title"],
            url=row["url"],
            image=row["image"],
            category=row["category"],
            brand=row["brand"],
            item_group_id=row["item_group_id"],
            color=row["color"],
            size=row["size"],
            description=row["description"],
            price=_money(row["price_e4"]),
            sale_price=_money(row["sale_price_e4"]),
            margin=_money(row["margin_e4"]),
            added_at=_time(row["added_at_us"]),
            available_from=_time(row["available_from_us"]),
            available_until=_time(row["available_until_us"]),
            currency=row["currency"],
            availability=None if row["availability"] is None else Availability(row["availability"]),
            stock=row["stock"],
            visible=row["visible"],
            attributes=attributes(row),
        )


def _money(scaled: int | None) -> Decimal | None:
    return None if scaled is None else Decimal(scaled) / PRICE_SCALE


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
