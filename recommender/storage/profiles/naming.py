"""What a person's profile is filed under: a hash, so that no id stands in a cache."""

import hashlib
import struct

from recommender.domain.people import Person

DIGEST_BYTES = 16
_TWO = struct.Struct("<qq")


def keys_of(person: Person) -> tuple[str, ...]:
    """The person keys of a person: the customer's, then the visitor's."""
    customer = () if person.customer_id is None else (f"c:{person.customer_id}",)
    visitor = () if person.visitor_id is None else (f"v:{person.visitor_id}",)
    return customer + visitor


def digest_of(key: str) -> bytes:
    """16 bytes that stand for the person key."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def numbers_of(key: str) -> tuple[int, int]:
    """The same as two int64: a row number, and a check that the row is this person's."""
    first, second = _TWO.unpack(digest_of(key))
    return first, second
