"""What ``recommender doctor`` finds."""

import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.cli import run
from recommender.cli.doctor import Finding, examine
from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.events import Event, EventType
from recommender.domain.items import Item
from recommender.domain.keys import KeyClass
from recommender.domain.people import Person
from recommender.domain.ports import Source
from recommender.services.keys import create_key
from recommender.settings import Settings, checked
from recommender.storage import default_url, open_stores


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return checked(Settings(home=tmp_path / "shop", port=free_port(), admin_port=free_port()))


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(settings)}


def test_an_empty_home_is_well_and_says_what_is_still_to_be_done(settings: Settings) -> None:
    findings = found(settings)
    assert {name: finding.verdict for name, finding in findings.items()} == {
        "settings": "ok",
        "home": "ok",
        "disk": "ok",
        "kernels": "ok",
        "database": "ok",
        "clock": "ok",
        "catalogue": "warn",
        "keys": "warn",
        "consent": "ok",
        "redis": "ok",
        "model": "warn",
        "port": "ok",
        "admin port": "ok",
    }
    for name, command in (("catalogue", "import items"), ("keys", "keys create"), ("model", "recommender train")):
        assert command in str(findings[name].advice)


def test_a_record_of_consent_that_was_changed_by_hand_is_found(settings: Settings) -> None:
    stores = open_stores(default_url(settings.home), home=settings.home)
    for n in range(3):
        said = ConsentRecord(
            person=Person(customer_id=f"c{n}"),
            purpose=Purpose.MODEL_TRAINING,
            state=ConsentState.DENIED,
            time=datetime(2026, 1, 1, tzinfo=UTC),
            source="test",
        )
        stores.consent.record([said])
    stores.close()
    assert found(settings)["consent"].verdict == "ok"
    with closing(sqlite3.connect(settings.home / "var" / "shop.db")) as connection:
        connection.execute("UPDATE consent SET state = 'granted' WHERE number = 2")
        connection.commit()
    finding = found(settings)["consent"]
    assert (finding.verdict, finding.said) == ("fail", "record 2 was changed or is missing")


def test_what_is_there_is_counted(settings: Settings) -> None:
    stores = open_stores(default_url(settings.home), home=settings.home)
    stores.catalogue.put([Item(item_id="a"), Item(item_id="b")])
    create_key(stores.keys, key_class=KeyClass.SK, now=datetime.now(UTC))
    later = Event(
        event_id="e", type=EventType.VIEW_ITEM_LIST, time=datetime.now(UTC) + timedelta(days=9), visitor_id="v7"
    )
    stores.log.append([later], Source(kind="api", legal_basis="contract"))
    stores.close()
    findings = found(settings)
    assert (findings["catalogue"].said, findings["keys"].said) == ("2 items", "0 pk_, 1 sk_, 0 adm_")
    assert findings["clock"].verdict == "warn"


def test_a_database_that_does_not_answer_fails_and_the_rest_is_still_looked_at(settings: Settings) -> None:
    findings = found(replace(settings, database_url="postgresql://shop@127.0.0.1:1/none"))
    assert findings["database"].verdict == "fail"
    assert "RECOMMENDER_DATABASE_URL" in str(findings["database"].advice)
    assert findings["port"].verdict == "ok"


def test_a_home_that_cannot_be_written_is_said_and_no_server_is_looked_for(settings: Settings) -> None:
    settings.home.mkdir()
    settings.var_dir.write_text("a file where the folder should be")
    finding = found(settings)["database"]
    assert finding.verdict == "fail"
    assert f"{settings.var_dir} cannot be written" in str(finding.advice)
    assert "RECOMMENDER_DATABASE_URL" not in str(finding.advice)


def test_a_file_that_is_no_database_is_put_right_or_restored(settings: Settings) -> None:
    settings.var_dir.mkdir(parents=True)
    (settings.var_dir / "shop.db").write_bytes(b"no database" * 1000)
    assert "recommender restore" in str(found(settings)["database"].advice)


def test_without_origins_a_key_for_pages_of_another_origin_is_of_no_use(settings: Settings) -> None:
    assert "pages of no other origin may read lists" in found(settings)["settings"].said
    with closing(open_stores(default_url(settings.home), home=settings.home)) as stores:
        create_key(stores.keys, key_class=KeyClass.SK, now=datetime.now(UTC))
        assert "origins" not in found(settings)
        create_key(stores.keys, key_class=KeyClass.PK, now=datetime.now(UTC))
    finding = found(settings)["origins"]
    assert finding.verdict == "warn"
    assert "RECOMMENDER_ORIGINS" in finding.said
    assert "origins" not in found(replace(settings, origins="https://shop.example"))


def test_a_redis_that_does_not_answer_fails(settings: Settings) -> None:
    assert found(replace(settings, redis_url="redis://127.0.0.1:1"))["redis"].verdict == "fail"


def test_a_model_whose_files_were_changed_fails(settings: Settings) -> None:
    (settings.models_dir / "20260301T000000Z").mkdir(parents=True)
    (settings.models_dir / "20260301T000000Z" / "manifest.json").write_text("{}")
    (settings.models_dir / "CURRENT").write_text("20260301T000000Z\n")
    finding = found(settings)["model"]
    assert finding.verdict == "fail"
    assert "rollback" in str(finding.advice)


def test_a_port_that_another_program_has_is_said(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.port))
        other.listen()
        assert found(settings)["port"].verdict == "warn"


def test_a_setting_of_the_doors_that_cannot_be_read_fails(settings: Settings) -> None:
    finding = found(replace(settings, origins="*"))["settings"]
    assert (finding.verdict, "RECOMMENDER_ORIGINS" in finding.said) == ("fail", True)


@pytest.mark.parametrize(("origins", "code"), [("", 0), ("*", 5)])
def test_the_exit_code_tells_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], origins: str, code: int
) -> None:
    monkeypatch.setenv("RECOMMENDER_ORIGINS", origins)
    assert run(["--home", str(tmp_path), "doctor", "--json"]) == code
    assert capsys.readouterr().out.startswith('{"ok":' + ("true" if code == 0 else "false"))
