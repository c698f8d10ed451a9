"""Define the records that answers consist of, and convert answers to data frames: a row for each record, a column for
each field, with the types that the records declare.

Unknown values are missing (``<NA>``, ``null``), never 0 or NaN; ids and codes are text; instants are in Asia/Shanghai.
Frames hold numbers as doubles, exact to 15 digits (enough for any real form); the records hold exact decimals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from html import escape
from importlib import import_module
from itertools import islice
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    NamedTuple,
    Self,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)
from zoneinfo import ZoneInfo

from archive.queries.bounds import LackingError, QueryError, data_file

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Line = TypeVar("Line")

SIMULATED = "simulated"  #: column of tables from imitation portals
_ZONE = "Asia/Shanghai"
#: if an answer has several lists of records, the first of these fields becomes the frame; else the answer's first list
_MAIN_LISTS = ("lines", "duties", "items", "rows", "groups", "cells")
_UNPREFIXED = frozenset({"figure", "line", "agency"})  # nested records whose columns get no prefix
#: records → columns that the records inside them repeat: both sides of a change are of the same cell
_SHARED = {"CellChange": ("indicator", "section", "form_row", "form_column")}
_MAX_LINE_CHARS, _MAX_VALUE_CHARS = 240, 40  # of a record, and of a value in it, at a prompt
_MAX_HTML_ROWS, _MAX_HTML_COLUMNS = 20, 12  # rows and columns of a table in a notebook


class ColumnKind(StrEnum):
    """The type of a column of a frame or file.
    ``text``; ``code``: a text that is never a number, even if it looks like one; ``chosen``: one of a list of words;
    ``integer``; ``number``: an exact decimal; ``date``; ``instant``; ``flag``: true or false; ``list``: of texts;
    ``nested``: records or lists of records, which frames show as JSON, and CSV and other files as their ids.
    """

    TEXT = "text"
    CODE = "code"
    CHOSEN = "chosen"
    INTEGER = "integer", int, "integer", 10
    NUMBER = "number", Decimal, "number", 12
    DATE = "date", date, "date", 11
    INSTANT = "instant", datetime, "datetime", 19
    FLAG = "flag", bool, "boolean", 8
    LIST = "list", list[Any], "array", 20
    NESTED = "nested", list[Any], "array"

    def __new__(cls, name: str, json_type: Any = str, package_type: str = "string", width: int = 16) -> Self:
        """Make a kind: the type of its values in JSON, their type in a Data Package, characters of a column in XLSX."""
        kind = str.__new__(cls, name)
        kind._value_, kind.json_type, kind.package_type, kind.width = name, json_type, package_type, width
        return kind

    json_type: Any
    package_type: str
    width: int


_KINDS: tuple[tuple[tuple[type, ...], ColumnKind], ...] = (
    ((str, Enum), ColumnKind.TEXT),
    ((bool,), ColumnKind.FLAG),
    ((int,), ColumnKind.INTEGER),
    ((float, Decimal), ColumnKind.NUMBER),
    ((datetime,), ColumnKind.INSTANT),
    ((date,), ColumnKind.DATE),
    ((Mapping,), ColumnKind.NESTED),
)


def basic_value(value: object) -> object:
    """Convert ``value`` to dicts, lists, text, numbers, dates, instants and decimals."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: basic_value(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(basic_value(key)): basic_value(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [basic_value(item) for item in value]
    return value


# ---------------------------------------------------------------------------------------------- records → rows


@dataclass(frozen=True, slots=True)
class AnswerGrid:
    """Columns and rows that become a frame or a file. ``rows``: dicts by column; they can be iterated once."""

    columns: Mapping[str, ColumnKind]
    rows: Iterable[dict[str, Any]]


def grid_of(answer: object, part: str | None = None) -> AnswerGrid:
    """Return the rows of an answer: the records of its list ``part``; by default those of its main list and of all
    lists with the same type, with the name of the list in a column ``list``. An answer without lists becomes one row.
    Raises QueryError if it has no list ``part``.
    """
    parts = listed_records(type(answer))
    if part is not None and part not in parts:
        code = "query.no_part" if parts else "query.no_parts"
        raise QueryError(code=code, name=type(answer).__name__, text=part, every=", ".join(parts))
    if not parts:
        return grid_of_lines(type(answer), [answer])
    main = part or next((one for one in _MAIN_LISTS if one in parts), next(iter(parts)))
    record: Any = parts[main]
    lines = {
        one: _records(getattr(answer, one))
        for one, other in parts.items()
        if one == main or (not part and other is record)
    }
    if len(lines) == 1:
        return grid_of_lines(record, lines[main])
    rows = ({"list": name, **row} for name, entries in lines.items() for row in _rows(record, entries))
    return AnswerGrid({"list": ColumnKind.TEXT, **_columns(record)}, rows)


