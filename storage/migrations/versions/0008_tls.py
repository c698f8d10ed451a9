"""Store what is wrong with the server's certificate of a capture; existing rows have no value."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one column, empty in every row: certificates were not checked before."""
    op.add_column("captures", sa.Column("tls", sa.Text(), nullable=True))
