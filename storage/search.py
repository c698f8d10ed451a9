"""The search index: texts put in and taken out with their portal's other rows, and the statements that ask it.

What is asked is never syntax: a phrase becomes pairs of characters (:mod:`storage.search_texts`), of which none is a
sign that FTS5 or a tsquery knows. Both engines find exactly the texts of which a normalised paragraph holds the
normalised phrase.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    sql,
    text,
    true,
    update,
)

from storage.projection_tables import SearchTables
from storage.search_texts import SearchText, all_normalised, digest_of, packed, phrase_pairs, pieces, unpacked
from storage.statements import parts

_BATCH = 500
_KEPT = ("agency", "kind", "year", "since", "until")  # what may change while the text stays


# ------------------------------------------------------------------------------------------------------ putting in


def put_texts(connection: Connection, tables: SearchTables, portal: str, texts: Iterable[SearchText]) -> None:
    """Make ``texts`` all that is searched of a portal. Texts that stand in the index already are left there."""
    query = select(tables.texts).where(tables.texts.c.portal == portal)
    stored_rows = {row["edition"]: dict(row) for row in connection.execute(query).mappings()}
    new: list[_New] = []
    for one in texts:
        body = packed(one.passages)
        scope_values = {name: getattr(one, name) for name in _KEPT}
        row = {"portal": portal, "edition": one.edition, **scope_values, "digest": digest_of(one, body), "cut": one.cut}
        stored_row = stored_rows.get(one.edition)
        if stored_row is None or stored_row["digest"] != row["digest"]:
            paragraphs = all_normalised([passage.text for passage in one.passages])
            new.append(_New(row | {"length": sum(map(len, paragraphs))}, body, list(pieces(paragraphs))))
            continue
        del stored_rows[one.edition]
        if any(stored_row[name] != scope_values[name] for name in _KEPT):
            connection.execute(update(tables.texts).where(tables.texts.c.no == stored_row["no"]).values(scope_values))
    _take_out(connection, tables, [row["no"] for row in stored_rows.values()])
    if not new:
        return
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:  # pairs of many texts go into the index together, and no search finds any waiting
        connection.execute(text("SET LOCAL gin_pending_list_limit = '256MB'"))
    for some in parts(new, _BATCH):
        _put_in(connection, tables, some)
    if postgresql:
        connection.execute(text("SELECT gin_clean_pending_list('ix_search_index_tokens')"))


class _New(NamedTuple):
    """A text to be put in: its row, its packed paragraphs, and its pairs in pieces."""

    row: dict[str, Any]
    body: bytes
    pieces: list[list[str]]


def _put_in(connection: Connection, tables: SearchTables, new: Sequence[_New]) -> None:
    numbered = [*zip(_numbered(connection, tables.texts, [one.row for one in new]), new, strict=True)]
    connection.execute(insert(tables.bodies), [{"no": no, "body": one.body} for no, one in numbered])
    further = [(no, piece) for no, one in numbered for piece in one.pieces[1:]]
    of_further = _numbered(connection, tables.pieces, [{"text_no": no} for no, _ in further])
    rows = [(no, one.pieces[0]) for no, one in numbered if one.pieces]
    rows += [(-no, piece) for no, (_, piece) in zip(of_further, further, strict=True)]
    if rows:
        sqlite = connection.dialect.name == "sqlite"
        spelt = _fts5_text if sqlite else _tsvector
        statement = _INTO_FTS5 if sqlite else _INTO_TSVECTORS
        connection.execute(statement, [{"no": no, "tokens": spelt(piece)} for no, piece in rows])


_INTO_FTS5 = text("INSERT INTO search_index (rowid, tokens) VALUES (:no, :tokens)")
_INTO_TSVECTORS = text("INSERT INTO search_index (no, tokens) VALUES (:no, CAST(:tokens AS tsvector))")
# an FTS5 table without content is told what it is to forget: the same pairs again
_OUT_OF_FTS5 = text("INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', :no, :tokens)")


def _numbered(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows; the numbers they were given, in their order."""
    if not rows:
        return []
    statement = insert(table).returning(table.c.no, sort_by_parameter_order=True)
    return list(connection.execute(statement, rows).scalars())


