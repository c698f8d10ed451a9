"""Read very many rows fast, and pass thousands of values in one parameter of a statement.

For each row SQLAlchemy creates an object and converts every value, even if it is the same in thousands of rows; here
callers get the driver's rows and convert only what they need.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Connection, LargeBinary, Select, Text, bindparam, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.column_types import Hex

_BATCH = 5_000  # ids in one statement
Convert = Callable[[Any], Any]
Item = TypeVar("Item")
Id = TypeVar("Id", str, int)


def raw_rows(
    connection: Connection, statement: Select[Any], batch_size: int, **values: Any
) -> tuple[list[Convert], Iterator[Sequence[Any]]]:
    """Execute a select; return for each column the function that converts a driver's value, and the driver's rows, in
    batches: SQLAlchemy's are slower. ``values``: its parameters. Raises what ``connection.execute`` raises.
    """
    dialect, result = connection.dialect, connection.execute(statement, values)
    cursor = result.cursor
    assert cursor is not None
    codes = [column[1] for column in cursor.description or ()]
    columns = zip(statement.selected_columns, codes, strict=True)
    converts: list[Convert] = [
        column.type.dialect_impl(dialect).result_processor(dialect, code) or _same for column, code in columns
    ]

    def batches() -> Iterator[Sequence[Any]]:
        """Yield at most ``batch_size`` rows at a time, and close the result at the end."""
        with closing(result):
            try:
                while rows := cursor.fetchmany(batch_size):
                    yield rows
            except dialect.loaded_dbapi.Error as error:
                raise DBAPIError.instance(
                    str(statement), {}, error, dialect.loaded_dbapi.Error, dialect=dialect
                ) from error

    return converts, batches()


def _same(value: Any) -> Any:
    return value


# ------------------------------------------------------------------------------------------------- many values at once


def among(column: ColumnElement[Any], names: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column of ids or digests is one of ``names``. These come from the database itself:
    thousands of them are passed unchecked, because checking would take longer than the query.
    """
    if isinstance(column.type, Hex):
        return type_coerce(column, LargeBinary).in_([bytes.fromhex(name) for name in names])
    return column.op("IN", is_comparison=True)(TextList(bindparam(None, json.dumps(list(names)), type_=Text())))


class TextList(FunctionElement[str]):
    """Texts in one parameter, as JSON, which both engines read: the statement is compiled once for any texts."""

    type = Text()
    inherit_cache = True

    def __init__(self, texts: BindParameter[str]) -> None:
        super().__init__(texts)


@compiles(TextList, "sqlite")
def _listed_by_sqlite(element: TextList, compiler: Any, **more: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **more)}))"  # noqa: S608 - a parameter's mark


@compiles(TextList, "postgresql")
def _listed_by_postgresql(element: TextList, compiler: Any, **more: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS json)))"


def rows_among(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], ids: Iterable[str]
) -> Iterator[Any]:
    """Yield the rows of a query in which ``column`` has one of these ids or digests, however many these are."""
    for batch in batches(ids):
        yield from connection.execute(query.where(among(column, batch)))


def batches(ids: Iterable[Id]) -> Iterator[Sequence[Id]]:
    """Return ids sorted and without repetition, in batches small enough for one statement."""
    return parts(sorted(set(ids)), _BATCH)


def parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Return a sequence in slices of ``size`` items."""
    return (items[start : start + size] for start in range(0, len(items), size))
