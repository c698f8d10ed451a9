"""Create the tables of the truth, and the triggers that make them append-only."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import NUMBER, columns, refuse_changes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT, WORD, INSTANT = sa.Text(), sa.String(length=16), sa.DateTime(timezone=True)

FIXED = (
    "archive",
    "portals",
    "agencies",
    "listings",
    "captures",
    "looks",
    "look_captures",
    "link_sets",
    "extractions",
    "rulings",
)
# a run ends once, a WARC file is sealed once; nothing else of them changes
ONCE = {
    "runs": "OLD.finished IS NOT NULL OR NEW.id <> OLD.id",
    "warc_files": "OLD.size IS NOT NULL OR NEW.name <> OLD.name",
}


def upgrade() -> None:
    # the tables of what is observed or ruled ("?": may be NULL), then triggers that refuse to change rows
    op.create_table(
        "agencies",
        *columns(NUMBER, "no"),
        *columns(TEXT, "id", "portal", "name", "kind", "code?", "parent?"),
        *columns(sa.Date(), "valid_from?", "valid_to?"),
        *columns(TEXT, "aliases", "source"),
        *columns(sa.Boolean(), "guessed"),
        *columns(INSTANT, "recorded_at"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_agencies")),
    )
    op.create_index(op.f("ix_agencies_id"), "agencies", ["id"])
    op.create_index(op.f("ix_agencies_portal"), "agencies", ["portal"])
    op.create_table(
        "archive",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *columns(sa.Boolean(), "simulated"),
        *columns(INSTANT, "created_at"),
        sa.CheckConstraint("id = 1", name=op.f("ck_archive_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive")),
    )
    op.create_table(
        "link_sets",
        *columns(sa.LargeBinary(32), "digest"),
        *columns(sa.LargeBinary(), "links"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_link_sets")),
    )
    op.create_table(
        "listings",
        *columns(NUMBER, "no"),
        *columns(TEXT, "id", "portal", "url", "form", "column", "agency?"),
        *columns(sa.Integer(), "year?"),
        *columns(TEXT, "covers"),
        *columns(INSTANT, "ended_at?", "recorded_at"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_listings")),
    )
    op.create_index(op.f("ix_listings_id"), "listings", ["id"])
    op.create_index(op.f("ix_listings_portal"), "listings", ["portal"])
    op.create_table(
        "portals",
        *columns(NUMBER, "no"),
        *columns(TEXT, "name", "place", "division?", "hosts", "family", "cluster?"),
        *columns(sa.Integer(), "first_year"),
        *columns(INSTANT, "recorded_at"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_portals")),
    )
    op.create_index(op.f("ix_portals_name"), "portals", ["name"])
    op.create_table(
        "rulings",
        *columns(NUMBER, "no"),
        *columns(TEXT, "id"),
        *columns(INSTANT, "made_at"),
        *columns(TEXT, "by"),
        *columns(WORD, "kind"),
        *columns(TEXT, "subject", "decision", "reason", "source"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_rulings")),
        sa.UniqueConstraint("id", name=op.f("uq_rulings_id")),
    )
    op.create_index(op.f("ix_rulings_kind_made_at"), "rulings", ["kind", "made_at"])
    op.create_table(
        "runs",
        *columns(TEXT, "id", "portal", "purpose"),
        *columns(INSTANT, "started", "finished?"),
        *columns(TEXT, "outcome?", "note", "counts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_portal_started"), "runs", ["portal", "started"])
    op.create_table(
        "warc_files",
        *columns(NUMBER, "no"),
        *columns(TEXT, "name", "run"),
        *columns(INSTANT, "opened_at"),
        *columns(sa.BigInteger(), "size?"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_warc_files_run_runs")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_warc_files")),
        sa.UniqueConstraint("name", name=op.f("uq_warc_files_name")),
    )
    op.create_table(
        "captures",
        *columns(sa.LargeBinary(16), "id"),
        *columns(TEXT, "run", "portal"),
        *columns(WORD, "role"),
        *columns(TEXT, "url"),
        *columns(sa.LargeBinary(16), "url_key"),
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
        sa.CheckConstraint(
            "(warc_file IS NULL) = (warc_offset IS NULL) AND (warc_file IS NULL) = (warc_length IS NULL)",
            name=op.f("ck_captures_place"),
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_captures_run_runs")),
        sa.ForeignKeyConstraint(["warc_file"], ["warc_files.no"], name=op.f("fk_captures_warc_file_warc_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
    )
    op.create_index(op.f("ix_captures_document"), "captures", ["document"])
    op.create_index(op.f("ix_captures_portal_fetched_at"), "captures", ["portal", "fetched_at"])
    op.create_index(op.f("ix_captures_url_key_fetched_at"), "captures", ["url_key", "fetched_at"])
    op.create_table(
        "looks",
        *columns(NUMBER, "no"),
        *columns(TEXT, "id", "run", "portal", "listing"),
        *columns(INSTANT, "started", "finished"),
        *columns(WORD, "outcome"),
        *columns(TEXT, "reason"),
        *columns(sa.BigInteger(), "total?"),
        *columns(sa.LargeBinary(16), "control?"),
        *columns(sa.Double(), "clock_skew?"),
        sa.ForeignKeyConstraint(["control"], ["captures.id"], name=op.f("fk_looks_control_captures")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_looks_run_runs")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_looks")),
        sa.UniqueConstraint("id", name=op.f("uq_looks_id")),
    )
    op.create_index(op.f("ix_looks_listing_started"), "looks", ["listing", "started"])
    op.create_index(op.f("ix_looks_portal_started"), "looks", ["portal", "started"])
    op.create_table(
        "extractions",
        *columns(NUMBER, "no", "look"),
        *columns(TEXT, "extractor"),
        *columns(INSTANT, "made_at"),
        *columns(sa.LargeBinary(32), "links"),
        *columns(TEXT, "pages"),
        sa.ForeignKeyConstraint(["links"], ["link_sets.digest"], name=op.f("fk_extractions_links_link_sets")),
        sa.ForeignKeyConstraint(["look"], ["looks.no"], name=op.f("fk_extractions_look_looks")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_extractions")),
    )
    op.create_index(op.f("ix_extractions_look"), "extractions", ["look"])
    op.create_table(
        "look_captures",
        sa.Column("look", NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        *columns(sa.LargeBinary(16), "capture"),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_look_captures_capture_captures")),
        sa.ForeignKeyConstraint(["look"], ["looks.no"], name=op.f("fk_look_captures_look_looks")),
        sa.PrimaryKeyConstraint("look", "position", name=op.f("pk_look_captures")),
        sqlite_with_rowid=False,
    )

    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE FUNCTION nianbao_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    for table in (*FIXED, *ONCE):
        refuse_changes(table, unless=ONCE.get(table, ""))