def _take_out(connection: Connection, tables: SearchTables, numbers: Sequence[int]) -> None:
    for batch in parts(numbers, _BATCH):
        index_rows: dict[int, list[int]] = {no: [no] for no in batch}  # the rows of each text in the index
        query = select(tables.pieces).where(tables.pieces.c.text_no.in_(batch)).order_by(tables.pieces.c.no)
        for no, text_no in connection.execute(query):
            index_rows[text_no].append(-no)
        if connection.dialect.name == "sqlite":
            for no, body in bodies(connection, tables, batch).items():
                text_pieces = pieces(all_normalised([passage.text for passage in unpacked(body)]))
                for row, piece in zip(index_rows[no], text_pieces, strict=False):
                    connection.execute(_OUT_OF_FTS5, {"no": row, "tokens": _fts5_text(piece)})
        else:
            rows = [row for numbers_of_text in index_rows.values() for row in numbers_of_text]
            connection.execute(text("DELETE FROM search_index WHERE no = ANY(:rows)"), {"rows": rows})
        connection.execute(delete(tables.pieces).where(tables.pieces.c.text_no.in_(batch)))
        for table in (tables.bodies, tables.texts):
            connection.execute(delete(table).where(table.c.no.in_(batch)))


def _fts5_text(piece: Iterable[str]) -> str:
    return " ".join(piece)


def _tsvector(piece: Iterable[str]) -> str:
    places: dict[str, list[str]] = defaultdict(list)
    for at, pair in enumerate(piece, start=1):
        places[pair].append(str(at))
    return " ".join([f"'{pair}':{','.join(positions)}" for pair, positions in places.items()])


def settle(connection: Connection) -> None:
    """After much was put in: the index in one piece (SQLite), statistics for the planner (PostgreSQL)."""
    sqlite = connection.dialect.name == "sqlite"
    optimized = ("INSERT INTO search_index (search_index) VALUES ('optimize')",)
    for statement in optimized if sqlite else ("ANALYZE search_texts", "ANALYZE search_index"):
        connection.execute(text(statement))


