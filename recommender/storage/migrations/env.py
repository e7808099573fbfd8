"""Alembic's way in: the connection comes from the program, inside its transaction."""

from alembic import context

from recommender.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
