from datetime import timedelta
from typing import Any

from ranking_samples import NOW, WrittenModel, asked, catalogue, ladder

from recommender.domain.items import Item
from recommender.ranking.slate import fill

SHOP = catalogue(
    Item(item_id="green", category="Tea > Green"),
    Item(item_id="black", category="Tea > Black"),
    Item(item_id="beans", category="Coffee"),
    Item(item_id="matcha", category="Tea > Green", added_at=NOW - timedelta(days=1)),
)
STANDING = ("beans", "black", "green")


def sourced(
    model: WrittenModel | None, scenario: str, *, recent: tuple[int, ...] = (), **wishes: Any
) -> list[tuple[str, str]]:
    rungs = ladder(SHOP, model)
    question = asked(scenario, rungs.assortment, model, **wishes)
    proposal = None if model is None else model.proposal(question.query)
    picks = fill(rungs.assortment, rungs.rungs(question, proposal, recent), question)
    return [(rungs.assortment.ids[pick.row], pick.source) for pick in picks]


def test_without_a_model_the_newest_of_the_catalogue_answer() -> None:
    assert sourced(None, "home")[0] == ("matcha", "newest")
    assert len(sourced(None, "home")) == 4


def test_without_a_model_a_page_shows_its_own_category_first() -> None:
    assert sourced(None, "similar", item_ids=("green",)) == [
        ("matcha", "newest_category"),
        ("black", "newest_category"),
        ("beans", "newest"),
    ]


def test_an_empty_proposal_is_filled_by_what_is_popular() -> None:
    model = WrittenModel(item_ids=STANDING, standing=STANDING)
    assert sourced(model, "home") == [
        ("beans", "popular"),
        ("black", "popular"),
        ("green", "popular"),
        ("matcha", "newest"),
    ]


def test_the_persons_country_comes_before_everywhere() -> None:
    model = WrittenModel(item_ids=STANDING, standing=STANDING, by_country={"Norway": ("green",)})
    assert sourced(model, "home", country="Norway")[:2] == [("green", "popular_country"), ("beans", "popular")]


def test_an_item_the_model_does_not_know_is_answered_from_its_shelf() -> None:
    model = WrittenModel(item_ids=STANDING, standing=STANDING, proposed=("beans",))
    assert sourced(model, "similar", item_ids=("matcha",)) == [
        ("green", "popular_category"),
        ("black", "popular_category"),
        ("beans", "written"),
    ]


def test_what_was_looked_at_last_comes_first_where_that_is_the_list() -> None:
    model = WrittenModel(item_ids=STANDING, standing=STANDING, proposed=("beans",))
    assert sourced(model, "recently_viewed", recent=(2, 1))[:3] == [
        ("green", "recently_viewed"),
        ("black", "recently_viewed"),
        ("beans", "written"),
    ]


def test_what_is_added_only_later_comes_last() -> None:
    early = NOW - timedelta(days=3)
    assert sourced(None, "home", now=early)[-1][0] == "matcha"


def test_an_empty_shop_gives_an_empty_list() -> None:
    rungs = ladder({})
    question = asked("home", rungs.assortment)
    assert fill(rungs.assortment, rungs.rungs(question, None), question) == []
