"""Tables of the projections, derived from the records in them; the caller names the indicators, columns of ``cells``.

An indicator's column is its id with "__" instead of "." (names with "." would need quotes in SQLite and PostgreSQL).

Search index: ``search_texts`` has a row per edition with what narrows a search, ``search_bodies`` its paragraphs,
``search_index`` the pairs of characters, those of the form's headings under the negative number of the text: FTS5
without content in SQLite, an array with a GIN index in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, MetaData, Table, UniqueConstraint, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import Boolean

from storage.column_types import Clean, ExactDecimal, Hex, Instant, Number, Utc
from storage.errors import ProjectionError
from storage.judgements import (
    Contradiction,
    DutyInterval,
    Fingerprint,
    Repeat,
    StoredDocument,
    StoredFinding,
    StoredLookJudgement,
)
from storage.mapping import shape
from storage.records import Binding, Duty, Edition, Finding, Lead, Reading, StatusInterval
from storage.search_texts import SearchText

SCHEMA = "16"  # version of these tables: if it differs, a rebuild is needed
#: What a reading has in columns of its own: its fields, and ``from_pictures``.
READING_COLUMNS = (
    *("document", "reader", "normaliser", "kind", "reason", "title"),
    *("is_report", "form", "content_digest", "unreadable", "from_pictures"),
)

# SQLite's ``ascii`` tokenizer treats every non-ASCII character as a letter and folds none: pairs stay as they are.
_SQLITE = ("CREATE VIRTUAL TABLE search_index USING fts5 (tokens, content='', tokenize='ascii')",)
_POSTGRESQL = (
    "CREATE TABLE search_index (no bigint PRIMARY KEY, pairs text[] NOT NULL, body text NOT NULL)",
    "CREATE INDEX ix_search_index_pairs ON search_index USING gin (pairs)",
    # in the order in which hits are shown, so that for a frequent word the first hits are found at once
    "CREATE INDEX ix_search_texts_shown ON search_texts (year DESC, since DESC, edition)",
)


@cache
def column_of(indicator: str) -> str:
    """Return the column name of an indicator."""
    return indicator.replace(".", "__")


class ProjectionTables:
    """The tables of one generation of projections, as attributes by name: ``tables.leads``.

    ``of_portal``: the tables in which the rows of one portal are replaced together.
    """

    def __init__(self, indicators: Sequence[tuple[str, int]]) -> None:
        """``indicators``: (id, number of decimals kept) of each, in the order of the columns."""
        self.indicators = tuple(name for name, _ in indicators)
        self.digits: Mapping[str, int] = dict(indicators)
        self.metadata = MetaData()
        _add_readings(self.metadata, indicators)
        self.of_portal: Mapping[str, Table] = {
            name: _portal_table(self.metadata, name, columns, indexes)
            for name, (columns, *indexes) in _portal_columns().items()
        }
        self.meta = Table("meta", self.metadata, _key("key", Clean()), _column("value", Clean()))
        _add_search_tables(self.metadata)

    def __getattr__(self, name: str) -> Table:
        if name == "metadata" or name not in self.metadata.tables:
            raise AttributeError(name)
        return self.metadata.tables[name]


@cache
def projection_tables(indicators: tuple[tuple[str, int], ...]) -> ProjectionTables:
    """Return the tables for these indicators, each with the number of decimals of its values (0: a count)."""
    return ProjectionTables(indicators)


def _number() -> Column[int]:
    return Column("no", Number, primary_key=True)


def _key(name: str, kind: Any = Number) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _column(name: str, kind: Any, **more: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **more)


def _add_readings(metadata: MetaData, indicators: Sequence[tuple[str, int]]) -> None:
    """Add documents, their readings (what our reader extracted) and the readings' cells, which belong to no portal."""
    Table("documents", metadata, *shape(StoredDocument).columns(key="digest"))
    Table(
        "readings",
        metadata,
        _number(),  # never reused, because other rows refer to it
        *[column for column in shape(Reading).columns() if column.name in READING_COLUMNS],
        Column("from_pictures", Boolean),
        _column("body", LargeBinary),
        UniqueConstraint("document"),
        sqlite_autoincrement=True,
    )
    Table(
        "cells",
        metadata,
        _key("no"),  # the reading's number: a digest with index would be a fifth of the row
        *[Column(column_of(name), ExactDecimal(digits)) for name, digits in indicators],
        Column("form", Clean),
        _column("states", LargeBinary),
        _column("doubts", LargeBinary),
    )
    Table("cell_notes", metadata, _key("no"), _column("notes", LargeBinary))