# ---------------------------------------------------------------------------------------------------------- asking


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What is searched for, and in which texts. ``words``: normalised phrases, all of which a text has; ``without``:
    those of which it has none. ``last``: only editions that were the report's last at ``as_of``; None does not narrow,
    ``excluded_editions`` are not given out.
    """

    words: tuple[str, ...]
    without: tuple[str, ...] = ()
    as_of: datetime
    last: bool = True
    years: Collection[int] | None = None
    portals: Collection[str] | None = None
    agencies: Collection[str] | None = None
    kinds: Collection[str] | None = None
    excluded_editions: Collection[str] = ()


def find(
    connection: Connection, tables: SearchTables, query: SearchQuery, limit: int, offset: int, among: int | None = None
) -> tuple[list[Row[Any]], int]:
    """The texts (``no``, ``edition``, ``agency``, ``year``, ``since``, ``until``, ``cut``) that have it, and how many
    there are: of the latest reporting year first, of one year those seen last first.

    ``among``: how many texts are searched (None: not known), which tells how soon those that are shown are met.
    """
    is_cheap = _is_cheap(query)
    words: list[FromClause] = []
    table, where = tables.texts, _scope(tables, query)
    if connection.dialect.name == "postgresql":
        connection.execute(_SET)
        words = [_holding(at, word, once=not is_cheap) for at, word in enumerate(query.words)]
        without = (_holding(at, word, once=not is_cheap) for at, word in enumerate(query.without, len(words)))
        where += [table.c.no.not_in(select(match.c.no)) for match in without]
    else:
        where += _matching(tables, query)
    joined: FromClause = table
    for match in words:
        joined = joined.join(match, match.c.no == table.c.no)
    columns = select(*(table.c[name] for name in ("no", "edition", "agency", "year", "since", "until", "cut")))
    order = (table.c.year.desc(), table.c.since.desc(), table.c.edition)
    page = columns.order_by(*order).limit(limit).offset(offset)
    page_query = page.select_from(joined).where(*where)
    count = select(func.count()).select_from(joined).where(*where)
    if not is_cheap:  # what is dear to find is found once; what is cheap is sooner asked for twice
        rows = list(connection.execute(page_query.add_columns(func.count().over().label("total"))))
        return rows, int(rows[0].total if rows else connection.execute(count).scalar_one())
    total = int(connection.execute(count).scalar_one())
    if words and among is not None and total * total > (offset + limit) * among:
        # texts in the order shown meet those of the page sooner than all that have it are put in order
        met = (table.c.no.in_(select(match.c.no)).is_(true()) for match in words)  # no join, whose order is none
        page_query = page.where(*where, *met)
    return (list(connection.execute(page_query)) if offset < total else []), total


def _is_cheap(query: SearchQuery) -> bool:
    """Whether each word is one pair: chains are looked for place by place, single characters in many pairs."""
    return all(len(word) == 2 for word in (*query.words, *query.without))


def count_searched(connection: Connection, tables: SearchTables, query: SearchQuery) -> tuple[int, int, int]:
    """How many texts are searched; how many editions there are of which nothing could be read; how many are cut."""
    length, cut = tables.texts.c.length, tables.texts.c.cut
    counted = (case((length > 0, 1)), case((length == 0, 1)), case((cut, 1)))
    counts = select(*(func.count(one) for one in counted)).where(*_scope(tables, query))
    row = connection.execute(counts).one()
    return int(row[0]), int(row[1]), int(row[2])


def bodies(connection: Connection, tables: SearchTables, numbers: Collection[int]) -> dict[int, bytes]:
    """What :func:`storage.search_texts.unpacked` reads, by number."""
    query = select(tables.bodies).where(tables.bodies.c.no.in_(sorted(numbers)))
    return {no: bytes(body) for no, body in connection.execute(query)}


def _scope(tables: SearchTables, query: SearchQuery) -> list[ColumnElement[bool]]:
    table = tables.texts.c
    conditions: list[ColumnElement[bool]] = [table.since <= query.as_of]
    if query.last:
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


def _matching(tables: SearchTables, query: SearchQuery) -> list[ColumnElement[bool]]:
    """Of SQLite."""
    # further pieces of long texts have numbers of their own
    statement = (
        "SELECT CASE WHEN search_index.rowid > 0 THEN search_index.rowid ELSE (SELECT text_no FROM search_pieces "
        "WHERE search_pieces.no = -search_index.rowid) END FROM search_index WHERE search_index MATCH :{0}"
    )
    conditions: list[ColumnElement[bool]] = []
    for at, word in enumerate((*query.words, *query.without)):
        name = f"search_word_{at}"
        rows = text(statement.format(name)).bindparams(**{name: _fts5_query(phrase_pairs(word))})
        has_word = tables.texts.c.no.in_(rows)
        conditions.append(has_word if at < len(query.words) else ~has_word)
    return conditions


# ------------------------------------------------------------------------------------------- asking PostgreSQL

_MATCHING = "SELECT no FROM search_index WHERE tokens @@ CAST(:{0} AS tsquery)"
# Further pieces of long texts have numbers of their own, which are those of no text. Where there is none, nothing is
# looked for in them.
_HELD = """SELECT own.no FROM {matching} AS own
UNION ALL SELECT DISTINCT piece.text_no FROM search_pieces AS piece JOIN {matching} AS further ON further.no = -piece.no
WHERE NOT EXISTS (SELECT 1 FROM {matching} AS known WHERE known.no = piece.text_no)
AND EXISTS (SELECT 1 FROM search_pieces)"""
_KEPT_ONCE = f"WITH matching AS MATERIALIZED ({_MATCHING}) {_HELD.format(matching='matching')}"
# behind an OFFSET, so that nobody looks whether a text has it but through the index
_SOUGHT_AGAIN = _HELD.format(matching=f"({_MATCHING} OFFSET 0)")
# Without the index PostgreSQL would unpack every vector to look for what most texts have; a plan for any word at all
# would be one for a rare word; what lies in no hash is gone through for each text.
_SETTINGS = {"enable_seqscan": "off", "jit": "off", "plan_cache_mode": "force_custom_plan", "work_mem": "32MB"}
_SET = select(*(func.set_config(name, value, True) for name, value in _SETTINGS.items()))  # for this transaction


def _holding(at: int, word: str, *, once: bool) -> FromClause:
    """The numbers of the texts that have a word, each once. ``once``: it is looked for once, and they are kept."""
    name = f"search_word_{at}"
    query = text((_KEPT_ONCE if once else _SOUGHT_AGAIN).format(name))
    bound_query = query.bindparams(**{name: _tsquery(phrase_pairs(word))})
    return bound_query.columns(sql.column("no", BigInteger)).subquery(f"held_{at}")


def _fts5_query(chain: Sequence[str]) -> str:
    return f'"{" ".join(chain)}"' + ("*" if len(chain[0]) == 1 else "")


def _tsquery(chain: Sequence[str]) -> str:
    return " <-> ".join(f"'{pair}'" for pair in chain) + (":*" if len(chain[0]) == 1 else "")
