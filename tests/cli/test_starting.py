"""What a command does not need it does not load: commands are typed, and started by scripts, all day long."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import sys
from recommender.cli import run
code = run(sys.argv[1:])
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
sys.exit(code)
"""


def packages_of(home: Path, command: str) -> set[str]:
    """Every package a command had loaded when it was done."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECOMMENDER_")}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, "--home", str(home), *command.split()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose tables are made."""
    home = tmp_path_factory.mktemp("opened")
    assert "alembic" in packages_of(home, "keys create --class sk")
    return home


@pytest.mark.parametrize(
    ("command", "needless"),
    [
        (
            "keys list",
            {"numpy", "scipy", "polars", "flask", "granian", "alembic", "psycopg", "redis", "implicit", "pydantic"},
        ),
        (
            "models list",
            {"sqlalchemy", "scipy", "polars", "flask", "granian", "alembic", "redis", "implicit", "pydantic"},
        ),
        ("--help", {"sqlalchemy", "numpy", "scipy", "polars", "flask", "granian", "alembic", "redis", "implicit"}),
    ],
)
def test_a_command_loads_nothing_it_does_not_need(opened: Path, command: str, needless: set[str]) -> None:
    assert packages_of(opened, command) & needless == set()
