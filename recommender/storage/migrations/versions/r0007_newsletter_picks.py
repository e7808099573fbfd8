"""What a campaign picked for each reader of newsletters, kept beside the reader's number."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("newsletter_readers", sa.Column("picks", sa.LargeBinary()))
    op.add_column("newsletter_readers", sa.Column("made_us", BIG))