def listed_records(record: Any) -> dict[str, type[Any]]:
    """Return the fields of a record type that are lists of records, with the type of the listed records."""
    return {name: record_type for name, hint in _hints(record).items() if (record_type := _listed_record(hint))}


def grid_of_lines(record: Any, lines: Iterable[object]) -> AnswerGrid:
    """Return the columns of a record type and one row for each of ``lines``, which are of this type."""
    return AnswerGrid(_columns(record), _rows(record, lines))


class _Field(NamedTuple):
    """A field and its column, or columns if it has numbers by key. ``record``: the type of the record, or of the
    records by year (``by_year``), in it.
    """

    name: str
    column: str | list[str]
    kind: ColumnKind
    record: Any
    by_year: bool


@cache
def _hints(record: Any) -> Mapping[str, Any]:
    """Return the type hints of a record type's fields; empty for other types."""
    return get_type_hints(record) if is_dataclass(record) else {}


@cache
def _fields(record: Any) -> tuple[_Field, ...]:
    """Return the fields of a record type."""
    columns = data_file("column_names.toml").get(record.__name__, {})
    return tuple(_Field(name, columns.get(name, name), *_inner(hint)) for name, hint in _hints(record).items())


def _inner(hint: Any) -> tuple[ColumnKind, Any, bool]:
    """Return the kind of a field with this type hint, the type of the records in it, and whether these are by year."""
    hint = _without_none(hint)
    record = (of_year := _record_of_year(hint)) or (hint if isinstance(hint, type) and is_dataclass(hint) else None)
    return ColumnKind.NESTED if record else _kind(hint), record, bool(of_year)


def _columns(record: Any) -> Mapping[str, ColumnKind]:
    """Return the columns of a record type, including those of records nested in it."""
    return {name: kind for name, kind, _ in _columns_with_values(record, None)}


def _columns_with_values(
    record: Any, line: Any, year: int | None = None, prefix: str = ""
) -> Iterator[tuple[str, ColumnKind, Any]]:
    """Yield (name, kind, value) for each column of a record type, also for the columns of records inside it.
    ``record``: the type; ``line``: one record of it, or None for None in each column; ``year``: the one to take of
    records by year; ``prefix``: the beginning of the columns' names.
    """
    for name, column, kind, inner, by_year in _fields(record):
        value = None if line is None else getattr(line, name)
        if by_year:
            yield "year", ColumnKind.INTEGER, year
            yield from _columns_with_values(inner, None if value is None else value[year])
        elif inner is not None:
            within = prefix if name in _UNPREFIXED else f"{prefix}{name}_"
            shared = _SHARED.get(record.__name__, ())
            inside = _columns_with_values(inner, value, year, within)
            yield from (one for one in inside if one[0].removeprefix(within) not in shared)
        elif isinstance(column, list):
            yield from ((key, ColumnKind.INTEGER, None if value is None else value.get(key, 0)) for key in column)
        else:
            yield column if prefix == f"{column}_" else prefix + column, kind, value


def _rows(record: Any, lines: Iterable[object]) -> Iterator[dict[str, Any]]:
    """Yield one row for each record or, if it has a mapping by years, one for each year."""
    by_years = next((one.name for one in _fields(record) if one.by_year), None)
    for line in lines:
        for year in getattr(line, by_years) if by_years else (None,):
            yield {name: value for name, _, value in _columns_with_values(record, line, year)}


def _record_of_year(hint: Any) -> Any:
    """Return the record type in ``dict[int, Record]``, a mapping by years; None for other hints."""
    args = get_args(hint)
    return args[1] if _is_mapping(hint) and args[0] is int and is_dataclass(args[1]) else None


def _listed_record(hint: Any) -> type[Any] | None:
    """Return the record type in ``tuple[Record, ...]`` or ``dict[int, tuple[Record | None, ...]]``, else None."""
    args = get_args(hint)
    if get_origin(hint) is tuple and len(args) == 2 and args[1] is Ellipsis:
        inner = _without_none(args[0])
        return inner if isinstance(inner, type) and is_dataclass(inner) else None
    return _listed_record(args[1]) if _is_mapping(hint) and get_origin(args[1]) is tuple else None


def _records(value: Any) -> list[object]:
    """Return the records of a list, or of lists by years, without the None of years without a record."""
    lists = value.values() if isinstance(value, Mapping) else [value]
    return [record for one in lists for record in one if record is not None]


