"""Convert records to rows and JSON and back: columns and JSON follow from the type hints of a record's dataclass.

Scalars are columns of the same name, everything else is compact JSON text in a column. JSON returns exactly what was
stored, decimals, tuples and instants included. A field that a later schema added (``ADDED_LATER``) is stored as NULL
when it has its default, as in the rows that already existed.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, make_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Integer, RowMapping
from sqlalchemy.types import TypeEngine

from storage.column_types import Clean, Hex, Utc
from storage.records import Note, is_added_later

Record = TypeVar("Record")
Row = Mapping[str, Any] | RowMapping
Convert = Callable[[Any], Any]
Coder = tuple[Convert, Convert]  # an encoder and its decoder

# -------------------------------------------------------------------------------------------------------- JSON


def dumps(value: object) -> str:
    """Return compact JSON with unescaped Chinese."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_json(record: object) -> str:
    """Return a frozen dataclass as compact ASCII JSON."""
    return json.dumps(to_json_value(record), ensure_ascii=True, separators=(",", ":"))


def from_json(kind: type[Record], text: str) -> Record:
    """Return the record that :func:`to_json` turned into ``text``. Raises ValueError or TypeError for other text."""
    return from_json_value(kind, json.loads(text))


def to_json_value(record: object) -> Any:
    """Return a record as dicts, lists and scalars for JSON; fields that have their default are omitted."""
    hint: Any = type(record)
    return _coder(hint)[0](record)


def from_json_value(kind: type[Record], plain: Any) -> Record:
    """Return the record that :func:`to_json_value` turned into ``plain``."""
    hint: Any = kind
    value: Record = _coder(hint)[1](plain)
    return value


def _unchanged(value: Any) -> Any:
    return value


