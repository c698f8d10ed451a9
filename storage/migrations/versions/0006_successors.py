"""A body that ended says how (merged, renamed …), and who took its duties over; rows that are there say neither."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns, empty in every row."""
    for column in ("ended", "successors"):
        op.add_column("agencies", sa.Column(column, sa.Text(), nullable=True))
