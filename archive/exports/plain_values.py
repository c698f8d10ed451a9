"""A value on its way out: as JSON, as one cell of text, as a spreadsheet may open it, as a float that is exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal

from archive.exports.json_values import instant_text, json_text
from archive.exports.safe_text import safe_text
from archive.queries.words import CHINA

# A spreadsheet runs a cell that begins with one of these as a formula; some take the full-width signs for the others.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def jsonable(value: object) -> object:
    """Dates in ISO form, instants in Asia/Shanghai, decimals as numbers that keep their digits, enums as text."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(v) for v in value]
    return value


def cell_text(value: object) -> str:
    """A value as a person reads it: "" for None, instants to the minute in Asia/Shanghai."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, (list, tuple)):
        return ", ".join(cell_text(v) for v in value)
    if isinstance(value, Mapping):
        return json_text(value)
    return safe_text(str(value))


def number(value: Decimal | None) -> str:
    """A number in plain digits without idle zeros; "" for None."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal | None) -> str:
    """A rate as a percentage to a tenth."""
    return "" if value is None else f"{value.scaleb(2):.1f}%"


def neutral(text: str) -> str:
    """``text`` for a spreadsheet: a leading formula sign is shown, not run. Plain numbers stay numbers."""
    if text.startswith(_FORMULA_STARTS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        Decimal(text)
    except ArithmeticError:
        return False
    return text.strip() == text


_DIGITS = 15  #: significant digits that every IEEE 754 double gives back as they were
_INT64 = 1 << 63


def one_text(value: object) -> str:
    """A value as one cell: "" for None, instants in ISO form, lists joined by blanks, of records their ids."""
    if isinstance(value, (list, tuple)):
        return " ".join(_names(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, Decimal):
        return plain(value)
    return cell_text(value)


def _names(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        name = value.get("id") if isinstance(value, Mapping) else getattr(value, "id", None)
        if name is not None:
            yield str(name)
        elif isinstance(value, Mapping) or is_dataclass(value):
            yield json_text(value)
        else:
            yield cell_text(value)


def plain(value: Decimal) -> str:
    """A decimal in digits, without exponent: ``1E+3`` is 1000."""
    return f"{value:f}"


def exact_float(value: Decimal | int) -> float | None:
    """The float that stands for a number and for no other of up to 15 digits; None where there is none."""
    number = Decimal(value)
    if not number.is_finite() or len(number.as_tuple().digits) > _DIGITS:
        number = number.normalize()
        if len(number.as_tuple().digits) > _DIGITS:
            return None
    result = float(number)
    return result if Decimal(repr(result)) == number else None


def exact_integer(value: Decimal | int) -> int | None:
    """The number as an integer of 64 bits; None where it is none."""
    if value != int(value):
        return None
    result = int(value)
    return result if -_INT64 <= result < _INT64 else None
