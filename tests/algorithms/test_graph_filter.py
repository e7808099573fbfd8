"""One step over the graph of people and items: its weights, and what a degree takes off them."""

import numpy as np
import pytest
from interaction_samples import interactions
from scipy import sparse

from recommender.algorithms import spec_of
from recommender.algorithms.anchored import TableGenerator
from recommender.algorithms.graph_filter import damped, passed
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import FitSettings, fit_one, view_of

HALVES = {"lead_damp": 0.5, "length_damp": 1.0, "follow_damp": 0.5}


def nearest(shop: Interactions, item: int, **params: float) -> list[int]:
    settings = FitSettings(params={"graph_filter": params}, blends={})
    generator = fit_one(spec_of("graph_filter"), shop, view_of(shop), settings, 0).generator
    assert isinstance(generator, TableGenerator)
    table = generator.table
    near: list[int] = table.item[item][table.weight[item] > 0].tolist()
    return near


def dense(
    matrix: sparse.csr_matrix, params: dict[str, float], least: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.concatenate([part.toarray() for _, part in passed(matrix, params, least)])


def test_powers_of_a_half_are_the_product_of_the_normalised_matrix() -> None:
    rng = np.random.default_rng(2)
    people = rng.random((40, 9)) * (rng.random((40, 9)) < 0.4)
    between, at = people.sum(axis=1, keepdims=True), people.sum(axis=0)
    normal = people / np.sqrt(np.maximum(between, 1e-12)) / np.sqrt(at)
    assert np.allclose(dense(sparse.csr_matrix(people), HALVES, 1), normal.T @ normal, atol=1e-6)


def test_weights_of_pairs_that_too_few_people_share_are_nothing() -> None:
    people = sparse.csr_matrix(np.array([[1.0, 1.0, 0.0], [2.0, 1.0, 0.0], [1.0, 0.0, 1.0]]))
    found = dense(people, HALVES, 2)
    assert found[0, 1] > 0
    assert found[0, 2] == 0


def test_what_has_no_degree_has_no_factor() -> None:
    assert damped(np.array([0.0, 4.0]), 0.5).tolist() == [0.0, 0.5]


@pytest.mark.parametrize(("power", "first"), [(0.0, 1), (1.0, 2)])
def test_the_power_at_the_item_reached_decides_between_the_bestseller_and_the_rare(power: float, first: int) -> None:
    crowd = [(n, 1, Kind.PURCHASE, 1.0) for n in range(4, 30)]
    both = [(n, item, Kind.PURCHASE, 1.0) for n in range(3) for item in (0, 1)]
    rare = [(n, 2, Kind.PURCHASE, 1.0) for n in range(2)]
    shop = interactions(crowd + both + rare)
    assert nearest(shop, 0, lead_damp=0.0, length_damp=0.0, follow_damp=power)[0] == first


def test_a_person_of_few_items_says_more_of_each_pair() -> None:
    few = [(0, item, Kind.PURCHASE, 1.0) for item in (0, 1)]
    many = [(1, item, Kind.PURCHASE, 1.0) for item in (0, *range(2, 30))]
    shop = interactions(few + many)
    assert nearest(shop, 0, lead_damp=0.0, follow_damp=0.0)[0] == 1
