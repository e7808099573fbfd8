"""Random numbers that stand for customers in the addresses of mails."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "newsletter_readers",
        sa.Column("number", sa.LargeBinary(), primary_key=True),
        sa.Column("customer_id", WORDS, nullable=False),
    )
    op.create_index("newsletter_readers_by_customer", "newsletter_readers", ["customer_id"], unique=True)
