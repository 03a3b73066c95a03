"""Runs migrations on the connection that `regulars.records.migrate` hands over."""

from __future__ import annotations

from alembic import context

from regulars.records.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, transactional_ddl=True)
context.run_migrations()
