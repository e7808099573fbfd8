"""Customers from a file: what the shop knows of them, and what they allowed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from recommender.domain.consent import ConsentRecord, ConsentState
from recommender.domain.people import Customer, Person
from recommender.domain.ports import ConsentLedger, Customers
from recommender.importing.attributes import AttributeTypes, attributes, kept_as_attributes
from recommender.importing.customer_columns import PURPOSES, customer_plan
from recommender.importing.events import check_options
from recommender.importing.opening import open_table
from recommender.importing.report import ImportOptions, ImportReport, Progress, Step, silent
from recommender.importing.running import Plan, Run

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def import_customers(
    path: Path,
    *,
    customers: Customers,
    consent: ConsentLedger,
    options: ImportOptions | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Read a file of customers and store them, all or none; an empty cell leaves what is stored as it is.

    Columns ``consent_<purpose>`` go to the consent ledger. A yes that has no ``consent_time`` never lifts a refusal on
    record: a file may be older than a withdrawal. Raises what :func:`~recommender.importing.events.import_events` raises.
    """
    options = options or ImportOptions()
    check_options(options)
    with open_table(Path(path), progress) as table:
        run = Run("customers", table, options, progress)
        sample, chunks = run.sampled()
        plan = customer_plan(sample, table, options)
        run.check_constants(sample, plan)
        run.attributes, run.ignored = kept_as_attributes(sample, plan.columns.rest)
        kinds = AttributeTypes(table.separator)
        for parsed in run.good_rows(chunks, plan):
            kinds.look(parsed)
        if run.refused:
            run.refuse(plan)
        if not options.dry_run:
            run.progress(Step(stage="storing", rows=run.rows))
            rows = (row for parsed in run.again(plan) for row in kinds.typed(parsed).iter_rows(named=True))
            run.counts.append(customers.put(_customer(row) for row in rows))
            _record_consent(run, plan, consent)
        return run.report(plan, stored=not options.dry_run)


def _customer(row: Mapping[str, Any]) -> Customer:
    birth = row["birth_date_us"]
    return Customer(
        customer_id=row["customer_id"],
        email=row["email"],
        name=row["name"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        phone=row["phone"],
        birth_date=None if birth is None else (_EPOCH + timedelta(microseconds=birth)).date(),
        gender=row["gender"],
        country=row["country"],
        city=row["city"],
        postal_code=row["postal_code"],
        language=row["language"],
        attributes=attributes(row),
    )


def _record_consent(run: Run, plan: Plan, consent: ConsentLedger) -> None:
    told = [name for name in PURPOSES if plan.columns.has(name)]
    if not told:
        return
    left = 0
    for parsed in run.again(plan):
        due: list[ConsentRecord] = []
        for record, dated in _consents(parsed, told, run):
            verdict = _is_due(record, consent.history(record.person), dated=dated)
            left += verdict is None
            if verdict:
                due.append(record)
        consent.record(due)
    if left:
        run.warnings.append(
            f"{left} consents were not recorded because a refusal or withdrawal of the same customer is on record;"
            " add a column consent_time if the file's are newer."
        )


def _consents(parsed: pl.DataFrame, told: Iterable[str], run: Run) -> Iterator[tuple[ConsentRecord, bool]]:
    """What the rows say, one record per purpose, and whether the file dates it."""
    for row in parsed.select("customer_id", "consent_time_us", *told).iter_rows(named=True):
        dated = row["consent_time_us"] is not None
        moment = _EPOCH + timedelta(microseconds=row["consent_time_us"]) if dated else run.options.now
        for name in told:
            if row[name] is not None:
                record = ConsentRecord(
                    person=Person(customer_id=row["customer_id"]),
                    purpose=PURPOSES[name],
                    state=ConsentState(row[name]),
                    time=moment,
                    source=f"import:{run.table.found.path.name}",
                    actor="shop",
                )
                yield record, dated


def _is_due(record: ConsentRecord, history: Iterable[ConsentRecord], *, dated: bool) -> bool | None:
    """Whether to write it down: False where it stands already, None where an undated yes meets a refusal."""
    same = [old for old in history if old.purpose == record.purpose]
    if dated:
        return not any(old.state == record.state and old.time == record.time for old in same)
    last = max(same, key=lambda old: old.time, default=None)
    if last is None:
        return True
    if record.state is ConsentState.GRANTED and last.state is not ConsentState.GRANTED:
        return None
    return last.state != record.state
