"""What orders say of items, on orders small enough to count by hand."""

from pathlib import Path

import polars as pl

from recommender.demo_shop.facts import BUYERS, count, read_facts, write_facts

DAY = 86_400_000_000


def orders(*told: tuple[str, str, int, str]) -> pl.DataFrame:
    """Lines of (order, customer, day, items in one text)."""
    return pl.DataFrame(
        [
            {"customer_id": who, "type": "purchase", "order_id": name, "item_id": item, "time_us": day * DAY}
            for name, who, day, items in told
            for item in items.split()
        ]
    )


def pairs() -> pl.DataFrame:
    """Six baskets with cup and pot, two with the cup alone, forty with soap only."""
    both = [(f"o{n}", f"c{n}", 0, "cup pot") for n in range(6)]
    alone = [(f"a{n}", f"c{n}", 1, "cup") for n in range(2)]
    rest = [(f"s{n}", f"d{n}", 1, "soap") for n in range(40)]
    return orders(*both, *alone, *rest)


def test_what_stands_in_many_of_a_things_baskets_goes_with_it() -> None:
    cup = count([pairs()])["cup"]
    assert cup.baskets == 8
    assert [(one.item_id, one.baskets) for one in cup.companions] == [("pot", 6)]
    assert cup.either == 6


def test_what_everybody_buys_goes_with_nothing() -> None:
    everywhere = orders(*((f"o{n}", f"c{n}", 0, "bag cup" if n < 10 else "bag soap") for n in range(20)))
    assert count([everywhere])["cup"].companions == ()


def test_either_counts_a_basket_with_both_companions_once() -> None:
    with_both = [(f"o{n}", "c1", 0, "cup pot jug") for n in range(5)]
    rest = [(f"s{n}", "d1", 0, "soap") for n in range(40)]
    cup = count([orders(*with_both, *rest)])["cup"]
    assert {one.item_id for one in cup.companions} == {"pot", "jug"}
    assert cup.either == 5


def test_buyers_are_customers_of_the_last_year_of_the_log() -> None:
    found = count([orders(("o1", "c1", 0, "cup"), ("o2", "c2", 300, "cup"), ("o3", "c3", 500, "soap"))])
    assert found["cup"].buyers == 1


def test_the_part_that_comes_back_is_told_only_of_things_with_enough_buyers() -> None:
    once = [(f"o{n}", f"c{n}", 0, "cup") for n in range(BUYERS)]
    again = [(f"p{n}", f"c{n}", 1, "cup") for n in range(BUYERS // 2)]
    assert count([orders(*once, *again)])["cup"].again == 0.5
    assert count([orders(*once, *again)])["cup"].bought_again
    assert count([orders(*once[1:])])["cup"].again is None


def test_items_stand_in_the_order_of_their_buyers() -> None:
    found = count([orders(("o1", "c1", 0, "b a"), ("o2", "c2", 0, "b"))])
    assert list(found) == ["b", "a"]


def test_facts_are_counted_once_for_a_source(tmp_path: Path) -> None:
    assert write_facts(tmp_path, lambda: [pairs()], "one")
    assert not write_facts(tmp_path, list, "one")
    assert read_facts(tmp_path).of("cup").baskets == 8
    assert write_facts(tmp_path, lambda: [pairs().filter(pl.col("item_id") != "pot")], "two")
    assert read_facts(tmp_path).of("cup").companions == ()


def test_without_a_readable_file_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "demo-facts.json").write_text("{")
    assert read_facts(tmp_path).of("cup").baskets == 0