def _is_mapping(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping) and len(get_args(hint)) == 2


def _without_none(hint: Any) -> Any:
    """Return the type in ``Type | None``, ``str`` for a union of several types, and any other hint as it is."""
    if get_origin(hint) in {Union, UnionType}:
        rest = [one for one in get_args(hint) if one is not NoneType]
        return rest[0] if len(rest) == 1 else str
    return hint


def _kind(hint: Any) -> ColumnKind:
    """Return the kind of the column for a field with this type hint (without None)."""
    if get_origin(hint) in {tuple, frozenset, list}:
        inner = _without_none(get_args(hint)[0])
        return ColumnKind.LIST if isinstance(inner, type) and issubclass(inner, (str, int)) else ColumnKind.NESTED
    if _is_mapping(hint):
        return ColumnKind.NESTED
    if get_origin(hint) is not None or not isinstance(hint, type):
        return ColumnKind.TEXT
    return next((kind for types, kind in _KINDS if issubclass(hint, types)), ColumnKind.TEXT)


# ---------------------------------------------------------------------------------------------- short texts


def _record_text(record: Any) -> str:
    """Return a record as one line for a Python prompt: its plain values, and of lists how many entries they have."""
    parts = [f"{one.name}={_brief(getattr(record, one.name))}" for one in fields(record)]
    return _shortened(f"{type(record).__name__}({', '.join(parts)})", _MAX_LINE_CHARS)


def _table_html(title: str, grid: AnswerGrid) -> str:
    """Return the first rows and columns as an HTML table for a notebook, everything escaped."""
    lines, heads = [*islice(grid.rows, _MAX_HTML_ROWS + 1)], [*grid.columns][:_MAX_HTML_COLUMNS]
    texts = [[_shortened("" if (value := line.get(one)) is None else str(value)) for one in heads] for line in lines]
    body = "".join(f"<tr>{''.join(f'<td>{escape(one)}</td>' for one in row)}</tr>" for row in texts[:_MAX_HTML_ROWS])
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    more = "<p>…</p>" if len(lines) > _MAX_HTML_ROWS or len(grid.columns) > _MAX_HTML_COLUMNS else ""
    return f"<table><caption>{escape(title)}</caption><tr>{head}</tr>{body}</table>{more}"


def _brief(value: object) -> str:
    """Return a value in few characters: a record by its name or id, a collection by how many entries it has."""
    if is_dataclass(value):
        name = getattr(value, "name", getattr(value, "id", None))
        return _shortened(_record_text(value), 3 * _MAX_VALUE_CHARS) if name is None else repr(name)
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(_ZONE)).isoformat(timespec="minutes")
    if isinstance(value, (tuple, list, set, frozenset, Mapping)):
        return f"<{len(value)}>"
    return _shortened(repr(value) if type(value) is str else str(basic_value(value)))


def _shortened(text: str, most: int = _MAX_VALUE_CHARS) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# ---------------------------------------------------------------------------------------------- rows → frames


_ZONED = f"datetime64[us, {_ZONE}]"
#: for each kind of column the type in pandas, the type in polars, and the function that makes a value for both; kinds
#: that are not here are text
_TYPES: Mapping[ColumnKind, tuple[str, Callable[[Any], Any], Callable[[Any], object]]] = {
    ColumnKind.INTEGER: ("Int64", lambda pl: pl.Int64, int),
    ColumnKind.NUMBER: ("Float64", lambda pl: pl.Float64, lambda value: float(str(value))),
    ColumnKind.FLAG: ("boolean", lambda pl: pl.Boolean, bool),
    ColumnKind.DATE: ("datetime64[s]", lambda pl: pl.Date, lambda value: value),
    ColumnKind.INSTANT: (_ZONED, lambda pl: pl.Datetime("us", _ZONE), lambda value: value.astimezone(ZoneInfo(_ZONE))),
    ColumnKind.LIST: ("object", lambda pl: pl.List(pl.String), lambda values: [_word(one) for one in values]),
    ColumnKind.NESTED: (
        "string",
        lambda pl: pl.String,
        lambda value: json.dumps(basic_value(value), ensure_ascii=False, default=_in_beijing_time),
    ),
}


def _in_beijing_time(value: object) -> str:
    """Return a value within a nested one as text, an instant as pages show it."""
    return str(value.astimezone(ZoneInfo(_ZONE)) if isinstance(value, datetime) else value)


def _word(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)


_TEXT = ("string", lambda pl: pl.String, _word)


