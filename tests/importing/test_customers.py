"""Customer files: who they are and what they allowed."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from shop_files import NOW, customers, write

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.errors import BadInputError
from recommender.domain.people import Person
from recommender.domain.ports import Stores

C1 = Person(customer_id="c1")


def standing(stores: Stores, purpose: Purpose) -> bool | None:
    yes, no = (stores.consent.allows(C1, purpose, default=default) for default in (True, False))
    return yes if yes == no else None


def test_customers_are_stored_with_their_attributes(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = "CustomerID,E-mail,First Name,Birthday,Country,loyalty_points\nc1,anna@example.com,Anna,1961-05-31,PL,120\n"
    report = customers(sqlite_stores, write(tmp_path / "c.csv", text))
    found = sqlite_stores.customers.get(["c1"])["c1"]
    assert report.new == 1
    assert (found.email, found.first_name, found.birth_date) == ("anna@example.com", "Anna", date(1961, 5, 31))
    assert (found.country, found.attributes) == ("PL", {"loyalty_points": 120})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_russian_names_come_out_right(encoding: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    text = "клиент;имя;фамилия;город\nc1;Наталья;Щербакова;Санкт-Петербург\n"
    customers(sqlite_stores, write(tmp_path / "c.csv", text, encoding))
    found = sqlite_stores.customers.get(["c1"])["c1"]
    assert (found.first_name, found.last_name, found.city) == ("Наталья", "Щербакова", "Санкт-Петербург")


def test_consent_columns_go_to_the_ledger_once(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = "customer_id,consent_model_training,consent_email_personalisation,consent_inferred_traits\nc1,yes,0,\n"
    path = write(tmp_path / "c.csv", text)
    customers(sqlite_stores, path)
    customers(sqlite_stores, path)
    assert standing(sqlite_stores, Purpose.MODEL_TRAINING) is True
    assert standing(sqlite_stores, Purpose.EMAIL_PERSONALISATION) is False
    assert standing(sqlite_stores, Purpose.INFERRED_TRAITS) is None
    assert len(sqlite_stores.consent.history(C1)) == 2


def record(stores: Stores, state: ConsentState) -> None:
    withdrawn = ConsentRecord(
        person=C1, purpose=Purpose.MODEL_TRAINING, state=state, time=datetime(2024, 5, 1, tzinfo=UTC), source="web"
    )
    stores.consent.record([withdrawn])


@pytest.mark.parametrize("state", [ConsentState.WITHDRAWN, ConsentState.OBJECTED, ConsentState.DENIED])
def test_an_undated_yes_never_lifts_a_refusal(state: ConsentState, sqlite_stores: Stores, tmp_path: Path) -> None:
    record(sqlite_stores, state)
    report = customers(sqlite_stores, write(tmp_path / "c.csv", "customer_id,consent_model_training\nc1,true\n"))
    assert standing(sqlite_stores, Purpose.MODEL_TRAINING) is False
    assert "1 consents were not recorded" in report.warnings[0]


UNDATED = "customer_id,consent_model_training\n"
DATED = "customer_id,consent_model_training,consent_time\n"


@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 65_536])
@pytest.mark.parametrize(
    ("text", "allowed", "left"),
    [
        (f"{UNDATED}c1,no\nc1,yes\n", False, 1),
        (f"{UNDATED}c1,yes\nc1,no\n", False, 0),
        (f"{UNDATED}c1,objected\nc1,yes\nc1,denied\nc1,yes\n", False, 2),
        (f"{UNDATED}c1,yes\nc2,no\nc1,yes\n", True, 0),
        (f"{DATED}c1,no,2024-05-01\nc1,yes,\n", False, 1),
        (f"{DATED}c1,yes,\nc2,yes,\nc1,no,2024-05-01\n", False, 1),
        (f"{DATED}c1,no,2024-05-01\nc1,yes,2024-05-01\n", False, 1),
        (f"{DATED}c1,yes,2024-05-02\nc1,no,2024-05-01\n", True, 0),
        (f"{DATED}c1,yes,2024-05-02\nc1,no,\n", False, 0),
    ],
)
def test_a_yes_lifts_no_refusal_of_the_same_file_whatever_the_chunks(
    *, text: str, allowed: bool, left: int, chunk_rows: int, sqlite_stores: Stores, tmp_path: Path
) -> None:
    report = customers(sqlite_stores, write(tmp_path / "c.csv", text), chunk_rows=chunk_rows)
    assert standing(sqlite_stores, Purpose.MODEL_TRAINING) is allowed
    assert [warning.split()[0] for warning in report.warnings] == ([str(left)] if left else [])


def test_an_erased_customers_rows_say_nothing_whatever_the_chunks(sqlite_stores: Stores, tmp_path: Path) -> None:
    sqlite_stores.tombstones.add(C1)
    path = write(tmp_path / "c.csv", f"{UNDATED}c1,no\nc1,yes\n")
    assert [customers(sqlite_stores, path, chunk_rows=rows).warnings for rows in (1, 2)] == [(), ()]


def test_the_ledger_is_asked_once_per_chunk(sqlite_stores: Stores, tmp_path: Path) -> None:
    purposes = list(Purpose)[:3]
    header = ",".join(["customer_id", *(f"consent_{purpose}" for purpose in purposes)])
    rows = "".join(f"c{place},yes,no,yes\n" for place in range(300))
    path = write(tmp_path / "c.csv", f"{header}\n{rows}")
    asked: list[str] = []

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.extend([statement] if statement.startswith("SELECT consent") else [])

    try:
        customers(sqlite_stores, path, chunk_rows=100)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
    assert len(sqlite_stores.consent.history(Person(customer_id="c299"))) == 3
    assert len([one for one in asked if "customer_id IN" in one]) == 3
    assert len(asked) <= 6


def test_nobody_is_stored_without_the_refusal_their_row_tells(
    sqlite_stores: Stores, home: Path, tmp_path: Path
) -> None:
    path = write(tmp_path / "c.csv", "customer_id,country,consent_model_training\nc1,PL,no\nc2,PL,no\n")
    with closing(sqlite3.connect(home / "var" / "shop.db")) as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON consent WHEN NEW.customer_id = 'c2' BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        database.commit()
        with pytest.raises(sa.exc.IntegrityError, match="full"):
            customers(sqlite_stores, path, chunk_rows=1)
        assert sqlite_stores.customers.get(["c1", "c2"]) == {}
        database.execute("DROP TRIGGER full")
        database.commit()
    assert customers(sqlite_stores, path, chunk_rows=1).new == 2
    assert sqlite_stores.consent.refusals(Purpose.MODEL_TRAINING)[0] == {"c1", "c2"}
    assert len(sqlite_stores.consent.history(C1)) == 1


def test_a_later_dated_yes_lifts_a_withdrawal(sqlite_stores: Stores, tmp_path: Path) -> None:
    record(sqlite_stores, ConsentState.WITHDRAWN)
    text = "customer_id,consent_model_training,consent_time\nc1,true,2024-05-20T10:00:00Z\n"
    customers(sqlite_stores, write(tmp_path / "c.csv", text))
    assert standing(sqlite_stores, Purpose.MODEL_TRAINING) is True


def test_an_unknown_purpose_is_named_with_the_known_ones(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "customer_id,consent_model_trainings\nc1,true\n")
    with pytest.raises(BadInputError, match=r"did you mean consent_model_training\?"):
        customers(sqlite_stores, path)


def test_an_erased_customer_does_not_come_back(sqlite_stores: Stores, tmp_path: Path) -> None:
    sqlite_stores.tombstones.add(C1)
    path = write(tmp_path / "c.csv", "customer_id,country,consent_model_training\nc1,PL,true\nc2,PL,true\n")
    report = customers(sqlite_stores, path, now=NOW)
    assert (report.new, report.erased) == (1, 1)
    assert sqlite_stores.consent.history(C1) == []
