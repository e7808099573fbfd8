"""What attributes say of small lives."""

import pytest
from feature_samples import DAY_US, SHOP, START_US, line

from recommender.domain.events import EventType, Line
from recommender.features import AttributeValue, empty, fold, values

Values = dict[str, AttributeValue]


def profile(*history: Line, day: float, population: dict[str, list[float]] | None = None) -> Values:
    return values(fold(empty(), history, SHOP), START_US + round(day * DAY_US), population)


def purchase(seq: int, day: float, item: str = "tea", **told: object) -> Line:
    return line(seq, EventType.PURCHASE, day=day, item_id=item, **told)


def test_a_stranger_has_no_values_but_zeros() -> None:
    found = profile(day=0)
    assert {name: value for name, value in found.items() if value} == {"cycle_stage": "none"}
    assert found["recency_days"] is None
    assert found["orders"] == 0


def test_lines_of_one_order_are_one_order_and_its_money_is_added_up() -> None:
    told = {"order_id": "o1", "currency": "EUR", "price_e4": 50_000}
    found = profile(
        purchase(1, 1, "tea", quantity=2, **told),
        purchase(2, 1, "cup", **told),
        purchase(3, 9, "tea", order_id="o2", currency="EUR", price_e4=30_000),
        line(4, EventType.REFUND, day=10, item_id="cup", order_id="o1", currency="EUR", price_e4=50_000),
        day=11,
    )
    assert (found["orders"], found["units_bought"], found["spend"], found["spend_currency"]) == (2, 4, 13.0, "EUR")
    assert (found["average_order"], found["returned_share"], found["recency_days"]) == (9.0, 5 / 18, 2.0)


def test_an_order_told_by_its_total_only_counts_the_total() -> None:
    found = profile(line(1, EventType.PURCHASE, day=1, value_e4=990_000), day=2)
    assert (found["orders"], found["spend"]) == (1, 99.0)


def test_orders_of_the_last_ninety_days_are_told_from_older_ones() -> None:
    found = profile(
        purchase(1, 0, order_id="a"), purchase(2, 300, order_id="b"), purchase(3, 380, order_id="c"), day=385
    )
    assert (found["orders"], found["orders_90d"], found["orders_365d"]) == (3, 2, 2)


def test_scores_compare_with_the_population() -> None:
    cuts = {"recency_days": [1.0, 2.0, 3.0, 4.0], "orders": [1.0, 2.0, 3.0, 4.0], "spend": [5.0, 10.0, 20.0, 40.0]}
    found = profile(purchase(1, 0, price_e4=300_000), day=0.5, population=cuts)
    assert (found["recency_score"], found["frequency_score"], found["monetary_score"]) == (5, 2, 4)


def test_somebody_who_buys_every_ten_days_is_due_ten_days_after_the_last() -> None:
    weekly = [purchase(seq, 10 * seq) for seq in range(1, 5)]
    found = profile(*weekly, day=42)
    assert (found["interval_days"], found["regularity"], found["cycle_stage"]) == (10.0, 1.0, "returning")
    assert found["due_in_days"] == pytest.approx(8, abs=1)
    assert profile(*weekly, day=58)["cycle_stage"] == "late"
    assert profile(*weekly, day=90)["cycle_stage"] == "leaving"


def test_a_single_purchase_has_no_interval() -> None:
    found = profile(purchase(1, 0), day=20)
    assert (found["interval_days"], found["due_in_days"], found["cycle_stage"]) == (None, None, "one-time")
    assert profile(purchase(1, 0), day=400)["cycle_stage"] == "leaving"


def test_what_was_bought_more_than_eight_years_ago_says_nothing_of_taste() -> None:
    week, told = 7, ("favourite_category", "category_shares", "favourite_brand", "typical_price")
    lately, long_ago = (profile(purchase(1, 0), day=weeks * week) for weeks in (8 * 52, 9 * 52))
    assert None not in [lately[name] for name in told]
    assert [long_ago[name] for name in told] == [None] * len(told)


