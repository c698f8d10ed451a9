"""What became of problems of operating, so that each is told once: a change is a new row."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_alarms")),
    )
    op.create_index(op.f("ix_alarms_at"), "alarms", ["at"])
    if op.get_bind().dialect.name == "sqlite":
        for event, when in (("kept", "DELETE"), ("fixed", "UPDATE")):
            op.execute(
                f"CREATE TRIGGER alarms_{event} BEFORE {when} ON alarms "
                "BEGIN SELECT RAISE(ABORT, 'alarms is append-only'); END"
            )
    else:
        for event, when, each in (("kept", "DELETE OR TRUNCATE", "STATEMENT"), ("fixed", "UPDATE", "ROW")):
            op.execute(
                f"CREATE TRIGGER alarms_{event} BEFORE {when} ON alarms FOR EACH {each} "
                "EXECUTE FUNCTION nianbao_append_only()"
            )
