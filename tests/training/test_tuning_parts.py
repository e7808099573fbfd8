"""The parts of a search: ranges, suggestions, whose turn it is, what is kept on file, what holds."""

import json
from pathlib import Path

import numpy as np
import pytest
from interaction_samples import random_shop

from recommender.algorithms import GENERATORS, spec_of
from recommender.algorithms.ranges import OWN, RANGES, Range, space_of
from recommender.domain.errors import StoreUnavailableError
from recommender.training.blends import Blend
from recommender.training.keeping import unseen_gain, worth_it
from recommender.training.studies import NEARBY, Tried, suggest
from recommender.training.trial_log import KEPT_FILES, Trial, TrialFile, key_of
from recommender.training.turns import Turns

SPACE = {
    "half_life_days": Range(low=0.5, high=200.0, log=True),
    "factors": Range(low=16, high=128, log=True, whole=True),
}


def trial(generator: str = "own", gains: tuple[float, ...] = (0.1, 0.2), **params: float) -> Trial:
    return Trial(
        generator=generator,
        params=params or {"half_life_days": 3.0},
        gains=dict(enumerate(gains)),
        alone=0.25,
        cut=False,
        seconds=1.5,
    )


@pytest.mark.parametrize("spec", GENERATORS, ids=lambda spec: spec.name)
def test_every_default_lies_in_its_range(spec: object) -> None:
    name = str(getattr(spec, "name", ""))
    defaults = spec_of(name).defaults
    for param, one in space_of(spec_of(name)).items():
        assert one.low <= defaults[param] <= one.high, f"{name}.{param}"


def test_ranges_name_only_generators_and_parameters_that_exist() -> None:
    known = {(spec.name, param) for spec in GENERATORS for param in spec.defaults}
    assert set(OWN) <= known
    assert set(RANGES) <= {param for _, param in known}


@pytest.mark.parametrize("one", SPACE.values(), ids=SPACE.keys())
def test_a_share_of_a_range_and_its_value_are_each_other_s_inverse(one: Range) -> None:
    for share in (0.0, 0.25, 0.5, 1.0):
        assert one.at(one.share(one.at(share))) == one.at(share)
    assert (one.at(-1.0), one.at(2.0)) == (one.low, one.high)


def test_a_suggestion_follows_from_what_was_told_and_the_seed_alone() -> None:
    told = [Tried(params={"half_life_days": 2.0 + n, "factors": 20.0 + n}, value=0.01 * n) for n in range(NEARBY + 4)]
    for seen in (told[:2], told):
        assert suggest(SPACE, seen, 5) == suggest(SPACE, seen, 5)
        assert suggest(SPACE, seen, 5) != suggest(SPACE, seen, 6)


def test_suggestions_keep_to_their_ranges_and_to_whole_numbers() -> None:
    told = [Tried(params={"half_life_days": 0.5, "factors": 128.0}, value=0.0)]
    for seed in range(12):
        found = suggest(SPACE, told, seed)
        told.append(Tried(params=found, value=float(seed % 3)))
        assert all(one.low <= found[name] <= one.high for name, one in SPACE.items())
        assert found["factors"].is_integer()


def test_after_some_trials_suggestions_gather_where_it_was_good() -> None:
    space = {"half_life_days": SPACE["half_life_days"]}
    shares = np.linspace(0, 1, 21)
    told = [
        Tried(params={"half_life_days": space["half_life_days"].at(share)}, value=-abs(share - 0.25))
        for share in shares
    ]
    found = [space["half_life_days"].share(suggest(space, told, seed)["half_life_days"]) for seed in range(12)]
    assert abs(float(np.median(found)) - 0.25) < 0.1


def test_dear_generators_have_fewer_turns_and_those_that_gained_have_more() -> None:
    names, windows = ["als", "own", "popular"], {"als": 2, "own": 2, "popular": 2}
    turns = Turns(names=names, share=dict.fromkeys(names, 0.4), windows=windows)
    first = turns.next([], 17)
    assert first.count("own") == first.count("popular") > 4 * first.count("als") > 0
    later = turns.next([trial("own", (0.01, 0.01)), trial("popular", (-0.01, -0.01))], 20)
    assert later.count("own") > 2 * later.count("popular")


