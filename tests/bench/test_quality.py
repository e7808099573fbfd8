"""The quality bench asks fairly, holds figures against their bars and keeps a record of what it read."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from interaction_samples import START, browsing_shop, interactions

from bench.figures import figure
from bench.quality.__main__ import main
from bench.quality.bars import held, stretches
from bench.quality.log import fingerprint, note
from bench.quality.paper import Paper
from bench.quality.reach import UNION, reach
from bench.quality.reading import baselines, read
from bench.quality.singles import sampled, singles, worst
from bench.quality.telling import table_of
from bench.reference import Lists
from recommender.evaluation.asking import alone
from recommender.evaluation.moments import Sight
from recommender.evaluation.split import Track, clock_cut
from recommender.interactions import Interactions, Kind
from recommender.model.fitted import FittedModel
from recommender.training.fitting import fit


@pytest.fixture(scope="module")
def paper() -> Paper:
    shop = browsing_shop()
    return Paper(everything=shop, cut_us=clock_cut(shop, 0.3))


@pytest.fixture(scope="module")
def model(paper: Paper) -> FittedModel:
    return fit(paper.past).model


def test_a_model_knows_no_item_of_the_future_and_its_lists_name_items_of_the_whole_log() -> None:
    rows = [(person, 2 + person % 2, Kind.PURCHASE, 1.0) for person in range(6)]
    shop = interactions([*rows, (0, 0, Kind.PURCHASE, 9.0)], n_items=5)
    sheet = Paper(everything=shop, cut_us=START + 5 * 86_400_000_000)
    known = fit(sheet.past).model
    assert list(known.item_ids) == ["i0002", "i0003"]
    assert set(sheet.lists(known, Track.WINDOW).ravel().tolist()) == {2, 3, -1}
    assert sheet.asked[Track.WINDOW].truth.item.tolist() == [0]


def test_every_track_of_a_shop_with_views_is_read(paper: Paper, model: FittedModel) -> None:
    found = read(model, paper, stale=True)
    assert set(found.verdicts) == set(Track) - {Track.NEXT_LOOK}
    for name in (
        "window.known.ndcg_at_10",
        "basket.all.recall_at_10",
        "session.anon.ndcg_at_10",
        "basket.nightly.recall_at_10",
    ):
        assert 0.0 <= found.figures[name] <= 1.0
    ratio = found.figures["basket.all.recall_at_10"] / found.figures["basket.nightly.recall_at_10"]
    assert found.figures["basket.live_over_nightly"] == pytest.approx(ratio)


def test_a_baseline_says_what_its_generator_alone_says(paper: Paper, model: FittedModel) -> None:
    said = baselines(model, paper)["popularity"]["window.all.ndcg_at_10"]
    assert said == paper.judged(alone(model, "popular"), Track.WINDOW).by_metric["ndcg_at_10"].mean()


def test_lists_within_a_visit_hold_nothing_the_visitor_touched_before(paper: Paper, model: FittedModel) -> None:
    assert len(paper.asked[Track.SESSION].at_us) > 5
    asked, lists = paper.asked[Track.SESSION], paper.lists(model, Track.SESSION)
    told = paper.everything
    for row, (person, at) in enumerate(zip(asked.truth.person.tolist(), asked.at_us.tolist(), strict=True)):
        touched = told.item[(told.person == person) & (told.time_us < at)]
        assert not set(lists[row].tolist()) & set(touched.tolist())


def test_a_sample_of_lists_is_asked_as_all_of_them_are(paper: Paper, model: FittedModel) -> None:
    some = np.arange(len(paper.asked[Track.BASKET].truth.person)) % 3 == 0
    for track, only in (
        (Track.BASKET, some),
        (Track.WINDOW, np.arange(len(paper.asked[Track.WINDOW].truth.person)) > 4),
    ):
        assert np.array_equal(paper.lists(model, track, only=only), paper.lists(model, track)[only])
    assert len(paper.lists(model, Track.BASKET, only=some, sight=Sight.NIGHTLY)) == some.sum()


def many() -> tuple[Paper, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """300 people who buy later, and as many figures."""
    shop: Interactions = interactions([(person, 0, Kind.PURCHASE, 5.0) for person in range(300)])
    return Paper(everything=shop, cut_us=START + 1), np.tile([0.2, 0.4], 150)


def test_a_model_below_its_best_generator_beyond_noise_is_told() -> None:
    sheet, half = many()
    found = worst(half - 0.1, {"own": half, "popular": half - 0.2}, sheet, Track.WINDOW)
    assert found is not None
    assert (found.single, round(found.difference.value, 6)) == ("own", -0.1)
    assert found.difference.high < 0


def test_a_model_above_all_its_generators_is_not_below_any() -> None:
    sheet, half = many()
    found = worst(half + 0.1, {"own": half}, sheet, Track.WINDOW)
    assert found is not None
    assert found.difference.high > 0


def test_groups_of_few_lists_are_held_against_nothing(paper: Paper, model: FittedModel) -> None:
    others = singles(model, paper, Track.WINDOW)
    assert set(others) == set(model.names)
    assert worst(others["popular"], others, paper, Track.WINDOW) is None


def test_the_same_lists_are_drawn_every_time() -> None:
    assert sampled(10).all()
    assert sampled(9_000).sum() == 2_000
    assert np.array_equal(sampled(9_000), sampled(9_000))


def test_what_the_union_of_candidates_reaches_is_no_less_than_any_generators(paper: Paper, model: FittedModel) -> None:
    for track in set(Track) - {Track.NEXT_LOOK}:
        shares = reach(model, paper, track)
        assert shares[UNION] == max(shares.values())
        assert shares[UNION] <= 1.0


def test_figures_are_held_against_their_bars() -> None:
    name = "online_retail.window.known.ndcg_at_10"
    assert held({name: figure([0.3781], "share")})[name].ok is True
    assert held({name: figure([0.3779], "share")})[name].ok is False
    assert held({"online_retail.train.seconds": figure([121.0], "s")})["online_retail.train.seconds"].ok is False
    assert (
        held({"any.window.worst_vs_best_single": figure([-0.001], "")})["any.window.worst_vs_best_single"].ok is False
    )
    assert held({"any.window.all.novelty": figure([3.0], "bits")})["any.window.all.novelty"].bar is None


def test_what_reaches_its_stretch_is_said() -> None:
    assert stretches({"online_retail.window.known.ndcg_at_10": figure([0.41], "share")})
    assert not stretches({"online_retail.window.known.ndcg_at_10": figure([0.40], "share")})


def test_the_table_shows_ours_the_bar_and_the_baselines() -> None:
    name = "online_retail.window.known.ndcg_at_10"
    lines = table_of(
        "online_retail", held({name: figure([0.4], "share"), f"{name}.baseline.als": figure([0.3], "share")})
    ).splitlines()
    assert lines[1].split() == ["window.known.ndcg_at_10", "0.4000", "0.3780", "ok", "0.3000"]


def test_every_reading_is_kept_beside_those_before_it(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    for seed in (0, 1):
        note(
            file,
            now=datetime(2026, 1, 1, tzinfo=UTC),
            data_set="d",
            recipe={"a": 1},
            asked={"seed": seed},
            figures={"f": 0.5},
        )
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["asked"]["seed"] for line in lines] == [0, 1]
    assert lines[0]["recipe_id"] == fingerprint({"a": 1}) != fingerprint({"a": 2})
    assert lines[0]["figures"] == {"f": 0.5}


def test_the_reference_gets_each_list_under_the_name_it_gave_it(tmp_path: Path) -> None:
    moment = datetime(2020, 1, 1, 12)
    at_us = int(moment.replace(tzinfo=UTC).timestamp()) * 1_000_000
    context = pl.DataFrame(
        {
            "instance": ["b7", "b8", "wc1"],
            "user_id": ["c1", "c1", "c1"],
            "t_pred": [moment] * 3,
            "track": ["basket", "basket", "window"],
        }
    )
    context.write_parquet(tmp_path / "context.parquet")
    lists = Lists(people=["c1"], items=["x", "y"], lists=np.array([[1, -1]], np.int32), at_us=np.array([at_us]))
    table = lists.table(tmp_path / "context.parquet", Track.BASKET)
    assert sorted(table.select("instance", "item_id", "rank").iter_rows()) == [("b7", "y", 1), ("b8", "y", 1)]


def test_a_folder_without_data_we_know_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert main([str(tmp_path), "--out", str(tmp_path / "q.json")]) == 3
    said = capsys.readouterr()
    assert "left out: elsewhere" in said.out
    assert "No data set we know" in said.err


def test_a_small_shop_is_trained_judged_written_and_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = browsing_shop(n_people=12, n_items=16)
    words = {0: "view", 1: "addtocart", 2: "transaction"}
    table = pl.DataFrame(
        {
            "visitor_id": shop.person,
            "item_id": shop.item,
            "event_type": [words[kind] for kind in shop.kind.tolist()],
            "timestamp": pl.Series(shop.time_us).cast(pl.Datetime("us")),
        }
    )
    folder = tmp_path / "data" / "retailrocket_multibehavior"
    folder.mkdir(parents=True)
    table.write_parquet(folder / "events.parquet")
    monkeypatch.chdir(Path(__file__).parents[2])  # the other process finds the bench where this one did
    main([str(tmp_path / "data"), "--out", str(tmp_path / "q.json"), "--budget", "0"])
    said = json.loads((tmp_path / "q.json").read_text(encoding="utf-8"))
    assert said["retailrocket_multibehavior.basket.all.recall_at_10"]["bar"] == 0.125
    assert "retailrocket_multibehavior.basket.all.recall_at_10.baseline.popularity" in said
    assert said["retailrocket_multibehavior.train.peak_mb"]["value"] > 0
    record = json.loads((tmp_path / "quality-log.jsonl").read_text(encoding="utf-8"))
    assert record["data_set"] == "retailrocket_multibehavior"
    assert record["recipe"]["blends"]
