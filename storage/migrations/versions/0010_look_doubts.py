"""Store why a later version of the engine does not find a list whole that a look read; existing rows have no doubt."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one column, empty in every row."""
    op.add_column("extractions", sa.Column("doubt", sa.Text(), nullable=True))
