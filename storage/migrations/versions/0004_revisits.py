"""A revisit's digests are those of what it repeats and stand there alone; indexes hold only rows that have a value."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows that are there keep what they say; only new ones leave it out."""
    op.drop_index(op.f("ix_captures_document"), "captures")
    for column in ("document", "revisit_of"):
        only = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            op.f(f"ix_captures_{column}"), "captures", [column], sqlite_where=only, postgresql_where=only
        )
