"""Customers know when they changed, as items do."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("customers", sa.Column("version", BIG, nullable=False, server_default="0"))
    op.create_index("customers_by_version", "customers", ["version"])
    op.execute("INSERT INTO counters (name, value) SELECT 'customers_version', 0 WHERE EXISTS (SELECT 1 FROM counters)")
