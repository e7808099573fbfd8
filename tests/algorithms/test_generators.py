"""What every generator of the register keeps."""

import numpy as np
import pytest
from interaction_samples import checkerboard, interactions, joined, person_of, random_shop

from recommender.algorithms import GENERATORS, Family, Spec, spec_of
from recommender.algorithms.als import confidences
from recommender.algorithms.contract import Generator
from recommender.algorithms.person import Person
from recommender.algorithms.sides import Side
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import DEFAULTS, fit_one, view_of

SHOP = random_shop()
every_generator = pytest.mark.parametrize("spec", GENERATORS, ids=lambda spec: spec.name)
NOTHING = np.zeros(0, np.int64)


def fitted(spec: Spec, shop: Interactions = SHOP, seed: int = 0) -> Generator:
    generator = fit_one(spec, shop, view_of(shop), DEFAULTS, seed).generator
    assert generator is not None
    return generator


def person(spec: Spec, number: int, shop: Interactions = SHOP) -> Person:
    return person_of(shop, number, context=(3,) if spec.family is Family.CATEGORY and shop.item_ids[3:] else ())


@every_generator
def test_what_was_kept_as_arrays_says_the_same(spec: Spec) -> None:
    generator = fitted(spec)
    again = spec.restore(spec.name, {name: array.copy() for name, array in generator.to_arrays().items()})
    for number in range(0, SHOP.n_people, 5):
        one, two = generator.look(person(spec, number)), again.look(person(spec, number))
        items = np.sort(one.top(20, NOTHING))
        assert np.array_equal(items, np.sort(two.top(20, NOTHING)))
        assert one.at(items).tobytes() == two.at(items).tobytes()


@every_generator
def test_the_same_seed_gives_the_same_bytes(spec: Spec) -> None:
    one, two = fitted(spec).to_arrays(), fitted(spec).to_arrays()
    assert {name: array.tobytes() for name, array in one.items()} == {n: array.tobytes() for n, array in two.items()}


@every_generator
def test_nothing_banned_and_nothing_without_a_score_is_proposed(spec: Spec) -> None:
    generator, proposed_any = fitted(spec), 0
    for number in range(SHOP.n_people):
        opinion = generator.look(person(spec, number))
        banned = np.sort(opinion.top(10, NOTHING))[::2]
        proposed = opinion.top(10, banned)
        proposed_any += len(proposed)
        assert len(np.unique(proposed)) == len(proposed)
        assert not np.isin(proposed, banned).any()
        assert np.isfinite(opinion.at(proposed)).all()
        assert (opinion.at(proposed) > 0).all()
    assert proposed_any


@every_generator
def test_the_best_are_those_that_score_highest(spec: Spec) -> None:
    generator, every = fitted(spec), np.arange(len(SHOP.item_ids))
    for number in range(0, SHOP.n_people, 5):
        opinion = generator.look(person(spec, number))
        scores = opinion.at(every)
        top = np.sort(opinion.at(opinion.top(5, NOTHING)))
        assert np.allclose(top[::-1][:5], -np.sort(-scores)[: len(top)][:5])


@every_generator
def test_arrays_hold_no_person(spec: Spec) -> None:
    crowd = random_shop(n_people=71)
    arrays = fitted(spec, crowd).to_arrays()
    assert all(crowd.n_people not in array.shape for array in arrays.values())
    assert all(array.dtype != object for array in arrays.values())


TINY = {
    "nothing at all": interactions([]),
    "one order of one item": interactions([(0, 0, Kind.PURCHASE, 0.0)]),
    "one view": interactions([(0, 0, Kind.VIEW, 0.0)]),
    "one item, many people": interactions([(n, 0, Kind.PURCHASE, float(n)) for n in range(5)]),
    "one person, many items": interactions([(0, n, Kind.PURCHASE, float(n)) for n in range(5)]),
    "views only": interactions([(n % 3, n, Kind.VIEW, float(n)) for n in range(6)]),
    "purchases only": interactions([(n % 3, n % 4, Kind.PURCHASE, float(n)) for n in range(8)]),
    "everything returned": interactions([(0, 0, Kind.PURCHASE, 0.0), (0, 0, Kind.REFUND, 1.0)]),
    "the same second": interactions([(n, n % 2, Kind.PURCHASE, 0.0) for n in range(4)]),
}


@every_generator
@pytest.mark.parametrize("shop", TINY.values(), ids=TINY.keys())
def test_the_smallest_shops_fit_or_say_what_they_lack(spec: Spec, shop: Interactions) -> None:
    result = fit_one(spec, shop, view_of(shop), DEFAULTS, 0)
    if result.generator is None:
        assert result.note
        assert result.note.startswith(f"{spec.name}: ")
        assert "looked anything" not in result.note
        return
    for number in range(shop.n_people):
        opinion = result.generator.look(person(spec, number, shop))
        items = opinion.top(5, NOTHING)
        assert np.isfinite(opinion.at(items)).all()
        assert (opinion.at(items) > 0).all()


def missing(name: str, shop: Interactions, number: int) -> int:
    """The item of highest score among those the person never touched."""
    opinion = fitted(spec_of(name), shop).look(person_of(shop, number))
    fresh = np.setdiff1d(np.arange(len(shop.item_ids)), shop.item[shop.person == number])
    return int(fresh[opinion.at(fresh).argmax()])


@pytest.mark.parametrize("name", ["bought_together", "item_linear", "item_knn", "graph_filter", "als"])
def test_on_a_checkerboard_the_missing_square_comes_first(name: str) -> None:
    shop = checkerboard()
    assert [missing(name, shop, number) for number in range(shop.n_people)] == list(range(shop.n_people))


@pytest.mark.parametrize("name", ["viewed_together", "item_knn_looked", "als_all"])
def test_views_alone_find_the_missing_square_too(name: str) -> None:
    shop = checkerboard(kind=Kind.VIEW)
    assert [missing(name, shop, number) for number in range(shop.n_people)] == list(range(shop.n_people))


def test_carts_alone_find_the_missing_square_too() -> None:
    shop = checkerboard(kind=Kind.CART)
    assert [missing("carted_together", shop, number) for number in range(shop.n_people)] == list(range(shop.n_people))


def test_everything_done_has_factors_of_its_own_where_somebody_looked() -> None:
    bought, seen = checkerboard(), checkerboard(kind=Kind.VIEW)
    assert fit_one(spec_of("als_all"), bought, view_of(bought), DEFAULTS, 0).generator is None
    both = joined(bought, seen)
    matrix = confidences(view_of(both), 1e9, 1.0, Side.TOUCHED)
    assert matrix.nnz == len(bought.item) + len(seen.item)
    assert set(matrix.data.round(3).tolist()) == {2.0}
    assert missing("als_all", both, 0) == 0


def test_a_name_nobody_has_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="popular_now"):
        spec_of("nobody")
