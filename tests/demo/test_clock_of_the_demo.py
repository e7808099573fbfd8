"""By how much the demo's dates are shown later."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.demo.run import ENDED, shifted
from recommender.domain.clock import CLOCK_SHIFT
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.ports import Source, Stores
from recommender.storage import default_url, open_stores

END = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with closing(open_stores(default_url(tmp_path), home=tmp_path)) as opened:
        opened.meta.set(ENDED, END.isoformat())
        happened(opened, END)
        yield opened


def happened(stores: Stores, at: datetime) -> None:
    look = Event(event_id=str(at), type=EventType.VIEW_ITEM, time=at, visitor_id="v", items=(EventItem(item_id="mug"),))
    stores.log.append([look], Source(kind="api", legal_basis="consent"))


def test_the_last_order_was_placed_yesterday_on_every_day_nobody_clicked(stores: Stores) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    assert (END + shifted(stores)).date() == yesterday
    stores.meta.set(CLOCK_SHIFT, "17")
    assert (END + shifted(stores)).date() == yesterday


def test_once_somebody_clicked_time_goes_on_and_dates_stay(stores: Stores) -> None:
    shift = shifted(stores)
    happened(stores, datetime.now(UTC) - shift)
    assert shifted(stores) == shift
    assert stores.meta.get(CLOCK_SHIFT) == str(shift.days)
