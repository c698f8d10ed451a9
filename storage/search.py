"""The search index: store and delete texts together with the other rows of their portal, and search them.

User input is never query syntax: a phrase becomes pairs of characters (:mod:`storage.search_texts`), none of which
means anything to FTS5; PostgreSQL gets them as an array. Both engines find exactly the texts of which a normalised
paragraph contains the normalised phrase.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, insert, not_, or_, select, text, update

from storage.projection_tables import ProjectionTables
from storage.search_texts import (
    SearchParagraph,
    SearchText,
    all_normalised,
    digest_of,
    packed,
    pairs,
    phrase_pairs,
    unpacked,
)
from storage.statements import parts

_BATCH = 500
_MUTABLE = ("agency", "kind", "year", "since", "until")  # columns that may change while the text stays the same


# --------------------------------------------------------------------------------------------------------- storing


def put_texts(connection: Connection, tables: ProjectionTables, portal: str, texts: Iterable[SearchText]) -> None:
    """Make ``texts`` all searchable texts of a portal. Texts that are unchanged in the index are left there."""
    table = tables.search_texts
    query = select(table).where(table.c.portal == portal)
    stored_rows = {row["edition"]: dict(row) for row in connection.execute(query).mappings()}
    new: list[_New] = []
    for edition_text in texts:
        body = packed(edition_text.passages)
        scope_values = {name: getattr(edition_text, name) for name in _MUTABLE}
        row = {"portal": portal, "edition": edition_text.edition, "cut": edition_text.cut, **scope_values}
        row["digest"] = digest_of(edition_text, body)
        stored_row = stored_rows.get(edition_text.edition)
        if stored_row is None or stored_row["digest"] != row["digest"]:
            own, headings = _paragraphs(edition_text.passages)
            new.append(_New(row | {"length": sum(map(len, [*own, *headings]))}, body, own, headings))
            continue
        del stored_rows[edition_text.edition]
        if any(stored_row[name] != scope_values[name] for name in _MUTABLE):
            connection.execute(update(table).where(table.c.no == stored_row["no"]).values(scope_values))
    _delete_texts(connection, tables, [row["no"] for row in stored_rows.values()])
    if not new:
        return
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:  # index the pairs of many texts at once, and leave none pending
        connection.execute(text("SET LOCAL gin_pending_list_limit = '256MB'"))
    for batch in parts(new, _BATCH):
        _insert_texts(connection, tables, batch)
    if postgresql:
        connection.execute(text("SELECT gin_clean_pending_list('ix_search_index_pairs')"))


class _New(NamedTuple):
    """A text to store: its row, its packed paragraphs, and as :func:`_paragraphs` returns them."""

    row: dict[str, Any]
    body: bytes
    own: list[str]
    headings: list[str]


def _paragraphs(passages: Iterable[SearchParagraph]) -> tuple[list[str], list[str]]:
    """Return the normalised paragraphs that are a report's own, and those that are headings of the national form."""
    ordered = sorted(passages, key=lambda one: one.is_form_heading)
    lines = [*zip(ordered, all_normalised([one.text for one in ordered]), strict=True)]
    own, headings = ([line for one, line in lines if line and one.is_form_heading is kind] for kind in (False, True))
    return own, headings


def _insert_texts(connection: Connection, tables: ProjectionTables, new: Sequence[_New]) -> None:
    """Store texts: a row and a body of each, and in the index its own paragraphs under its number, the headings of the
    form under the negative one, as pairs of neighbouring characters: one text for SQLite's FTS5, an array of different
    pairs for PostgreSQL.
    """
    statement = insert(tables.search_texts).returning(tables.search_texts.c.no, sort_by_parameter_order=True)
    numbers = connection.execute(statement, [new_text.row for new_text in new]).scalars()
    numbered = [*zip(numbers, new, strict=True)]
    connection.execute(insert(tables.search_bodies), [{"no": no, "body": new_text.body} for no, new_text in numbered])
    indexed = [entry for no, one in numbered for entry in ((no, one.own), (-no, one.headings))]
    if connection.dialect.name == "sqlite":
        rows = [{"no": no, "pairs": _fts5_text(paragraphs)} for no, paragraphs in indexed]
        connection.execute(_INSERT_FTS5, rows)
    else:
        rows = [
            {"no": no, "pairs": _distinct_pairs(paragraphs), "body": "\n".join(paragraphs)}
            for no, paragraphs in indexed
        ]
        connection.execute(_INSERT_ARRAYS, rows)


