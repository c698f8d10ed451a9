"""Tables of the search index, in every generation of the projections.

``search_texts``   a row per edition with what narrows a search; ``no`` is its row in the index
``search_bodies``  its paragraphs, read for what is shown alone
``search_pieces``  further rows of the index for a text too long for one: their number there is ``-no``
``search_index``   the pairs: FTS5 without content in SQLite, a ``tsvector`` with a GIN index in PostgreSQL
"""

from __future__ import annotations

from dataclasses import dataclass

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
    event,
    text,
)
from sqlalchemy.exc import OperationalError

from storage.errors import ProjectionError
from storage.tables import Clean, Hex, Instant, Number

#: Columns that number rows: they differ from one generation to the next.
ROW_NUMBERS = frozenset({"no", "text_no", "reading"})

# To this tokenizer of SQLite any sign that is not ASCII is a letter, and none is folded: pairs are taken as they are.
_SQLITE = ("CREATE VIRTUAL TABLE search_index USING fts5 (tokens, content='', tokenize='ascii')",)
_POSTGRESQL = (
    "CREATE TABLE search_index (no bigint PRIMARY KEY, tokens tsvector NOT NULL)",
    "CREATE INDEX ix_search_index_tokens ON search_index USING gin (tokens)",
    # in the order in which hits are shown: of a word that many texts have, the first ones are met at once
    "CREATE INDEX ix_search_texts_shown ON search_texts (year DESC, since DESC, edition)",
)


@dataclass(frozen=True)
class SearchTables:
    """The tables that every engine has alike; ``search_index`` is named in statements (:mod:`storage.search`)."""

    texts: Table
    bodies: Table
    pieces: Table


def search_tables(metadata: MetaData) -> SearchTables:
    """Add the tables to ``metadata``; the index is created with them."""
    texts = Table(
        "search_texts",
        metadata,
        Column("no", Number, primary_key=True),
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
        Column("no", Number, primary_key=True),
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
        message = (
            "the SQLite of this Python was built without FTS5, which search needs; use a Python whose sqlite3 has it "
            "(those of python.org, Debian and conda do)."
        )
        raise ProjectionError(message, code="projections.no_fts5") from error
