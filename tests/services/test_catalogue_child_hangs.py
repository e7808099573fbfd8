"""A writer of the catalogue that hangs is ended and started anew."""

import sys
from pathlib import Path

import pytest

from recommender.domain.errors import StoreUnavailableError
from recommender.services import catalogue_child
from recommender.services.catalogue_child import Child


def writer(tmp_path: Path, *, hangs: int) -> None:
    """A program named ``slow_writer`` that sleeps in its first runs and then comes to its end."""
    (tmp_path / "slow_writer.py").write_text(
        "import pathlib, sys, time\n"
        "sys.stdin.buffer.read()\n"
        f"runs = pathlib.Path({str(tmp_path / 'runs')!r})\n"
        "runs.write_text((runs.read_text() if runs.exists() else '') + 'x')\n"
        f"time.sleep(60 if len(runs.read_text()) <= {hangs} else 0)\n"
    )


@pytest.fixture
def hurried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogue_child, "PROGRAM", "slow_writer")
    monkeypatch.setattr(catalogue_child, "SECONDS", (3.0, 6.0))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert sys.executable
    return tmp_path


def test_it_is_started_anew_once(hurried: Path) -> None:
    writer(hurried, hangs=1)
    Child(hurried, None)(wait=True)
    assert (hurried / "runs").read_text() == "xx"


def test_one_that_hangs_again_is_told_of(hurried: Path) -> None:
    writer(hurried, hangs=2)
    with pytest.raises(StoreUnavailableError, match="did not come to its end"):
        Child(hurried, None)(wait=True)
