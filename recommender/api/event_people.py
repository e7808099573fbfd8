"""Whom the events of a call may be about."""

from recommender.api.visitors import Callers
from recommender.domain.keys import KeyClass


class Teller:
    """Says whom an event is about: a browser speaks for its visitor, and for a customer only with proof."""

    def __init__(self, callers: Callers, key_class: KeyClass, identity: str | None) -> None:
        self._callers, self._class, self._identity = callers, key_class, identity
        self.believes = key_class is not KeyClass.PK
        """Whether whoever is named is believed."""
        self._known: dict[tuple[str | None, str | None], tuple[str | None, str | None, list[tuple[str, str]]]] = {}

    def of(self, visitor: str | None, customer: str | None) -> tuple[str | None, str | None, list[tuple[str, str]]]:
        """Visitor, customer, and what to tell the sender."""
        if self.believes:
            return visitor, customer, []
        found = self._known.get((visitor, customer))
        if found is None:
            found = self._known[visitor, customer] = self._asked(visitor, customer)
        return found

    def _asked(self, visitor: str | None, customer: str | None) -> tuple[str | None, str | None, list[tuple[str, str]]]:
        caller = self._callers.of(self._class, visitor_id=visitor, customer_id=customer, identity=self._identity)
        notes = []
        if customer is not None and caller.person.customer_id is None:
            why = f" ({caller.notice})" if caller.notice else ""
            notes.append(
                ("unproven_customer", f"customer_id was left out: a pk_ key needs a valid identity for it{why}.")
            )
        if visitor is not None and caller.person.visitor_id is None:
            notes.append(("unsigned_visitor", "visitor_id was left out: it is not one that POST /v1/visitors gave."))
        return caller.person.visitor_id, caller.person.customer_id, notes
