"""What a newcomer does wrong gets one clear sentence and the exit code of the contract."""

import json
from pathlib import Path

import pytest

from recommender.cli import EXIT_CODES, INTERRUPTED, run

ORDERS = "order,customer,date,sku,qty,price\n1,anna,2026-10-01 09:12,mug,1,7.50\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, where the command line is called."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_text(ORDERS)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("nonsense", 2, "No such command"),
        ("train --budget", 2, "requires an argument"),
        ("train --until soon", 2, "--until is 'soon', which is no time"),
        ("recommend --scenario home --out picks.csv", 2, "exactly one of --customers FILE, --visitors FILE or --all."),
        ("recommend --scenario home --all --customers a.csv --out picks.csv", 2, "exactly one of --customers"),
        ("recommend --scenario home --all --out picks.txt", 2, ".parquet"),
        ("recommend --scenario hoem --all --out picks.csv", 3, "home"),
        ("recommend --scenario home --customers nowhere.csv --out picks.csv", 3, "nowhere.csv"),
        ("recommend --scenario home --segment vip --out picks.csv", 2, "no segment 'vip'"),
        ("recommend --scenario home --all --size 0 --out picks.csv", 2, "--size"),
        ("recommend --scenario home --all --size 101 --out picks.csv", 2, "--size"),
        ("newsletter build --all --size 0 --out mails.csv", 2, "1 to 12 items"),
        ("newsletter build --all --size 13 --out mails.csv", 2, "1 to 12 items"),
        ("serve --workers 0", 2, "--workers"),
        ("serve --workers 65", 2, "--workers"),
        ("serve --port 0", 2, "--port"),
        ("serve --port 99999", 2, "--port"),
        ("serve --host=", 2, "--host is empty"),
        ("demo --port 99999", 2, "--port"),
        ("import events nowhere.csv", 3, "nowhere.csv"),
        ("import events orders.csv --set type", 2, "--set takes FIELD=VALUE"),
        ("import events orders.csv --set type=bla", 2, "--set type=bla: “bla” is no event type"),
        (
            "import events orders.csv --set type=view_item --set currency=xx",
            2,
            "--set currency=xx: “xx” is not a currency",
        ),
        ("import items orders.csv --map customer_id= --map order_id= --set stock=many", 2, "--set stock=many"),
        ("import customers orders.csv --set email=none", 2, "--set email=none"),
        ("import events orders.csv --set type=purchase --map item_id=product", 3, "product"),
        ("events dead-letters list --code nosuch", 2, "No event is refused for 'nosuch'"),
        ("events dead-letters replay --code nosuch", 2, "No event is refused for 'nosuch'"),
        ("events dead-letters replay --set typ=x", 2, "did you mean 'type'?"),
        ("models rollback", 3, "train"),
        ("models show 20200101T000000Z", 3, "20200101T000000Z"),
        ("keys revoke key-1", 3, "There is no key key-1"),
        ("restore nowhere.tar.zst", 3, "nowhere.tar.zst"),
        ("privacy export anna --out no/such/folder.zip", 3, "does not exist"),
    ],
)
def test_one_sentence_and_the_right_exit_code(
    shop: Path, capsys: pytest.CaptureFixture[str], line: str, code: int, said: str
) -> None:
    assert run(["--home", "shop", "--quiet", "keys", "create", "--class", "sk"]) == 0  # begins the shop
    capsys.readouterr()
    assert run(["--home", "shop", *line.split()]) == code
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err
    assert "RECOMMENDER_" not in shown.err
    assert len(shown.err.strip().splitlines()) <= 4


def test_with_json_an_error_is_an_object_on_stdout(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "events", "nowhere.csv", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad_input"


def test_an_unknown_setting_is_refused_before_anything_is_opened(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECOMMENDER_DATABSE_URL", "x")
    assert run(["models", "list"]) == 2
    assert "Did you mean RECOMMENDER_DATABASE_URL?" in capsys.readouterr().err
    assert not (shop / "var").exists()


def test_a_bad_date_names_the_line_and_stores_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "orders.csv").write_text(ORDERS + "2,ben,yesterday-ish,mug,1,7.50\n")
    assert run(["import", "events", "orders.csv", "--set", "type=purchase", "--quiet"]) == 3
    shown = capsys.readouterr().err
    assert "line 3" in shown
    assert "nothing was stored" in shown
    (shop / "orders.csv").write_text(ORDERS)
    assert run(["import", "events", "orders.csv", "--set", "type=purchase", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["new"] == 1


def test_the_report_of_an_import_names_what_it_keeps_as_attributes(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "items.csv").write_text("sku,title,gtin\nmug,Mug,0590\n")
    for more in (["--dry-run"], []):
        assert run(["--home", "shop", "import", "items", "items.csv", *more]) == 0
        assert "kept as attributes: gtin" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "profiles show anna",
        "profiles rebuild",
        "privacy export anna --out anna.zip",
        "privacy erase anna",
        "privacy log",
        "keys list",
        "keys revoke key-1",
        "backup shop.tar.zst",
        "recommend --scenario home --all --out picks.csv",
        "newsletter build --all --out mails.csv",
        "events dead-letters list",
        "events dead-letters replay",
        "slates report",
        "rules check orders.csv",
        "rules compare orders.csv",
        "evaluate",
    ],
)
def test_a_home_that_is_mistyped_does_not_become_a_shop(
    shop: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert run(["--home", "shpo", *line.split()]) == 3
    assert f"There is no shop in {shop / 'shpo'}: check --home" in capsys.readouterr().err
    assert [path.name for path in shop.iterdir()] == ["orders.csv"]


def test_a_backup_that_is_not_there_begins_no_shop(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--home", "new", "restore", "nope.tar.zst"]) == 3
    assert "nope.tar.zst" in capsys.readouterr().err
    assert not (shop / "new").exists()


def test_the_exit_code_of_ctrl_c_is_among_those_told() -> None:
    assert f" {INTERRUPTED} stopped by Ctrl-C" in EXIT_CODES
