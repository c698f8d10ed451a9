"""Store addresses once and as numbers, instants as numbers (SQLite), and no value twice.

An unchanged page costs a row at every visit, half of which was address, key, run and digest.
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import NUMBER, columns, refuse_changes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT, WORD = sa.Text(), sa.String(length=16)
INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
PLACE = "(warc_file IS NULL) = (warc_offset IS NULL) AND (warc_file IS NULL) = (warc_length IS NULL)"
COLUMNS = (
    "id", "run", "portal", "role", "address", "requested", "fetched_at", "outcome", "status", "reason", "mime", "size",
    "payload_digest", "document", "warc_file", "warc_offset", "warc_length", "revisit_of", "via", "etag",
    "last_modified", "server_date", "location", "link_text",
)  # fmt: skip


def upgrade() -> None:
    # each address is stored once, in a table of its own; equal runs and digests of captures become NULL
    op.create_table(
        "addresses",
        *columns(NUMBER, "no"),
        *columns(sa.LargeBinary(16), "key"),
        *columns(TEXT, "url"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_addresses")),
        sa.UniqueConstraint("key", name=op.f("uq_addresses_key")),
    )
    op.execute("INSERT INTO addresses (key, url) SELECT DISTINCT url_key, url FROM captures")
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    # copy the captures into a new table, because SQLite cannot change columns and triggers forbid changing rows
    op.create_table(
        "captures_new",
        *columns(sa.LargeBinary(16), "id"),
        *columns(TEXT, "run?", "portal"),
        *columns(WORD, "role"),
        *columns(NUMBER, "address"),
        *columns(TEXT, "requested?"),
        *columns(INSTANT, "fetched_at"),
        *columns(WORD, "outcome"),
        *columns(sa.Integer(), "status?"),
        *columns(TEXT, "reason", "mime?"),
        *columns(sa.BigInteger(), "size?"),
        *columns(sa.LargeBinary(32), "payload_digest?", "document?"),
        *columns(NUMBER, "warc_file?"),
        *columns(sa.BigInteger(), "warc_offset?", "warc_length?"),
        *columns(sa.LargeBinary(16), "revisit_of?", "via?"),
        *columns(TEXT, "etag?", "last_modified?"),
        *columns(INSTANT, "server_date?"),
        *columns(TEXT, "location?", "link_text"),
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
    """Return the SQL that converts ``YYYY-MM-DD HH:MM:SS.ffffff`` (UTC) in a column to microseconds since 1970."""
    return (
        f"CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER) * 1000000 "
        f"+ CAST(substr({column} || '.000000', 21, 6) AS INTEGER)"
    )


def _postgresql() -> None:
    # change the captures in place, without the trigger that forbids it
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
