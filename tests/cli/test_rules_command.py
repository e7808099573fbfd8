"""``recommender rules``: what a file of rules matches, and how it moves the lists of real customers."""

from pathlib import Path

import pytest

from recommender.cli import run
from recommender.domain.people import Person
from recommender.services.rules_compare import evenly

ITEMS = "item_id,title,url,price,currency\n" + "".join(
    f"{name},{name.title()},https://shop.example/{name},7.50,EUR\n" for name in ("mug", "tea", "tin")
)
RULES = '[[home.exclude]]\nitem = "tea"\n'


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop of three items and two customers; its lists come from the catalogue."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "items.csv").write_text(ITEMS)
    (tmp_path / "customers.csv").write_text("customer_id,city\nanna,Oslo\nbert,Bonn\n")
    (tmp_path / "rules.toml").write_text(RULES)
    for kind in ("items", "customers"):
        assert run(["--home", "home", "import", kind, f"{kind}.csv"]) == 0
    return tmp_path


def test_check_and_compare(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["--home", "home", "rules", "check", "rules.toml"]) == 0
    assert "can be used: 1 rules" in capsys.readouterr().out
    assert run(["--home", "home", "rules", "compare", "rules.toml"]) == 0
    said = capsys.readouterr().out
    assert "home: 2 of 2 lists differ" in said
    assert "66.7% of their items stay" in said


def test_customers_known_from_orders_only_are_compared_too(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "orders.csv").write_text("order_id,customer_id,timestamp,item_id\n1,cleo,2026-10-01T09:12:00Z,mug\n")
    for home, lists in (("home", 3), ("new", 1)):
        assert run(["--home", home, "import", "events", "orders.csv", "--set", "type=purchase"]) == 0
        capsys.readouterr()
        assert run(["--home", home, "rules", "compare", "rules.toml"]) == 0
        assert f"of {lists} lists differ" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "said"),
    [("--scenario bogus", "bogus"), ("--scenario home", "There is no customer to make lists for")],
)
def test_with_nobody_to_compare_it_says_so(
    shop: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    assert run(["--home", "home2", "import", "items", "items.csv"]) == 0
    assert run(["--home", "home2", "rules", "compare", "rules.toml", *line.split()]) == 3
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("known", "asked"), [(5, 9), (9, 5), (7, 4), (10, 5), (8, 1), (3, 3)])
def test_people_are_chosen_evenly(known: int, asked: int) -> None:
    everybody = [Person(customer_id=f"{n:02}") for n in range(known)]
    places = [everybody.index(one) for one in evenly(everybody, asked)]
    assert len(places) == min(known, asked)
    assert places[0] == 0
    steps = {b - a for a, b in zip(places, [*places[1:], known], strict=True)}
    assert max(steps) - min(steps) <= 1
