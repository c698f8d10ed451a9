"""The tables of the truth, derived from the records. Rows are only added; triggers of the migrations enforce it.

A registry row is never changed: a new one is added, and the one with the latest ``recorded_at`` is valid.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from storage.column_types import Clean, Hex, Instant, Number, Utc
from storage.mapping import shape
from storage.records import Agency, Alarm, Capture, Extraction, Listing, Look, Portal, Ruling, Run, Schedule

#: Names of constraints are the same on every engine, so that migrations can name them.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_WORD = String(16)


def _number() -> Column[int]:
    return Column("no", Number, primary_key=True)


def _numbered(
    name: str,
    kind: type[Any],
    *items: SchemaItem,
    without: Collection[str] = (),
    types: Mapping[str, TypeEngine[Any]] | None = None,
) -> Table:
    """Return the table for a kind of record, with ``no`` as key: rows are numbered as they are added.

    ``without``, ``types``: columns left out, or of another type.
    """
    return Table(name, METADATA, _number(), *shape(kind).columns(without=without, types=types), *items)


def _where(where: str) -> dict[str, Any]:
    """Return the arguments that limit an index to some rows."""
    return {"sqlite_where": text(where), "postgresql_where": text(where)}


#: One row about this archive. It prevents that a real folder uses a simulated database, or the reverse.
ARCHIVE = Table(
    "archive",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("simulated", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    CheckConstraint("id = 1", name="single"),
)
PORTALS = _numbered("portals", Portal, Index(None, "name"))
AGENCIES = _numbered("agencies", Agency, Index(None, "id"), Index(None, "portal"))
LISTINGS = _numbered("listings", Listing, Index(None, "id"), Index(None, "portal"))
#: The only rows that are changed: once, when the run ends.
RUNS = Table("runs", METADATA, *shape(Run).columns(key="id"), Index(None, "portal", "started"))
SCHEDULES = _numbered("schedules", Schedule, Index(None, "portal"))
ALARMS = _numbered("alarms", Alarm, Index(None, "at"), types={"event": _WORD})
#: ``size`` is set when a file is sealed: closed by its writer, or mended after a crash.
WARC_FILES = Table(
    "warc_files",
    METADATA,
    _number(),
    Column("name", Clean, unique=True, nullable=False),
    Column("run", Clean, ForeignKey("runs.id"), nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("size", BigInteger),
)
#: Each fetched address, once. ``key``: first 16 bytes of its SHA-256, as URLs are too long for an index.
ADDRESSES = Table(
    "addresses",
    METADATA,
    _number(),
    Column("key", LargeBinary(16), unique=True, nullable=False),
    Column("url", Clean, nullable=False),
)
#: Read through :func:`storage.capture_rows.captures_query`. Values that can be derived are NULL: ``run`` if equal to
#: that of ``warc_file``, ``requested`` if equal to the address, ``payload_digest`` if equal to ``document``, and both
#: of a revisit if equal to those of ``revisit_of``.
CAPTURES = Table(
    "captures",
    METADATA,
    *shape(Capture).columns(
        key="id",
        without=("url", "warc"),
        nullable=("run", "requested"),
        types={"id": Hex(16), "role": _WORD, "outcome": _WORD, "fetched_at": Instant(), "server_date": Instant()},
    ),
    Column("address", Number, ForeignKey("addresses.no"), nullable=False),
    Column("warc_file", Number, ForeignKey("warc_files.no")),
    Column("warc_offset", BigInteger),
    Column("warc_length", BigInteger),
    ForeignKeyConstraint(["run"], ["runs.id"]),
    Index(None, "address", "fetched_at"),
    Index(None, "portal", "fetched_at"),
    Index(None, "document", **_where("document IS NOT NULL")),
    Index(None, "revisit_of", **_where("revisit_of IS NOT NULL")),
    CheckConstraint(
        "(warc_file IS NULL) = (warc_offset IS NULL) AND (warc_file IS NULL) = (warc_length IS NULL)", name="place"
    ),
)
LOOKS = _numbered(
    "looks",
    Look,
    UniqueConstraint("id"),
    ForeignKeyConstraint(["run"], ["runs.id"]),
    ForeignKeyConstraint(["control"], ["captures.id"]),
    Index(None, "portal", "started"),
    Index(None, "listing", "started"),
    without=("captures",),
    types={"outcome": _WORD},
)
#: The captures of a look, in order.
LOOK_CAPTURES = Table(
    "look_captures",
    METADATA,
    Column("look", Number, ForeignKey("looks.no"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("capture", Hex(16), ForeignKey("captures.id"), nullable=False),
    sqlite_with_rowid=False,
)
#: A list of links, once per content: an unchanged listing costs only one small extraction row per look.
LINK_SETS = Table(
    "link_sets", METADATA, Column("digest", Hex(32), primary_key=True), Column("links", LargeBinary, nullable=False)
)
#: ``pages``: the captures that the links' page numbers mean (JSON). A ``doubt`` makes an ok look partial.
EXTRACTIONS = _numbered(
    "extractions",
    Extraction,
    Column("look", Number, ForeignKey("looks.no"), nullable=False),
    Column("links", Hex(32), ForeignKey("link_sets.digest"), nullable=False),
    Column("pages", Clean, nullable=False),
    Index(None, "look"),
    without=("look", "links"),
)
RULINGS = _numbered("rulings", Ruling, UniqueConstraint("id"), Index(None, "kind", "made_at"), types={"kind": _WORD})
#: A seal that was made: number, its manifest's file name and SHA-256. So a missing seal is noticed.
SEALS = Table(
    "seals",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Clean, nullable=False),
    Column("sha256", Hex(32), nullable=False),
)
