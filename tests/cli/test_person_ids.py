"""A person's id as it is typed at the terminal: the spelling that is stored is what counts."""

import json
from pathlib import Path

import pytest

from recommender.cli import run

STORED = "zo\u00e9"
TYPED = [STORED, f"  {STORED}\t", "zoe\u0301", " zoe\u0301 "]
ORDERS = f"order,customer,date,sku,qty,price\n1,{STORED},2026-10-01 09:12,mug,1,7.50\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A shop that knows one order, where the command line is called."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert run(["import", "events", "orders.csv", "--set", "type=purchase"]) == 0
    capsys.readouterr()
    return tmp_path


@pytest.mark.parametrize("typed", TYPED)
def test_whoever_is_meant_is_shown_handed_over_and_erased(
    shop: Path, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    assert run(["profiles", "show", typed, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == STORED
    assert run(["privacy", "export", typed, "--out", "one.zip", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["events.json"] == 1
    assert run(["privacy", "erase", typed, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["deleted"]["events"] == 1
    assert run(["import", "events", "orders.csv", "--set", "type=purchase", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["erased"] == 1


def test_an_id_of_spaces_is_none(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["privacy", "erase", "  "]) == 3
    assert "An id is 1 to 128 bytes of printable text." in capsys.readouterr().err