@cache
def _coder(hint: Any) -> Coder:
    """Return the encoder to a JSON value and the decoder for one type hint of a record."""
    if hint is Note:
        return (lambda note: note.as_json), Note.of
    if hint in {str, int, bool, float, object, type(None)}:  # an ``object`` is stored unchanged as JSON: a locator
        return _unchanged, _unchanged
    if hint is Decimal:
        return str, Decimal
    if hint in {datetime, date}:
        return hint.isoformat, hint.fromisoformat
    if isinstance(hint, type):
        return ((lambda value: value.value), hint) if issubclass(hint, Enum) else _dataclass_coder(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        kinds = [kind for kind in arguments if kind is not type(None)]
        if len(kinds) > 1:  # scalars
            return _unchanged, _unchanged
        return _optional_coder(_coder(kinds[0]))
    encode, decode = _coder(arguments[0 if origin is tuple else 1])
    if origin is tuple:
        as_they_are = (list, tuple) if encode is _unchanged else None
        return as_they_are or ((lambda value: [*map(encode, value)]), (lambda plain: tuple(map(decode, plain))))
    return (  # a mapping of names
        lambda value: {key: encode(item) for key, item in value.items()},
        lambda plain: {key: decode(item) for key, item in plain.items()},
    )


def _dataclass_coder(kind: type[Any]) -> Coder:
    """Return the coder of a nested record: a mapping without fields that have their default. It skips unknown ones."""
    hints = typing.get_type_hints(kind)
    fields = [(entry.name, _default(entry), *_coder(hints[entry.name])) for entry in dataclasses.fields(kind)]
    decoders = {name: decode for name, _, _, decode in fields}

    def encode(record: Any) -> dict[str, Any]:
        plain = {}
        for name, default, encode_field, _ in fields:
            value = getattr(record, name)
            if default is dataclasses.MISSING or value != default or type(value) is not type(default):
                plain[name] = encode_field(value)
        return plain

    def decode(plain: dict[str, Any]) -> Any:
        return kind(**{name: decoders[name](value) for name, value in plain.items() if name in decoders})

    return encode, decode


def _default(entry: dataclasses.Field[Any]) -> Any:
    return entry.default if entry.default_factory is dataclasses.MISSING else entry.default_factory()


def _optional_coder(coder: Coder) -> Coder:
    """Return the coder of a field that may be None, which stays None both ways."""
    encode, decode = coder
    if encode is _unchanged:
        return coder
    return (
        lambda value: None if value is None else encode(value),
        lambda plain: None if plain is None else decode(plain),
    )


# -------------------------------------------------------------------------------------------------------- rows

_TYPES: dict[Any, TypeEngine[Any]] = {
    str: Clean(),
    int: BigInteger(),
    bool: Boolean(),
    float: Double(),
    date: Date(),
    datetime: Utc(),
}
#: Types of columns that have the same meaning in every table, by name.
_TYPES_BY_NAME: dict[tuple[str, Any], TypeEngine[Any]] = {
    **{(name, str): Hex(32) for name in ("digest", "document", "payload_digest", "main", "cells_from")},
    **{(name, str): Hex(16) for name in ("capture", "revisit_of", "via", "control")},
    **{(name, int): Integer() for name in ("year", "first_year", "rule", "status")},
}


@dataclass(frozen=True)
class Shape(Generic[Record]):
    """How one kind of record is stored in a table: the columns' types, and the conversion in both directions."""

    types: Mapping[str, TypeEngine[Any]]
    nullable: frozenset[str]
    encode: Mapping[str, Convert]
    read: Callable[[Row, Mapping[str, Any]], Record]

    def row(self, record: Record) -> dict[str, Any]:
        """Return a record as a row."""
        return {name: encode(getattr(record, name)) for name, encode in self.encode.items()}

    def values(self, **values: Any) -> dict[str, Any]:
        """Return these values as columns of a row."""
        return {name: self.encode[name](value) for name, value in values.items()}

    def record(self, row: Row, **more: Any) -> Record:
        """Return a row as a record; ``more``: values of fields that have no column."""
        return self.read(row, more)

    def columns(
        self,
        *,
        key: str = "",
        without: Collection[str] = (),
        nullable: Collection[str] = (),
        types: Mapping[str, TypeEngine[Any]] | None = None,
    ) -> list[Column[Any]]:
        """Return new columns. ``key``: the primary key; ``without``: not these; ``nullable``: these may be NULL, too;
        ``types``: instead of the usual ones, by name.
        """
        empty = self.nullable.union(nullable)
        return [
            Column(name, kind, primary_key=name == key, nullable=name in empty)
            for name, kind in ({**self.types, **(types or {})}).items()
            if name not in without
        ]


def shape(kind: type[Record]) -> Shape[Record]:
    """Return how a record class is stored."""
    hint: Any = kind
    return _make_shape(hint)


@cache
def _make_shape(kind: Any) -> Shape[Any]:
    """Return how a record class is stored; its fields decide the columns, their types and what may be NULL."""
    hints, entries = typing.get_type_hints(kind), dataclasses.fields(kind)
    base = {name: _without_none(hint) for name, hint in hints.items()}
    coders = {entry.name: _column_coder(entry, base[entry.name]) for entry in entries}
    return Shape(
        types={name: _TYPES_BY_NAME.get((name, base[name])) or _TYPES.get(base[name], Clean()) for name in coders},
        nullable=frozenset(
            entry.name for entry in entries if base[entry.name] is not hints[entry.name] or is_added_later(entry)
        ),
        encode={name: encode for name, (encode, _) in coders.items()},
        read=_row_reader(kind, {name: decode for name, (_, decode) in coders.items()}),
    )


def rows_of(records: Iterable[Any]) -> list[dict[str, Any]]:
    """Return records as rows."""
    return [shape(type(record)).row(record) for record in records]


def _column_coder(entry: dataclasses.Field[Any], hint: Any) -> Coder:
    """Return encoder to and decoder from a column's value: JSON unless scalar; NULL for a default added later."""
    encode, decode = (_unchanged, _unchanged) if hint in _TYPES else _coder(hint)
    if hint not in _TYPES and not (isinstance(hint, type) and issubclass(hint, Enum)):
        encode, decode = _json_coder(encode, decode)
    if not is_added_later(entry):
        return _optional_coder((encode, decode))
    default = _default(entry)
    return (
        lambda value: None if value == default else encode(value),
        lambda value: default if value is None else decode(value),
    )


def _json_coder(encode: Convert, decode: Convert) -> Coder:
    return (
        lambda value: dumps(encode(value)),
        lambda text: () if text == "[]" else decode(json.loads(text)),  # most tuples are empty
    )


def _without_none(hint: Any) -> Any:
    """Return an optional field's type hint without None."""
    kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
    return kinds[0] if typing.get_origin(hint) in {typing.Union, types.UnionType} and len(kinds) == 1 else hint


# -------------------------------------------------------------------------------------------- many records at once


def maker(kind: type[Record], *names: str) -> Callable[..., Record]:
    """Return a function that creates records of a frozen dataclass with slots in a fifth of the usual time.

    ``names``: all its fields (else TypeError) in the order in which the function takes their values.
    """
    fields_of_kind = tuple(entry.name for entry in dataclasses.fields(kind))  # type: ignore[arg-type]
    if fields_of_kind != names:
        raise TypeError(f"the fields of {kind.__name__} are {', '.join(fields_of_kind)}, not {', '.join(names)}")
    # A frozen record sets each field by a slow call. So the object is made from a class that is not frozen but has the
    # same memory layout, and then its class is changed.
    loose = make_dataclass(kind.__name__, names, bases=kind.__bases__, slots=True, init=False, eq=False, repr=False)
    lines = (f"_one.{name} = {name}" for name in names)
    body = "\n    ".join(["_one = _loose()", *lines, "_one.__class__ = _kind", "return _one"])
    return _compile_function(f"def function({', '.join(names)}):\n    {body}", _loose=loose, _kind=kind)


def _row_reader(kind: Any, decoders: Mapping[str, Convert]) -> Callable[[Row, Mapping[str, Any]], Any]:
    """Return a function that makes a record from a row and from values of fields that have no column."""
    decode = {name: f"decode[{name!r}](row[{name!r}])" for name, one in decoders.items() if one is not _unchanged}
    fields = (f"more[{name!r}] if {name!r} in more else {decode.get(name, f'row[{name!r}]')}" for name in decoders)
    source = f"def function(row, more):\n    return make({', '.join(fields)})"
    return _compile_function(source, make=maker(kind, *decoders), decode=decoders)


def dict_maker(paths: Mapping[str, str]) -> Callable[[Any], dict[str, Any]]:
    """Return a function that puts some values of a record into a dict, in a third of the time of ``attrgetter``.

    ``paths``: the attribute for each name, which may be one of a nested record (``agency.id``).
    """
    items = ", ".join(f"{name!r}: one.{path}" for name, path in paths.items())
    return _compile_function(f"def function(one):\n    return {{{items}}}")


def _compile_function(source: str, **namespace: Any) -> Callable[..., Any]:
    exec(source, namespace)  # noqa: S102 - built from field names only
    function: Callable[..., Any] = namespace["function"]
    return function