def test_a_purchase_says_more_of_taste_than_views_do() -> None:
    views = [line(seq, EventType.VIEW_ITEM, day=1, item_id="żaba") for seq in range(1, 5)]
    found = profile(*views, purchase(9, 1, "tea"), day=2)
    assert (found["favourite_category"], found["favourite_path"]) == ("Kitchen", "Kitchen > Tea")
    assert found["category_shares"] == {"Kitchen": 8 / 12, "Ogród": 4 / 12}
    assert (found["favourite_brand"], found["favourite_brand_share"]) == ("Leaf", 1.0)


def test_interest_halves_in_thirteen_weeks() -> None:
    old, new = purchase(1, 0, "tea"), purchase(2, 91, "żaba")
    assert profile(old, new, day=91)["category_shares"] == {"Kitchen": 1 / 3, "Ogród": 2 / 3}


def test_what_was_sent_back_is_not_liked() -> None:
    back = line(2, EventType.REFUND, day=2, item_id="tea")
    assert profile(purchase(1, 1, "tea"), back, day=3)["favourite_category"] is None


def test_a_typical_price_is_near_what_is_paid() -> None:
    found = profile(*(purchase(seq, seq, price_e4=100_000) for seq in range(1, 4)), day=5)
    assert found["typical_price"] == pytest.approx(10.0, rel=0.2)


def test_a_cart_is_open_until_bought_or_removed() -> None:
    history = [line(seq, EventType.ADD_TO_CART, day=1, item_id=item) for seq, item in enumerate(["tea", "cup", "pot"])]
    history += [line(5, EventType.REMOVE_FROM_CART, day=1.1, item_id="cup"), purchase(6, 1.2, "pot")]
    found = profile(*history, day=2)
    assert (found["open_cart"], found["open_cart_items"], found["open_cart_days"]) == (["tea"], 1, 1.0)
    assert profile(*history, day=40)["open_cart"] is None


def test_carts_without_a_purchase_by_the_next_day_were_left() -> None:
    adds = [line(day, EventType.ADD_TO_CART, day=day, item_id="tea") for day in (1, 11, 21, 31)]
    found = profile(*adds, purchase(90, 12), day=31.5)
    assert (found["carts"], found["carts_left"], found["carts_left_share"]) == (4, 2, 2 / 3)


def test_a_session_ends_after_half_an_hour_without_an_event() -> None:
    minute = 1 / 1_440
    views = [
        line(seq, EventType.VIEW_ITEM, day=at * minute, item_id="tea") for seq, at in enumerate([0, 20, 49, 79, 110])
    ]
    found = profile(*views, day=1)
    assert (found["sessions_7d"], found["views_per_session"], found["session_minutes"]) == (2, 2.5, 79 / 2)
    assert profile(*views, day=20)["sessions_7d"] == 0


def test_mail_and_orders_from_elsewhere_make_no_session() -> None:
    assert profile(purchase(1, 0), line(2, EventType.EMAIL_OPEN), day=1)["last_visit_days"] is None


def test_clicks_are_counted_against_lists_shown_once_an_event() -> None:
    shown = [line(1, EventType.VIEW_ITEM_LIST, line=n, item_id="tea", slate_id="s") for n in range(3)]
    click = line(2, EventType.SELECT_ITEM, item_id="tea", slate_id="s")
    found = profile(
        *shown, line(3, EventType.VIEW_ITEM_LIST, slate_id="t"), click, line(4, EventType.EMAIL_OPEN), day=1
    )
    assert (found["slates_seen"], found["slate_clicks"], found["clicks_per_slate"]) == (2, 1, 0.5)
    assert (found["emails_opened"], found["last_email_days"]) == (1, 1.0)


def test_a_customer_is_known_since_the_first_browser() -> None:
    first = line(1, EventType.PAGE_VIEW, day=0, customer_id=None, visitor_id="v1")
    found = profile(first, line(2, EventType.LOGIN, day=3, visitor_id="v2"), day=4)
    assert (found["known_days"], found["is_customer"], found["browsers"]) == (4.0, True, 2)
    assert profile(first, day=1)["is_customer"] is False
