"""Helpers for migrations: columns of one type, and triggers that make a table append-only, in both engines."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    """Return new columns of one type; a question mark after a name means that it may be NULL."""
    return [sa.Column(name.removesuffix("?"), kind, nullable=name.endswith("?")) for name in names]


def refuse_changes(table: str, unless: str = "") -> None:
    """Forbid deleting rows of a table, and changing rows for which ``unless`` (SQL) is true, or all if it is empty."""
    if op.get_bind().dialect.name == "sqlite":
        refusal = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refusal}")
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} {f'WHEN {unless} ' if unless else ''}{refusal}"
        )
    else:
        refusal = "EXECUTE FUNCTION nianbao_append_only()"
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT {refusal}")
        when = f"WHEN ({unless}) " if unless else ""
        op.execute(f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW {when}{refusal}")
