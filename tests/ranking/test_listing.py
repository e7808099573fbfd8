import random
from datetime import timedelta
from decimal import Decimal

import numpy as np
from ranking_samples import NOW, WrittenModel, aligned, asked, catalogue

from recommender.domain.entries import entry_of
from recommender.domain.items import Item
from recommender.ranking.aligning import COLUMNS, align
from recommender.ranking.assortment import Assortment, micros
from recommender.ranking.ladder import NEWEST_CATEGORY, POPULAR_CATEGORY, Ladder
from recommender.ranking.listing import MAX_ATTRIBUTES, build_listing
from recommender.ranking.slate import fill

SHELVES = ("Tea", "Tea > Green", "Tea > Green > Sencha", "Teapots", "Kitchen>Baking", None)
MODEL = WrittenModel(item_ids=[f"i{n:03}" for n in range(0, 60, 2)], standing=[f"i{n:03}" for n in range(58, 10, -2)])


def item(number: int, chance: random.Random) -> Item:
    """An item of a shop that changes; every field may change."""
    return Item(
        item_id=f"i{number:03}",
        title=f"Thing {number} {chance.randrange(3)}",
        price=chance.choice([None, Decimal("9.90"), Decimal("19.50")]),
        category=chance.choice(SHELVES),
        brand=chance.choice(["Nord", "Süd", None]),
        item_group_id=chance.choice([None, "g1", "g2"]),
        stock=chance.choice([None, 0, 3]),
        visible=chance.choice([None, False]),
        removed=chance.random() < 0.1,
        added_at=chance.choice([None, *(NOW + timedelta(days=day) for day in (-3, -2, 2))]),
        available_from=chance.choice([None, NOW]),
        attributes={"wax": chance.choice(["soy", "bee", None]), "lit": chance.choice([True, 40, 1.5])},
    )


def texts_of(stock: Assortment, kind: str) -> list[str | None]:
    names = stock.names(kind)
    return [None if code < 0 else names[code] for code in getattr(stock.columns, kind).tolist()]


def test_changes_laid_over_a_written_catalogue_say_what_writing_it_anew_says() -> None:
    chance = random.Random(5)  # noqa: S311 - a sample, no secret
    shop = catalogue(*(item(number, chance) for number in range(40)))
    step = aligned(shop, MODEL)
    for _ in range(12):
        changed = catalogue(*(item(chance.randrange(70), chance) for _ in range(6)))
        shop |= changed
        step = step.with_changes(changed.values())
    whole = aligned(shop, MODEL)
    rows = [whole.row(item_id) for item_id in step.ids]
    assert sorted(whole.ids) == sorted(step.ids)
    for name in COLUMNS:
        if name in ("group", "shelf", "category", "brand"):
            fresh = texts_of(whole, name)
            assert texts_of(step, name) == [fresh[row] for row in rows if row is not None], name
        else:
            assert getattr(step.columns, name).tolist() == getattr(whole.columns, name)[rows].tolist(), name
    for name in ("wax", "lit"):
        values = [
            [None if c < 0 else names[c] for c in codes]
            for codes, names in (step.attribute(name), whole.attribute(name))
        ]
        assert values[0] == [values[1][row] for row in rows if row is not None], name
    assert [step.ids[row] for row in step.newest()] == [whole.ids[row] for row in whole.newest()]
    assert [(step.ids[n].encode(), step.fragment(n)) for n in range(len(rows))] == [
        (item_id.strip(b'"'), card)
        for item_id, card in zip(*whole.pieces([row for row in rows if row is not None]), strict=True)
    ]
    assert step.pieces([*range(len(rows))]) == whole.pieces([row for row in rows if row is not None])
    assert {i: step.items[i] for i in step.items} == {i: whole.items[i] for i in whole.items}
    assert len(step.items) == len(shop)


def test_orders_of_shelves_follow_what_has_changed() -> None:
    chance = random.Random(6)  # noqa: S311 - a sample, no secret
    shop = catalogue(*(item(number, chance) for number in range(40)))
    changed = catalogue(*(item(number, chance) for number in range(20, 50)))
    step, whole = aligned(shop, MODEL).with_changes(changed.values()), aligned(shop | changed, MODEL)
    sources = set[str]()
    for context in ("i002", "i020", "i026", "i038", "i049"):
        lists = []
        for stock in (step, whole):
            question = asked("similar", stock, MODEL, item_ids=(context,), size=12)
            rungs = Ladder(stock, MODEL).rungs(question, None)
            lists.append([(stock.ids[pick.row], pick.source) for pick in fill(stock, rungs, question)])
        assert lists[0] == lists[1]
        sources |= {source for _, source in lists[0]}
    assert {POPULAR_CATEGORY, NEWEST_CATEGORY} <= sources


def test_a_shelf_is_found_with_everything_below_it() -> None:
    stock = aligned(catalogue(*(Item(item_id=str(n), category=shelf) for n, shelf in enumerate(SHELVES))))
    later = stock.with_changes([Item(item_id="9", category="Tea > Black")])

    def under(stock: Assortment, path: str) -> list[str]:
        return [stock.names("shelf")[code] for code in stock.shelf_codes_under(path)]

    assert under(stock, "Tea") == ["Tea", "Tea > Green", "Tea > Green > Sencha"]
    assert under(later, "Tea>Green") == ["Tea > Green", "Tea > Green > Sencha"]
    assert under(later, "Tea") == ["Tea", "Tea > Green", "Tea > Green > Sencha", "Tea > Black"]
    assert under(stock, "Kitchen > Baking") == ["Kitchen>Baking"]
    assert under(stock, "Coffee") == under(stock, "") == []


def test_an_attribute_nobody_has_is_unknown_in_every_row() -> None:
    codes, texts = aligned(catalogue(Item(item_id="a", color="red"), Item(item_id="b"))).attribute("wax")
    assert (codes.tolist(), list(texts)) == ([-1, -1], [])


def test_more_attributes_than_can_be_asked_for_cost_only_the_last_ones() -> None:
    listing = build_listing([entry_of(Item(item_id="a", attributes={f"x{n}": n for n in range(MAX_ATTRIBUTES + 5)}))])
    assert list(listing.attributes()) == [f"x{n}" for n in range(MAX_ATTRIBUTES)]


def test_rows_and_columns_go_on_beyond_the_room_that_was_kept_free() -> None:
    stock = aligned(catalogue(Item(item_id="a", stock=0)))
    many = stock.with_changes(Item(item_id=f"n{n:04}", brand="Nord", stock=0) for n in range(2_000))
    assert len(many.ids) == len(many.columns.offered) == 2_001
    assert not many.columns.offered.any()
    assert (many.columns.brand[1:] == many.brand_code("Nord")).all()


def test_an_array_in_which_nothing_differs_is_not_copied() -> None:
    stock = aligned(catalogue(*(Item(item_id=f"i{n}", price=Decimal(1)) for n in range(100))))
    later = stock.with_changes([Item(item_id="i7", price=Decimal(2))])
    assert np.shares_memory(later.columns.offered, stock.columns.offered)
    assert not np.shares_memory(later.columns.price_e4, stock.columns.price_e4)
    assert stock.columns.price_e4[7] == 10_000


def test_an_empty_catalogue_has_no_rows_and_no_newest() -> None:
    stock = Assortment(align(build_listing([])))
    assert (len(stock.ids), stock.row("a"), len(stock.newest()), len(stock.items)) == (0, None, 0, 0)
    assert Ladder(stock).newest(micros(NOW)).tolist() == []
