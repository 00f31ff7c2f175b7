"""Alembic runs this: it applies what is missing on the connection that `repaint.store.schema` gave."""

from alembic import context

from repaint.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
