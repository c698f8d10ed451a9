"""Which seals were made, so that one that is gone is missed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seals")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for event, when in (("kept", "DELETE"), ("fixed", "UPDATE")):
            op.execute(
                f"CREATE TRIGGER seals_{event} BEFORE {when} ON seals "
                "BEGIN SELECT RAISE(ABORT, 'seals is append-only'); END"
            )
    else:
        for event, when, each in (("kept", "DELETE OR TRUNCATE", "STATEMENT"), ("fixed", "UPDATE", "ROW")):
            op.execute(
                f"CREATE TRIGGER seals_{event} BEFORE {when} ON seals FOR EACH {each} "
                "EXECUTE FUNCTION nianbao_append_only()"
            )
