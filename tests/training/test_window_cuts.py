"""Which earlier moments are asked."""

from interaction_samples import DAY, interactions

from recommender.interactions import Kind
from recommender.training.windows import window_cuts


def test_a_window_in_which_nothing_happened_is_left_out() -> None:
    shop = interactions([(0, 0, Kind.PURCHASE, day) for day in (0.0, 75.0, 95.0)], now_day=100.0)
    ends = [round((shop.now_us - end) / DAY) for _, end in window_cuts(shop)]
    assert ends == [0, 20]


def test_without_any_event_nothing_is_asked() -> None:
    assert window_cuts(interactions([])) == []
