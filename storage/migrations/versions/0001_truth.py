"""The tables of the truth, and the triggers that keep them append-only."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import refuse_changes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

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
    op.create_table(
        "agencies",
        sa.Column("no", NUMBER, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("guessed", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_agencies")),
    )
    op.create_index(op.f("ix_agencies_id"), "agencies", ["id"], unique=False)
    op.create_index(op.f("ix_agencies_portal"), "agencies", ["portal"], unique=False)
    op.create_table(
        "archive",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_archive_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive")),
    )
    op.create_table(
        "link_sets",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("links", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_link_sets")),
    )
    op.create_table(
        "listings",
        sa.Column("no", NUMBER, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_listings")),
    )
    op.create_index(op.f("ix_listings_id"), "listings", ["id"], unique=False)
    op.create_index(op.f("ix_listings_portal"), "listings", ["portal"], unique=False)
    op.create_table(
        "portals",
        sa.Column("no", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("hosts", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_portals")),
    )
    op.create_index(op.f("ix_portals_name"), "portals", ["name"], unique=False)
    op.create_table(
        "rulings",
        sa.Column("no", NUMBER, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_rulings")),
        sa.UniqueConstraint("id", name=op.f("uq_rulings_id")),
    )
    op.create_index(op.f("ix_rulings_kind_made_at"), "rulings", ["kind", "made_at"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_portal_started"), "runs", ["portal", "started"], unique=False)
    op.create_table(
        "warc_files",
        sa.Column("no", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_warc_files_run_runs")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_warc_files")),
        sa.UniqueConstraint("name", name=op.f("uq_warc_files_name")),
    )
    op.create_table(
        "captures",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.LargeBinary(16), nullable=False),
        sa.Column("requested", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
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
        sa.Column("server_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("link_text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(warc_file IS NULL) = (warc_offset IS NULL) AND (warc_file IS NULL) = (warc_length IS NULL)",
            name=op.f("ck_captures_place"),
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_captures_run_runs")),
        sa.ForeignKeyConstraint(["warc_file"], ["warc_files.no"], name=op.f("fk_captures_warc_file_warc_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
    )
    op.create_index(op.f("ix_captures_document"), "captures", ["document"], unique=False)
    op.create_index(op.f("ix_captures_portal_fetched_at"), "captures", ["portal", "fetched_at"], unique=False)
    op.create_index(op.f("ix_captures_url_key_fetched_at"), "captures", ["url_key", "fetched_at"], unique=False)
    op.create_table(
        "looks",
        sa.Column("no", NUMBER, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("control", sa.LargeBinary(16), nullable=True),
        sa.Column("clock_skew", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["control"], ["captures.id"], name=op.f("fk_looks_control_captures")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_looks_run_runs")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_looks")),
        sa.UniqueConstraint("id", name=op.f("uq_looks_id")),
    )
    op.create_index(op.f("ix_looks_listing_started"), "looks", ["listing", "started"], unique=False)
    op.create_index(op.f("ix_looks_portal_started"), "looks", ["portal", "started"], unique=False)
    op.create_table(
        "extractions",
        sa.Column("no", NUMBER, nullable=False),
        sa.Column("look", NUMBER, nullable=False),
        sa.Column("extractor", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("links", sa.LargeBinary(32), nullable=False),
        sa.Column("pages", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["links"], ["link_sets.digest"], name=op.f("fk_extractions_links_link_sets")),
        sa.ForeignKeyConstraint(["look"], ["looks.no"], name=op.f("fk_extractions_look_looks")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_extractions")),
    )
    op.create_index(op.f("ix_extractions_look"), "extractions", ["look"], unique=False)
    op.create_table(
        "look_captures",
        sa.Column("look", NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("capture", sa.LargeBinary(16), nullable=False),
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
