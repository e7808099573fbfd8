"""What a shop's server does with one customer: say who they are, look at the profile, hand everything over, forget."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recommender.domain.clock import ShopClock
from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.people import Customer, Person
from recommender.domain.ports import Freshness, ProfileStore, Stores
from recommender.model.lines import microseconds
from recommender.services import privacy
from recommender.services.attributes import Portrait, Portraits

SEARCH_SECONDS = 1.0
"""How long an erasure looks through the shop's own files: the caller is waiting, and whoever else wants something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What became of a customer's record: new, or known before; or refused, because the customer was erased."""

    new: bool
    consent: int
    erased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDesk:
    """The use cases, over the stores and the profile cache of one home."""

    stores: Stores
    board: Freshness
    profiles: ProfileStore
    portraits: Portraits
    home: Path
    clock: ShopClock

    def enter(self, customer: Customer, consent: Mapping[Purpose, ConsentState], *, source: str) -> Entered:
        """Append what the customer said about each purpose, then insert or update the record: two transactions.

        A failure may leave the first without the second, never a record without the refusal told with it. Every worker of
        the host knows before this returns, those of other hosts within a second.
        """
        person, now = Person(customer_id=customer.customer_id), self.clock.now()
        said = self.stores.consent.record(
            ConsentRecord(person=person, purpose=purpose, state=state, time=now, source=source)
            for purpose, state in consent.items()
        )
        counts = self.stores.customers.put([customer])
        if counts.erased:
            return Entered(new=False, consent=0, erased=True)
        self.board.mark_facts([person], self.stores.changes.standing().facts)
        return Entered(new=counts.new == 1, consent=said, erased=False)

    def portrait(self, customer_id: str) -> Portrait:
        """The customer's attributes now.

        Raises
        ------
        StoreUnavailableError
            If the log does not answer.
        """
        return self.portraits.of(Person(customer_id=customer_id), microseconds(self.clock.now()))

    def knows(self, customer_id: str) -> bool:
        """Whether there is a record or an event of the customer."""
        if self.stores.customers.get([customer_id]):
            return True
        return bool(self.stores.log.of_person(Person(customer_id=customer_id), limit=1))

    def export(self, customer_id: str) -> bytes:
        """Everything held of the customer as a ZIP of JSON files."""
        with tempfile.TemporaryDirectory(prefix="export-", dir=self.home / "var") as folder:
            out = Path(folder) / "export.zip"
            privacy.export(self.stores, customer_id, out, var=self.home / "var", clock=self.clock)
            return out.read_bytes()

    def erase(self, customer_id: str) -> privacy.Receipt:
        """Forget the customer everywhere; repeating it is safe."""
        return privacy.erase(
            self.stores,
            customer_id,
            home=self.home,
            cache=privacy.Cache(profiles=self.profiles, board=self.board),
            search_seconds=SEARCH_SECONDS,
        )
