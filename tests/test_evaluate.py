"""``recommender evaluate``: what it writes, that nobody is named in it, and that who is erased leaves it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from recommender.cli import run
from recommender.domain.errors import UsageError
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.ports import Source
from recommender.evaluate import Judgement, evaluate_home
from recommender.evaluation.intervals import Mean
from recommender.evaluation.report.wording import FEW, TOO_FEW, between
from recommender.services import privacy
from recommender.settings import Settings, checked
from recommender.train import train_home
from recommender.wiring import Shop, connect

SOURCE = Source(kind="import", legal_basis="contract")
START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = 12
DAYS = range(0, 60, 5)
SOMEBODY = "canary-3"


def events() -> list[Event]:
    """Twelve customers, each buying an own pair of things every five days."""
    return [
        Event(
            event_id=f"e{n}-{day}",
            type=EventType.PURCHASE,
            time=START + timedelta(days=day + n / 100),
            customer_id=f"canary-{n}",
            order_id=f"o{n}-{day}",
            items=(EventItem(item_id=f"i{n}"), EventItem(item_id=f"j{n % 4}")),
        )
        for n in range(PEOPLE)
        for day in DAYS
    ]


def fill(home: Path) -> None:
    with connect(checked(replace(Settings(), home=home))) as shop:
        shop.stores.log.append(events(), SOURCE)
        shop.stores.catalogue.put([Item(item_id="i3", title="Teapot <blue> & white")])


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Judgement]:
    """A home that was judged once, without a model; do not change it."""
    home = tmp_path_factory.mktemp("judged")
    fill(home)
    with connect(checked(replace(Settings(), home=home))) as shop:
        return home, evaluate_home(shop)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    fill(tmp_path)
    with connect(checked(replace(Settings(), home=tmp_path))) as opened:
        yield opened


def test_the_report_is_one_small_file_that_asks_for_nothing_else(judged: tuple[Path, Judgement]) -> None:
    text = judged[1].page_file.read_text(encoding="utf-8")
    assert len(text.encode()) <= 300_000
    assert not re.findall(r"<script|<link|<img|\bsrc=|href=\"(?!#)|@import|url\(", text)
    assert "style=" not in text


def test_the_report_has_every_section(judged: tuple[Path, Judgement]) -> None:
    text = judged[1].page_file.read_text(encoding="utf-8")
    linked = re.findall(r'href="#(\w+)"', text)
    assert {"trust", "learned", "tracks", "generators", "people", "cost", "words"} <= set(linked)
    for name in linked:
        assert f'id="{name}"' in text


def test_titles_in_the_report_are_text_not_markup(judged: tuple[Path, Judgement]) -> None:
    text = judged[1].page_file.read_text(encoding="utf-8")
    assert "Teapot &lt;blue&gt; &amp; white" in text
    assert "<blue>" not in text


def test_every_figure_stands_beside_the_baselines(judged: tuple[Path, Judgement]) -> None:
    rows = {row["name"]: row for row in judged[1].report["rows"]}
    for figure in ("ndcg_at_10", "recall_at_20", "price_hit_at_10", "coverage_at_10", "novelty", "gini_at_10"):
        name = f"window.all.{figure}"
        if name in rows:  # no prices, no money
            assert {"value", "low", "high", "lists", "baseline.popularity", "baseline.own_frequency"} <= set(rows[name])
    assert "window.all.price_hit_at_10" not in rows
    leads = {(row["name"], row["over"]): row for row in judged[1].report["leads"]}
    lead = leads["window.all.ndcg_at_10", "popularity"]
    row = rows["window.all.ndcg_at_10"]
    assert lead["value"] == pytest.approx(row["value"] - row["baseline.popularity"], abs=2e-6)


def test_the_checks_are_run_each_time(judged: tuple[Path, Judgement]) -> None:
    checks = {check["name"]: check["passed"] for check in judged[1].report["checks"]}
    assert checks == dict.fromkeys(("shuffled_people", "cut_moment", "asked_moment", "later_lines"), True)


def test_the_lists_file_has_every_list_of_every_model(judged: tuple[Path, Judgement]) -> None:
    table = pl.read_parquet(judged[1].lists_file)
    rows = {row["name"]: row for row in judged[1].report["rows"]}
    window = table.filter((pl.col("track") == "window") & (pl.col("model") == "model"))
    assert len(window) == rows["window.all.ndcg_at_10"]["lists"]
    assert window["ndcg_at_10"].to_numpy().mean() == pytest.approx(rows["window.all.ndcg_at_10"]["value"], abs=1e-6)
    assert {"model", "popularity", "own_frequency"} <= set(table["model"])
    assert (table["shown"].list.len() <= 10).all()


def test_nobody_is_named_in_what_is_written(judged: tuple[Path, Judgement]) -> None:
    home, found = judged
    for path in (home / "var" / "reports").iterdir():
        assert b"canary" not in path.read_bytes(), path
    assert "canary" not in json.dumps(found.as_json())


def test_the_same_judgement_twice_gives_the_same_figures(judged: tuple[Path, Judgement], shop: Shop) -> None:
    again = evaluate_home(shop)
    for part in ("rows", "leads", "checks", "ablation", "curves"):
        assert again.report[part] == judged[1].report[part]


def test_who_is_erased_leaves_the_report_and_the_lists(shop: Shop, tmp_path: Path) -> None:
    found = evaluate_home(shop, out=tmp_path / "report.html")
    alias = shop.stores.tombstones.pseudonym(Person(customer_id=SOMEBODY))
    assert alias in found.page_file.read_text(encoding="utf-8")
    assert alias in pl.read_parquet(found.lists_file)["person_id"].to_list()
    before = found.page_file.read_text(encoding="utf-8").count("<article>")
    privacy.erase(shop.stores, SOMEBODY, home=tmp_path)
    text = found.page_file.read_text(encoding="utf-8")
    assert (text.count("<article>"), text.count(alias)) == (before - 1, 0)
    assert text.endswith("</html>")
    assert alias not in pl.read_parquet(found.lists_file)["person_id"].to_list()
    assert {path for path in (tmp_path / "var/reports").iterdir() if alias.encode() in path.read_bytes()} == set()


def test_a_judgement_overwrites_none_of_the_same_second(tmp_path: Path) -> None:
    fill(tmp_path)
    settings = checked(replace(Settings(), home=tmp_path, reports_kept=200))
    folder = tmp_path / "var" / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(tz=ZoneInfo(settings.timezone))
    for second in range(-1, 120):  # whenever it ends, another has just ended
        for ending in (".json", ".html", ".parquet"):
            (folder / f"evaluation-{now + timedelta(seconds=second):%Y%m%dT%H%M%S}{ending}").write_text("another")
    others = set(folder.iterdir())
    with connect(settings) as shop:
        found = evaluate_home(shop)
    assert {file.read_text() for file in others} == {"another"}
    assert found.page_file.stem.endswith("-001")
    assert set(folder.iterdir()) - others == {
        found.page_file.with_suffix(one) for one in (".json", ".html", ".parquet")
    }


def test_days_the_live_recipe_was_chosen_on_are_not_called_unseen(shop: Shop, tmp_path: Path) -> None:
    train_home(shop, budget=0.0)
    fair = evaluate_home(shop, out=tmp_path / "fair.html")
    rosy = evaluate_home(shop, days=20, out=tmp_path / "rosy.html")
    said = "The live recipe was chosen on days up to"
    assert not [note for note in fair.report["notes"] if note.startswith(said)]
    [note] = [note for note in rosy.report["notes"] if note.startswith(said)]
    days = re.search(r"`--days (\d+)` or fewer", note)
    assert days is not None
    within = evaluate_home(shop, days=int(days[1]))
    assert not [note for note in within.report["notes"] if note.startswith(said)]
    pages = [one.page_file.read_text(encoding="utf-8") for one in (fair, rosy)]
    unseen = "nothing is chosen with the judged days in sight"
    assert [unseen in page for page in pages] == [True, False]
    assert ["the windows settings were chosen on" in page for page in pages] == [True, False]


def test_a_report_is_not_begun_where_its_folder_is_missing(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        evaluate_home(shop, out=tmp_path / "nowhere" / "report.html")


def test_the_command_prints_one_object(shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.html"
    assert run(["--home", str(tmp_path), "--json", "--quiet", "evaluate", "--days", "12", "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["page_file"] == str(out)
    assert out.is_file()
    assert told["recipe_of"] is None
    assert told["cut"] == "2026-02-13T02:38:24Z"


def looks(days: range = range(20), *, people: int = 12) -> list[Event]:
    """Visits of three looks at what stands next to each other, by nobody who ever buys."""
    return [
        Event(
            event_id=f"l{n}-{day}-{step}",
            type=EventType.VIEW_ITEM,
            time=START + timedelta(days=day, hours=n / 2, minutes=step),
            visitor_id=f"canary-{n}",
            items=(EventItem(item_id=f"i{(n + day + step) % 7}"),),
        )
        for n in range(people)
        for day in days
        for step in range(3)
    ]


def home_of(folder: Path, told: list[Event]) -> Path:
    with connect(checked(replace(Settings(), home=folder))) as shop:
        shop.stores.log.append(told, SOURCE)
    return folder


def test_a_log_of_views_is_judged_by_what_is_looked_at_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home_of(tmp_path, looks())
    assert run(["--home", str(tmp_path), "--quiet", "evaluate", "--days", "3"]) == 0
    said = capsys.readouterr().out
    assert "This log holds no purchases: lists are judged by what people look at next" in " ".join(said.split())
    assert "looked at next" in said
    [page] = (tmp_path / "var" / "reports").glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert re.search(r"<h2>\d+ of 100 times, what is looked at next is among ten items shown</h2>", text)
    assert "judged on what people looked at in the 3 days after it" in text
    assert not re.findall(r"[Bb]ought later", text)
    [lists] = (tmp_path / "var" / "reports").glob("*.parquet")
    assert set(pl.read_parquet(lists)["track"]) == {"next_look"}


def told_to(home: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What ``evaluate`` says where it finds nothing to judge on."""
    assert run(["--home", str(home), "--quiet", "evaluate", *options]) == 3
    return " ".join(capsys.readouterr().err.split())


