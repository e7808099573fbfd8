"""The page of columns names every field we know and every purpose of consent."""

from pathlib import Path

import pytest

from recommender.domain.consent import Purpose
from recommender.domain.synonyms import CUSTOMER_SYNONYMS, EVENT_SYNONYMS, ITEM_SYNONYMS, Synonyms, plain

PAGE = (Path(__file__).parents[2] / "docs" / "columns.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("heading", "table"),
    [("## Events", EVENT_SYNONYMS), ("## Items", ITEM_SYNONYMS), ("## Customers", CUSTOMER_SYNONYMS)],
    ids=["events", "items", "customers"],
)
def test_every_field_is_described(heading: str, table: Synonyms) -> None:
    section = PAGE.split(heading)[1].split("\n## ")[0]
    assert [name for name in table if f"`{name}`" not in section] == []


def test_every_purpose_has_its_column() -> None:
    assert [purpose for purpose in Purpose if f"`consent_{purpose}`" not in PAGE] == []


@pytest.mark.parametrize(
    "table", [EVENT_SYNONYMS, ITEM_SYNONYMS, CUSTOMER_SYNONYMS], ids=["events", "items", "customers"]
)
def test_no_name_stands_for_two_fields(table: Synonyms) -> None:
    words = [word for name, others in table.items() for word in {plain(name), *others}]
    assert sorted({word for word in words if words.count(word) > 1}) == []
