"""What a file of rules does to the lists of real people, before it is used."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
import numpy as np
from msgspec import structs

from recommender.domain.people import Person
from recommender.domain.requests import Request
from recommender.domain.slates import Slate
from recommender.ranking.rules import NO_RULES, Rules
from recommender.ranking.ruling import Rulebook
from recommender.ranking.scenarios import scenario_named
from recommender.ranking.signals import SIGNALS, Attributes, matches_of
from recommender.services.recommend import Responder

BLOCK = 256


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Lists without and with the rules.

    ``changed`` counts lists that differ at all; ``kept`` is the mean share of items that stay in the list; ``matches`` has,
    for each signal that weighs, how well the items shown match the people whose attribute is known (mean match, 0 to 1),
    without and with the rules.
    """

    scenario: str
    people: int
    changed: int
    kept: float
    matches: dict[str, tuple[float, float]]


def compare_rules(
    responder: Responder, rules: Rules, people: Sequence[Person], *, scenario: str, now: datetime, size: int = 12
) -> Compared:
    """Make each person's list twice, without any rules and with these."""
    without, within = _ruled(responder, NO_RULES), _ruled(responder, rules)
    changed, kept = 0, 0.0
    weights = rules.weights(scenario)
    sums = {name: np.zeros(3) for name in weights}
    for block in _blocks(people):
        requests = [Request(scenario=scenario, now=now, person=person, size=size) for person in block]
        known = responder.records.read([(one, scenario_named(scenario)) for one in requests], responder.edition.model)
        for i, (old, new) in enumerate(zip(without.slates(requests), within.slates(requests), strict=True)):
            before, after = ([place.item_id for place in slate.items] for slate in (old, new))
            changed += before != after
            kept += len(set(before) & set(after)) / max(len(before), 1)
            attributes = known.attributes(i) if weights else None
            for name in weights if attributes is not None else ():
                told = {name: 1.0}
                if attributes is not None and attributes.get(SIGNALS[name].attribute) is not None:
                    sums[name] += (_match(within, told, attributes, old), _match(within, told, attributes, new), 1)
    return Compared(
        scenario=scenario,
        people=len(people),
        changed=changed,
        kept=kept / max(len(people), 1),
        matches={name: (float(a / n), float(b / n)) for name, (a, b, n) in sums.items() if n},
    )


def evenly(people: Sequence[Person], count: int) -> list[Person]:
    """At most so many of the people, at even distances over all of them."""
    n = min(count, len(people))
    return [people[place * len(people) // n] for place in range(n)]


def _ruled(responder: Responder, rules: Rules) -> Responder:
    edition = responder.edition
    return structs.replace(responder, edition=replace(edition, rulebook=Rulebook(rules, edition.assortment)))


def _blocks(people: Sequence[Person]) -> Iterator[Sequence[Person]]:
    for start in range(0, len(people), BLOCK):
        yield people[start : start + BLOCK]


def _match(responder: Responder, weights: dict[str, float], attributes: Attributes, slate: Slate) -> float:
    assortment = responder.edition.assortment
    found = [row for place in slate.items if (row := assortment.row(place.item_id)) is not None]
    matches = matches_of(weights, attributes, assortment, np.array(found, dtype=np.int32))
    return float(np.mean(next(iter(matches.values())))) if found else 0.0
