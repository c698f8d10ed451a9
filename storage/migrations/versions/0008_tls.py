"""A capture says what is wrong with the certificate over which it came; rows that are there say nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column, empty in every row: certificates were not checked before."""
    op.add_column("captures", sa.Column("tls", sa.Text(), nullable=True))
