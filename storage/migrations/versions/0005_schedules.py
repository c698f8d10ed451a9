"""What people set for the crawls of portals: a change is a new row."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("portal", sa.Text(), nullable=True),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_schedules")),
    )
    op.create_index(op.f("ix_schedules_portal"), "schedules", ["portal"])
    if op.get_bind().dialect.name == "sqlite":
        for event, when in (("kept", "DELETE"), ("fixed", "UPDATE")):
            op.execute(
                f"CREATE TRIGGER schedules_{event} BEFORE {when} ON schedules "
                "BEGIN SELECT RAISE(ABORT, 'schedules is append-only'); END"
            )
    else:
        for event, when, each in (("kept", "DELETE OR TRUNCATE", "STATEMENT"), ("fixed", "UPDATE", "ROW")):
            op.execute(
                f"CREATE TRIGGER schedules_{event} BEFORE {when} ON schedules FOR EACH {each} "
                "EXECUTE FUNCTION nianbao_append_only()"
            )