_INSERT_FTS5 = text("INSERT INTO search_index (rowid, tokens) VALUES (:no, :pairs)")
_INSERT_ARRAYS = text("INSERT INTO search_index (no, pairs, body) VALUES (:no, :pairs, :body)")
# an FTS5 table without content needs the same pairs again to delete a row
_DELETE_FTS5 = text("INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', :no, :pairs)")


def _delete_texts(connection: Connection, tables: ProjectionTables, numbers: Sequence[int]) -> None:
    """Delete texts with their paragraphs and their part of the index; ``numbers``: of their rows."""
    for batch in parts(numbers, _BATCH):
        if connection.dialect.name == "sqlite":
            for no, body in bodies(connection, tables, batch).items():  # FTS5 forgets a text only if it gets it again
                own, headings = _paragraphs(unpacked(body))
                for number, paragraphs in ((no, own), (-no, headings)):
                    connection.execute(_DELETE_FTS5, {"no": number, "pairs": _fts5_text(paragraphs)})
        else:
            both = [row for no in batch for row in (no, -no)]
            connection.execute(text("DELETE FROM search_index WHERE no = ANY(:rows)"), {"rows": both})
        for table in (tables.search_bodies, tables.search_texts):
            connection.execute(delete(table).where(table.c.no.in_(batch)))


def _fts5_text(paragraphs: Iterable[str]) -> str:
    return " ".join([pair for line in paragraphs for pair in pairs(line)])


def _distinct_pairs(paragraphs: Iterable[str]) -> list[str]:
    """Return the different pairs and single characters of a text, sorted."""
    text_pairs = {pair for line in paragraphs for pair in pairs(line)}
    return sorted(text_pairs | {pair[0] for pair in text_pairs})


def settle(connection: Connection) -> None:
    """Optimise after many inserts: merge the index (SQLite), collect statistics for the planner (PostgreSQL)."""
    sqlite = connection.dialect.name == "sqlite"
    optimized = ("INSERT INTO search_index (search_index) VALUES ('optimize')",)
    for statement in optimized if sqlite else ("ANALYZE search_texts", "ANALYZE search_index"):
        connection.execute(text(statement))


# ------------------------------------------------------------------------------------------------------- searching


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What to search for, and in which texts. ``words``: normalised phrases that a text must all have; ``without``:
    those that it must not have. ``own``: whether all words must stand outside of headings of the national form, or
    some must stand in these alone. ``last``: only editions that were the report's last at ``as_of``. None means no
    restriction; ``excluded_editions`` are never returned.
    """

    words: tuple[str, ...]
    without: tuple[str, ...] = ()
    own: bool | None = None
    as_of: datetime
    last: bool = True
    years: Collection[int] | None = None
    portals: Collection[str] | None = None
    agencies: Collection[str] | None = None
    kinds: Collection[str] | None = None
    excluded_editions: Collection[str] = ()


def find(
    connection: Connection, tables: ProjectionTables, query: SearchQuery, limit: int, offset: int
) -> tuple[list[Row[Any]], int]:
    """Return the texts that match (``no``, ``edition``, ``agency``, ``year``, ``since``, ``until``, ``cut``) and their
    total number. Latest reporting year first, within a year the latest ``since`` first.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_SET_ALL)
    table = tables.search_texts
    conditions = [*_scope_conditions(tables, query), *_word_conditions(connection, tables, query)]
    columns = select(*(table.c[name] for name in ("no", "edition", "agency", "year", "since", "until", "cut")))
    page = columns.where(*conditions).order_by(table.c.year.desc(), table.c.since.desc(), table.c.edition)
    page = page.limit(limit).offset(offset)
    count = select(func.count()).select_from(table).where(*conditions)
    if all(len(word) == 2 for word in (*query.words, *query.without)):  # one pair each: two queries are faster than one
        total = int(connection.execute(count).scalar_one())
        return (list(connection.execute(page)) if offset < total else []), total
    rows = list(connection.execute(page.add_columns(func.count().over().label("total"))))
    return rows, int(rows[0].total if rows else connection.execute(count).scalar_one())


