"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _consent()
    _counters()
    _customers()
    _items()
    _keys()
    _links()
    _meta()
    _sources()
    _tombstones()
    _events()


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("number", BIG, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("visitor_id", WORDS),
        sa.Column("customer_id", WORDS),
        sa.Column("purpose", WORDS),
        sa.Column("state", WORDS),
        sa.Column("time_us", BIG),
        sa.Column("source", WORDS),
        sa.Column("actor", WORDS),
        sa.Column("text_version", WORDS),
    )
    op.create_index("consent_by_customer", "consent", ["customer_id"])
    op.create_index("consent_by_visitor", "consent", ["visitor_id"])


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", WORDS, primary_key=True),
        sa.Column("value", BIG, nullable=False),
    )


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("customer_id", WORDS, primary_key=True),
        sa.Column("email", WORDS),
        sa.Column("name", WORDS),
        sa.Column("first_name", WORDS),
        sa.Column("last_name", WORDS),
        sa.Column("phone", WORDS),
        sa.Column("birth_date", WORDS),
        sa.Column("gender", WORDS),
        sa.Column("country", WORDS),
        sa.Column("city", WORDS),
        sa.Column("postal_code", WORDS),
        sa.Column("language", WORDS),
        sa.Column("attributes", WORDS, nullable=False),
    )


def _items() -> None:
    op.create_table(
        "items",
        sa.Column("item_id", WORDS, primary_key=True),
        sa.Column("title", WORDS),
        sa.Column("url", WORDS),
        sa.Column("image", WORDS),
        sa.Column("price_e4", BIG),
        sa.Column("currency", WORDS),
        sa.Column("sale_price_e4", BIG),
        sa.Column("availability", WORDS),
        sa.Column("stock", BIG),
        sa.Column("visible", sa.Boolean()),
        sa.Column("category", WORDS),
        sa.Column("brand", WORDS),
        sa.Column("item_group_id", WORDS),
        sa.Column("color", WORDS),
        sa.Column("size", WORDS),
        sa.Column("description", WORDS),
        sa.Column("added_us", BIG),
        sa.Column("available_from_us", BIG),
        sa.Column("available_until_us", BIG),
        sa.Column("margin_e4", BIG),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("attributes", WORDS, nullable=False),
        sa.Column("version", BIG, nullable=False),
    )
    op.create_index("items_by_version", "items", ["version"])


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("key_id", WORDS, primary_key=True),
        sa.Column("key_class", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("prefix", WORDS, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_us", BIG, nullable=False),
        sa.Column("revoked_us", BIG),
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("visitor_id", WORDS, primary_key=True),
        sa.Column("customer_id", WORDS, nullable=False),
        sa.Column("time_us", BIG, nullable=False),
    )
    op.create_index("links_by_customer", "links", ["customer_id"])


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", WORDS, primary_key=True),
        sa.Column("value", WORDS, nullable=False),
    )


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("source_id", BIG, primary_key=True, autoincrement=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("legal_basis", WORDS, nullable=False),
        sa.Column("received_us", BIG, nullable=False),
    )


def _tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("secret_print", WORDS, nullable=False),
    )
    op.create_index("tombstones_by_secret", "tombstones", ["secret_print"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("event_id", WORDS, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("time_us", BIG, nullable=False),
        sa.Column("visitor_id", WORDS),
        sa.Column("customer_id", WORDS),
        sa.Column("session_id", WORDS),
        sa.Column("item_id", WORDS),
        sa.Column("quantity", BIG),
        sa.Column("price_e4", BIG),
        sa.Column("currency", WORDS),
        sa.Column("order_id", WORDS),
        sa.Column("value_e4", BIG),
        sa.Column("slate_id", WORDS),
        sa.Column("source_id", BIG, sa.ForeignKey("sources.source_id"), nullable=False),
        sa.Column("properties", WORDS),
        sa.UniqueConstraint("event_id", "line", name="events_once"),
    )
    op.create_index(
        "events_by_customer",
        "events",
        ["customer_id", "time_us"],
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "events_by_visitor",
        "events",
        ["visitor_id", "time_us"],
        sqlite_where=sa.text("visitor_id IS NOT NULL"),
        postgresql_where=sa.text("visitor_id IS NOT NULL"),
    )
