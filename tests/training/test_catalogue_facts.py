"""What the catalogue tells the trainer, and items that wait for their first event."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from recommender.domain.items import Availability, Item
from recommender.domain.requests import Repeat
from recommender.interactions import Interactions, as_histories, some_histories
from recommender.model.contract import Ask, Query
from recommender.training import catalogue
from recommender.training.catalogue import CatalogueFacts, facts_told
from recommender.training.fitting import fit
from recommender.training.reading import read_interactions

DAY = 86_400_000_000
ITEMS = (
    Item(item_id="t1", title="green teapot", category="Tea", price=Decimal("20.00")),
    Item(item_id="t2", title="blue teapot", category="Tea"),
    Item(
        item_id="t9",
        title="red teapot",
        category="Tea",
        price=Decimal("21.50"),
        added_at=datetime(2026, 5, 1, tzinfo=UTC),
    ),
    Item(item_id="g1", title="garden gnome", category="Garden"),
    Item(item_id="g9", title="gnome with lantern", category="Garden", added_at=datetime(2026, 4, 1, tzinfo=UTC)),
    Item(item_id="sold-out", title="teapot", availability=Availability.OUT_OF_STOCK),
    Item(item_id="nameless"),
)


def log(*orders: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "seq": range(len(orders)),
            "line": [0] * len(orders),
            "type": ["purchase"] * len(orders),
            "time_us": [20_000 * DAY + n for n in range(len(orders))],
            "visitor_id": pl.Series([None] * len(orders), dtype=pl.String),
            "customer_id": [person for person, _ in orders],
            "session_id": pl.Series([None] * len(orders), dtype=pl.String),
            "item_id": [item for _, item in orders],
            "quantity": [1] * len(orders),
            "price_e4": pl.Series([None] * len(orders), dtype=pl.Int64),
            "order_id": [f"o{n}" for n in range(len(orders))],
        },
        schema_overrides={"line": pl.Int32},
    )


ORDERS = (("c1", "t1"), ("c1", "t2"), ("c2", "g1"))


def read(*orders: tuple[str, str], facts: CatalogueFacts | None = None) -> Interactions:
    frames = iter([log(*orders)] if orders else [])
    return read_interactions(frames, catalogue=facts_told(ITEMS) if facts is None else facts).interactions


def test_sellable_items_without_an_event_get_a_row_if_the_catalogue_says_anything_of_them() -> None:
    assert read(*ORDERS).item_ids == ("g1", "g9", "t1", "t2", "t9")


def test_titles_categories_and_listed_prices_stand_beside_their_items() -> None:
    made = read(*ORDERS)
    assert made.titles == ("garden gnome", "gnome with lantern", "green teapot", "blue teapot", "red teapot")
    assert [made.categories[code] for code in made.category] == ["Garden", "Garden", "Tea", "Tea", "Tea"]
    assert made.price[[2, 4]].tolist() == [20.0, 21.5]
    assert np.isnan(made.price[0])


def test_the_newest_wait_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MOST_WAITING", 1)
    assert facts_told(ITEMS).waiting(["t1", "t2", "g1"]) == ["t9"]


def test_items_beyond_the_newest_are_told_in_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    told = read_interactions(iter([log(*ORDERS)]), catalogue=facts_told(ITEMS))
    assert told.notes == ()
    monkeypatch.setattr(catalogue, "MOST_WAITING", 1)
    [note] = read_interactions(iter([log(*ORDERS)]), catalogue=facts_told(ITEMS)).notes
    assert note.startswith("1 item of the catalogue that nobody has touched yet is not in the model")
    [note] = read_interactions(iter([log(("c1", "t1"))]), catalogue=facts_told(ITEMS)).notes
    assert note.startswith("3 items of the catalogue that nobody has touched yet are not in the model")


def test_what_was_never_bought_is_not_popular() -> None:
    model = fit(read(*ORDERS)).model
    assert sorted(model.item_ids[row] for row in model.popular().tolist()) == ["g1", "t1", "t2"]


@pytest.mark.parametrize(("person", "new"), [(0, "t9"), (1, "g9")])
def test_a_new_item_shows_up_for_whose_tastes_its_title_and_category_meet(person: int, new: str) -> None:
    interactions = read(*ORDERS)
    model = fit(interactions).model
    theirs = some_histories(as_histories(interactions), np.array([person]))
    query = Query(ask=Ask.HOME, repeat=Repeat.FORBID)
    proposal = model.propose(theirs, [query])[0]
    shown = [model.item_ids[item] for item in proposal.items.tolist()]
    source = proposal.sources[shown.index(new)]
    assert source == "content"
    evidence = model.evidence(source, int(proposal.items[shown.index(new)]), theirs, 0, query)
    bought = interactions.item[interactions.person == person]
    assert evidence.code == "close_to"
    assert evidence.related in bought
    other = {"t9": "g9", "g9": "t9"}[new]
    assert other not in shown


def test_a_shop_without_any_event_fits_from_its_catalogue_alone() -> None:
    interactions = read()
    model = fit(interactions).model
    assert "t9" in interactions.item_ids
    assert "content" in model.names
    assert not len(model.popular())
