"""The contract of the numbers that stand for customers in mails, on both databases."""

from pathlib import Path

import pytest

from recommender.domain.people import Customer, Person
from recommender.domain.ports import NUMBER_BYTES, Stores


def test_a_number_is_long_random_and_stays_the_customers(stores: Stores) -> None:
    given = stores.readers.numbers(["anna", "ben", "anna"])
    assert sorted(given) == ["anna", "ben"]
    assert all(len(number) == NUMBER_BYTES for number in given.values())
    assert given["anna"] != given["ben"]
    assert stores.readers.numbers(["ben", "carl"])["ben"] == given["ben"]


def test_a_number_leads_back_to_its_customer_and_no_other_does(stores: Stores) -> None:
    number = stores.readers.numbers(["anna"])["anna"]
    assert stores.readers.whose(number) == "anna"
    assert stores.readers.whose(bytes(NUMBER_BYTES)) is None


def test_more_customers_than_one_question_takes_all_get_numbers(stores: Stores) -> None:
    names = [f"c{n}" for n in range(4_100)]
    given = stores.readers.numbers(names)
    assert len(set(given.values())) == len(names)
    assert stores.readers.numbers(names) == given


def test_forgetting_a_customer_takes_the_number_away(stores: Stores) -> None:
    number = stores.readers.numbers(["anna"])["anna"]
    assert stores.readers.erase(Person(customer_id="anna")) == 1
    assert stores.readers.whose(number) is None


def test_erasing_the_record_takes_the_number_with_it(stores: Stores) -> None:
    stores.customers.put([Customer(customer_id="anna")])
    number = stores.readers.numbers(["anna"])["anna"]
    assert stores.customers.erase(Person(customer_id="anna")) == 1
    assert stores.readers.whose(number) is None


def test_who_is_to_be_forgotten_gets_no_number(stores: Stores) -> None:
    stores.tombstones.add(Person(customer_id="anna"))
    assert set(stores.readers.numbers(["anna", "ben"])) == {"ben"}


@pytest.mark.parametrize("asked_after", [True, False])
def test_a_backup_brings_numbers_back_but_not_of_who_was_erased_since(
    stores: Stores, tmp_path: Path, *, asked_after: bool
) -> None:
    given = stores.readers.numbers(["anna", "ben"])
    stores.dump(str(tmp_path / "dump"))
    if asked_after:
        stores.tombstones.add(Person(customer_id="anna"))
    stores.load(str(tmp_path / "dump"))
    assert stores.readers.whose(given["ben"]) == "ben"
    assert stores.readers.whose(given["anna"]) == (None if asked_after else "anna")
