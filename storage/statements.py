"""Rows by the ten thousand as drivers give them, and thousands of values in one parameter of a statement.

Of many rows SQLAlchemy makes records of its own and converts each value of each, also what is the same in thousands of
them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Text,
    bindparam,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.column_types import Hex

_BATCH = 5_000  # ids asked about in one statement
_MANY = frozenset({"portal", "agency"})
Convert = Callable[[Any], Any]
Item = TypeVar("Item")
Id = TypeVar("Id", str, int)


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
    converts: list[Convert] = [
        one.type.dialect_impl(dialect).result_processor(dialect, code) or _same for one, code in columns
    ]

    def batches() -> Iterator[Sequence[Any]]:
        with closing(result):
            try:
                while rows := cursor.fetchmany(most):
                    yield rows
            except dialect.loaded_dbapi.Error as error:
                raise DBAPIError.instance(
                    str(statement), {}, error, dialect.loaded_dbapi.Error, dialect=dialect
                ) from error

    return converts, batches()


def _same(value: Any) -> Any:
    return value


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


def batches(ids: Collection[Id]) -> Iterator[Sequence[Id]]:
    """Give ids in order, without repetition, as many at a time as one statement asks about."""
    return parts(sorted(set(ids)), _BATCH)


def parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Give a sequence in parts of so many items."""
    return (items[start : start + size] for start in range(0, len(items), size))