def count_searched(connection: Connection, tables: ProjectionTables, query: SearchQuery) -> tuple[int, int, int]:
    """Return how many texts are searched, how many editions could not be read, and how many texts are cut."""
    length, cut = tables.search_texts.c.length, tables.search_texts.c.cut
    counted = (case((length > 0, 1)), case((length == 0, 1)), case((cut, 1)))
    counts = select(*(func.count(one) for one in counted)).where(*_scope_conditions(tables, query))
    row = connection.execute(counts).one()
    return int(row[0]), int(row[1]), int(row[2])


def bodies(connection: Connection, tables: ProjectionTables, numbers: Collection[int]) -> dict[int, bytes]:
    """Return the packed paragraphs of texts by number, for :func:`storage.search_texts.unpacked`."""
    query = select(tables.search_bodies).where(tables.search_bodies.c.no.in_(sorted(numbers)))
    return {no: bytes(body) for no, body in connection.execute(query)}


def _scope_conditions(tables: ProjectionTables, query: SearchQuery) -> list[ColumnElement[bool]]:
    """Return the conditions on time, years, portals, agencies, kinds and editions of a search."""
    table = tables.search_texts.c
    conditions: list[ColumnElement[bool]] = [table.since <= query.as_of]
    if query.last:  # only the last edition of each report, as of then
        conditions.append(or_(table.until.is_(None), table.until > query.as_of))
    for column, allowed_values in (
        (table.year, query.years),
        (table.portal, query.portals),
        (table.agency, query.agencies),
        (table.kind, query.kinds),
    ):
        if allowed_values is not None:
            conditions.append(column.in_(sorted(set(allowed_values))))
    if query.excluded_editions:
        conditions.append(table.edition.not_in(sorted(query.excluded_editions)))
    return conditions


# the headings of the form in the text with number n are row -n of the index
_IN_FTS5 = "SELECT {1}(rowid) FROM search_index WHERE search_index MATCH :{0}"
_IN_ARRAYS = "SELECT {1}(no) FROM search_index WHERE pairs @> CAST(:{0} AS text[])"
_IN_TEXT = " AND strpos(body, :{0}_word) > 0"  # the pairs of a longer phrase may also occur apart
# Without these PostgreSQL would scan all arrays for a frequent word, plan every word like a rare one, and re-check each
# text when the hash of matches does not fit into memory.
_SETTINGS = {"enable_seqscan": "off", "jit": "off", "plan_cache_mode": "force_custom_plan", "work_mem": "32MB"}
_SET_ALL = select(*(func.set_config(name, value, True) for name, value in _SETTINGS.items()))  # for this transaction


def _word_conditions(connection: Connection, tables: ProjectionTables, query: SearchQuery) -> list[ColumnElement[bool]]:
    """Return the conditions that a text has each word, and none of the words to exclude."""
    has = partial(_has_word, connection, tables)
    unwanted = [~has(word, f"without_{number}") for number, word in enumerate(query.without)]
    own = [has(word, f"own_{number}", own=True) for number, word in enumerate(query.words)]
    if query.own:  # True: outside of the form's headings; None: anywhere; False: only with the help of headings
        return [*own, *unwanted]
    anywhere = [has(word, f"word_{number}") for number, word in enumerate(query.words)]
    return [*anywhere, *unwanted] if query.own is None else [*anywhere, not_(and_(*own)), *unwanted]


def _has_word(
    connection: Connection, tables: ProjectionTables, word: str, name: str, *, own: bool = False
) -> ColumnElement[bool]:
    """Return the condition that a text has a word (``own``: outside of headings); ``name``: of its parameters."""
    number, chain = "" if own else "abs", phrase_pairs(word)  # headings have the negative number of their text
    if connection.dialect.name == "sqlite":
        phrase = f'"{" ".join(chain)}"' + ("*" if len(chain[0]) == 1 else "")
        rows = text(_IN_FTS5.format(name, number)).bindparams(**{name: phrase})
    elif len(chain) == 1:
        rows = text(_IN_ARRAYS.format(name, number)).bindparams(**{name: chain})
    else:
        rows = text((_IN_ARRAYS + _IN_TEXT).format(name, number)).bindparams(**{name: chain, f"{name}_word": word})
    return tables.search_texts.c.no.in_(rows)