def bought_once(day: float, name: str = "o1") -> Event:
    return Event(
        event_id=name,
        type=EventType.PURCHASE,
        time=START + timedelta(days=day),
        customer_id="canary-0",
        order_id=name,
        items=(EventItem(item_id="i0"), EventItem(item_id="i1")),
    )


def test_days_that_would_work_are_named_and_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home_of(tmp_path, [*looks(), bought_once(2.0), bought_once(12.0, "o2")])
    said = told_to(tmp_path, capsys, "--days", "3")
    found = re.search(r"ask for --days (\d+) to (\d+)", said)
    assert found, said
    fewest, most = map(int, found.groups())
    assert (fewest, most) == (8, 19)
    told_to(tmp_path, capsys, "--days", str(fewest - 1))
    assert "Nothing is known before" in told_to(tmp_path, capsys, "--days", str(most + 1))
    for days in (fewest, most):
        assert run(["--home", str(tmp_path), "--quiet", "evaluate", "--days", str(days)]) == 0


def test_where_no_days_can_help_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    once = home_of(tmp_path / "once", [bought_once(0.0)])
    assert "no --days can help" in told_to(once, capsys)
    alone = home_of(tmp_path / "alone", [one for one in looks() if one.event_id.endswith("-0")])
    assert "This log holds no purchases, and nobody looked at one item after another" in told_to(alone, capsys)
    short = home_of(tmp_path / "short", looks(range(1)))
    assert "leave out --days" in told_to(short, capsys, "--days", "1")


def test_of_one_list_nothing_is_told_but_that_it_is_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home_of(tmp_path, [*looks(), bought_once(5.0), bought_once(19.0, "o2")])
    out = tmp_path / "report.html"
    assert run(["--home", str(tmp_path), "--quiet", "evaluate", "--days", "1", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "too few to tell" in said
    assert not re.search(r"\d-\d\.\d|-0\.000", said)
    text = out.read_text(encoding="utf-8")
    assert "<h2>Too few lists to tell how good they are</h2>" in text
    assert "Only 1 person bought anything in the 1 day after" in text
    assert "too few to tell, 1 list<" in text
    assert not re.findall(r"\b1 (lists|days|people)\b|95 % interval \d|\d–\d|−0\.0+\b", text)


def test_of_many_lists_the_interval_stands_there(judged: tuple[Path, Judgement]) -> None:
    rows = {row["name"]: row for row in judged[1].report["rows"]}
    assert rows["window.all.ndcg_at_10"]["lists"] == PEOPLE < FEW
    assert between(Mean(value=0.5, low=0.4, high=0.6, n=FEW)) == "0.400–0.600"
    assert between(Mean(value=0.5, low=0.4, high=0.6, n=FEW - 1)) == TOO_FEW
