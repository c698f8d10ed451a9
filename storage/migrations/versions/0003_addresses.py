"""A capture names its address by a number, its instants as numbers (SQLite), and nothing twice.

A page that did not change costs a row at each visit: address and key, run and digest were half of it.
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import refuse_changes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
PLACE = "(warc_file IS NULL) = (warc_offset IS NULL) AND (warc_file IS NULL) = (warc_length IS NULL)"
COLUMNS = (
    "id", "run", "portal", "role", "address", "requested", "fetched_at", "outcome", "status", "reason", "mime", "size",
    "payload_digest", "document", "warc_file", "warc_offset", "warc_length", "revisit_of", "via", "etag",
    "last_modified", "server_date", "location", "link_text",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("no", NUMBER, nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_addresses")),
        sa.UniqueConstraint("key", name=op.f("uq_addresses_key")),
    )
    op.execute("INSERT INTO addresses (key, url) SELECT DISTINCT url_key, url FROM captures")
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    op.create_table(
        "captures_new",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("address", NUMBER, nullable=False),
        sa.Column("requested", sa.Text(), nullable=True),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("payload_digest", sa.LargeBinary(32), nullable=True),
        sa.Column("document", sa.LargeBinary(32), nullable=True),
        sa.Column("warc_file", NUMBER, nullable=True),
        sa.Column("warc_offset", sa.BigInteger(), nullable=True),
        sa.Column("warc_length", sa.BigInteger(), nullable=True),
        sa.Column("revisit_of", sa.LargeBinary(16), nullable=True),
        sa.Column("via", sa.LargeBinary(16), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("server_date", INSTANT, nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("link_text", sa.Text(), nullable=False),
        sa.CheckConstraint(PLACE, name=op.f("ck_captures_place")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_captures_run_runs")),
        sa.ForeignKeyConstraint(["address"], ["addresses.no"], name=op.f("fk_captures_address_addresses")),
        sa.ForeignKeyConstraint(["warc_file"], ["warc_files.no"], name=op.f("fk_captures_warc_file_warc_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
    )
    changed = {
        "run": "CASE WHEN c.run = f.run THEN NULL ELSE c.run END",
        "address": "a.no",
        "fetched_at": _microseconds("c.fetched_at"),
        "payload_digest": "NULLIF(c.payload_digest, c.document)",
        "server_date": _microseconds("c.server_date"),
    }
    values = ", ".join(changed.get(name, f"c.{name}") for name in COLUMNS)
    op.execute(
        f"INSERT INTO captures_new ({', '.join(COLUMNS)}) SELECT {values} FROM captures c "
        "JOIN addresses a ON a.key = c.url_key LEFT JOIN warc_files f ON f.no = c.warc_file ORDER BY c.rowid"
    )
    op.drop_table("captures")
    op.rename_table("captures_new", "captures")
    _index()
    for table in ("captures", "addresses"):
        refuse_changes(table)


def _microseconds(column: str) -> str:
    """Text ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC as microseconds since 1970."""
    return (
        f"CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER) * 1000000 "
        f"+ CAST(substr({column} || '.000000', 21, 6) AS INTEGER)"
    )


def _postgresql() -> None:
    op.add_column("captures", sa.Column("address", sa.BigInteger(), nullable=True))
    op.alter_column("captures", "run", existing_type=sa.Text(), nullable=True)
    op.execute("ALTER TABLE captures DISABLE TRIGGER captures_fixed")
    op.execute(
        "UPDATE captures c SET address = a.no, payload_digest = NULLIF(c.payload_digest, c.document), "
        "run = CASE WHEN c.run = (SELECT f.run FROM warc_files f WHERE f.no = c.warc_file) THEN NULL ELSE c.run END "
        "FROM addresses a WHERE a.key = c.url_key"
    )
    op.execute("ALTER TABLE captures ENABLE TRIGGER captures_fixed")
    op.alter_column("captures", "address", existing_type=sa.BigInteger(), nullable=False)
    op.create_foreign_key(op.f("fk_captures_address_addresses"), "captures", "addresses", ["address"], ["no"])
    op.drop_index(op.f("ix_captures_url_key_fetched_at"), "captures")
    op.drop_column("captures", "url")
    op.drop_column("captures", "url_key")
    op.create_index(op.f("ix_captures_address_fetched_at"), "captures", ["address", "fetched_at"])
    refuse_changes("addresses")


def _index() -> None:
    op.create_index(op.f("ix_captures_document"), "captures", ["document"])
    op.create_index(op.f("ix_captures_portal_fetched_at"), "captures", ["portal", "fetched_at"])
    op.create_index(op.f("ix_captures_address_fetched_at"), "captures", ["address", "fetched_at"])
