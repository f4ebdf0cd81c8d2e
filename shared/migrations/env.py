"""Run by Alembic for every migration folder; the connection and its transaction are handed in."""

from alembic import context

options = context.config.attributes
context.configure(connection=options["connection"], version_table=options["version_table"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
