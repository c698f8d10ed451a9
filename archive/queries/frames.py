"""Answers as data frames, of pandas or polars: a row a line, a column a field, typed by what the records declare.

What is not known is missing (``<NA>``, ``null``), never 0 or NaN: integers, flags and numbers are nullable, ids and
codes are text, instants are in Asia/Shanghai. Numbers are doubles: exact to 15 digits, which no count or amount of a
form exceeds in earnest; the records themselves hold exact decimals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from importlib import import_module
from itertools import chain
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from archive.queries.bounds import QueryError
from storage.errors import CodedError
from storage.mapping import dict_maker

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_ZONE = "Asia/Shanghai"
#: the fields that hold the lines of an answer, if it has several lists of records; else its first one does
_FIRST = ("lines", "duties", "items", "rows", "groups", "cells")
_BARE = frozenset({"figure", "line"})  # nested records whose fields need no name before them
_EXTRA = "frames"


class FramesLackingError(CodedError, ImportError):
    """pandas or polars is not installed; the message says which extra brings it."""


class Sort(StrEnum):
    """What a column of a frame holds; ``json``: records within records, as text."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    INSTANT = "instant"
    LIST = "list"
    JSON = "json"


Columns = Mapping[str, Sort]


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows with their columns, before they are a frame or a file. ``rows``: dicts, that can be walked once."""

    columns: Columns
    rows: Iterable[dict[str, Any]]


def grid_of(answer: object, part: str | None = None) -> Grid:
    """The lines of an answer: of its list of records called ``part`` or else of its main one, together with its other
    lists of the same kind, told apart by a column ``part`` (``list`` where lines have a ``part`` themselves); of an
    answer without any, itself as one line.

    Raises QueryError for a part that it has not.
    """
    parts = _record_lists(answer)
    if part is not None and part not in parts:
        every = ", ".join(parts)
        message = f"{type(answer).__name__} has no list {part!r}; it has {every or 'none'}"
        code = "query.no_part" if parts else "query.no_parts"
        raise QueryError(message, code=code, name=type(answer).__name__, text=part, every=every)
    if not parts:
        return grid_of_lines(type(answer), [answer])
    name = part or next((one for one in _FIRST if one in parts), next(iter(parts)))
    kind: Any = parts[name]
    alike = [one for one, other in parts.items() if other is kind and part is None]
    chosen = alike if len(alike) > 1 else [name]
    lines = {one: [*_lines(getattr(answer, one))] for one in chosen}
    if len(chosen) == 1 or not any(lines.values()):
        return grid_of_lines(kind, chain.from_iterable(lines.values()))
    columns = _columns_of(kind)
    apart = "list" if "part" in columns else "part"
    rows = ({apart: one, **row} for one in chosen for row in _rows(kind, lines[one]))
    return Grid({apart: Sort.TEXT, **columns}, rows)


def grid_of_lines(kind: Any, lines: Iterable[object]) -> Grid:
    """Records of one kind."""
    return Grid(_columns_of(kind), _rows(kind, lines))


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    """What a kind of record declares of its fields."""
    return get_type_hints(kind)


def _record_lists(answer: Any) -> dict[str, type[Any]]:
    """The lists of records of an answer: name → kind of record."""
    found: dict[str, type[Any]] = {}
    declaring: Any = type(answer)
    hints = _hints(declaring) if is_dataclass(answer) else {}
    for name, hint in hints.items():
        kind = _record_in(hint)
        if kind is not None:
            found[name] = kind
    return found


def _record_in(hint: Any) -> type[Any] | None:
    """The kind of records that ``tuple[Record, ...]`` or ``dict[int, tuple[Record | None, ...]]`` holds."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        inner = _without_none(args[0])
        return inner if isinstance(inner, type) and is_dataclass(inner) else None
    if _is_mapping(origin) and len(args) == 2 and get_origin(args[1]) is tuple:
        return _record_in(args[1])
    return None


def _is_mapping(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, UnionType}:
        rest = [one for one in get_args(hint) if one is not NoneType]
        return rest[0] if len(rest) == 1 else str
    return hint


def _lines(value: Any) -> Iterator[object]:
    for one in value.values() if isinstance(value, Mapping) else [value]:
        yield from (line for line in one if line is not None)


# ---------------------------------------------------------------------------------------------- records → columns


@cache
def _columns_of(kind: Any) -> Columns:
    """The columns of a kind of record."""
    return dict(_columns(kind))


def _columns(kind: Any, before: str = "") -> Iterator[tuple[str, Sort]]:
    """The columns of a kind of record; nested records give theirs, with the name of the field before them."""
    hints = _hints(kind)
    for one in fields(kind):
        hint = _without_none(hints[one.name])
        by_key = _by_key(hint)
        if by_key is not None:
            yield "year", Sort.INTEGER
            yield from _columns(by_key)
        elif isinstance(hint, type) and is_dataclass(hint):
            yield from _columns(hint, _prefix(before, one.name))
        else:
            yield before + one.name, _sort(hint)


def _prefix(before: str, name: str) -> str:
    return before if name in _BARE else f"{before}{name}_"


def _by_key(hint: Any) -> Any:
    """The kind of record in a mapping from years to records."""
    args = get_args(hint)
    held = _is_mapping(get_origin(hint)) and len(args) == 2 and args[0] is int and is_dataclass(args[1])
    return args[1] if held else None


