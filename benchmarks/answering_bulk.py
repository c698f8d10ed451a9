"""Rows in bulk into an archive's databases: by the driver itself, indexes made afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Table, create_engine
from sqlalchemy.engine import make_url

from storage.column_types import Exact, Hex, Instant, Utc
from storage.home import Home
from storage.projections import ProjectionStore

_CACHE = "PRAGMA cache_size=-1500000"
Bind = Callable[[Any], Any]


class Rows:
    """How the driver takes the rows of one table."""

    def __init__(self, table: Table, dialect: Any) -> None:
        self.table = table
        self.names = [column.name for column in table.c]
        self.places = {name: at for at, name in enumerate(self.names)}
        self.binds: dict[str, Bind] = {}
        for column in table.c:
            kind = column.type
            if isinstance(kind, Hex):
                self.binds[column.name] = bytes.fromhex
            elif isinstance(kind, (Utc, Instant, Date)):
                bind = kind.dialect_impl(dialect).bind_processor(dialect)
                self.binds[column.name] = _remembered(bind) if bind is not None else _same
            elif isinstance(kind, Exact):
                bind = kind.dialect_impl(dialect).bind_processor(dialect)
                assert bind is not None
                self.binds[column.name] = bind

    def bound(self, row: Mapping[str, Any]) -> list[Any]:
        """A row; a column that is not given is NULL."""
        return self.changed([None] * len(self.names), row)

    def changed(self, base: list[Any], row: Mapping[str, Any]) -> list[Any]:
        """``base`` (a row that is bound) with the values of ``row``."""
        found, binds, places = [*base], self.binds, self.places
        for name, value in row.items():
            found[places[name]] = binds[name](value) if value is not None and name in binds else value
        return found


def _same(value: Any) -> Any:
    return value


def _remembered(bind: Bind) -> Bind:
    """A conversion that is done once for each of the last values: instants and days are few."""
    known: dict[Any, Any] = {}

    def converted(value: Any) -> Any:
        found = known.get(value)
        if found is None:
            if len(known) > 200_000:
                known.clear()
            found = known[value] = bind(value)
        return found

    return converted


class Sink:
    """Where rows of one database go. ``rows``: tables by name."""

    def __init__(self, tables: Iterable[Table], dialect: Any, put: Callable[[Rows, list[list[Any]]], None]) -> None:
        self.rows = {table.name: Rows(table, dialect) for table in tables}
        self._put = put
        self._waiting: dict[str, list[list[Any]]] = {name: [] for name in self.rows}
        self._bases = {name: [None] * len(one.names) for name, one in self.rows.items()}

    def template(self, table: str, row: Mapping[str, Any]) -> None:
        """What rows of a table have in common from now on."""
        self._bases[table] = self.rows[table].bound(row)

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """One row: what differs from the template."""
        self.add_bound(table, self.rows[table].changed(self._bases[table], row))

    def add_bound(self, table: str, row: list[Any]) -> None:
        """One row that is bound already."""
        waiting = self._waiting[table]
        waiting.append(row)
        if len(waiting) >= 5_000:
            self.finish()  # in the order of the tables: a row is there before the one that names it

    def finish(self) -> None:
        """Write what waits."""
        for name, waiting in self._waiting.items():
            if waiting:
                self._put(self.rows[name], waiting)
                waiting.clear()


@contextmanager
def sqlite_sink(path: Path, tables: list[Table]) -> Iterator[Sink]:
    """Into a SQLite file that nobody else has open."""
    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=OFF", "journal_mode=OFF"):
        raw.execute(f"PRAGMA {pragma}")
    raw.execute(_CACHE)
    names = {table.name for table in tables}
    indexes = [
        (name, made)
        for name, table, made in raw.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'")
        if made and table in names
    ]
    for name, _ in indexes:
        raw.execute(f'DROP INDEX "{name}"')
    statements: dict[str, str] = {}

    def put(rows: Rows, bound: list[list[Any]]) -> None:
        name = rows.table.name
        if name not in statements:
            columns = ", ".join(f'"{one}"' for one in rows.names)
            statements[name] = f'INSERT INTO "{name}" ({columns}) VALUES ({", ".join("?" * len(rows.names))})'
        raw.executemany(statements[name], bound)

    raw.execute("BEGIN")
    sink = Sink(tables, create_engine("sqlite://").dialect, put)
    yield sink
    sink.finish()
    raw.execute("COMMIT")
    for _, made in indexes:
        raw.execute(made)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.close()


@contextmanager
def postgresql_sink(connection: Connection, tables: list[Table]) -> Iterator[Sink]:
    """Into PostgreSQL by COPY, in the connection's transaction."""
    cursor = connection.connection.cursor()

    def put(rows: Rows, bound: list[list[Any]]) -> None:
        numbered = bound[0][0] is None  # the server counts
        columns = ", ".join(f'"{one}"' for one in rows.names[numbered:])
        with cursor.copy(f'COPY "{rows.table.name}" ({columns}) FROM STDIN') as copy:
            for row in bound:
                copy.write_row(row[numbered:])

    sink = Sink(tables, connection.dialect, put)
    yield sink
    sink.finish()


@contextmanager
def truth_sink(home: Home, tables: list[Table]) -> Iterator[Sink]:
    """Into the database of the truth."""
    if home.truth.is_sqlite:
        path = Path(make_url(home.truth.url).database or "")
        home.truth.close()
        with sqlite_sink(path, tables) as sink:
            yield sink
        return
    with home.truth.begin() as connection, postgresql_sink(connection, tables) as sink:
        yield sink


@contextmanager
def projection_sink(home: Home, store: ProjectionStore) -> Iterator[Sink]:
    """Into the current generation of the projections."""
    tables = list(store.tables.metadata.tables.values())
    if make_url(home.projection_url).get_backend_name() == "sqlite":
        link = Path(make_url(home.projection_url).database or "")
        assert store.generation  # made, if it was not there
        store.close()
        with sqlite_sink(link.resolve(), tables) as sink:
            yield sink
        return
    with store.write() as connection, postgresql_sink(connection, tables) as sink:
        yield sink