def test_the_gain_of_choosing_is_told_where_it_was_not_chosen() -> None:
    lucky = [trial(gains=(0.4, -0.1)), trial(gains=(-0.1, 0.4))]
    assert unseen_gain(lucky) == pytest.approx(-0.1)
    assert unseen_gain([*lucky, trial(gains=(0.5, 0.5))]) == pytest.approx(0.5)
    assert unseen_gain([trial(gains=(0.5,))]) is None


def test_blends_weighed_anew_must_be_better_on_average_and_worse_nowhere() -> None:
    def blends(known: float, new: float, cart: float) -> dict[str, Blend]:
        grades = {"home.known.repeats": known, "home.known.new": new, "cart": cart}
        return {place: Blend(weights={"own": 1.0}, grade=grade, lists=50) for place, grade in grades.items()}

    before = blends(0.3, 0.1, 0.2)
    assert worth_it(before, blends(0.31, 0.1, 0.1))
    assert not worth_it(before, blends(0.3, 0.1, 0.3))
    assert not worth_it(before, blends(0.35, 0.09, 0.2))


def test_trials_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    TrialFile.opened(tmp_path, "a").note(0, trial(half_life_days=0.1 + 0.2))
    found = TrialFile.opened(tmp_path, "a")
    assert found.recall(0, "own", {"half_life_days": 0.1 + 0.2}) == trial(half_life_days=0.1 + 0.2)
    assert found.recall(1, "own", {"half_life_days": 3.0}) is None


def test_a_line_cut_short_by_a_crash_costs_that_trial_only(tmp_path: Path) -> None:
    file = TrialFile.opened(tmp_path, "a")
    file.note(0, trial())
    file.note(1, trial("als"))
    file.path.write_text(file.path.read_text()[:-20])
    again = TrialFile.opened(tmp_path, "a")
    again.note(1, trial("popular"))
    last = TrialFile.opened(tmp_path, "a")
    assert last.recall(0, "own", {"half_life_days": 3.0}) == trial()
    assert last.recall(1, "popular", {"half_life_days": 3.0}) == trial("popular")


def test_from_the_first_trial_that_differs_on_all_are_forgotten(tmp_path: Path) -> None:
    file = TrialFile.opened(tmp_path, "a")
    for number in range(3):
        file.note(number, trial())
    assert file.recall(1, "als", {"half_life_days": 3.0}) is None
    again = TrialFile.opened(tmp_path, "a")
    assert again.recall(0, "own", {"half_life_days": 3.0}) is not None
    assert again.recall(2, "own", {"half_life_days": 3.0}) is None


def test_a_file_of_something_else_is_begun_anew_where_it_stops_making_sense(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"format": 1, "warm": 3}\n{"trial": {"generator": "own"}}\nnonsense\n')
    file = TrialFile.opened(tmp_path, "a")
    assert (file.warm, file.recall(0, "own", {})) == ({}, None)


def test_the_next_search_begins_with_what_the_last_one_kept(tmp_path: Path) -> None:
    TrialFile.opened(tmp_path, "a").note_kept({"own": {"half_life_days": 7.0}})
    assert TrialFile.opened(tmp_path, "b").warm == {"own": {"half_life_days": 7.0}}
    assert TrialFile.opened(tmp_path, "b").warm == {"own": {"half_life_days": 7.0}}  # the same when taken up again


def test_few_old_searches_are_kept(tmp_path: Path) -> None:
    for name in "abcdefgh":
        TrialFile.opened(tmp_path, name)
    assert len(list(tmp_path.iterdir())) == KEPT_FILES
    assert (tmp_path / "h.jsonl").exists()


def test_a_folder_that_takes_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailableError, match="trials of tuning cannot be kept"):
        TrialFile.opened(tmp_path / "file" / "tuning", "a")


def test_a_search_is_named_by_its_data_its_seed_and_its_blends() -> None:
    blends = {"cart": Blend(weights={"own": 1.0}, grade=0.1, lists=40)}
    names = {
        key_of(random_shop(), 0, blends),
        key_of(random_shop(), 0, blends),
        key_of(random_shop(1), 0, blends),
        key_of(random_shop(), 1, blends),
        key_of(random_shop(), 0, {}),
    }
    assert len(names) == 4


def test_what_is_kept_of_a_trial_is_figures_only(tmp_path: Path) -> None:
    file = TrialFile.opened(tmp_path, "a")
    file.note(0, trial())
    said = json.loads(file.path.read_text().splitlines()[1])["trial"]
    assert set(said) == {"generator", "params", "gains", "alone", "cut", "seconds"}
