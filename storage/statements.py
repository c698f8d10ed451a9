"""Statements that are asked again and again, compiled once for an engine; and rows by the ten thousand as drivers give
them.

SQLAlchemy finds a statement's SQL by a key that it makes of every table, column and condition at each call: for the few
rows of a report that takes ten times as long as the engine takes to find them. Of many rows it makes records of its own
and converts each value of each, also what is the same in thousands of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    LargeBinary,
    Select,
    Text,
    bindparam,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from storage.column_types import Hex

_BATCH = 5_000  # ids asked about in one statement
_MANY = frozenset({"portal", "agency"})
Convert = Callable[[Any], Any]


class Prepared:
    """A select with named parameters (``bindparam``), whose values come back as its columns' types give them."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._made: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **values: Any) -> list[dict[str, Any]]:
        """The rows by the names of their columns. Raises what ``connection.execute`` raises."""
        made = self._compiled(connection)
        names = made.names
        return [dict(zip(names, row, strict=True)) for row in made.executed(connection, values)]

    def first(self, connection: Connection, **values: Any) -> dict[str, Any] | None:
        """The first of them; None if there is none."""
        return next(iter(self.rows(connection, **values)), None)

    def tuples(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """The rows in the order of their columns."""
        return self._compiled(connection).executed(connection, values)

    def ready(self, dialect: Dialect) -> _Compiled:
        """Have it compiled for an engine: processes forked later need not do it each."""
        if dialect.name not in self._made:
            self._made[dialect.name] = _Compiled(self._statement, dialect)
        return self._made[dialect.name]

    def _compiled(self, connection: Connection) -> _Compiled:
        return self.ready(connection.dialect)


class _Compiled:
    """The same for one engine."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        self._made = statement.compile(dialect=dialect)
        self._sql = str(self._made)
        self._order: Sequence[str] | None = getattr(self._made, "positiontup", None)
        binds: Mapping[str, Any] = getattr(self._made, "binds", {})
        self._binds = {name: _impl(one.type, dialect).bind_processor(dialect) for name, one in binds.items()}
        self._types = [column.type for column in statement.selected_columns]
        self._results: list[Convert | None] | None = None
        self.names = [column.name for column in statement.selected_columns]

    def executed(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        given: dict[str, Any] = {**self._made.construct_params(values)}
        for name, value in given.items():
            convert = self._binds[name]
            given[name] = value if convert is None else convert(value)
        bound = given if self._order is None else tuple(given[name] for name in self._order)
        if not connection.in_transaction():
            connection.begin()
        dialect = connection.dialect
        try:
            cursor = connection.connection.cursor()
            cursor.execute(self._sql, bound)
            rows = [*cursor.fetchall()]
        except dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(self._sql, bound, error, dialect.loaded_dbapi.Error, dialect=dialect) from error
        if self._results is None:
            codes = [one[1] for one in cursor.description]
            self._results = [
                _impl(kind, dialect).result_processor(dialect, code)
                for kind, code in zip(self._types, codes, strict=True)
            ]
        cursor.close()
        columns = [(at, convert) for at, convert in enumerate(self._results) if convert is not None]
        return [_converted(row, columns) for row in rows] if columns else rows


def raw_rows(
    connection: Connection, statement: Select[Any], most: int, **values: Any
) -> tuple[list[Convert], Iterator[Sequence[Any]]]:
    """The rows of a select with these values for its parameters, ``most`` at a time, as the driver gives them, and for
    each column what makes its value of what the driver gives. Raises what ``connection.execute`` raises.
    """
    dialect, result = connection.dialect, connection.execute(statement, values)
    cursor = result.cursor
    assert cursor is not None
    codes = [one[1] for one in cursor.description or ()]
    columns = zip(statement.selected_columns, codes, strict=True)
    made: list[Convert] = [_impl(one.type, dialect).result_processor(dialect, code) or _same for one, code in columns]

    def batches() -> Iterator[Sequence[Any]]:
        with closing(result):
            try:
                while rows := cursor.fetchmany(most):
                    yield rows
            except dialect.loaded_dbapi.Error as error:
                raise DBAPIError.instance(
                    str(statement), {}, error, dialect.loaded_dbapi.Error, dialect=dialect
                ) from error

    return made, batches()


def _same(value: Any) -> Any:
    return value


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)


def _converted(row: Sequence[Any], columns: Sequence[tuple[int, Convert]]) -> tuple[Any, ...]:
    found = [*row]
    for at, convert in columns:
        found[at] = convert(found[at])
    return tuple(found)


# ------------------------------------------------------------------------------------------------- many values at once


def among(column: ColumnElement[Any], names: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column of ids or digests is one of these, which come from the database itself: thousands of them are
    handed to the driver as they are, for checking each takes longer than looking it up.
    """
    if isinstance(column.type, Hex):
        return type_coerce(column, LargeBinary).in_([bytes.fromhex(name) for name in names])
    return column.op("IN", is_comparison=True)(TextList(bindparam(None, listed(names), type_=Text())))


def among_given(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether a column of texts is one of those that a prepared statement is given, by :func:`listed`."""
    return column.op("IN", is_comparison=True)(TextList(bindparam(parameter, type_=Text())))


def is_one_given(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether a column is one of the values that a statement is given: of ``portal`` and ``agency``, which may be
    thousands, by :func:`listed`; of others as a list, which lets an index find them.
    """
    if parameter in _MANY:
        return among_given(column, parameter)
    return column.in_(bindparam(parameter, expanding=True))


def listed(names: Iterable[object]) -> str:
    """Texts as one parameter of a statement."""
    return json.dumps([str(name) for name in names])


class TextList(FunctionElement[str]):
    """Texts, all of them in one parameter: as JSON, which either engine reads. A statement with it is compiled once,
    whatever the texts are.
    """

    type = Text()
    inherit_cache = True

    def __init__(self, texts: BindParameter[str]) -> None:
        super().__init__(texts)


@compiles(TextList, "sqlite")
def _listed_by_sqlite(one: TextList, compiler: Any, **more: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(one.clauses, **more)}))"  # noqa: S608 - a parameter's mark


@compiles(TextList, "postgresql")
def _listed_by_postgresql(one: TextList, compiler: Any, **more: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(one.clauses, **more)} AS json)))"


def batches(ids: Collection[str]) -> Iterator[list[str]]:
    """Give ids in order, without repetition, as many at a time as one statement asks about."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _BATCH):
        yield wanted[start : start + _BATCH]
