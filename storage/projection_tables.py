"""Tables of the projections, made from the records they hold; the columns of ``cells`` are the caller's indicators.

An indicator's column is its id with "__" for "." (SQLite and PostgreSQL would both want quotes otherwise).

Of the search index: ``search_texts`` has a row per edition with what narrows a search, ``search_bodies`` its
paragraphs, ``search_pieces`` further rows for a text too long for one (their number in the index is ``-no``),
``search_index`` the pairs: FTS5 without content in SQLite, a ``tsvector`` with a GIN index in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import TypeEngine

from storage.column_types import Clean, Exact, Hex, Instant, Number, Utc
from storage.errors import ProjectionError
from storage.judgements import (
    Contradiction,
    Fingerprint,
    Repeat,
    Standing,
    StoredDocument,
    StoredFinding,
    StoredLookJudgement,
)
from storage.mapping import shape
from storage.records import Binding, Duty, Edition, Finding, Lead, Reading, StatusInterval

SCHEMA = "9"  # version of these tables: another one means rebuild
#: Fields of a reading with columns of their own.
OF_READING = (
    *("document", "reader", "normaliser", "kind", "reason", "title"),
    *("is_report", "form", "content_digest", "unreadable"),
)
_OF_PORTAL = (
    *("leads", "look_judgements", "bindings", "editions", "edition_captures", "duties", "statuses", "standing"),
    *("tallies", "findings", "contradictions", "fingerprints", "repeats"),
)
_Types = Mapping[str, TypeEngine[Any]] | None

# To this tokenizer of SQLite any sign that is not ASCII is a letter, and none is folded: pairs are taken as they are.
_SQLITE = ("CREATE VIRTUAL TABLE search_index USING fts5 (tokens, content='', tokenize='ascii')",)
_POSTGRESQL = (
    "CREATE TABLE search_index (no bigint PRIMARY KEY, tokens tsvector NOT NULL)",
    "CREATE INDEX ix_search_index_tokens ON search_index USING gin (tokens)",
    # in the order in which hits are shown: of a word that many texts have, the first ones are met at once
    "CREATE INDEX ix_search_texts_shown ON search_texts (year DESC, since DESC, edition)",
)


@cache
def column_of(indicator: str) -> str:
    """Return the column of an indicator."""
    return indicator.replace(".", "__")


@dataclass(frozen=True)
class SearchTables:
    """The tables that every engine has alike; ``search_index`` is named in statements (:mod:`storage.search`)."""

    texts: Table
    bodies: Table
    pieces: Table


@dataclass(frozen=True)
class ProjectionTables:
    """The tables of one generation of projections."""

    metadata: MetaData
    indicators: tuple[str, ...]
    digits: Mapping[str, int]
    documents: Table
    readings: Table
    cells: Table
    cell_notes: Table
    leads: Table
    look_judgements: Table
    bindings: Table
    editions: Table
    edition_captures: Table
    duties: Table
    statuses: Table
    standing: Table
    tallies: Table
    findings: Table
    contradictions: Table
    fingerprints: Table
    repeats: Table
    meta: Table
    search: SearchTables

    @property
    def of_portal(self) -> Mapping[str, Table]:
        """The tables replaced portal by portal."""
        return {name: getattr(self, name) for name in _OF_PORTAL}


@cache
def projection_tables(indicators: tuple[tuple[str, int], ...]) -> ProjectionTables:
    """Return tables for these indicators, each with the number of decimals its values may have (0: a count)."""
    metadata = MetaData()

    def of_portal(name: str, columns: list[Column[Any]], *indices: Sequence[str]) -> Table:
        """A table of which the rows of one portal are replaced together, with an index over each of ``indices``."""
        made = Table(name, metadata, _number(), Column("portal", Clean, nullable=False), *columns)
        for names in (("portal",), *indices):
            Index(f"ix_{name}_{'_'.join(names)}", *[made.c[column] for column in names])
        return made

    def of_records(name: str, kind: type[Any], *indices: Sequence[str], types: _Types = None) -> Table:
        return of_portal(name, shape(kind).columns(without=("portal",), types=types), *indices)

    # asked for together with a status, many thousands at once: so they stand beside it
    of_duty = shape(Duty).columns(without=("agency", "year", "basis"), nullable=("kind", "guessed"))
    findings = [*shape(StoredFinding).columns(without=("finding",)), *shape(Finding).columns()]
    return ProjectionTables(
        metadata=metadata,
        indicators=tuple(name for name, _ in indicators),
        digits=dict(indicators),
        documents=Table("documents", metadata, *shape(StoredDocument).columns(key="digest")),
        readings=Table(
            "readings",
            metadata,
            _number(),  # that of no other reading, ever: others name it
            *[column for column in shape(Reading).columns() if column.name in OF_READING],
            Column("body", LargeBinary, nullable=False),
            UniqueConstraint("document"),
            sqlite_autoincrement=True,
        ),
        cells=Table(
            "cells",
            metadata,
            # that of its reading: a digest and its index would be a fifth of the row
            Column("no", Number, primary_key=True, autoincrement=False),
            *[Column(column_of(name), Exact(digits)) for name, digits in indicators],
            Column("form", Clean),
            Column("states", LargeBinary, nullable=False),
            Column("doubts", LargeBinary, nullable=False),
        ),
        cell_notes=Table(
            "cell_notes",
            metadata,
            Column("no", Number, primary_key=True, autoincrement=False),
            Column("notes", LargeBinary, nullable=False),
        ),
        leads=of_records("leads", Lead, ("url",), ("agency", "year")),
        look_judgements=of_records("look_judgements", StoredLookJudgement, ("look",)),
        bindings=of_records("bindings", Binding, ("document",), ("agency", "year")),
        editions=of_records("editions", Edition, ("id",), ("agency", "year")),
        edition_captures=of_portal(
            "edition_captures",
            [Column("edition", Clean, nullable=False), Column("capture", Hex(16), nullable=False)],
            ("edition",),
            ("capture",),
        ),
        duties=of_records("duties", Duty, ("agency", "year")),
        statuses=of_portal(
            "statuses",
            [*shape(StatusInterval).columns(), *of_duty, Column("rests", Clean)],
            ("agency", "year", "since"),
            ("portal", "year", "status"),
        ),
        standing=of_records(
            "standing",
            Standing,
            ("kind", "year"),
            types={
                "since": Instant(),
                "until": Instant(),
                "editions": Integer(),
                "reading": Number,
                "documents": LargeBinary(),
            },
        ),
        tallies=of_portal(
            "tallies",
            [
                Column("year", Integer, nullable=False),
                Column("since", Utc, nullable=False),
                Column("counts", Clean, nullable=False),
            ],
            ("portal", "year"),
        ),
        findings=of_portal("findings", findings, ("subject",), ("agency", "year")),
        contradictions=of_records("contradictions", Contradiction, ("year", "code"), ("agency", "year")),
        fingerprints=of_records(
            "fingerprints", Fingerprint, *[(name, "year") for name in ("content", "figures", "text1", "text2", "text3")]
        ),
        repeats=of_records("repeats", Repeat, ("mark", "agency")),
        meta=Table("meta", metadata, Column("key", Clean, primary_key=True), Column("value", Clean, nullable=False)),
        search=search_tables(metadata),
    )


def _number() -> Column[int]:
    return Column("no", Number, primary_key=True)


def search_tables(metadata: MetaData) -> SearchTables:
    """Add the tables to ``metadata``; the index is created with them."""
    texts = Table(
        "search_texts",
        metadata,
        _number(),
        Column("portal", Clean, nullable=False, index=True),
        Column("edition", Clean, nullable=False),
        Column("agency", Clean, nullable=False),
        Column("kind", Clean, nullable=False),
        Column("year", SmallInteger, nullable=False),
        Column("since", Instant, nullable=False),
        Column("until", Instant),
        Column("digest", Hex(32), nullable=False),
        Column("length", Integer, nullable=False),  # normalised characters; 0: nothing could be read
        Column("cut", Boolean, nullable=False),
    )
    bodies = Table(
        "search_bodies",
        metadata,
        Column("no", Number, primary_key=True, autoincrement=False),
        Column("body", LargeBinary, nullable=False),
    )
    pieces = Table(
        "search_pieces",
        metadata,
        _number(),
        Column("text_no", Number, nullable=False),
    )
    Index("ix_search_pieces_text_no", pieces.c.text_no)
    event.listen(metadata, "after_create", _create_index)
    return SearchTables(texts=texts, bodies=bodies, pieces=pieces)


def _create_index(target: MetaData, connection: Connection, **more: object) -> None:
    del target, more
    statements = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    try:
        for statement in statements:
            connection.execute(text(statement))
    except OperationalError as error:
        if "no such module" not in str(error.orig):
            raise
        raise ProjectionError(code="projections.no_fts5") from error
