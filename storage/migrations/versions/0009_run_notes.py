"""Store a run's notes as codes and values, which screens show in the reader's language; former runs keep their text."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one column, empty in every row."""
    op.add_column("runs", sa.Column("notes", sa.Text(), nullable=True))
