"""Leave the digests of a revisit to the row that it repeats, and index only rows with a value."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the indexes. Existing rows are not changed; only new ones omit the digests."""
    op.drop_index(op.f("ix_captures_document"), "captures")
    for column in ("document", "revisit_of"):
        only = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            op.f(f"ix_captures_{column}"), "captures", [column], sqlite_where=only, postgresql_where=only
        )
