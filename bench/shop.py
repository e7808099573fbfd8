"""The bundled shop in a home of its own, made with the same commands people type."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import recommender

DATA = Path(recommender.__file__).parent / "demo" / "data"
EVENTS = DATA / "events.parquet"


def command(home: Path, *words: str) -> list[str]:
    """A ``recommender`` command on a home."""
    return [sys.executable, "-m", "recommender", "--home", str(home), *words]


def do(home: Path, *words: str) -> None:
    """Run a ``recommender`` command on a home; a failure is an error with what it said."""
    run(command(home, *words))


def run(words: Sequence[str]) -> None:
    """Run a command; a failure is an error with what it said."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"{' '.join(words[2:])} failed with {done.returncode}:\n{said}")


def loaded(home: Path) -> Path:
    """Items, customers and events of the bundled shop, imported; once per home."""
    if not home.exists():
        home.mkdir(parents=True)
        do(home, "import", "items", str(DATA / "items.parquet"))
        do(home, "import", "customers", str(DATA / "customers.parquet"))
        do(home, "import", "events", str(EVENTS))
    return home


def trained(home: Path) -> Path:
    """The same with a published model; once per home."""
    if not (home / "models" / "CURRENT").exists():
        do(loaded(home), "train", "--budget", "0")
    return as_of_yesterday(home)


def as_of_yesterday(home: Path) -> Path:
    """Set the shop's clock back as the demo does, so that its last order was placed yesterday.

    The orders are of 2011: without this nobody's history would weigh anything any more, and a list would cost less than it
    does in a shop that is alive.
    """
    from recommender.domain.clock import CLOCK_SHIFT
    from recommender.settings import Settings
    from recommender.wiring import connect

    with connect(Settings(home=home)) as shop:
        span = shop.stores.log.span()
        if span is None:
            raise RuntimeError(f"{home} has no events")
        shop.stores.meta.set(CLOCK_SHIFT, str((datetime.now(UTC) - span[1]).days - 1))
    return home
