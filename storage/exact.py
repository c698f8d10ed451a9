"""Exact decimals in a column, never a float, on either engine."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Numeric, TypeDecorator
from sqlalchemy.types import TypeEngine

_INT64 = 1 << 63


class Exact(TypeDecorator[Decimal]):
    """An exact decimal, never a float: NUMERIC in PostgreSQL, an integer scaled by ``10**digits`` in SQLite.

    Counts have ``digits`` 0, so that raw SQL sees them as they are.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int = 0) -> None:
        super().__init__()
        self.digits = digits

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of the engine."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        """What the driver gets."""
        if value is None or dialect.name != "sqlite":
            return value
        if isinstance(value, float):
            raise TypeError("a float is not exact")
        scaled = scaled_value(Decimal(value), self.digits)
        if scaled is None:
            raise ValueError(f"{value} does not fit {self.digits} decimals")
        return scaled

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """How values come back: counts from SQLite's integers at once, for figures of all bodies are many."""
        if dialect.name != "sqlite" or self.digits:
            return super().result_processor(dialect, coltype)
        return _to_decimal

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """What the records get."""
        if value is None:
            return None
        return Decimal(value).scaleb(-self.digits) if dialect.name == "sqlite" else Decimal(value)


def _to_decimal(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def scaled_value(value: Decimal, digits: int) -> int | None:
    """``value * 10**digits`` if that is an integer of 64 bits, else None."""
    if not value.is_finite() or value.adjusted() > 20 or (value and int(value.as_tuple().exponent) < -100):
        return None
    sign, figures, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    shift = exponent + digits
    number = int("".join(map(str, figures)))
    if shift >= 0:
        number *= 10**shift
    else:
        number, rest = divmod(number, 10**-shift)
        if rest:
            return None
    return (-number if sign else number) if number < _INT64 else None
