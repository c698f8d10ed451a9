"""Store how an agency ended (merged, renamed …) and who took over its duties; existing rows have neither."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns, empty in every row."""
    for column in ("ended", "successors"):
        op.add_column("agencies", sa.Column(column, sa.Text(), nullable=True))
