"""The tables of one home, the same for SQLite and PostgreSQL.

Text is compared by its bytes on both (PostgreSQL: collation ``C``). Times are int64 microseconds since 1970 UTC,
money is an int64 of 1/10,000 of the currency unit, free-form attributes are JSON text.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

BIG = BigInteger().with_variant(Integer(), "sqlite")
"""int64; SQLite wants the word INTEGER for a row id."""

WORDS = Text().with_variant(Text(collation="C"), "postgresql")
"""Text ordered by its bytes."""

metadata = MetaData()

sources = Table(
    "sources",
    metadata,
    Column("source_id", BIG, primary_key=True, autoincrement=False),
    Column("kind", WORDS, nullable=False),
    Column("name", WORDS, nullable=False),
    Column("legal_basis", WORDS, nullable=False),
    Column("received_us", BIG, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    Column("event_id", WORDS, nullable=False),
    Column("line", Integer, nullable=False),
    Column("type", WORDS, nullable=False),
    Column("time_us", BIG, nullable=False),
    Column("visitor_id", WORDS),
    Column("customer_id", WORDS),
    Column("session_id", WORDS),
    Column("item_id", WORDS),
    Column("quantity", BIG),
    Column("price_e4", BIG),
    Column("currency", WORDS),
    Column("order_id", WORDS),
    Column("value_e4", BIG),
    Column("slate_id", WORDS),
    Column("source_id", BIG, nullable=False),  # of sources; why it is not checked: migration 0006
    Column("properties", WORDS),
    UniqueConstraint("event_id", "line", name="events_once"),
)
for _who in ("customer_id", "visitor_id"):
    Index(
        f"events_by_{_who.removesuffix('_id')}",
        events.c[_who],
        events.c.time_us,
        sqlite_where=text(f"{_who} IS NOT NULL"),  # on PostgreSQL too; saying so here would load it for every command
    )

links = Table(
    "links",
    metadata,
    Column("visitor_id", WORDS, primary_key=True),
    Column("customer_id", WORDS, nullable=False),
    Column("time_us", BIG, nullable=False),
    Index("links_by_customer", "customer_id"),
)

items = Table(
    "items",
    metadata,
    Column("item_id", WORDS, primary_key=True),
    Column("title", WORDS),
    Column("url", WORDS),
    Column("image", WORDS),
    Column("price_e4", BIG),
    Column("currency", WORDS),
    Column("sale_price_e4", BIG),
    Column("availability", WORDS),
    Column("stock", BIG),
    Column("visible", Boolean),
    Column("category", WORDS),
    Column("brand", WORDS),
    Column("item_group_id", WORDS),
    Column("color", WORDS),
    Column("size", WORDS),
    Column("description", WORDS),
    Column("added_us", BIG),
    Column("available_from_us", BIG),
    Column("available_until_us", BIG),
    Column("margin_e4", BIG),
    Column("removed", Boolean, nullable=False),
    Column("attributes", WORDS, nullable=False),
    Column("version", BIG, nullable=False),
    Index("items_by_version", "version"),
)

customers = Table(
    "customers",
    metadata,
    Column("customer_id", WORDS, primary_key=True),
    Column("email", WORDS),
    Column("name", WORDS),
    Column("first_name", WORDS),
    Column("last_name", WORDS),
    Column("phone", WORDS),
    Column("birth_date", WORDS),
    Column("gender", WORDS),
    Column("country", WORDS),
    Column("city", WORDS),
    Column("postal_code", WORDS),
    Column("language", WORDS),
    Column("attributes", WORDS, nullable=False),
    Column("version", BIG, nullable=False, server_default=text("0")),
    Index("customers_by_version", "version"),
)

consent = Table(
    "consent",
    metadata,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("visitor_id", WORDS),
    Column("customer_id", WORDS),
    Column("purpose", WORDS),
    Column("state", WORDS),
    Column("time_us", BIG),
    Column("source", WORDS),
    Column("actor", WORDS),
    Column("text_version", WORDS),
    Index("consent_by_customer", "customer_id"),
    Index("consent_by_visitor", "visitor_id"),
)

keys = Table(
    "keys",
    metadata,
    Column("key_id", WORDS, primary_key=True),
    Column("key_class", WORDS, nullable=False),
    Column("name", WORDS, nullable=False),
    Column("prefix", WORDS, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_us", BIG, nullable=False),
    Column("revoked_us", BIG),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("secret_print", WORDS, nullable=False),
    Index("tombstones_by_secret", "secret_print"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("received_us", BIG, nullable=False),
    Column("code", WORDS, nullable=False),
    Column("message", WORDS, nullable=False),
    Column("source", WORDS, nullable=False),
    Column("visitor_id", WORDS),
    Column("customer_id", WORDS),
    Column("body", WORDS),
    Index("dead_letters_by_time", "received_us"),
)

newsletter_readers = Table(
    "newsletter_readers",
    metadata,
    Column("number", LargeBinary, primary_key=True),
    Column("customer_id", WORDS, nullable=False),
    Column("picks", LargeBinary),
    Column("made_us", BIG),
    Index("newsletter_readers_by_customer", "customer_id", unique=True),
)

meta = Table(
    "meta",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("value", WORDS, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("value", BIG, nullable=False),
)