def _sort(hint: Any) -> Sort:
    if get_origin(hint) in {tuple, frozenset, list}:
        inner = _without_none(get_args(hint)[0])
        return Sort.LIST if isinstance(inner, type) and issubclass(inner, (str, int)) else Sort.JSON
    if get_origin(hint) is not None or not isinstance(hint, type):
        return Sort.JSON if _is_mapping(get_origin(hint)) else Sort.TEXT
    for kinds, sort in _SORTS:
        if issubclass(hint, kinds):
            return sort
    return Sort.JSON if issubclass(hint, Mapping) else Sort.TEXT


_SORTS: tuple[tuple[tuple[type, ...], Sort], ...] = (
    ((str, Enum), Sort.TEXT),
    ((bool,), Sort.FLAG),
    ((int,), Sort.INTEGER),
    ((float, Decimal), Sort.NUMBER),
    ((datetime,), Sort.INSTANT),
    ((date,), Sort.DATE),
)


def _rows(kind: Any, lines: Iterable[object]) -> Iterator[dict[str, Any]]:
    """The rows of records: one each, or one for each year of a mapping in it."""
    row_of, years = _row_of(kind), _years(kind)
    if years is None:
        return map(row_of, lines)
    name, nested = years
    of_year = _row_of(nested)
    return (
        {**row_of(line), "year": year, **of_year(record)}
        for line in lines
        for year, record in getattr(line, name).items()
    )


@cache
def _years(kind: Any) -> tuple[str, Any] | None:
    """The field of a record that holds records by years, and their kind."""
    found = ((name, _by_key(_without_none(hint))) for name, hint in _hints(kind).items())
    return next(((name, nested) for name, nested in found if nested is not None), None)


@cache
def _row_of(kind: Any) -> Callable[[Any], dict[str, Any]]:
    """What makes a row of a record of this kind: each column's value, found by a path that is settled once."""
    paths = dict(_paths(kind))
    if not _has_optional(kind):
        return dict_maker(paths)
    steps = [(name, path.split(".")) for name, path in paths.items()]
    return lambda line: {name: _value_at(line, path) for name, path in steps}


def _paths(kind: Any, before: str = "", path: str = "") -> Iterator[tuple[str, str]]:
    """The columns of a kind of record, as :func:`_columns` names them, each with where its value stands."""
    hints = _hints(kind)
    for one in fields(kind):
        hint = _without_none(hints[one.name])
        if _by_key(hint) is not None:
            continue
        if isinstance(hint, type) and is_dataclass(hint):
            yield from _paths(hint, _prefix(before, one.name), f"{path}{one.name}.")
        else:
            yield before + one.name, path + one.name


def _has_optional(kind: Any) -> bool:
    """Whether a record in a record of this kind may be None."""
    held = ((hint, _without_none(hint)) for hint in _hints(kind).values())
    return any(inner is not hint or _has_optional(inner) for hint, inner in held if is_dataclass(inner))


def _value_at(line: object, path: Sequence[str]) -> object:
    for name in path:
        line = None if line is None else getattr(line, name)
    return line


# ---------------------------------------------------------------------------------------------- columns → frames


def _frame_value(sort: Sort, value: object) -> object:
    """A value as a frame takes it; None is missing."""
    if value is None:
        return None
    if sort is Sort.NUMBER:
        return float(str(value))
    if sort is Sort.INTEGER:
        return int(str(value))
    if sort is Sort.LIST:
        assert isinstance(value, Iterable)
        return [_word(one) for one in value]
    if sort is Sort.JSON:
        return json.dumps(_jsonable(value), ensure_ascii=False)
    if sort is Sort.INSTANT:
        assert isinstance(value, datetime)
        return value.astimezone(ZoneInfo(_ZONE))
    return _word(value) if sort is Sort.TEXT else value


def _word(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _jsonable(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _jsonable(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {_word(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_jsonable(one) for one in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _word(value)


def _values(grid: Grid) -> Iterator[tuple[str, Sort, list[object]]]:
    """Each column with its sort and its values."""
    rows = list(grid.rows)
    for name, sort in grid.columns.items():
        yield name, sort, [_frame_value(sort, row.get(name)) for row in rows]


def pandas_frame(grid: Grid) -> pd.DataFrame:
    """The rows as a pandas frame with nullable types. Raises :class:`FramesLackingError`."""
    pandas = _library("pandas")
    types = {
        Sort.TEXT: "string",
        Sort.JSON: "string",
        Sort.INTEGER: "Int64",
        Sort.NUMBER: "Float64",
        Sort.FLAG: "boolean",
        Sort.DATE: "datetime64[s]",
        Sort.INSTANT: f"datetime64[us, {_ZONE}]",
        Sort.LIST: "object",
    }
    made = {name: pandas.Series(values, dtype=types[sort]) for name, sort, values in _values(grid)}
    frame: pd.DataFrame = pandas.DataFrame(made)
    return frame


def polars_frame(grid: Grid) -> pl.DataFrame:
    """The rows as a polars frame. Raises :class:`FramesLackingError`."""
    polars = _library("polars")
    types = {
        Sort.TEXT: polars.String,
        Sort.JSON: polars.String,
        Sort.INTEGER: polars.Int64,
        Sort.NUMBER: polars.Float64,
        Sort.FLAG: polars.Boolean,
        Sort.DATE: polars.Date,
        Sort.INSTANT: polars.Datetime("us", _ZONE),
        Sort.LIST: polars.List(polars.String),
    }
    made = [polars.Series(name, values, dtype=types[sort]) for name, sort, values in _values(grid)]
    frame: pl.DataFrame = polars.DataFrame(made)
    return frame


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        message = f"data frames need the Python package {name}, which is not installed: pip install 'nianbao[{_EXTRA}]'"
        raise FramesLackingError(message, code="lacking.frames", package=name, extra=_EXTRA) from error
