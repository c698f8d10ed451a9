"""Column types that store a value exactly, equally in SQLite and PostgreSQL: instants, digests, texts, decimals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, Numeric, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
INT64 = 1 << 63  #: the least integer that a column of 64 bits cannot hold
_WIDE_CONTEXT = Context(prec=200)

# SQLite numbers rows automatically only in INTEGER keys
Number = BigInteger().with_variant(Integer(), "sqlite")


class Utc(TypeDecorator[datetime]):
    """An instant. Naive datetimes are refused; stored as UTC text without zone in SQLite, else as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Return the value for the driver."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: an instant needs its offset")
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002
        """Return the function that makes an instant of what is stored; no method per value, as lists are long."""
        if dialect.name == "sqlite":
            return lambda text: None if text is None else datetime.fromisoformat(f"{text}+00:00")
        return lambda value: None if value is None else value.astimezone(UTC)


class Instant(Utc):
    """Like :class:`Utc`, but stored as microseconds since 1970 in SQLite, a third of the size: for large tables."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the engine."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return the value for the driver."""
        moment = super().process_bind_param(value, dialect)
        return moment if moment is None or dialect.name != "sqlite" else microseconds(moment)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return the function that makes an instant of what SQLite stores; of other databases as :class:`Utc`."""
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        return lambda value: None if value is None else instant(value)


def microseconds(moment: datetime) -> int:
    """Return the microseconds from the beginning of 1970 to an instant."""
    return (moment - _EPOCH) // _MICROSECOND


def instant(count: int) -> datetime:
    """Return the instant that is this many microseconds after the beginning of 1970."""
    return _EPOCH + count * _MICROSECOND


class Hex(TypeDecorator[str]):
    """Lower-case hex in records, bytes in the database (half the size)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Return the value for the driver."""
        return None if value is None else bytes.fromhex(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002
        """Return the function that converts stored values."""
        return lambda value: None if value is None else bytes(value).hex()


def is_hex(text: str, length: int) -> bool:
    """Return whether ``text`` is an id or digest of ``length`` lower-case hex digits."""
    return len(text) == length and all(letter in "0123456789abcdef" for letter in text)


class Clean(TypeDecorator[str]):
    """Text from outside: characters that databases cannot store (NUL, half a surrogate pair) become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the value for the driver."""
        return None if value is None else clean(value)


def clean(text: str) -> str:
    """Return ``text`` with U+FFFD for what databases cannot store: NUL and half surrogate pairs."""
    text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


class ExactDecimal(TypeDecorator[Decimal]):
    """An exact decimal, never a float: NUMERIC in PostgreSQL, an integer scaled by ``10**digits`` in SQLite.

    Counts have ``digits`` 0, so that raw SQL shows them unscaled.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int = 0) -> None:
        super().__init__()
        self.digits = digits

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the engine."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        """Return the value for the driver (SQLite: a scaled integer). Raises ValueError if it has too many decimals."""
        if value is None or dialect.name != "sqlite":
            return value
        if isinstance(value, float):
            raise TypeError("a float is not exact")
        scaled = scaled_value(Decimal(value), self.digits)
        if scaled is None:
            raise ValueError(f"{value} does not fit {self.digits} decimals")
        return scaled

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002
        """Return the function that converts stored values; no method per value, because figures are many."""
        digits = self.digits if dialect.name == "sqlite" else 0
        if not digits:
            return lambda value: None if value is None else Decimal(value)
        return lambda value: None if value is None else Decimal(value).scaleb(-digits)


def scaled_value(value: Decimal, digits: int) -> int | None:
    """Return ``value * 10**digits`` if that is an integer of 64 bits, else None."""
    if not value.is_finite() or value.adjusted() > 20 or (value and int(value.as_tuple().exponent) < -100):
        return None
    scaled = value.scaleb(digits, _WIDE_CONTEXT)
    return int(scaled) if scaled == scaled.to_integral_value(context=_WIDE_CONTEXT) and abs(scaled) < INT64 else None
