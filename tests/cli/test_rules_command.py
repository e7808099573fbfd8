"""``recommender rules``: what a file of rules matches, and how it moves the lists of real customers."""

from pathlib import Path

import pytest

from recommender.cli import run

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
