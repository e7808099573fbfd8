"""What a report explains: figures that stand in it and no others; every generator has words."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest
from interaction_samples import DAY, browsing_shop, random_shop

from recommender.algorithms import GENERATORS as REGISTER
from recommender.evaluation.ablation import RANKER
from recommender.evaluation.report.page import Names, page
from recommender.evaluation.report.tables import words
from recommender.evaluation.report.training import training_page
from recommender.evaluation.report.wording import GENERATORS, LOOKS, METRICS, generator_name
from recommender.interactions import Interactions, Kind, some_lines
from recommender.training.pipeline import train_model
from recommender.training.replaying import evaluate_recipe

MADE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PRICED = "price-weighted hit@10"


@cache
def buying() -> Interactions:
    """Purchases of items nobody told a price of."""
    return random_shop(5)


@cache
def looking() -> Interactions:
    """Visits in which nobody ever buys, with no categories."""
    shop = browsing_shop(5)
    return some_lines(shop, np.flatnonzero(shop.kind == Kind.VIEW))


def judged(shop: Interactions) -> str:
    """The page of a judgement."""
    study = evaluate_recipe(shop, None, cut_us=shop.now_us - 25 * DAY)
    assert study is not None
    return page(study, Names(people={}, items={}, item_ids=shop.item_ids), run_id=None, made=MADE)


def trained(shop: Interactions) -> str:
    """The page of a training."""
    result = train_model(shop, clock=lambda: 0.0, n_jobs=1)
    report = {
        "run": "20260301T000000Z",
        "parent": None,
        "counts": {"interactions": len(shop.time_us), "people": shop.n_people, "items": len(shop.item_ids)},
        "left_out": {},
        "noticed": {},
        **result.report(),
    }
    return training_page(report, span=result.span, stages=(), made=MADE)


def explained(text: str) -> dict[str, str]:
    """Plain words of every figure that the last section explains, by its exact name."""
    section = text.partition('<section id="words">')[2].partition("</section>")[0]
    return {exact: plain for plain, exact in re.findall(r'<dt>(.*?) <span class="pill">(.*?)</span></dt>', section)}


def shown(text: str) -> set[str]:
    """Exact names of the figures in the tables of every figure."""
    tables = re.findall(r'aria-label="[^"]*, every figure">(.*?)</table>', text, re.DOTALL)
    return {
        name for table in tables for name in re.findall(r"<small>([^<]*?)(?:, lower is better)?</small></th>", table)
    }


@pytest.mark.parametrize("made", [judged, trained])
def test_what_is_explained_is_what_is_shown(made: Callable[[Interactions], str]) -> None:
    bought, looked = made(buying()), made(looking())
    for text in (bought, looked):
        assert set(explained(text)) == shown(text) != set()
        assert PRICED not in text
    assert explained(bought)["NDCG@10"] == METRICS["ndcg_at_10"].plain
    assert explained(looked)["NDCG@10"] == LOOKS["ndcg_at_10"].plain
    mix = METRICS["category_gap_at_10"].exact
    assert (mix in explained(bought), mix in explained(looked)) == (made is judged, False)  # a training measures none
    assert "next_look" not in bought
    assert not re.findall(r"[Bb]ought later", looked)


def test_what_is_said_of_other_models_is_said_where_they_stand() -> None:
    bought, looked = judged(buying()), judged(looking())
    assert "Not tuned: bestsellers, what they bought most." in bought
    assert "Not tuned: bestsellers.<" in looked
    assert "A ranker decides the order" not in bought


def test_a_track_of_looks_beside_one_of_purchases_has_words_of_its_own() -> None:
    found = words(
        [
            "session.all.hit_at_10",
            "next_look.all.hit_at_10",
            "session.all.coverage_at_10",
            "next_look.all.coverage_at_10",
        ]
    )
    assert found == [METRICS["hit_at_10"], METRICS["coverage_at_10"], LOOKS["hit_at_10"]]
    assert words(["window.all.nobody_knows"]) == []


def test_every_generator_has_words_and_no_words_are_of_one_that_is_gone() -> None:
    names = {spec.name for spec in REGISTER}
    assert set(GENERATORS) == names | {RANKER}
    assert len(set(GENERATORS.values())) == len(GENERATORS)
    assert generator_name("als_all") == "factorisation of everything done"