def _frame_columns(grid: AnswerGrid) -> Iterator[tuple[str, Any, list[object]]]:
    """Yield each column's name, its entry of ``_TYPES``, and its converted values; None is missing."""
    rows = list(grid.rows)
    for name, kind in grid.columns.items():
        types = _TYPES.get(kind, _TEXT)
        values = (row.get(name) for row in rows)
        yield name, types, [None if value is None else types[2](value) for value in values]


def _import_library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise LackingError(code="lacking.frames", package=name, extra="frames") from error


# ---------------------------------------------------------------------------------------------- records


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an answer comes from: the instant it is as of, and whether the portals are imitations (``simulated``)."""

    as_of: datetime
    simulated: bool


class Framed:
    """A value that can become a data frame: a row for each record, a column for each field."""

    __slots__ = ()

    def of_origin(self, origin: Origin) -> Self:
        """Return this answer with its ``provenance``, which is no field; records are frozen."""
        object.__setattr__(self, "provenance", origin)
        return self

    def grid(self, part: str | None = None) -> AnswerGrid:
        """Return the rows with their columns; ``part``: the name of one list of the answer (:func:`grid_of`)."""
        return grid_of(self, part)

    def _marked_grid(self, part: str | None) -> AnswerGrid:
        """Return the rows; those of imitation portals say so in a last column."""
        grid, origin = self.grid(part), getattr(self, "provenance", None)
        if origin is None or not origin.simulated:
            return grid
        rows = ({**row, SIMULATED: True} for row in grid.rows)
        return AnswerGrid({**grid.columns, SIMULATED: ColumnKind.FLAG}, rows)

    def _repr_html_(self) -> str:
        return _table_html(repr(self), self.grid())

    def to_pandas(self, part: str | None = None) -> pd.DataFrame:
        """Return the rows as a pandas frame with nullable types. Raises :class:`LackingError`."""
        pandas = _import_library("pandas")
        columns = _frame_columns(self._marked_grid(part))
        frame: pd.DataFrame = pandas.DataFrame({name: pandas.Series(cells, dtype=to[0]) for name, to, cells in columns})
        if origin := getattr(self, "provenance", None):
            frame.attrs |= {"as_of": origin.as_of.isoformat(), SIMULATED: origin.simulated}
        return frame

    def to_polars(self, part: str | None = None) -> pl.DataFrame:
        """Return the rows as a polars frame. Raises :class:`LackingError`."""
        polars = _import_library("polars")
        columns = _frame_columns(self._marked_grid(part))
        series = [polars.Series(name, cells, to[1](polars)) for name, to, cells in columns]
        frame: pl.DataFrame = polars.DataFrame(series)
        return frame


@dataclass_transform(kw_only_default=True, frozen_default=True)
class RecordType(type):
    """Makes each type of records a frozen dataclass with slots."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        """Return the new class as a frozen dataclass; with slots, or made by ``storage.mapping``, it is one already."""
        complete = super().__new__(cls, name, bases, namespace)
        if "__slots__" in namespace or "__module__" not in namespace:
            return complete
        return dataclass(frozen=True, slots=True, kw_only=True, repr=False)(complete)


class Result(Framed, metaclass=RecordType):
    """A part of an answer: a frozen record that becomes plain values and data frames."""

    __slots__ = ("provenance",)

    def __repr__(self) -> str:
        return _record_text(self)

    @classmethod
    def of(cls, source: object, /, **given: Any) -> Self:
        """Return a record with the ``given`` values; other fields are attributes of ``source`` with the same names."""
        record: Any = cls
        names = (one.name for one in fields(record) if one.name not in given)
        return cls(**{name: getattr(source, name) for name in names if hasattr(source, name)}, **given)

    def to_dict(self) -> dict[str, object]:
        """Return the record as a dict of plain values."""
        values = basic_value(self)
        assert isinstance(values, dict)
        return values


class Lines(tuple[Line, ...], Framed, Generic[Line]):
    """An answer that is a list of records of one type; ``kind`` is this type, also if the list is empty."""

    kind: type[Line]

    def __new__(cls, kind: type[Line], lines: Iterable[Line]) -> Lines[Line]:
        """Return an answer of ``lines``, which are records of the type ``kind``."""
        instance = super().__new__(cls, lines)
        instance.kind = kind
        return instance

    def __repr__(self) -> str:
        return f"<{len(self)} {self.kind.__name__}>"

    def grid(self, part: str | None = None) -> AnswerGrid:
        """Return the records as rows; ``part`` is ignored, because there is only one list."""
        del part
        return grid_of_lines(self.kind, self)
