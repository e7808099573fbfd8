"""Refused events, kept for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("number", BIG, primary_key=True, autoincrement=False),
        sa.Column("received_us", BIG, nullable=False),
        sa.Column("code", WORDS, nullable=False),
        sa.Column("message", WORDS, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("visitor_id", WORDS),
        sa.Column("customer_id", WORDS),
        sa.Column("body", WORDS),
    )
    op.create_index("dead_letters_by_time", "dead_letters", ["received_us"])
