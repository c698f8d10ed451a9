"""Tables of the projections, made from the records they hold; the columns of ``cells`` are the caller's indicators.

Scalars of a record are columns of the same name, anything else is compact JSON text. An indicator's column is its id
with "__" for "." (SQLite and PostgreSQL would both want quotes otherwise).
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    RowMapping,
    Table,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from storage.codec import coder
from storage.judgements import LookJudgement, StoredDocument, StoredFinding
from storage.records import Binding, Duty, Edition, Finding, Lead, StatusInterval
from storage.tables import Clean, Hex, Number, Utc

SCHEMA = "1"  # version of these tables: another one means rebuild
AMOUNT_DIGITS = 6  # decimals kept of an amount in SQLite: 万元 to a hundredth of a 分
_INT64 = 1 << 63
Record = TypeVar("Record")


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

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """What the records get."""
        if value is None:
            return None
        return Decimal(value).scaleb(-self.digits) if dialect.name == "sqlite" else Decimal(value)


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


def column_of(indicator: str) -> str:
    """The column of an indicator."""
    return indicator.replace(".", "__")


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


_DIGESTS = {"digest": Hex(32), "capture": Hex(16), "document": Hex(32)}
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


@dataclass(frozen=True)
class ProjectionTables:
    """The tables of one generation of projections."""

    metadata: MetaData
    indicators: tuple[str, ...]
    digits: Mapping[str, int]
    documents: Table
    readings: Table
    cells: Table
    leads: Table
    look_judgements: Table
    bindings: Table
    editions: Table
    edition_captures: Table
    duties: Table
    statuses: Table
    findings: Table
    meta: Table

    @property
    def of_portal(self) -> Mapping[str, Table]:
        """The tables replaced portal by portal."""
        names = (
            "leads",
            "look_judgements",
            "bindings",
            "editions",
            "edition_captures",
            "duties",
            "statuses",
            "findings",
        )
        return {name: getattr(self, name) for name in names}


@cache
def projection_tables(indicators: tuple[tuple[str, int], ...]) -> ProjectionTables:
    """Tables for these indicators, each with the number of decimals its values may have (0: a count)."""
    metadata = MetaData()

    def of_portal(name: str, kind: type[Any], *indices: Sequence[str], without: str = "") -> Table:
        made = Table(
            name,
            metadata,
            Column("no", Number, primary_key=True),
            Column("portal", Clean, nullable=False),
            *_columns(kind, {"portal", without}),
        )
        for names in (("portal",), *indices):
            Index(f"ix_{name}_{'_'.join(names)}", *[made.c[column] for column in names])
        return made

    findings = of_portal("findings", StoredFinding, ("subject",), ("agency", "year"), without="finding")
    for column in _columns(Finding, set()):
        findings.append_column(column)
    return ProjectionTables(
        metadata=metadata,
        indicators=tuple(name for name, _ in indicators),
        digits=dict(indicators),
        documents=Table("documents", metadata, *_columns(StoredDocument, set(), key="digest")),
        readings=Table(
            "readings",
            metadata,
            Column("document", Hex(32), primary_key=True),
            *[Column(name, Clean, nullable=False) for name in ("reader", "normaliser", "kind", "reason", "title")],
            Column("is_report", Boolean, nullable=False),
            Column("form", Clean),
            Column("content_digest", Clean, nullable=False),
            Column("unreadable", Clean, nullable=False),
            Column("body", LargeBinary, nullable=False),
        ),
        cells=Table(
            "cells",
            metadata,
            Column("document", Hex(32), primary_key=True),
            *[Column(column_of(name), Exact(digits)) for name, digits in indicators],
            Column("states", LargeBinary, nullable=False),
            Column("notes", LargeBinary, nullable=False),
        ),
        leads=of_portal("leads", Lead, ("url",), ("agency", "year")),
        look_judgements=of_portal("look_judgements", LookJudgement, ("look",)),
        bindings=of_portal("bindings", Binding, ("document",), ("agency", "year")),
        editions=of_portal("editions", Edition, ("id",), ("agency", "year")),
        edition_captures=Table(
            "edition_captures",
            metadata,
            Column("no", Number, primary_key=True),
            Column("portal", Clean, nullable=False, index=True),
            Column("edition", Clean, nullable=False, index=True),
            Column("capture", Hex(16), nullable=False, index=True),
        ),
        duties=of_portal("duties", Duty, ("agency", "year")),
        statuses=of_portal("statuses", StatusInterval, ("agency", "year", "since"), ("year", "status")),
        findings=findings,
        meta=Table("meta", metadata, Column("key", Clean, primary_key=True), Column("value", Clean, nullable=False)),
    )


def _columns(kind: type[Any], without: set[str], key: str = "") -> list[Column[Any]]:
    described = shape(kind)
    return [
        Column(
            name,
            Integer() if name in {"year", "rule"} else of,
            primary_key=name == key,
            nullable=name in described.nullable,
        )
        for name, of in described.columns.items()
        if name not in without
    ]
