import fcntl
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from answer_samples import CUSTOMERS, END, EVERYBODY, SOURCE, Spring, make_spring, recommender_of

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.errors import BusyError, UnknownScenarioError, UsageError
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.people import Person
from recommender.domain.ports import Stores
from recommender.domain.requests import Language, Repeat, Request
from recommender.services.batch import BatchReport, run_batch
from recommender.services.list_files import SCHEMA
from recommender.services.recommend import Recommender

PEOPLE = EVERYBODY[:-1]
HERE = Path(__file__).parent

KILLED_RUN = """
import os, signal, sys
from pathlib import Path
import recommender.threads
sys.path.insert(0, sys.argv[1])
from answer_samples import END, EVERYBODY, fitted, open_spring, recommender_of
from recommender.services.batch import run_batch

def die(done, total):
    if done >= int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

stores = open_spring(Path(sys.argv[2]))
run_batch(recommender_of(stores, fitted(stores)), EVERYBODY[:-1], scenario="home", now=END, out=Path(sys.argv[3]),
          block_people=5, progress=die)
"""


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    return make_spring(tmp_path_factory.mktemp("spring"))


@pytest.fixture
def stores(spring: Spring, tmp_path: Path) -> Iterator[Stores]:
    opened = spring.copy(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def shop(stores: Stores, spring: Spring) -> Recommender:
    return recommender_of(stores, spring.model)


def run(shop: Recommender, out: Path, **wishes: Any) -> BatchReport:
    wishes = {"scenario": "home", "now": END, "block_people": 5, "people": PEOPLE, **wishes}
    return run_batch(shop, wishes.pop("people"), out=out, **wishes)


def read(out: Path) -> pl.DataFrame:
    if out.suffix == ".parquet":
        return pl.read_parquet(out)
    return pl.read_csv(out) if out.suffix == ".csv" else pl.read_ndjson(out)


def stop_after(shop: Recommender, out: Path, people: int, **wishes: Any) -> None:
    """A run that ends early: power is cut, so to speak, after so many people."""

    def cut(done: int, total: int | None) -> None:
        if done >= people:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(shop, out, progress=cut, **wishes)


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_the_file_holds_the_lists_live_would_give(shop: Recommender, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"lists.{ending}"
    report = run(shop, out)
    table = read(out)
    assert table.columns == list(SCHEMA)
    assert (report.people, report.items, report.short) == (len(PEOPLE), len(table), 0)
    for person in PEOPLE:
        slate = shop.slate(Request(scenario="home", now=END, person=person))
        rows = table.filter(pl.col("person_id") == person.label)
        wanted = [(p.item_id, p.rank, p.score, p.source, p.reason.text) for p in slate.items]
        assert rows.drop("person_id").rows()[-12:] == wanted


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_the_same_inputs_give_the_same_bytes(shop: Recommender, tmp_path: Path, ending: str) -> None:
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    run(shop, first)
    run(shop, second)
    assert first.read_bytes() == second.read_bytes()


def test_the_size_of_blocks_changes_no_list(shop: Recommender, tmp_path: Path) -> None:
    for block_people in (1, 7, 512):
        run(shop, tmp_path / f"{block_people}.csv", block_people=block_people)
    assert len({(tmp_path / f"{block_people}.csv").read_bytes() for block_people in (1, 7, 512)}) == 1


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_killed_run_goes_on_where_it_stopped(spring: Spring, tmp_path: Path, ending: str) -> None:
    stores = spring.copy(tmp_path / "home")
    out = tmp_path / f"lists.{ending}"
    arguments = [str(HERE), str(tmp_path / "home"), str(out), "15"]
    killed = subprocess.run([sys.executable, "-c", KILLED_RUN, *arguments], cwd=HERE.parents[1], check=False)
    assert killed.returncode == -9
    assert not out.exists()
    shop = recommender_of(stores, spring.model)
    report = run(shop, out)
    whole = tmp_path / f"whole.{ending}"
    run(shop, whole)
    assert (report.resumed_people, report.started_over) == (15, None)
    assert report.people == len(PEOPLE)
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", out.name, whole.name]


def test_a_run_with_other_wishes_starts_over_and_says_so(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    stop_after(shop, out, 10)
    report = run(shop, out, size=6)
    assert report.resumed_people == 0
    assert report.started_over is not None
    assert "size" in report.started_over


def test_a_run_after_new_orders_starts_over(shop: Recommender, stores: Stores, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    stop_after(shop, out, 10)
    order = Event(
        event_id="new",
        type=EventType.PURCHASE,
        time=END - timedelta(days=1),
        customer_id="c1",
        items=(EventItem(item_id="i13"),),
    )
    stores.log.append([order], SOURCE)
    assert "log" in (run(shop, out).started_over or "")


@pytest.mark.parametrize("purpose", [Purpose.ONSITE_PERSONALISATION, Purpose.INFERRED_TRAITS])
def test_a_run_after_somebody_refused_starts_over(
    shop: Recommender, stores: Stores, tmp_path: Path, purpose: Purpose
) -> None:
    out = tmp_path / "lists.csv"
    stop_after(shop, out, 10)
    said = ConsentRecord(person=PEOPLE[0], purpose=purpose, state=ConsentState.OBJECTED, time=END, source="test")
    stores.consent.record([said])
    assert "consent" in (run(shop, out).started_over or "")


def test_only_blocks_of_the_same_people_are_used_again(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    stop_after(shop, out, 15)
    others = [*PEOPLE[:5], Person(customer_id="somebody-else"), *PEOPLE[5:]]
    report = run(shop, out, people=others)
    assert report.resumed_people == 5
    run(shop, tmp_path / "whole.csv", people=others)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_run_for_the_present_is_continued_with_the_moment_it_began_at(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    stop_after(shop, out, 10, now_given=False)
    later = run(shop, out, now=END + timedelta(hours=2), now_given=False)
    assert (later.resumed_people, later.now) == (10, END)


def test_a_run_for_the_present_is_not_continued_days_later(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    stop_after(shop, out, 10, now_given=False)
    later = run(shop, out, now=END + timedelta(days=2), now_given=False)
    assert (later.resumed_people, later.now) == (0, END + timedelta(days=2))


def test_an_unfinished_run_leaves_the_old_file_alone(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    out.write_text("last week's lists")
    stop_after(shop, out, 10)
    assert out.read_text() == "last week's lists"


def test_ids_that_look_like_formulas_are_made_safe_and_numbers_stay_numbers(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    names = ["=1+1", "+1", "-1", "@sum", "\tx", "'=1", "'fine", "a=b"]
    run(shop, out, people=[Person(customer_id=name) for name in names])
    table = pl.read_csv(out, schema_overrides={"person_id": pl.String})
    said = table.get_column("person_id").unique(maintain_order=True).to_list()
    assert said == ["'=1+1", "'+1", "'-1", "'@sum", "'\tx", "''=1", "'fine", "a=b"]
    assert table.schema["score"] == pl.Float64
    assert table.schema["rank"] == pl.Int64


def test_nobody_asked_about_gives_an_empty_table(shop: Recommender, tmp_path: Path) -> None:
    for ending in ("parquet", "csv"):
        report = run(shop, tmp_path / f"lists.{ending}", people=[])
        assert (report.people, report.items) == (0, 0)
        assert read(tmp_path / f"lists.{ending}").columns == list(SCHEMA)


def test_people_may_come_from_a_stream(shop: Recommender, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    run(shop, tmp_path / "lists.csv", people=iter(PEOPLE[:7]), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(5, None), (7, None)]


def test_wishes_reach_the_lists(shop: Recommender, stores: Stores, tmp_path: Path) -> None:
    out = tmp_path / "lists.jsonl"
    report = run(shop, out, repeat=Repeat.FORBID, size=3, language=Language.PL)
    table = pl.read_ndjson(out)
    bought = {line.item_id for line in stores.log.of_person(Person(customer_id="c1")) if line.type == "purchase"}
    assert not bought & set(table.filter(pl.col("person_id") == "c1").get_column("item_id"))
    polish = ("Pasuje do: ", "Kupują to", "W stylu: ", "Wybrane", "Popularne", "Z ", "Oglądane", "Odłożone", "Wielu")
    assert all(text.startswith(polish) for text in table.get_column("reason"))
    assert report.items == 3 * len(PEOPLE)


def test_short_lists_and_fallbacks_are_counted(stores: Stores, tmp_path: Path) -> None:
    report = run(recommender_of(stores, None), tmp_path / "lists.csv", size=100)
    assert report.short == report.people == len(PEOPLE)
    assert report.fallbacks == {"no_model": len(PEOPLE)}


def test_two_runs_do_not_write_the_same_file(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    folder = tmp_path / "lists.csv.partial"
    folder.mkdir()
    with (folder / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="Another run"):
            run(shop, out)
    assert run(shop, out).people == len(PEOPLE)


def test_a_wrong_call_is_refused_before_anything_is_written(shop: Recommender, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.parquet, \.csv, \.jsonl"):
        run(shop, tmp_path / "lists.xlsx")
    with pytest.raises(UsageError, match="no folder"):
        run(shop, tmp_path / "nowhere" / "lists.csv")
    with pytest.raises(UnknownScenarioError):
        run(shop, tmp_path / "lists.csv", scenario="hme")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_block_keeps_its_name_for_what_is_whole(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.csv"
    stop_after(shop, out, 10)
    names = sorted(path.suffix for path in (tmp_path / "lists.csv.partial").iterdir())
    assert names == ["", ".csv", ".csv", ".json", ".json", ".json"]


def test_customers_are_asked_for_by_their_number(shop: Recommender, tmp_path: Path) -> None:
    out = tmp_path / "lists.parquet"
    run(shop, out, people=[Person(customer_id=customer) for customer in CUSTOMERS])
    assert pl.read_parquet(out).get_column("person_id").unique(maintain_order=True).to_list() == list(CUSTOMERS)
