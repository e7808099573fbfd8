"""Who changed since when: the log's new lines, the ledger's new rows, the customers' new versions."""

from collections.abc import Sequence

from recommender.domain.people import Person
from recommender.domain.ports import Changed, Standing
from recommender.storage.counting import CONSENT_NUMBER, CUSTOMERS_VERSION, LOG_POSITION
from recommender.storage.database import Database

STANDING = "SELECT name, value FROM counters"
LINES = (
    "SELECT DISTINCT customer_id, visitor_id FROM "
    "(SELECT customer_id, visitor_id FROM events WHERE seq > {mark} AND seq <= {mark} LIMIT {mark}) AS fresh"
)
CONSENTS = (
    "SELECT DISTINCT customer_id, visitor_id FROM consent WHERE number > {mark} AND number <= {mark} LIMIT {mark}"
)
CUSTOMERS = "SELECT customer_id, NULL FROM customers WHERE version > {mark} AND version <= {mark} LIMIT {mark}"


class SqlChanges:
    """:class:`~recommender.domain.ports.Changes` over the counters every writer moves in its own transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self) -> Standing:
        """Where the stores are now; some five rows of a table that fits into one page."""
        with self._database.raw() as cursor:
            cursor.execute(STANDING)
            stands = dict(cursor.fetchall())
        return Standing(
            position=stands.get(LOG_POSITION, 0),
            consent=stands.get(CONSENT_NUMBER, 0),
            customers=stands.get(CUSTOMERS_VERSION, 0),
        )

    def since(self, standing: Standing, *, limit: int = 20_000) -> Changed:
        """Whom the changes after ``standing`` concern; None where they are more than ``limit``."""
        now = self.standing()
        lines = self._people(LINES, standing.position, now.position, limit)
        said = self._people(CONSENTS, standing.consent, now.consent, limit)
        records = self._people(CUSTOMERS, standing.customers, now.customers, limit)
        facts = None if said is None or records is None else (*said, *records)
        return Changed(standing=now, lines=lines, facts=facts)

    def _people(self, ask: str, after: int, until: int, limit: int) -> Sequence[Person] | None:
        if until <= after:
            return ()
        with self._database.raw() as cursor:
            cursor.execute(ask.format(mark=self._database.mark), (after, until, limit + 1))
            rows = cursor.fetchall()
        if len(rows) > limit or (ask is LINES and until - after > limit):
            return None
        return [Person(customer_id=customer, visitor_id=visitor) for customer, visitor in rows]
