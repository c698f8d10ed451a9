"""Convert values for output: to JSON, to text that is safe in spreadsheets, to exact numbers.

Records, dates, times and decimals are converted while JSON is written, without a copy of the whole value in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from archive.exports.safe_text import escaped, safe_text
from archive.queries.words import CHINA
from storage.column_types import INT64
from storage.mapping import dict_maker

# ---------------------------------------------------------------------------------------------- JSON


# A spreadsheet runs a cell that begins with one of these as a formula; some take the full-width signs for the others.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def json_of(value: Any, *, indent: int | None = None) -> str:
    """Return ``value`` as JSON. Control characters in texts are escaped, so that texts keep them; lone surrogates,
    which many programs cannot read, are replaced.
    """
    return "".join(json_parts(value, indent=indent))


def json_parts(value: Any, *, indent: int | None = None) -> Iterator[str]:
    """Yield the JSON of :func:`json_of` in parts, for long answers."""
    yield from map(escaped, _encoder(indent).iterencode(value))


def json_text(value: object) -> str:
    """Return a value as JSON; a decimal keeps all its digits."""
    return f"{value:f}" if isinstance(value, Decimal) else escaped(_encoder(None).encode(value))


def json_line(row: Mapping[str, object]) -> str:
    """Return a row as a JSON object on one line; decimals keep all their digits."""
    return "{" + ", ".join([f"{json_text(name)}: {json_text(value)}" for name, value in row.items()]) + "}"


def fields_of(record: object, *names: str) -> dict[str, object]:
    """Return name → value of some fields of a record."""
    return {name: getattr(record, name) for name in names}


def day_of(at: datetime) -> str:
    """Return the day in China at a time, in ISO form."""
    return at.astimezone(CHINA).date().isoformat()


@lru_cache(maxsize=65_536)  # many lines rest on the same looks
def instant_text(value: datetime) -> str:
    """Return a time in ISO form to the second, in Asia/Shanghai."""
    return value.astimezone(CHINA).isoformat(timespec="seconds")


@cache
def _encoder(indent: int | None) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, check_circular=False, indent=indent, default=_plainer)


def _plainer(value: object) -> object:
    """Convert the outermost level of a value that JSON cannot represent; further calls convert the values in it."""
    kind: Any = type(value)
    return _conversion(kind)(value)


@cache
def _conversion(kind: Any) -> Callable[[Any], object]:
    """Return the function that converts values of a type for JSON. Raises TypeError if there is none."""
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


def jsonable(value: object) -> Any:
    """Return a value of JSON types only: dates and times as ISO text (in Asia/Shanghai), decimals as numbers."""
    return json.loads(_encoder(None).encode(value))


def cell_text(value: object) -> str:
    """Return a value as text for people: "" for None, times to the minute in Asia/Shanghai, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Decimal):
        return f"{value:f}"  # digits without an exponent: 1000, not 1E+3
    if isinstance(value, (list, tuple)):
        return ", ".join(map(cell_text, value))
    if isinstance(value, Mapping):
        return json_text(value)
    return safe_text(str(value))


def number(value: Decimal | None) -> str:
    """Return a number in plain digits without trailing zeros; "" for None."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal | None) -> str:
    """Return a rate (0 to 1) as a percentage with one decimal; "" for None."""
    return "" if value is None else f"{value.scaleb(2):.1f}%"


def neutral(text: str) -> str:
    """Return ``text`` with an apostrophe if spreadsheets would run it as a formula; numbers stay as they are."""
    if text.startswith(_FORMULA_STARTS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        Decimal(text)
    except ArithmeticError:
        return False
    return text.strip() == text


_DIGITS = 15  #: significant digits that every IEEE 754 double preserves


def one_text(value: object) -> str:
    """Return a value as text for a cell of a file: "" for None, ISO times, lists joined by blanks, ids of records."""
    if isinstance(value, (list, tuple)):
        return " ".join(_item_texts(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return instant_text(value)
    return cell_text(value)


def _item_texts(values: Iterable[object]) -> Iterator[str]:
    """Yield for each item of a list its id, else its JSON if it is a record, else its text."""
    for value in values:
        name = value.get("id") if isinstance(value, Mapping) else getattr(value, "id", None)
        if name is not None:
            yield str(name)
        elif isinstance(value, Mapping) or is_dataclass(value):
            yield json_text(value)
        else:
            yield cell_text(value)


def exact_float(value: Decimal | int) -> float | None:
    """Return the float that represents a number of up to 15 digits exactly, for XLSX, Parquet and Stata, whose numbers
    are floats; None if there is none.
    """
    number = Decimal(value)
    if not number.is_finite():
        return None
    if len(number.as_tuple().digits) > _DIGITS:
        number = number.normalize()
        if len(number.as_tuple().digits) > _DIGITS:
            return None
    result = float(number)
    return result if Decimal(repr(result)) == number else None


def exact_integer(value: Decimal | int) -> int | None:
    """Return the number as an integer, or None if it is not whole or needs more than 64 bits."""
    if value != int(value):
        return None
    result = int(value)
    return result if -INT64 <= result < INT64 else None
