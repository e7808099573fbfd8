"""What a file of customers says of consent, held against what stands, into the consent ledger.

The answer rests on the file and the ledger alone: what stands is read once per chunk, and each record that is written
down counts for those after it.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import polars as pl

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose, newest
from recommender.domain.people import Person
from recommender.domain.ports import ConsentLedger
from recommender.importing.customer_columns import PURPOSES
from recommender.importing.running import Plan, Run

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GRANTED = ConsentState.GRANTED

Line = tuple[ConsentState, datetime]
Said = dict[tuple[str, Purpose], list[Line]]
"""What customers said of a purpose, oldest first; of equal moments, in the order of recording."""


def record_consent(run: Run, plan: Plan, ledger: ConsentLedger) -> None:
    """Write down what the file's good rows say, one transaction per chunk, and warn of each yes that was left out.

    A yes without a time comes after everything else the file says, in a second reading: a refusal further down the file
    may be dated, and so lie before it.
    """
    told = [name for name in PURPOSES if plan.columns.has(name)]
    if not told:
        return
    left = 0
    for undated_yes in (False, True) if plan.columns.has("consent_time") else (None,):
        for parsed in run.again(plan):
            spoken = _spoken(parsed, told, undated_yes=undated_yes)
            left += _record(list(_consents(spoken, told, run)), ledger)
    if left:
        run.warnings.append(
            f"{left} consents were not recorded because a refusal or withdrawal of the same customer is on record;"
            " add a column consent_time if the file's are newer."
        )


def _spoken(parsed: pl.DataFrame, told: list[str], *, undated_yes: bool | None) -> pl.DataFrame:
    """Rows that say something, and of that each yes without a time, or all but these; None: everything."""
    cells = parsed.select("customer_id", "consent_time_us", *told)
    if undated_yes is not None:
        yes = pl.col("consent_time_us").is_null() & (pl.col(*told) == GRANTED.value)
        cells = cells.with_columns(pl.when(yes if undated_yes else ~yes).then(pl.col(*told)))
    return cells.filter(pl.any_horizontal(pl.col(*told).is_not_null()))


def _consents(spoken: pl.DataFrame, told: Iterable[str], run: Run) -> Iterator[tuple[ConsentRecord, bool]]:
    """What the rows say, one record per purpose, and whether the file dates it."""
    for row in spoken.iter_rows(named=True):
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


def _record(consents: list[tuple[ConsentRecord, bool]], ledger: ConsentLedger) -> int:
    """Write down what is due, in one transaction; how many were left out for a refusal. Of erased people, nothing."""
    if not consents:
        return 0
    histories = ledger.histories({record.person.customer_id or "" for record, _ in consents})
    said: Said = {}
    for customer_id, history in histories.items():
        for old in history:
            said.setdefault((customer_id, old.purpose), []).append((old.state, old.time))
    due: list[ConsentRecord] = []
    left = 0
    for record, dated in consents:
        customer_id = record.person.customer_id or ""
        if customer_id in histories:
            before = said.setdefault((customer_id, record.purpose), [])
            verdict = _is_due((record.state, record.time), before, dated=dated)
            left += verdict is None
            if verdict:
                due.append(record)
                insort(before, (record.state, record.time), key=_time)
    if due:
        ledger.record(due)
    return left


def _is_due(line: Line, before: list[Line], *, dated: bool) -> bool | None:
    """Whether to write it down: False where it stands already, None where a yes that is no newer meets a refusal.

    A yes without a time is newer than none; one with a time is no newer than a refusal of the same moment.
    """
    state, time = line
    if dated:
        if line in before:
            return False
        refused = state is GRANTED and any(old is not GRANTED and at == time for old, at in before)
        return None if refused else True
    stands = newest(("", old, at) for old, at in before).get("")
    if state is GRANTED and stands not in (None, GRANTED):
        return None
    return stands is not state


def _time(line: Line) -> datetime:
    return line[1]
