"""From a home's log to a published bundle, on shops small and strange."""

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fickle_samples import fickle_shop

from recommender.bundle import load_bundle
from recommender.cli import run
from recommender.domain.errors import BadInputError, BusyError
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.ports import Source
from recommender.domain.requests import Request
from recommender.evaluate import evaluate_home
from recommender.settings import Settings, checked
from recommender.train import Outcome, train_home
from recommender.training import catalogue
from recommender.wiring import MODEL, Shop, connect

SOURCE = Source(kind="import", legal_basis="contract")
START = datetime(2026, 1, 1, tzinfo=UTC)
HABITS = 40


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own."""
    return checked(replace(Settings(), home=tmp_path))


@pytest.fixture
def shop(settings: Settings) -> Iterator[Shop]:
    """The home, open and empty."""
    with connect(settings) as opened:
        yield opened


def event(number: int, kind: EventType, day: float, who: str, items: Sequence[str]) -> Event:
    """One event of one customer; a purchase is an order of its own."""
    return Event(
        event_id=f"e{number}",
        type=kind,
        time=START + timedelta(days=day),
        customer_id=who,
        order_id=f"o{number}" if kind is EventType.PURCHASE else None,
        items=tuple(EventItem(item_id=item) for item in items),
    )


def habits(*, first: int = 0, days: range = range(0, 200, 5)) -> list[Event]:
    """Forty customers, each buying an own pair of items every five days."""
    return [
        event(first + n * 1000 + day, EventType.PURCHASE, day + n / 100, f"c{n}", [f"i{n}", f"j{n % 7}"])
        for n in range(HABITS)
        for day in days
    ]


def train(shop: Shop, *, seed: int = 0) -> Outcome:
    """Without tuning."""
    return train_home(shop, budget=0.0, seed=seed)


def fickle_events() -> list[Event]:
    """The lines of :func:`fickle_samples.fickle_shop`, each an event of its own."""
    told = fickle_shop()
    return [
        Event(
            event_id=f"f{row}",
            type=EventType.PURCHASE,
            time=datetime.fromtimestamp(int(told.time_us[row]) / 1e6, UTC),
            customer_id=f"c{told.person[row]}",
            order_id=f"o{told.order[row]}",
            items=(EventItem(item_id=told.item_ids[told.item[row]]),),
        )
        for row in range(len(told.item))
    ]


def picks(shop: Shop, who: str | None) -> list[str]:
    """Item ids of a customer's list, a day after the last event."""
    moment = START + timedelta(days=400)
    shop.models.poll()
    slate = shop.recommender.slate(Request(scenario="home", now=moment, person=Person(customer_id=who), size=5))
    return [item.item_id for item in slate.items]


def test_a_shop_without_a_single_event_trains_says_so_and_serves_its_catalogue(shop: Shop) -> None:
    shop.stores.catalogue.put([Item(item_id="mug"), Item(item_id="tea")])
    outcome = train(shop)
    assert outcome.published
    assert outcome.report["notes"]
    assert sorted(picks(shop, None)) == ["mug", "tea"]
    assert outcome.page_file.parent == outcome.report_file.parent == shop.settings.var_dir / "reports"
    assert "nothing to judge it on" in outcome.page_file.read_text(encoding="utf-8")
    assert outcome.report["stages"][0]["name"] == "reading the log"


def test_a_training_with_a_budget_publishes_forests_that_serve(shop: Shop) -> None:
    shop.stores.log.append(fickle_events(), SOURCE)
    outcome = train_home(shop, budget=2.0)
    assert outcome.published
    table = outcome.report["ranking"]["table"]["home.known.new"]
    assert set(table) == {
        "blend",
        "small",
        "small+blend",
    }  # attributes and large forests are tried from the default budget on
    decided = set(outcome.report["recipe"]["rankers"])
    assert "home.known.new" in decided
    assert set(load_bundle(shop.settings.models_dir / outcome.run_id).meta[MODEL]["rankers"]) == decided
    assert len(set(picks(shop, "c1"))) == 5


