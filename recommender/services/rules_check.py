"""What each rule of a file matches in the catalogue."""

from datetime import datetime

import msgspec
import numpy as np

from recommender.ranking.assortment import Assortment, micros
from recommender.ranking.rules import AtMost, Boost, Bury, Exclude, Pin, Placed, PriceBand, Rules
from recommender.ranking.ruling import hits

EXAMPLES = 3


class CheckedRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: what it does, how many items it is about, whether it is in force now, and some of the items.

    ``counts``: whether it is about items at all (a cap is not).
    """

    name: str
    what: str
    items: int
    now: bool
    examples: str
    counts: bool = True


def check_rules(rules: Rules, assortment: Assortment, *, now: datetime) -> list[CheckedRule]:
    """Every rule of a file, in its order; the static list last."""
    moment = micros(now)
    found = [_checked(placed, assortment, moment) for section in rules.placed.values() for placed in section]
    for section, weights in rules.signals.items():
        found += [
            CheckedRule(
                name=f"{section}.signals.{name}",
                what=f"weight {weight:g}",
                items=0,
                now=True,
                examples="",
                counts=False,
            )
            for name, weight in weights.items()
        ]
    if rules.static:
        known = [item_id for item_id in rules.static if assortment.row(item_id) is not None]
        what = f"shown when nothing else can be ({len(rules.static)} ids)"
        found.append(CheckedRule(name="static", what=what, items=len(known), now=True, examples=_names(known)))
    return found


def _checked(placed: Placed, assortment: Assortment, now_us: int) -> CheckedRule:
    rows = np.flatnonzero(assortment.columns.listed[np.arange(len(assortment.ids))]).astype(np.int32)
    hit = rows[hits(placed, assortment, rows)]
    return CheckedRule(
        name=placed.name,
        what=_what(placed),
        items=len(hit),
        now=placed.from_us <= now_us < placed.until_us,
        examples=_names([assortment.ids[row] for row in hit[:EXAMPLES].tolist()]),
        counts=not isinstance(placed.rule, (AtMost, PriceBand)),
    )


def _names(item_ids: list[str]) -> str:
    return ", ".join(item_ids[:EXAMPLES])


def _what(placed: Placed) -> str:
    rule = placed.rule
    if isinstance(rule, Pin):
        return f"puts it at place {rule.at}"
    if isinstance(rule, (Boost, Bury)):
        return f"multiplies the score by {rule.factor:g}"
    if isinstance(rule, AtMost):
        return f"at most {rule.count} of one {rule.per}"
    return "leaves out" if isinstance(rule, Exclude) else "leaves out what costs less or more, or has no known price"
