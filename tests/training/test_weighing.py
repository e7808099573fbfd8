"""Grades of blends: the quick way gives what sorting whole lists gives, and no blend is graded twice."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.model.blend import DEFAULT_BLENDS
from recommender.training import blends, weighing
from recommender.training.blends import hedged, surely_better
from recommender.training.fitting import ALWAYS, DEFAULTS, lean
from recommender.training.judging import judged_part
from recommender.training.weighing import Exam, Grades, grade, mean_grade, search


def paper(seed: int, width: int) -> Exam:
    """Forty lists with many equal scores, a fifth of the candidates wanted."""
    rng = np.random.default_rng(seed)
    score = rng.integers(0, 9, (3, 40, width)).astype(np.float32) / np.float32(8)
    hit = np.stack(np.nonzero(rng.random((40, width)) < 0.2)).astype(np.int64)
    return Exam(score=score, hit=hit, wanted=np.maximum(np.bincount(hit[0], minlength=40), 1))


def sorted_grade(exam: Exam, total: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[float]:
    """NDCG@10 by sorting each list: equal totals in the order they stand."""
    discount = 1 / np.log2(np.arange(2, 12))
    out = []
    for row, values in enumerate(total):
        wanted = set(exam.hit[1][exam.hit[0] == row].tolist())
        best = np.argsort(-values, kind="stable")[:10].tolist()
        gained = sum(discount[rank] for rank, place in enumerate(best) if place in wanted)
        out.append(gained / discount[: min(int(exam.wanted[row]), 10)].sum())
    return out


@pytest.mark.parametrize("width", [10, 31, 64, 130])
def test_lists_are_graded_as_if_they_were_sorted(width: int) -> None:
    exam = paper(width, width)
    total = exam.score[0] * np.float32(0.5) + exam.score[1]
    assert grade(exam, total).tolist() == pytest.approx(sorted_grade(exam, total))


def test_grades_along_one_weight_are_those_of_the_whole_blends() -> None:
    exams = [paper(1, 96), paper(2, 64)]
    weights = np.array([1.0, 0.3, 0.0])
    along = Grades(exams).along(weights, 1, [0.0, 0.3, 1.7])
    whole = [mean_grade(exams, np.array([1.0, value, 0.0])) for value in (0.0, 0.3, 1.7)]
    assert along == pytest.approx(whole, abs=1e-3)  # sums in another order may turn a tie


def test_a_blend_is_graded_once() -> None:
    exams = [paper(1, 96)]
    grades = Grades(exams)
    first = grades.along(np.array([1.0, 0.0, 0.0]), 1, [0.5])
    exams.clear()
    assert grades.along(np.array([1.0, 0.9, 0.0]), 1, [0.5]) == first


def test_where_nothing_finds_anything_the_documented_weights_stand_costly_ones_too() -> None:
    blind = replace(paper(1, 64), hit=np.zeros((2, 0), np.int64))
    start = np.array([0.2, 1.0, 0.5])
    weights, reached, _ = search([blind, blind], start, costly=[1, 2])
    assert reached == 0.0
    assert weights.tolist() == start.tolist()


def test_an_exam_of_some_lists_asks_for_what_they_want() -> None:
    whole = paper(1, 64)
    lists = np.array([7, 3, 20])
    part = whole.some(lists)
    assert grade(part, part.score[0]).tolist() == grade(whole, whole.score[0])[lists].tolist()


def test_every_list_is_in_one_half_of_a_pair() -> None:
    exams = [paper(1, 16), paper(2, 16)]
    halves = list(weighing._halves(exams, np.random.default_rng(0)))
    assert len(halves) == 2 * weighing.PAIRS
    for one, other in zip(halves[::2], halves[1::2], strict=True):
        for whole, first, second in zip(exams, one, other, strict=True):
            both = np.concatenate([first.score, second.score], axis=1)
            assert sorted(both.sum((0, 2)).tolist()) == sorted(whole.score.sum((0, 2)).tolist())


def test_a_blend_follows_less_of_the_luck_of_single_lists() -> None:
    rng, width = np.random.default_rng(0), 32
    learned, later = (
        [
            Exam(score=told, hit=hit, wanted=np.ones(40, np.int64))
            for told, hit in (chance(rng, width) for _ in range(n))
        ]
        for n in (2, 60)
    )
    start = np.ones(len(learned[0].score))
    whole, _ = weighing._climb(Grades(learned), start)
    chosen = search(learned, start).weights
    assert mean_grade(learned, whole) > mean_grade(learned, chosen)
    assert mean_grade(later, whole) < mean_grade(later, chosen)


def test_many_lists_are_searched_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    exams = [paper(1, 32), paper(2, 32)]
    whole = weighing._climbed(Grades(exams), [np.ones(3), np.eye(3)[int(np.argmax(search(exams, np.ones(3)).alone))]])[
        0
    ]
    assert search(exams, np.ones(3)).weights.tolist() != (whole / whole.max()).tolist()
    monkeypatch.setattr(weighing, "FEW", 80)
    assert search(exams, np.ones(3)).weights.tolist() == (whole / whole.max()).tolist()


def test_generators_that_few_halves_want_are_left_out() -> None:
    rng = np.random.default_rng(1)
    exams = []
    for told, hit in (chance(rng, 32) for _ in range(2)):
        told[1:] = rng.random(told[1:].shape)  # five that know nothing beside one that does
        exams.append(Exam(score=told, hit=hit, wanted=np.ones(40, np.int64)))
    start = np.ones(6)
    whole, _ = weighing._climb(Grades(exams), start)
    chosen = search(exams, start).weights
    assert chosen[0] == 1.0
    assert np.count_nonzero(chosen) < np.count_nonzero(whole)


def chance(rng: np.random.Generator, width: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Forty lists of one wanted candidate, of which each of six generators knows as little as the others."""
    hit = np.stack([np.arange(40), rng.integers(0, width, 40)]).astype(np.int64)
    told = rng.random((6, 40, width)).astype(np.float32)
    told[:, hit[0], hit[1]] += np.float32(0.2)
    return told, hit


