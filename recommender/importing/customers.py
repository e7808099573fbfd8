"""Customers from a file: what the shop knows of them, and what they allowed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from recommender.domain.people import Customer
from recommender.domain.ports import ConsentLedger, Customers
from recommender.importing.attributes import AttributeTypes, attributes, kept_as_attributes
from recommender.importing.consents import record_consent
from recommender.importing.customer_columns import customer_plan
from recommender.importing.events import check_options
from recommender.importing.opening import open_table
from recommender.importing.report import ImportOptions, ImportReport, Progress, Step, silent
from recommender.importing.running import Run

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def import_customers(
    path: Path,
    *,
    customers: Customers,
    consent: ConsentLedger,
    options: ImportOptions | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Read a file of customers and store their records, all or none; an empty cell leaves what is stored as it is.

    Columns ``consent_<purpose>`` go to the consent ledger first, one transaction per chunk: nobody is stored without the
    refusal their row tells. Where a store fails, consents of the file may be on record without the customers; the same
    import again adds what is missing. A yes lifts a refusal, on record or told by another row, only
    with a later ``consent_time``: a file may be older than a withdrawal.

    Raises what :func:`~recommender.importing.events.import_events` raises.
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
            record_consent(run, plan, consent)
            rows = (row for parsed in run.again(plan) for row in kinds.typed(parsed).iter_rows(named=True))
            run.counts.append(customers.put(_customer(row) for row in rows))
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
