"""Answers as JSON: records, days, instants and decimals are written as they are met, without a tree of plain values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any

from archive.exports.safe_text import escaped
from archive.queries.words import CHINA


def json_of(value: Any, *, indent: int | None = None) -> str:
    """``value`` as JSON whose texts are as they were: characters that steer are escaped. Half a character, which many
    programs cannot read, is replaced.
    """
    return escaped(json.JSONEncoder(ensure_ascii=False, indent=indent, default=_plainer).encode(value))


def json_parts(value: Any, *, indent: int | None = None) -> Iterator[str]:
    """The same in parts, for what is long."""
    for part in json.JSONEncoder(ensure_ascii=False, indent=indent, default=_plainer).iterencode(value):
        yield escaped(part)


def json_text(value: object) -> str:
    """A value as JSON; a decimal keeps all its digits."""
    return escaped(_text(value))


def json_line(row: Mapping[str, object], columns: list[tuple[str, str]]) -> str:
    """A row as an object on one line; ``columns``: their names, and how JSON writes these (:func:`json_columns`)."""
    return escaped("{" + ", ".join([f"{key}: {_text(row[name])}" for name, key in columns]) + "}")


def json_columns(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names of columns, each with how JSON writes it."""
    return [(name, json.dumps(name)) for name in names]


def instant_text(value: datetime) -> str:
    """An instant to the second, in Asia/Shanghai."""
    return value.astimezone(CHINA).isoformat(timespec="seconds")


def _text(value: object) -> str:
    written = _TEXTS.get(type(value))
    return _ENCODER.encode(value) if written is None else written(value)


def _plainer(value: object) -> object:
    """What JSON has no form for, one step plainer."""
    kind = type(value)
    made = _PLAINER.get(kind)
    if made is None:
        made = _PLAINER[kind] = _way_of(kind)
    return made(value)


def _way_of(kind: type[Any]) -> Callable[[Any], object]:
    """How values of a kind become plainer. Raises TypeError for a kind of which that is not known."""
    if is_dataclass(kind):
        names = tuple(one.name for one in fields(kind))
        return lambda record: {name: getattr(record, name) for name in names}
    for known, way in _WAYS:
        if issubclass(kind, known):
            return way
    raise TypeError(f"{kind.__name__} is no kind of value that answers hold")


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


_WAYS: tuple[tuple[type[Any], Callable[[Any], object]], ...] = (
    (datetime, instant_text),
    (date, date.isoformat),
    (Decimal, _number),
    (Enum, attrgetter("value")),
    (Mapping, dict),
    (frozenset, list),
    (set, list),
)
_PLAINER: dict[type[Any], Callable[[Any], object]] = {}
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plainer)
_TEXTS: Mapping[type[Any], Callable[[Any], str]] = {
    str: _ENCODER.encode,
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    Decimal: lambda value: f"{value:f}",
    datetime: lambda value: f'"{instant_text(value)}"',
    date: lambda value: f'"{value}"',
}
