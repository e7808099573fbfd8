"""Recency, frequency and monetary value of purchases."""

from bisect import bisect_right
from collections.abc import Mapping

from recommender.domain.events import PRICE_SCALE, EventType
from recommender.features.columns import DAY_S, ORDER_CODES
from recommender.features.facet import Facet, Moment, Values, described
from recommender.features.primitives import Cell, counted, first, last
from recommender.features.tables import Newest, SumBy

NAME = "rfm"
MOST_ORDERS = 256
"""Orders are told apart up to here; who has more is said to have so many."""

BOUGHT = frozenset({EventType.PURCHASE})
RETURNED = frozenset({EventType.REFUND})
NEVER = "never bought"
NOBODY = "never bought, or no population to compare with"

PRIMITIVES = (
    first("first_purchase", EventType.PURCHASE),
    last("last_purchase", EventType.PURCHASE),
    Newest(name="orders", types=BOUGHT, num="order", cap=MOST_ORDERS),
    counted("units", "units", EventType.PURCHASE),
    SumBy(name="spent", types=BOUGHT, text="currency", column="money", cap=4),
    SumBy(name="returned", types=RETURNED, text="currency", column="money", cap=4),
    last("last_refund", EventType.REFUND),
)

ATTRIBUTES = described(
    NAME,
    ("orders", "int", "orders", f"Orders, counted up to the newest {MOST_ORDERS}", "never missing; 0 is none"),
    ("orders_90d", "int", "orders", "Orders of the last 90 days", "never missing"),
    ("orders_365d", "int", "orders", "Orders of the last 365 days", "never missing"),
    ("first_purchase_days", "float", "days", "Days since the first purchase", NEVER),
    ("recency_days", "float", "days", "Days since the last purchase", NEVER),
    ("units_bought", "int", "units", "Pieces bought, returns not taken off", "never missing"),
    ("spend", "float", "currency", "Money spent less money returned, in `spend_currency`", NEVER),
    ("spend_currency", "str", "", "The currency most was spent in; empty where events name none", NEVER),
    ("average_order", "float", "currency", "Money spent an order, returns not taken off", f"{NEVER}, or over {MOST_ORDERS} orders"),
    ("returned_share", "float", "share", "Money returned of money spent", "nothing spent"),
    ("recency_score", "int", "1–5", "Fifth of the customers by recency; 5 bought last", NOBODY),
    ("frequency_score", "int", "1–5", "Fifth by orders; 5 has the most", NOBODY),
    ("monetary_score", "int", "1–5", "Fifth by spend; 5 spent the most", NOBODY),
)  # fmt: skip


def values(cells: Mapping[str, Cell], moment: Moment) -> Values:
    """The attributes of this facet."""
    orders: set[int] = cells["orders"]
    today = moment.now_s // DAY_S
    days = [order // ORDER_CODES for order in orders]
    recency = moment.days_since(cells["last_purchase"])
    found: Values = {
        "orders": len(orders),
        "orders_90d": sum(day > today - 90 for day in days),
        "orders_365d": sum(day > today - 365 for day in days),
        "first_purchase_days": moment.days_since(cells["first_purchase"]),
        "recency_days": recency,
        "units_bought": cells["units"],
        **_money(cells["spent"], cells["returned"], len(orders)),
    }
    spend = found["spend"]
    found["recency_score"] = None if (fifth := _fifth("recency_days", recency, moment)) is None else 6 - fifth
    found["frequency_score"] = _fifth("orders", float(len(orders)) if orders else None, moment)
    found["monetary_score"] = _fifth("spend", spend if isinstance(spend, float) else None, moment)
    return found


def _money(spent: Mapping[str, int], returned: Mapping[str, int], orders: int) -> Values:
    if not spent:
        return dict.fromkeys(("spend", "spend_currency", "average_order", "returned_share"))
    currency = max(spent, key=lambda one: (spent[one], one))
    out, back = spent[currency], returned.get(currency, 0)
    return {
        "spend": (out - back) / PRICE_SCALE,
        "spend_currency": currency,
        "average_order": out / PRICE_SCALE / orders if 0 < orders < MOST_ORDERS else None,
        "returned_share": back / out if out > 0 else None,
    }


def _fifth(attribute: str, value: float | None, moment: Moment) -> int | None:
    cuts = (moment.population or {}).get(attribute)
    return None if value is None or cuts is None else bisect_right(cuts, value) + 1


FACET = Facet(name=NAME, primitives=PRIMITIVES, attributes=ATTRIBUTES, values=values)
