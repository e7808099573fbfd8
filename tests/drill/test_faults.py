"""Every fault of the drill, shorter: whatever breaks, a storefront gets a list and nothing acknowledged is lost."""

from pathlib import Path

import pytest

from drill.campaign import DRILLS, Drill, run


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drill")


@pytest.mark.slow
@pytest.mark.parametrize("drill", DRILLS, ids=[drill.name for drill in DRILLS])
def test_whatever_breaks_the_shop_keeps_its_lists_and_its_events(drill: Drill, scratch: Path) -> None:
    found = run(drill, scratch, quick=True)
    short = {name: figure.value for name, figure in found.items() if figure.ok is False and "p99" not in name}
    assert not short
