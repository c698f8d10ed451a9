"""Run by Alembic: applies the migrations inside the transaction that ``Database.migrate`` has opened."""

from __future__ import annotations

from alembic import context

from storage.tables import METADATA

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations run through Database.migrate() only; there is no offline mode")
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True, render_as_batch=True)
context.run_migrations()
