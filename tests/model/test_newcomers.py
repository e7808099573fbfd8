"""Items that came after the training: who looked at one sees it again, and nobody else's list changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from interaction_samples import random_shop

from recommender.domain.events import Line
from recommender.domain.requests import Repeat
from recommender.features.record import record_of_lines
from recommender.interactions import Histories
from recommender.model.columns import names_of
from recommender.model.contract import Ask, Branch, Query
from recommender.model.fitted import FittedModel
from recommender.model.forest import Forest, Tree
from recommender.model.ranker import Order, Ranker
from recommender.training.fitting import fit

SHOP = random_shop()
MODEL = fit(SHOP).model
N = len(MODEL.item_ids)
NOW = datetime.fromtimestamp(SHOP.now_us // 60_000_000 * 60, UTC)
ROWS = {"just in": N, "also new": N + 7}
HOME = Query(ask=Ask.HOME)


def lines(*told: tuple[str, str, float]) -> list[Line]:
    """Lines of (type, item id, hours ago)."""
    return [
        Line(
            seq=seq,
            event_id=f"e{seq}",
            line=0,
            type=kind,
            time_us=int((NOW - timedelta(hours=hours)).timestamp()) * 1_000_000,
            visitor_id="v1",
            customer_id=None,
            session_id=None,
            item_id=item_id,
            quantity=1,
            price_e4=None,
            currency=None,
            order_id=f"o{seq}" if kind == "purchase" else None,
            value_e4=None,
            slate_id=None,
        )
        for seq, (kind, item_id, hours) in enumerate(told)
    ]


def seen(*told: tuple[str, str, float]) -> Histories:
    return MODEL.histories_of_records([record_of_lines(lines(*told))], [None], [NOW], ROWS.get)


LOOKED = ("view_item", "just in", 0.1)
BOUGHT = [("purchase", MODEL.item_ids[n], 900.0 - n) for n in (2, 4, 6)]


def test_a_visitor_who_has_only_looked_at_a_newcomer_sees_it_first() -> None:
    answer = MODEL.propose(seen(LOOKED), [HOME])[0]
    assert answer.branch is Branch.SESSION
    assert answer.items[0] == N
    assert answer.sources[0] == "looked"
    assert (answer.items[1:] < N).all()


def test_a_customer_sees_it_among_what_the_model_knows_and_the_rest_of_the_list_stays() -> None:
    old = ("view_item", MODEL.item_ids[8], 0.2)
    with_it, without = (MODEL.propose(seen(*BOUGHT, old, *more), [HOME])[0] for more in ([LOOKED], []))
    assert N in with_it.items[:12].tolist()
    assert set(with_it.items.tolist()) == {N, *without.items.tolist()}


def test_the_fresher_look_weighs_more() -> None:
    answer = MODEL.propose(seen(LOOKED, ("view_item", "also new", 70.0)), [HOME])[0]
    assert answer.items[:2].tolist() == [N, N + 7]
    assert answer.scores[0] > answer.scores[1] > 0


@pytest.mark.parametrize("repeat", [Repeat.AUTO, Repeat.FORBID])
def test_a_newcomer_that_was_bought_is_not_shown_again(repeat: Repeat) -> None:
    bought = seen(*BOUGHT, LOOKED, ("purchase", "just in", 0.05))
    assert N not in MODEL.propose(bought, [Query(ask=Ask.HOME, repeat=repeat)])[0].items
    assert N in MODEL.propose(bought, [Query(ask=Ask.HOME, repeat=Repeat.ALLOW)])[0].items


def test_alone_or_in_a_block_the_same_bytes() -> None:
    told = [[LOOKED], [*BOUGHT], [*BOUGHT, LOOKED], [("view_item", "also new", 3.0), LOOKED]]
    block = MODEL.histories([lines(*one) for one in told], [None] * 4, [NOW] * 4, ROWS.get)
    for one, answer in zip(told, MODEL.propose(block, [HOME] * 4), strict=True):
        alone = MODEL.propose(seen(*one), [HOME])[0]
        assert alone.items.tobytes() == answer.items.tobytes()
        assert alone.scores.tobytes() == answer.scores.tobytes()
        assert [*alone.sources] == [*answer.sources]


def test_its_reason_is_the_look() -> None:
    histories = seen(*BOUGHT, LOOKED, ("view_item", "just in", 5.0))
    evidence = MODEL.evidence("looked", N, histories, 0, HOME)
    assert (evidence.code, evidence.count) == ("viewed", 2)


def test_a_remembered_list_is_forgotten_when_the_rows_of_newcomers_change() -> None:
    record = record_of_lines(lines(LOOKED))
    for row in (N, N + 3):
        histories = MODEL.histories_of_records([record], [None], [NOW], {"just in": row}.get)
        assert MODEL.propose(histories, [HOME])[0].items[0] == row


def test_every_question_can_be_asked_by_who_looked_at_a_newcomer() -> None:
    histories = seen(*BOUGHT, LOOKED)
    for ask in Ask:
        for repeat in Repeat:
            context = (3, 5) if ask in (Ask.SIMILAR, Ask.CART) else ()
            answer = MODEL.propose(histories, [Query(ask=ask, context=context, repeat=repeat)], explain=True)[0]
            assert len(np.unique(answer.items)) == len(answer.items)
            assert answer.shares is not None
            assert np.allclose(sum(answer.shares.values()), answer.scores, atol=1e-5)


def ordered_by_a_forest(model: FittedModel) -> FittedModel:
    """Fresh looks first, then what nobody sold lately, then the blend's order turned round."""
    rankers = {}
    for place in ("home.known.repeats", "home.session.repeats"):
        generators = model.panel(place).speaking
        names = names_of(generators)
        trees = [
            Tree(
                feature=np.array([names.index(name)]),
                threshold=np.array([level]),
                left=np.array([~0]),
                right=np.array([~1]),
                value=np.array([0.0, worth]),
            )
            for name, level, worth in (
                ("looks_1d", 0.2, 4.0),
                ("last_sold_days", 200.0, 2.0),
                ("blend_place", 2.0, 1.0),
            )
        ]
        forest = Forest.of_trees(trees, len(names))
        rankers[place] = Ranker(forest=forest, generators=generators, order=Order.FOREST).fitted_to(model.facts.traits)
    return replace(model, rankers=rankers)


def test_a_forest_judges_it_like_an_item_of_the_catalogue_that_nobody_has_touched() -> None:
    shelf = replace(
        SHOP,
        item_ids=(*SHOP.item_ids, "just in"),
        category=np.append(SHOP.category, np.int32(-1)),
        price=np.append(SHOP.price, np.float32(np.nan)),
    )
    knowing, unknowing = (ordered_by_a_forest(fit(shop).model) for shop in (shelf, SHOP))
    assert knowing.index_of("just in") == N
    assert unknowing.index_of("just in") is None
    for told in ([LOOKED], [*BOUGHT, LOOKED], [*BOUGHT, LOOKED, ("view_item", MODEL.item_ids[8], 0.2)]):
        record = record_of_lines(lines(*told))
        one, two = (
            model.propose(model.histories_of_records([record], [None], [NOW], ROWS.get), [HOME])[0]
            for model in (knowing, unknowing)
        )
        assert N in two.items[:3].tolist()
        assert one.items.tolist() == two.items.tolist()
        assert np.allclose(one.scores, two.scores)
