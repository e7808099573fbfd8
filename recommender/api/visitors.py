"""Ids of anonymous browsers: made and signed here, so that nobody can choose one for somebody else."""

import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from flask import Blueprint, Response

from recommender.api.access import allow
from recommender.api.identity import Failure, Identities
from recommender.api.reading import person_id
from recommender.domain.keys import KeyClass
from recommender.domain.people import Person

KEEP = timedelta(days=395)
"""How long a browser should keep its id: thirteen months."""
_ID = re.compile(r"v1\.([0-9a-f]{32})\.([0-9a-f]{32})", re.ASCII)


class NewVisitor(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh id for a browser that has none. It should be forgotten when it ``expires``."""

    visitor_id: str
    expires: datetime


class VisitorIds:
    """Makes visitor ids and recognises them.

    Parameters
    ----------
    secret
        Known to the shop's service alone, the same in every worker and on every host.
    signed_only
        Whether a public key may say ids of ours only, or also ids of the shop's own making.
    """

    def __init__(self, secret: bytes, *, signed_only: bool = False) -> None:
        self._secret = secret
        self._signed_only = signed_only

    def issue(self) -> str:
        """A new id: 128 random bits and their signature."""
        chosen = secrets.token_hex(16)
        return f"v1.{chosen}.{self._mac(chosen)}"

    def _mac(self, chosen: str) -> str:
        return hmac.digest(self._secret, b"visitor:" + chosen.encode(), "sha256")[:16].hex()

    def accept(self, visitor_id: str | None, key_class: KeyClass) -> str | None:
        """The id if it may count in a call with this class of key, else None: the caller is then nobody in particular.

        An id in our form must carry our signature. The shop's own server is always believed.
        """
        if visitor_id is None or key_class is not KeyClass.PK:
            return visitor_id
        match = _ID.fullmatch(visitor_id)
        if match is None:
            return None if self._signed_only else visitor_id
        return visitor_id if hmac.compare_digest(self._mac(match[1]), match[2]) else None


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who a call is about. ``notice`` says why a proof did not hold; it is answered in a header."""

    person: Person
    notice: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Decides who a call is about: the one place that knows whom a browser may speak for."""

    identities: Identities
    visitors: VisitorIds
    wall: Callable[[], float] = time.time

    def of(
        self, key_class: KeyClass, *, visitor_id: str | None, customer_id: str | None, identity: str | None
    ) -> Caller:
        """The person a call is about.

        With a public key the customer is the proven one or nobody, and a proof that does not hold leaves the visitor;
        a server's key may name anybody.

        Raises
        ------
        Refusal
            If an id is too long or cannot be printed.
        """
        visitor = self.visitors.accept(person_id(visitor_id, pointer="/visitor_id"), key_class)
        customer = person_id(customer_id, pointer="/customer_id")
        if key_class is not KeyClass.PK:
            return Caller(person=Person(customer_id=customer, visitor_id=visitor))
        if not identity:
            return Caller(person=Person(customer_id=None, visitor_id=visitor))
        proof = self.identities.examine(identity, self.wall(), claimed=customer)
        proven = None if proof.customer_id is None else person_id(proof.customer_id, pointer="/identity")
        return Caller(person=Person(customer_id=proven, visitor_id=visitor), notice=proof.failure)


def blueprint(visitors: VisitorIds) -> Blueprint:
    """``POST /v1/visitors``."""
    bp = Blueprint("visitors", __name__, url_prefix="/v1/visitors")

    @bp.post("")
    @allow(KeyClass.PK, KeyClass.SK)
    def create() -> Response:
        made = NewVisitor(visitor_id=visitors.issue(), expires=datetime.now(UTC).replace(microsecond=0) + KEEP)
        return Response(msgspec.json.encode(made), 201, mimetype="application/json")

    return bp
