"""A person's attributes by name: the facets of the profile, brought up to date when somebody wants to see them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from recommender.domain.errors import BadInputError
from recommender.domain.people import Person
from recommender.features import AttributeValue, Population, State, decode, empty, encode, fold, values
from recommender.model.lines import microseconds
from recommender.services.item_lookup import CatalogueLookup
from recommender.services.profiles import EVERYTHING, Profile, Profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What facets say of one person id. ``position`` is how far the log is in it; ``values`` by attribute, None unknown."""

    position: int
    values: dict[str, AttributeValue]


class Portraits:
    """Reads people's attributes. A live list that needs none of them does not pay for the folding.

    Parameters
    ----------
    profiles : Profiles
    lookup : CatalogueLookup
    population : callable, optional
        What people are compared with; without it, or where it gives None, attributes that compare are None.
    """

    def __init__(
        self, profiles: Profiles, lookup: CatalogueLookup, population: Callable[[], Population | None] = lambda: None
    ) -> None:
        self._profiles = profiles
        self._lookup = lookup
        self._population = population

    def of(
        self,
        person: Person,
        now_us: int,
        *,
        facets: Iterable[str] | None = None,
    ) -> Portrait:
        """The attributes of the customer, else the visitor, at a moment.

        Raises
        ------
        StoreUnavailableError
            If the log does not answer.
        """
        one = _one(person)
        profile = self._profiles.profile(one)
        state = self._state(one, profile)
        return Portrait(position=profile.position, values=values(state, now_us, self._population(), facets=facets))

    def at(self, person: Person, now: datetime) -> dict[str, AttributeValue]:
        """The attributes as they were at a moment: from the log alone, line by line.

        Raises
        ------
        StoreUnavailableError
            If the log does not answer.
        """
        lines = self._profiles.log.of_person(_one(person), until=now, limit=EVERYTHING)
        self._lookup.renew()
        return values(fold(empty(), lines, self._lookup), microseconds(now), self._population())

    def _state(self, person: Person, profile: Profile) -> State:
        """The facets up to the profile's position. Only lines that are not in yet are added; after a change of links, all."""
        facts = profile.facts
        before = _decoded(profile.state) if facts.folded_linked == facts.linked and facts.folded >= 0 else None
        if before is not None and facts.folded >= profile.position:
            return before
        after = facts.folded if before is not None else -1
        lines = [
            line
            for line in self._profiles.log.of_person(person, limit=EVERYTHING)
            if after < line.seq <= profile.position
        ]
        self._lookup.renew()
        state = fold(empty() if before is None else before, lines, self._lookup)
        folded = msgspec.structs.replace(facts, folded=profile.position, folded_linked=facts.linked)
        self._profiles.keep(person, replace(profile, state=encode(state), facts=folded))
        return state


def _one(person: Person) -> Person:
    """The id a profile is of: the customer's, else the visitor's."""
    return Person(customer_id=person.customer_id) if person.customer_id is not None else person


def _decoded(blob: bytes) -> State | None:
    if not blob:
        return None
    try:
        return decode(blob)
    except BadInputError:
        return None
