"""Migrations, and databases that are not what they should be."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import recommender.storage.migrations as package
from recommender.domain.errors import SettingsError, StoreUnavailableError
from recommender.domain.ports import Stores
from recommender.storage import default_url, open_stores
from recommender.storage.migrate import HEAD, REVISIONS
from recommender.storage.tables import metadata


def file_of(home: Path) -> Path:
    return home / "var" / "shop.db"


def test_the_list_of_revisions_is_what_the_folder_holds() -> None:
    assert package.__file__ is not None
    scripts = ScriptDirectory(str(Path(package.__file__).parent))
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(REVISIONS)
    assert scripts.get_current_head() == HEAD


def test_migrations_make_exactly_the_tables_the_code_speaks_of(stores: Stores) -> None:
    database = stores._database  # type: ignore[attr-defined]
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [d for d in compare_metadata(context, metadata) if "alembic_version" not in str(d)]
        if connection.dialect.name == "sqlite":  # which cannot drop what 0006 drops, and does not look at it either
            differences = [d for d in differences if d[0] != "remove_fk"]
    assert differences == []


def test_opening_an_up_to_date_home_imports_no_migrations_no_columns_and_no_other_backend(home: Path) -> None:
    open_stores(default_url(home), home=home).close()
    code = (
        "import sys; from pathlib import Path; from recommender.storage import *; "
        f"open_stores(default_url(Path({str(home)!r})), home=Path({str(home)!r})).close(); "
        "print([m for m in ('alembic', 'psycopg', 'implicit', 'mako', 'polars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_schema_from_the_future_is_refused(stores: Stores, home: Path, request: pytest.FixtureRequest) -> None:
    with stores._database.writing() as connection:  # type: ignore[attr-defined]
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailableError, match=r"newer version.*9999.*update the program"):
        request.getfixturevalue("open_at")(home)


def test_tables_of_another_program_are_left_alone(home: Path) -> None:
    file_of(home).parent.mkdir()
    with sqlite3.connect(file_of(home)) as connection:
        connection.execute("CREATE TABLE events (x)")
    connection.close()
    with pytest.raises(StoreUnavailableError, match=r"'events'.*database of its own"):
        open_stores(default_url(home), home=home)


def test_a_file_that_is_no_database_is_said_to_be_none(home: Path) -> None:
    file_of(home).parent.mkdir()
    file_of(home).write_bytes(b"item;price\n" * 1_000)
    with pytest.raises(StoreUnavailableError, match="is not a database"):
        open_stores(default_url(home), home=home)


def test_a_damaged_database_is_said_to_be_damaged(home: Path) -> None:
    stores = open_stores(default_url(home), home=home)
    stores.compact()
    stores.close()
    content = file_of(home).read_bytes()
    file_of(home).write_bytes(content[:8_192] + os.urandom(len(content) - 8_192))
    with pytest.raises(StoreUnavailableError, match=r"damaged; restore"):
        open_stores(default_url(home), home=home)


def test_without_create_a_missing_database_is_not_made(home: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="There is no database"):
        open_stores(default_url(home), home=home, create=False)
    assert list(home.iterdir()) == []


def test_a_lock_of_another_program_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.storage.sqlite.BUSY_SECONDS", 0.2)
    stores = open_stores(default_url(home), home=home)
    other = sqlite3.connect(file_of(home), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="locked by another program"):
        stores.meta.set("x", "y")
    other.close()
    stores.meta.set("x", "y")
    stores.close()


def test_a_server_that_is_not_there_is_named_without_the_password(home: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="The database shop on") as caught:
        open_stores(f"postgresql://me:hunter2@/shop?host={tmp_path}", home=home)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "nonsense", "sqlite:///:memory:"])
def test_other_urls_are_refused(home: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="RECOMMENDER_DATABASE_URL"):
        open_stores(url, home=home)


def test_files_of_a_home_are_for_its_owner_only(home: Path) -> None:
    stores = open_stores(default_url(home), home=home)
    stores.meta.set("x", "y")
    modes = {path.name: path.stat().st_mode & 0o077 for path in (home / "var").iterdir()}
    stores.close()
    assert set(modes) >= {"shop.db", "secret.key"}
    assert set(modes.values()) == {0}
