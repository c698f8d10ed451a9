"""One value on its way out: as one cell of text, as JSON, as a float that is no other number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from datetime import datetime
from decimal import Decimal

from archive.exports.json_values import instant_text, json_text
from archive.exports.plain_values import cell_text

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
    found = float(number)
    return found if Decimal(repr(found)) == number else None


def exact_integer(value: Decimal | int) -> int | None:
    """The number as an integer of 64 bits; None where it is none."""
    if value != int(value):
        return None
    found = int(value)
    return found if -_INT64 <= found < _INT64 else None
