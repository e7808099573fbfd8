"""Customer files: who they are and what they allowed."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
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
