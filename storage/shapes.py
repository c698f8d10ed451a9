"""How records lie in tables: scalars in columns of the same name, anything else as compact JSON text."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Double, RowMapping
from sqlalchemy.types import TypeEngine

from storage.codec import coder
from storage.tables import Clean, Hex, Utc


@dataclass(frozen=True)
class Shape:
    """How one kind of record lies in its table: columns, and both ways between them."""

    kind: type[Any]
    columns: Mapping[str, TypeEngine[Any]]
    encode: Mapping[str, Callable[[Any], Any]]
    decode: Mapping[str, Callable[[Any], Any]]
    nullable: frozenset[str]

    def row(self, record: Any) -> dict[str, Any]:
        """The row of a record."""
        return {name: encode(getattr(record, name)) for name, encode in self.encode.items()}

    def record(self, row: Mapping[str, Any] | RowMapping) -> Any:
        """The record of a row."""
        return self.kind(**{name: decode(row[name]) for name, decode in self.decode.items()})


_DIGESTS = {
    "digest": Hex(32),
    "capture": Hex(16),
    "document": Hex(32),
    "main": Hex(32),
    "cells_from": Hex(32),
}
_SCALARS: dict[Any, TypeEngine[Any]] = {
    str: Clean(),
    int: BigInteger(),
    bool: Boolean(),
    float: Double(),
    date: Date(),
    datetime: Utc(),
}


@cache
def _shape(kind: Any) -> Shape:
    hints = typing.get_type_hints(kind)
    columns: dict[str, TypeEngine[Any]] = {}
    encode: dict[str, Callable[[Any], Any]] = {}
    decode: dict[str, Callable[[Any], Any]] = {}
    nullable: set[str] = set()
    for entry in dataclasses.fields(kind):
        hint, optional = _optional(hints[entry.name])
        if optional:
            nullable.add(entry.name)
        if hint in _SCALARS:
            columns[entry.name] = _DIGESTS.get(entry.name, _SCALARS[hint])
            encode[entry.name], decode[entry.name] = _same, _same
        elif isinstance(hint, type) and issubclass(hint, Enum):
            columns[entry.name] = Clean()
            encode[entry.name] = _maybe(str)
            decode[entry.name] = _maybe(hint)
        else:
            columns[entry.name] = Clean()
            to_plain, from_plain = coder(hint)
            encode[entry.name] = _maybe(_json_encoder(to_plain))
            decode[entry.name] = _maybe(_json_decoder(from_plain))
    return Shape(kind, columns, encode, decode, frozenset(nullable))


def shape(kind: Any) -> Shape:
    """The shape of a record class."""
    return _shape(kind)


def _optional(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
        if len(kinds) == 1:
            return kinds[0], True
    return hint, False


def _same(value: Any) -> Any:
    return value


def _maybe(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else convert(value)


def _json_encoder(to_plain: Callable[[Any], Any]) -> Callable[[Any], str]:
    return lambda value: json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))


def _json_decoder(from_plain: Callable[[Any], Any]) -> Callable[[str], Any]:
    return lambda text: from_plain(json.loads(text))
