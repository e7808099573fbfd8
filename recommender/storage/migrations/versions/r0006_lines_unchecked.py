"""PostgreSQL no longer looks for the source of each line that is stored.

That look took a third of the server's time for a line. A line's source is found or made in the transaction that stores
the line, and sources are never deleted while lines are kept, so there is nothing to find out. SQLite never looked.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE events DROP CONSTRAINT IF EXISTS events_source_id_fkey")
