"""Answers as JSON: records, days, instants and decimals are written as they are met, without a tree of plain values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from archive.exports.safe_text import escaped
from archive.queries.words import CHINA
from storage.mapping import dict_maker


def json_of(value: Any, *, indent: int | None = None) -> str:
    """``value`` as JSON whose texts are as they were: characters that steer are escaped. Half a character, which many
    programs cannot read, is replaced.
    """
    return escaped(_encoder(indent).encode(value))


def json_parts(value: Any, *, indent: int | None = None) -> Iterator[str]:
    """The same in parts, for what is long."""
    for part in _encoder(indent).iterencode(value):
        yield escaped(part)


def json_text(value: object) -> str:
    """A value as JSON; a decimal keeps all its digits."""
    return escaped(_text(value))


def json_line(row: Mapping[str, object]) -> str:
    """A row as an object on one line; its decimals keep all their digits."""
    try:
        return escaped(_ROWS.encode(row))
    except _DigitsError:
        return escaped("{" + ", ".join([f"{_text(name)}: {_text(value)}" for name, value in row.items()]) + "}")


@lru_cache(maxsize=65_536)  # many lines rest on the same looks
def instant_text(value: datetime) -> str:
    """An instant to the second, in Asia/Shanghai."""
    return value.astimezone(CHINA).isoformat(timespec="seconds")


def _encoder(indent: int | None) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, check_circular=False, indent=indent, default=_plainer)


def _text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else _ENCODER.encode(value)


class _DigitsError(ValueError):
    """A decimal of which no integer or float has the same digits."""


def _plainer(value: object) -> object:
    """Make a value that JSON has no form for one step plainer."""
    kind: Any = type(value)
    return _conversion(kind)(value)


def _plainer_of_row(value: object) -> object:
    """The same; a decimal becomes the number with the same digits. Raises :class:`_DigitsError` where there is none."""
    if not isinstance(value, Decimal):
        return _plainer(value)
    text = f"{value:f}"
    number = float(text) if "." in text else int(text)
    if str(number) != text:
        raise _DigitsError
    return number


@cache
def _conversion(kind: Any) -> Callable[[Any], object]:
    """How values of a kind become plainer. Raises TypeError for a kind of which that is not known."""
    if is_dataclass(kind):
        return dict_maker({one.name: one.name for one in fields(kind)})
    for base, convert in _BY_BASE:
        if issubclass(kind, base):
            return convert
    raise TypeError(f"{kind.__name__} is no kind of value that answers hold")


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


_BY_BASE: tuple[tuple[type[Any], Callable[[Any], object]], ...] = (
    (datetime, instant_text),
    (date, date.isoformat),
    (Decimal, _number),
    (Enum, attrgetter("value")),
    (Mapping, dict),
    (frozenset, list),
    (set, list),
)
_ENCODER = _encoder(None)
_ROWS = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=_plainer_of_row)