def test_judging_fits_what_the_lists_of_people_and_the_baselines_need_and_no_more() -> None:
    part = judged_part(DEFAULTS, baselines=True).only
    home = {name for place, weights in DEFAULT_BLENDS.items() if place.startswith("home.") for name in weights}
    assert part is not None
    assert set(part) == home | ALWAYS | {"own", "als"}
    assert "popular_category" not in part
    assert "popular_category" in (lean(DEFAULTS).only or ())


def test_strangers_keep_the_documented_weights_unless_others_are_surely_better() -> None:
    rng, lists, width = np.random.default_rng(0), 60, 32
    start, by_chance, told = np.array([1.0, 1.0]), [], []
    for _ in range(4):
        hit = np.stack([np.arange(lists), rng.integers(0, width, lists)]).astype(np.int64)
        noise = rng.random((2, lists, width)).astype(np.float32)
        by_chance.append(Exam(score=noise, hit=hit, wanted=np.ones(lists, np.int64)))
        knowing = noise.copy()
        knowing[0][hit[0], hit[1]] = 2.0
        knowing[1] *= 5
        told.append(Exam(score=knowing, hit=hit, wanted=np.ones(lists, np.int64)))
    chosen, *_ = search(by_chance, start)
    assert not surely_better(by_chance, chosen, start)
    assert surely_better(told, np.array([1.0, 0.0]), start)


def test_strangers_never_lose_the_documented_weights_altogether() -> None:
    assert hedged(np.array([0.0, 1.0, 1.0]), np.array([3.0, 0.0, 1.0])).tolist() == [1.5, 1.0, 1.5]
    assert hedged(np.array([0.0, 0.4]), np.zeros(2)).tolist() == [0.0, 0.4]


def test_the_blend_of_strangers_is_hedged(monkeypatch: pytest.MonkeyPatch) -> None:
    exam = paper(1, 32)
    knowing = np.zeros_like(exam.score)
    knowing[0][exam.hit[0], exam.hit[1]] = 1.0
    knowing[1:] = exam.score[1:]
    names = ["popular", "popular_now", "popular_country"]
    monkeypatch.setattr(blends, "exams_of", lambda *_: (names, [replace(exam, score=knowing)] * 3))
    found = blends._weigh_one([], blends.STRANGERS)
    assert found.weights["popular"] > found.weights["popular_now"] > 0
    assert found.grade == mean_grade([replace(exam, score=knowing)] * 3, np.array(list(found.weights.values())))