def test_what_was_chosen_stands_beside_what_else_there_was(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.stores.log.append(habits(), SOURCE)
    assert run(["--home", str(shop.settings.home), "train", "--budget", "0"]) == 0
    said = capsys.readouterr().out
    [headings] = [line for line in said.splitlines() if line.startswith("lists of")]
    for word in ("popularity", "own", "best alone", "blend", "decides"):
        assert word in headings
    row = next(line.split() for line in said.splitlines() if line.startswith("home.known.repeats "))
    report = json.loads(next((shop.settings.var_dir / "reports").glob("*.json")).read_text())
    alone = report["choice"]["alone"]["home.known.repeats"]
    assert row[2] == f"{alone['popular']:.4f}"
    assert f"{max(alone.values()):.4f}" in row
    assert f"{report['choice']['grades']['home.known.repeats']:.4f}" in row
    page = next((shop.settings.var_dir / "reports").glob("*.html")).read_text(encoding="utf-8")
    assert "alone: popularity" in page


def test_one_order_of_one_item_trains_and_serves(shop: Shop) -> None:
    shop.stores.log.append([event(1, EventType.PURCHASE, 0, "anna", ["mug"])], SOURCE)
    outcome = train(shop)
    assert outcome.published
    assert outcome.report["notes"]
    assert picks(shop, "nobody") == ["mug"]


def test_a_shop_with_views_only_trains_and_serves(shop: Shop) -> None:
    views = [event(n, EventType.VIEW_ITEM, n / 10, f"c{n % 5}", [f"i{n % 3}"]) for n in range(60)]
    shop.stores.log.append(views, SOURCE)
    assert train(shop).published
    assert sorted(picks(shop, "nobody")) == ["i0", "i1", "i2"]


def test_a_shop_with_views_only_is_judged_by_what_is_looked_at_next_and_compared_with_the_live_recipe(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    visits = [
        event(4 * n + step, EventType.VIEW_ITEM, n / 10 + step / 1440, f"c{n % 40}", [f"i{(n + step) % 12:02}"])
        for n in range(400)
        for step in range(4)
    ]
    shop.stores.log.append(visits, SOURCE)
    first, second = train(shop), train(shop)
    row = next(row for row in second.report["rows"] if row["name"] == "next_look.all.ndcg_at_10")
    assert (row["lists"], row["delta_to_live"]) == (40, 0.0)
    assert row["value"] > 0.8  # the next item is always the one that follows in the row
    assert first.published
    assert not second.report["gate"]["warnings"]
    assert run(["--home", str(shop.settings.home), "train", "--budget", "0"]) == 0
    assert "looked at next" in capsys.readouterr().out


def test_the_same_seed_learns_exactly_the_same(shop: Shop) -> None:
    shop.stores.log.append(habits(), SOURCE)
    first, second = train(shop, seed=3), train(shop, seed=3)
    content = [shop.shelf.manifest(run_id).content for run_id in (first.run_id, second.run_id)]
    assert content[0] == content[1]


def test_a_second_training_is_compared_with_the_live_recipe_and_five_runs_are_kept(shop: Shop) -> None:
    shop.stores.log.append(habits(), SOURCE)
    runs = [train(shop).run_id for _ in range(7)]
    assert shop.shelf.runs() == tuple(runs[-5:])
    report = json.loads((shop.settings.var_dir / "reports" / f"{runs[-1]}.json").read_text())
    assert report["parent"] == runs[-2]
    row = next(row for row in report["rows"] if row["name"] == "window.known.ndcg_at_10")
    assert row["delta_to_live"] == 0.0
    assert row["value"] > row["baseline.popularity"]


def test_after_a_broken_import_the_old_model_stays_live_and_the_exit_code_is_4(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.stores.log.append(habits(), SOURCE)
    good = train(shop).run_id
    noise = [
        event(900_000 + n, EventType.PURCHASE, 200 + n / 60, f"c{n * 7 % HABITS}", [f"junk{n * 13 % 997}"])
        for n in range(3_000)
    ]
    shop.stores.log.append(noise, SOURCE)
    assert run(["--home", str(shop.settings.home), "--json", "train", "--budget", "0"]) == 4
    lines = capsys.readouterr()
    assert shop.shelf.current() == good
    assert "Not published" in lines.err
    assert f"{good} stays live" in lines.err
    assert json.loads(lines.out.splitlines()[0])["published"] is False


def test_a_year_mistyped_replaces_no_good_model_by_an_empty_one(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.stores.log.append(habits(), SOURCE)
    good = train(shop).run_id
    assert run(["--home", str(shop.settings.home), "--quiet", "train", "--budget", "0", "--until", "2016-10-01"]) == 4
    said = capsys.readouterr()
    assert shop.shelf.current() == good
    assert "0 items, no events, in" in said.out
    assert "warning: Nobody bought anything in the judging window" in said.out.replace("\n", " ")
    refused = said.err.replace("\n", " ")
    assert "Nothing to compare on: it was learned from 0 interactions, the live model from 3,200;" in refused
    assert "models publish" in refused


def test_views_of_a_shop_that_sold_nothing_lately_may_be_published_and_a_lost_log_may_not(shop: Shop) -> None:
    def views(first: int, n: int) -> list[Event]:
        return [event(first + i, EventType.VIEW_ITEM, (first + i) / 10, f"c{i % 9}", [f"i{i % 5}"]) for i in range(n)]

    shop.stores.log.append(views(100, 200), SOURCE)
    first = train(shop)
    assert first.report["gate"]["warnings"]
    shop.stores.log.append(views(300, 100), SOURCE)
    grown = train(shop)
    assert grown.published
    less = train_home(shop, until=START + timedelta(days=20), budget=0.0)
    assert not less.published
    assert less.refusal is not None
    assert "from 100 interactions, the live model from 300." in less.refusal
    assert shop.shelf.current() == grown.run_id


def test_a_report_that_cannot_be_written_leaves_the_live_model_in_its_place(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.stores.log.append(habits(), SOURCE)
    before = train(shop).run_id
    reports = shop.settings.var_dir / "reports"
    shutil.rmtree(reports)
    reports.touch()
    assert run(["--home", str(shop.settings.home), "--quiet", "train", "--budget", "0"]) == 5
    assert "cannot be written" in capsys.readouterr().err
    assert shop.shelf.current() == before


def test_rollback_serves_the_model_before_within_a_second(shop: Shop) -> None:
    shop.stores.log.append(habits(), SOURCE)
    before = train(shop).run_id
    train(shop, seed=2)
    began = time.process_time()  # the processor's time: a busy machine does not fail it
    assert run(["--home", str(shop.settings.home), "--quiet", "models", "rollback"]) == 0
    assert time.process_time() - began < 1.0
    assert shop.shelf.current() == before


def test_two_trainings_at_once_the_second_is_told_to_wait(shop: Shop) -> None:
    with shop.shelf.training(datetime.now(UTC)), pytest.raises(BusyError, match="training"):
        train(shop)


def test_until_learns_from_earlier_events_only(shop: Shop) -> None:
    shop.stores.log.append(habits(), SOURCE)
    outcome = train_home(shop, until=START + timedelta(days=50), budget=0.0)
    assert outcome.report["data_window"]["last"] < "2026-02-20"
    assert outcome.report["counts"]["interactions"] == HABITS * 10 * 2


def test_evaluate_judges_the_live_recipe_and_says_when_there_is_nothing_to_judge(shop: Shop) -> None:
    with pytest.raises(BadInputError, match="nothing to judge on"):
        evaluate_home(shop)
    shop.stores.log.append(habits(), SOURCE)
    train(shop)
    judged = evaluate_home(shop, days=20)
    assert judged.run_id == shop.shelf.current()
    assert any(row["name"] == "window.all.ndcg_at_10" for row in judged.report["rows"])


def test_no_person_is_in_bundle_or_report(shop: Shop) -> None:
    named = [replace(one, customer_id=f"canary-{one.customer_id}") for one in habits()]
    shop.stores.log.append(named, SOURCE)
    outcome = train(shop)
    for folder in (shop.settings.models_dir, shop.settings.var_dir / "reports"):
        for path in folder.rglob("*"):
            assert not path.is_file() or b"canary-" not in path.read_bytes(), path
    assert outcome.published


def test_scores_of_a_profile_compare_with_the_customers_the_model_was_trained_on(shop: Shop) -> None:
    orders = [event(n, EventType.PURCHASE, n % 50, f"c{n}", ["tea"] * (n % 3 + 1)) for n in range(60)]
    shop.stores.log.append(orders, SOURCE)
    person = Person(customer_id="c49")
    now_us = round(shop.clock.now().timestamp() * 1_000_000)
    assert shop.portraits.of(person, now_us).values["recency_score"] is None
    train(shop)
    assert shop.portraits.of(person, now_us).values["recency_score"] == 5


def test_a_training_notes_how_much_of_a_large_catalogue_it_does_not_know(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(catalogue, "MOST_WAITING", 10)
    shop.stores.log.append([event(1, EventType.PURCHASE, 0.0, "c1", ["t0"])], SOURCE)
    shop.stores.catalogue.put([Item(item_id=f"t{n}", title=f"Thing {n}") for n in range(31)])
    assert run(["--home", str(tmp_path), "--quiet", "train", "--budget", "0"]) == 0
    assert "note: 20 items of the catalogue that nobody has touched yet are not in the model" in " ".join(
        capsys.readouterr().out.split()
    )