def _portal_columns() -> dict[str, tuple[Any, ...]]:
    """Return for each table with rows of a portal its columns, then the column names of each of its indexes."""

    def columns_for(record: type[Any], **more: Any) -> list[Column[Any]]:
        return shape(record).columns(without=("portal", "finding", *more.pop("without", ())), **more)

    standing_types = {"since": Instant(), "until": Instant(), "editions": Integer(), "reading": Number}
    # columns of the duty (an agency's report due for a year), because long lists ask for them together with a status
    of_duty = columns_for(Duty, without=("agency", "year", "basis"), nullable=("kind", "guessed"))
    report = ("agency", "year")
    return {
        "leads": (columns_for(Lead), ("url",), report),  # links that may be reports
        "look_judgements": (columns_for(StoredLookJudgement), ("look",)),  # whether a look proves an absence
        "bindings": (columns_for(Binding), ("document",), report),  # whose report a document is
        "editions": (columns_for(Edition), ("id",), report),  # contents of a report, each over some time
        "edition_captures": ([_column("edition", Clean), _column("capture", Hex(16))], ("edition",), ("capture",)),
        "duties": (columns_for(Duty), report),
        "statuses": (
            [*columns_for(StatusInterval), *of_duty, Column("rests", Clean)],
            (*report, "since"),
            ("portal", "year", "status"),
        ),
        "standing": (columns_for(DutyInterval, types={**standing_types, "documents": LargeBinary()}), ("kind", "year")),
        "tallies": ([_column("year", Integer), _column("since", Utc), _column("counts", Clean)], ("portal", "year")),
        "findings": ([*columns_for(StoredFinding), *columns_for(Finding)], ("subject",), report),
        "contradictions": (columns_for(Contradiction), ("year", "code"), report),
        "fingerprints": (
            columns_for(Fingerprint),
            *[(name, "year") for name in ("content", "figures", "text1", "text2", "text3")],
        ),
        "repeats": (columns_for(Repeat), ("mark", "agency")),
    }


def _portal_table(metadata: MetaData, name: str, columns: list[Column[Any]], indexes: Sequence[Sequence[str]]) -> Table:
    """Return a table with a portal in each row. ``indexes``: the columns of each index beside that of the portal."""
    table = Table(name, metadata, _number(), _column("portal", Clean), *columns)
    for names in (("portal",), *indexes):
        Index(f"ix_{name}_{'_'.join(names)}", *[table.c[column] for column in names])
    return table


def _add_search_tables(metadata: MetaData) -> None:
    """Add the search tables that both engines have alike; with them ``search_index`` is created, which is used only in
    SQL text in :mod:`storage.search`.
    """
    Table(
        "search_texts",
        metadata,
        _number(),
        _column("portal", Clean, index=True),
        *shape(SearchText).columns(without=("passages",), types={"since": Instant(), "until": Instant()}),
        _column("digest", Hex(32)),
        _column("length", Integer),  # characters after normalisation; 0: unreadable
    )
    Table("search_bodies", metadata, _key("no"), _column("body", LargeBinary))
    event.listen(metadata, "after_create", _create_index)


def _create_index(target: MetaData, connection: Connection, **more: object) -> None:
    """Create the search index after the tables. Raises ProjectionError if this SQLite lacks FTS5."""
    del target, more
    statements = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    try:
        for statement in statements:
            connection.execute(text(statement))
    except OperationalError as error:
        if "no such module" not in str(error.orig):
            raise
        raise ProjectionError(code="projections.no_fts5") from error
