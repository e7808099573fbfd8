"""One person id's profile between cache and answers: what it holds, its bytes, and what a list may know of it."""

from collections.abc import Sequence

import msgspec

from recommender.domain.errors import BadInputError
from recommender.domain.events import Line
from recommender.domain.people import Person
from recommender.domain.ports import StoredProfile
from recommender.features.record import Record, decode_record, encode_record, record_of_lines

NOBODY_REFUSES: frozenset[str] = frozenset()


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What answers need of one person id beside events.

    Attributes
    ----------
    stamp : int
        Consent and the customer's record are read up to here (:attr:`~recommender.domain.ports.Standing.facts`).
    owner : str or None
        The customer a visitor's browser belongs to: what that customer refuses is among ``refused``.
    linked : tuple of str
        Visitor ids that belong to the customer; their lines without a customer are in.
    country : str or None
        As the customer's record says it.
    refused : tuple of str
        Purposes this id refuses, or a browser's owner.
    folded, folded_linked
        Up to where, and with which visitors, the facets are; -1: not yet.
    """

    stamp: int
    owner: str | None = None
    linked: tuple[str, ...] = ()
    country: str | None = None
    refused: tuple[str, ...] = ()
    folded: int = -1
    folded_linked: tuple[str, ...] = ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Facts)


class Profile(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One person id's profile, decoded but for its facets.

    ``state`` is up to ``facts.folded`` only, which may be before ``position``: facets are brought up to date by who needs them.
    """

    position: int
    record: Record
    facts: Facts
    state: bytes = b""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a person.

    Attributes
    ----------
    record : Record or None
        The history of the ids together; None for nobody, or where neither log nor cache answered.
    refused : frozenset of str
        Purposes that either id refuses.
    country : str or None
    trouble : str or None
        ``events_unavailable`` if the log did not answer and what is here may be old.
    unknown : bool
        Nothing is known, not even whether the person refuses: use nothing.
    """

    record: Record | None
    refused: frozenset[str] = frozenset()
    country: str | None = None
    trouble: str | None = None
    unknown: bool = False


def record_of(lines: Sequence[Line], limit: int) -> Record:
    """The record of a person's newest lines; complete if they were fewer than asked for."""
    return record_of_lines(lines, limit, complete=len(lines) < limit)


def reading_of(profile: Profile, trouble: str | None) -> Reading:
    """What a list may know of the person."""
    facts = profile.facts
    refused = frozenset(facts.refused) if facts.refused else NOBODY_REFUSES
    return Reading(record=profile.record, refused=refused, country=facts.country, trouble=trouble)


def says_anything(profile: Profile) -> bool:
    """Whether the profile is worth a place in the cache."""
    facts = profile.facts
    return len(profile.record) > 0 or bool(facts.linked or facts.country or facts.refused)


def person_of(key: str) -> Person:
    """Whose key it is."""
    letter, _, one = key.partition(":")
    return Person(customer_id=one) if letter == "c" else Person(visitor_id=one)


def encoded_facts(facts: Facts) -> bytes:
    """The facts as the cache keeps them."""
    return _ENCODER.encode(facts)


def encoded(profile: Profile) -> StoredProfile:
    """The profile as the cache keeps it."""
    return StoredProfile(
        position=profile.position,
        state=profile.state,
        items=encode_record(profile.record),
        facts=encoded_facts(profile.facts),
    )


def decoded(stored: StoredProfile | None) -> Profile | None:
    """None for what is missing, damaged or of another version: it is then made anew."""
    if stored is None:
        return None
    try:
        return Profile(
            position=stored.position,
            record=decode_record(stored.items),
            facts=_DECODER.decode(stored.facts),
            state=stored.state,
        )
    except (BadInputError, msgspec.DecodeError, ValueError):
        return None
