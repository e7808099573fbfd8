"""Who objected to being kept, or withdrew: an import stores nothing of them, as no event that comes in does."""

import polars as pl
import sqlalchemy as sa

from recommender.domain.consent import Purpose, newest
from recommender.domain.incoming import FINAL
from recommender.storage.tables import consent, links

PROFILE = Purpose.ANALYTICS_PROFILE.value


class Refusing:
    """The people whose newest word on ``analytics_profile`` is an objection or a withdrawal, as one connection saw it when it was asked.

    A browser's line without a customer is folded into the history of the customer the browser belongs to, so that one is
    asked, too.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._customers, self._visitors = (
            _final(connection, column) for column in (consent.c.customer_id, consent.c.visitor_id)
        )
        self._browsers = _belonging(connection, self._customers)

    @property
    def nobody(self) -> bool:
        """Whether everybody may be kept."""
        return not self._customers and not self._visitors

    def of(self, lines: pl.DataFrame) -> pl.Expr:
        """Which lines are of such people."""
        refused = pl.lit(value=False)
        named = pl.lit(value=False)
        if "customer_id" in lines.columns:
            refused = refused | _among("customer_id", self._customers)
            named = pl.col("customer_id").is_not_null()
        if "visitor_id" in lines.columns:
            refused = refused | _among("visitor_id", self._visitors) | (~named & _among("visitor_id", self._browsers))
        return refused


def _among(name: str, ids: frozenset[str]) -> pl.Expr:
    return pl.col(name).is_in(sorted(ids)).fill_null(value=False)


def _final(connection: sa.Connection, column: sa.Column[str]) -> frozenset[str]:
    said = sa.select(column, consent.c.state, consent.c.time_us).where(
        consent.c.purpose == PROFILE, column.is_not(None)
    )
    stands = newest(connection.execute(said.order_by(consent.c.time_us, consent.c.number)))
    return frozenset(one for one, state in stands.items() if state in FINAL)


def _belonging(connection: sa.Connection, customers: frozenset[str]) -> frozenset[str]:
    """The browsers of these customers."""
    if not customers:
        return frozenset()
    theirs = sa.select(links.c.visitor_id, links.c.customer_id)
    return frozenset(visitor for visitor, customer in connection.execute(theirs) if customer in customers)
