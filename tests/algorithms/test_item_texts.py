"""Titles and categories as vectors."""

import numpy as np

from recommender.algorithms import item_texts
from recommender.algorithms.item_texts import paths_of, pieces_of, vectors, words_of


def nearness(
    titles: list[str], categories: list[str] | None = None
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    told = vectors(titles, categories or [""] * len(titles), np.arange(len(titles)))
    return np.asarray((told @ told.T).toarray(), np.float32)


def test_words_are_plain_and_each_is_told_once() -> None:
    assert words_of("Żółta lampka, ŻÓŁTA-20 cm") == ["zołta", "lampka", "20", "cm"]


def test_pieces_know_where_a_word_begins_and_ends_and_numbers_have_none() -> None:
    assert pieces_of(["tea", "250"]) == [" te", "tea", "ea "]


def test_a_category_lies_in_those_above_it() -> None:
    assert paths_of("Home > Tea > Green") == ["Home", "Home > Tea", "Home > Tea > Green"]
    assert paths_of("") == []


def test_a_shared_word_brings_items_together_and_an_inflected_one_a_little() -> None:
    near = nearness(["green teapot", "green mug", "two teapots", "garden gnome"])
    assert near[0, 1] > near[0, 2] > 0.1 > near[0, 3]


def test_a_rare_word_says_more_than_a_common_one() -> None:
    near = nearness(["set heron", "heron jug", "set spoons", "set forks", "set knives"])
    assert near[0, 1] > near[0, 2] > 0


def test_the_same_title_and_category_are_as_near_as_can_be() -> None:
    near = nearness(["tea", "tea", "mug"], ["A > B", "A > B", "A > C"])
    assert np.isclose(near[0, 1], 1.0, atol=1e-6)
    assert 0 < near[0, 2] < 0.5


def test_the_most_common_words_of_a_large_catalogue_are_left_out() -> None:
    having, thin = np.array([2, 50_000, 3]), np.array([2, 50_000, 3])
    assert item_texts.useful(having, thin).tolist() == [True, False, True]


def test_what_the_catalogue_says_nothing_of_has_an_empty_row() -> None:
    told = vectors(["", "tea", "tea"], ["", "", ""], np.arange(3))
    assert told[0].nnz == 0
    assert told[1].nnz > 0
