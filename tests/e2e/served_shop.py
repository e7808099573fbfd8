"""One small shop for all tests of this folder, and one service of it for those that change nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_shop import (
    OPEN,
    RUN_1,
    Service,
    fill,
    publish,
    serving,
)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("shop")
    fill(home)
    publish(home, RUN_1)
    return home


@pytest.fixture
def own_home(shop: Path, tmp_path: Path) -> Path:
    """A shop of the test's own."""
    return Path(shutil.copytree(shop, tmp_path / "home"))


@pytest.fixture(scope="session")
def running(shop: Path) -> Iterator[Service]:
    """One service for tests that change nothing."""
    with serving(shop, OPEN) as service:
        yield service
