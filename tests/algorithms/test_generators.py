"""What every generator of the register keeps."""

import numpy as np
import pytest
from interaction_samples import checkerboard, interactions, random_shop

from recommender.algorithms import GENERATORS, Family, Spec, spec_of
from recommender.algorithms.contract import Generator
from recommender.algorithms.digest import digest
from recommender.interactions import Interactions, Kind, as_histories, some_histories
from recommender.training.fitting import DEFAULTS, fit_one, view_of

SHOP = random_shop()
VIEW = view_of(SHOP)
every_generator = pytest.mark.parametrize("spec", GENERATORS, ids=lambda spec: spec.name)
NOTHING = np.zeros(0, np.int64)


def fitted(spec: Spec, shop: Interactions = SHOP, seed: int = 0) -> Generator:
    generator = fit_one(spec, shop, view_of(shop), DEFAULTS, seed).generator
    assert generator is not None
    return generator


def contexts(spec: Spec, n: int) -> list[tuple[int, ...]]:
    return [(3,)] * n if spec.family is Family.CATEGORY else [()] * n


@every_generator
def test_a_person_gets_the_same_alone_and_in_a_block(spec: Spec) -> None:
    generator, histories = fitted(spec), as_histories(SHOP)
    n = len(SHOP.item_ids)
    block = generator.look(digest(histories, contexts(spec, len(histories)), n))
    keys = np.sort(block.top(10, NOTHING))
    scores = block.at(keys)
    for person in range(0, len(histories), 5):
        alone = generator.look(digest(some_histories(histories, np.array([person])), contexts(spec, 1), n))
        theirs = keys[keys // n == person] - person * n
        assert np.array_equal(np.sort(alone.top(10, NOTHING)), theirs)
        assert alone.at(theirs).tobytes() == scores[keys // n == person].tobytes()


@every_generator
def test_what_was_kept_as_arrays_says_the_same(spec: Spec) -> None:
    generator = fitted(spec)
    again = spec.restore(spec.name, {name: array.copy() for name, array in generator.to_arrays().items()})
    view = digest(as_histories(SHOP), contexts(spec, SHOP.n_people), len(SHOP.item_ids))
    one, two = generator.look(view), again.look(view)
    keys = np.sort(one.top(20, NOTHING))
    assert np.array_equal(keys, np.sort(two.top(20, NOTHING)))
    assert one.at(keys).tobytes() == two.at(keys).tobytes()


@every_generator
def test_the_same_seed_gives_the_same_bytes(spec: Spec) -> None:
    one, two = fitted(spec).to_arrays(), fitted(spec).to_arrays()
    assert {name: array.tobytes() for name, array in one.items()} == {n: array.tobytes() for n, array in two.items()}


@every_generator
def test_nothing_banned_and_nothing_without_a_score_is_proposed(spec: Spec) -> None:
    view = digest(as_histories(SHOP), contexts(spec, SHOP.n_people), len(SHOP.item_ids))
    opinion = fitted(spec).look(view)
    banned = np.sort(opinion.top(10, NOTHING))[::2]
    proposed = opinion.top(10, banned)
    assert len(proposed)
    assert not np.isin(proposed, banned).any()
    scores = opinion.at(np.sort(proposed))
    assert np.isfinite(scores).all()
    assert (scores > 0).all()


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
        return
    view = digest(
        as_histories(shop),
        contexts(spec, shop.n_people) if shop.item_ids[3:] else [()] * shop.n_people,
        len(shop.item_ids),
    )
    opinion = result.generator.look(view)
    keys = np.sort(opinion.top(5, NOTHING))
    assert np.isfinite(opinion.at(keys)).all()
    assert (opinion.at(keys) > 0).all()


@pytest.mark.parametrize("name", ["bought_together", "item_linear", "item_knn", "als"])
def test_on_a_checkerboard_the_missing_square_comes_first(name: str) -> None:
    shop = checkerboard()
    opinion = fitted(spec_of(name), shop).look(view_of(shop))
    owned = view_of(shop).ever_bought
    n = len(shop.item_ids)
    for person in range(shop.n_people):
        keys = np.arange(person * n, (person + 1) * n)
        fresh = keys[~np.isin(keys, owned)]
        assert fresh[opinion.at(fresh).argmax()] % n == person


@pytest.mark.parametrize("name", ["viewed_together", "als_looked"])
def test_views_alone_find_the_missing_square_too(name: str) -> None:
    shop = checkerboard(kind=Kind.VIEW)
    opinion = fitted(spec_of(name), shop).look(view_of(shop))
    n = len(shop.item_ids)
    seen = np.unique(view_of(shop).looked.key)
    for person in range(shop.n_people):
        keys = np.arange(person * n, (person + 1) * n)
        fresh = keys[~np.isin(keys, seen)]
        assert fresh[opinion.at(fresh).argmax()] % n == person


def test_a_name_nobody_has_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="popular_now"):
        spec_of("nobody")
