from decimal import Decimal
from typing import Any

import pytest
from ranking_samples import WrittenModel, asked, catalogue, ladder

from recommender.domain.items import Item
from recommender.domain.requests import Filter
from recommender.ranking.filters import LONG, Sieves
from recommender.ranking.rungs import Wishes
from recommender.ranking.slate import fill

POTS = (
    Item(item_id="a", category="Garden > Pots", brand="Clay", price=Decimal("9.90"), color="red"),
    Item(item_id="b", category="Garden > Pots > Small", brand="Clay", price=Decimal(20), sale_price=Decimal(5)),
    Item(item_id="c", category="Garden", brand="Zinc", price=Decimal(7), attributes={"indoor": True, "litres": 12}),
    Item(item_id="d", category="Gardening", color="blue", attributes={"indoor": False}),
    Item(item_id="e"),
)


def kept(only: Filter) -> list[str]:
    rungs = ladder(catalogue(*POTS), WrittenModel(item_ids=tuple("abcdef"), proposed=tuple("fedcba")))
    question = asked("home", rungs.assortment, rungs.model, only=only)  # type: ignore[arg-type] # it is the written model
    wishes = Wishes(sieve=Sieves(rungs.assortment).of(only))
    assert rungs.model is not None
    proposal = rungs.model.propose(None, [question.query])[0]  # type: ignore[arg-type] # answers everybody alike
    picks = fill(rungs.assortment, rungs.rungs(question, proposal), question, wishes)
    return sorted(rungs.assortment.ids[pick.row] for pick in picks)


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ({"category": "Garden > Pots"}, "ab"),
        ({"category": "Garden"}, "abc"),
        ({"category": "Gard"}, ""),
        ({"category": "Nowhere"}, ""),
        ({"brand": "Clay"}, "ab"),
        ({"brand": "Nobody"}, ""),
        ({"price_min": Decimal(5), "price_max": Decimal(7)}, "bc"),
        ({"price_max": Decimal("9.90")}, "abc"),
        ({"price_max": Decimal("9.89")}, "bc"),
        ({"price_min": Decimal("5.0001")}, "ac"),
        ({"where": (("color", "red"),)}, "a"),
        ({"where": (("color", "red"), ("color", "blue"))}, "ad"),
        ({"where": (("indoor", "true"),)}, "c"),
        ({"where": (("litres", "12"), ("indoor", "true"))}, "c"),
        ({"where": (("litres", "12"), ("indoor", "false"))}, ""),
        ({"where": (("never heard of", "x"),)}, ""),
        ({"category": "Garden", "brand": "Zinc", "price_max": Decimal(7)}, "c"),
    ],
    ids=str,
)
def test_only_what_is_known_to_match_is_listed(only: dict[str, Any], expected: str) -> None:
    assert kept(Filter(**only)) == list(expected)


def test_a_narrow_filter_still_gives_a_full_list_from_a_long_order() -> None:
    n = 14 * LONG
    ids = tuple(f"i{k:06}" for k in range(n))
    rare = [Item(item_id=ids[k], brand="Rare") for k in range(LONG, n, LONG)]
    model = WrittenModel(item_ids=ids, standing=ids)
    rungs = ladder(catalogue(*rare), model)
    only = Filter(brand="Rare")
    sieves = Sieves(rungs.assortment)
    question = asked("home", rungs.assortment, model, only=only)
    picks = fill(rungs.assortment, rungs.rungs(question, None), question, Wishes(sieve=sieves.of(only)))
    assert [rungs.assortment.ids[pick.row] for pick in picks] == [item.item_id for item in rare[:12]]
    assert {pick.source for pick in picks} == {"popular"}


def test_a_filter_is_worked_out_once() -> None:
    sieves = Sieves(ladder(catalogue(*POTS)).assortment)
    assert sieves.of(Filter(brand="Clay")) is sieves.of(Filter(brand="Clay"))
    assert sieves.of(Filter(brand="Clay")) is not sieves.of(Filter(brand="Zinc"))
