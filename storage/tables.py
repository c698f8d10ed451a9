"""The tables of the truth. Rows are appended; triggers of migration 0001 refuse to change or delete them.

A registry row is never changed: a new one is added, and the latest ``recorded_at`` holds. Digests and WARC ids are
bytes in the database (half the size of hex) and hex in the records.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine


class Utc(TypeDecorator[datetime]):
    """An instant. Refuses naive datetimes; SQLite keeps UTC text without zone, PostgreSQL timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What the driver gets."""
        if value is not None:
            if value.tzinfo is None:
                raise ValueError(f"naive datetime {value!r}: an instant needs its offset")
            value = value.astimezone(UTC)
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What the records get."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """How values come back: from SQLite's text at once, for lists of duties hold many thousands."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """As :class:`Utc`; SQLite keeps microseconds since 1970, a third of the size: for rows that are many."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """How the engine keeps it."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """What the driver gets."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: an instant needs its offset")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """What the records get."""
        if value is None:
            return None
        instant: datetime = _EPOCH + value * _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)
        return instant


class Hex(TypeDecorator[str]):
    """Lower-case hex in the records, bytes in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """What the driver gets."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """What the records get."""
        return None if value is None else bytes(value).hex()


class Clean(TypeDecorator[str]):
    """Text from outside: what a database cannot hold (NUL, half a surrogate pair) becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """What the driver gets."""
        return None if value is None else clean(value)


def clean(text: str) -> str:
    """``text`` as :class:`Clean` stores it."""
    text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


class Base(DeclarativeBase):
    """Declarative base: names of constraints are the same on every engine, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Clean(), datetime: Utc(), bytes: LargeBinary(), int: BigInteger()}  # noqa: RUF012


# SQLite gives row numbers to INTEGER keys only
Number = BigInteger().with_variant(Integer(), "sqlite")


def _only(where: str) -> dict[str, Any]:
    """An index over some rows."""
    return {"sqlite_where": text(where), "postgresql_where": text(where)}


class ArchiveRow(Base):
    """One row: what this archive is. A simulated database never serves a real folder, nor the other way round."""

    __tablename__ = "archive"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    simulated: Mapped[bool]
    created_at: Mapped[datetime]


class PortalRow(Base):
    """:class:`storage.records.Portal` and its history."""

    __tablename__ = "portals"
    __table_args__ = (Index(None, "name"),)

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    name: Mapped[str]
    place: Mapped[str]
    division: Mapped[str | None]
    hosts: Mapped[str]
    family: Mapped[str]
    cluster: Mapped[str | None]
    first_year: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime]


class AgencyRow(Base):
    """:class:`storage.records.Agency` and its history."""

    __tablename__ = "agencies"
    __table_args__ = (Index(None, "id"), Index(None, "portal"))

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    id: Mapped[str]
    portal: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    code: Mapped[str | None]
    parent: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    aliases: Mapped[str]
    source: Mapped[str]
    guessed: Mapped[bool]
    ended: Mapped[str | None]
    successors: Mapped[str | None]
    recorded_at: Mapped[datetime]


class ListingRow(Base):
    """:class:`storage.records.Listing` and its history."""

    __tablename__ = "listings"
    __table_args__ = (Index(None, "id"), Index(None, "portal"))

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    id: Mapped[str]
    portal: Mapped[str]
    url: Mapped[str]
    form: Mapped[str]
    column: Mapped[str]
    agency: Mapped[str | None]
    year: Mapped[int | None] = mapped_column(Integer)
    covers: Mapped[str]
    ended_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]


class RunRow(Base):
    """:class:`storage.records.Run`; the only row that is changed, once, when the run ends."""

    __tablename__ = "runs"
    __table_args__ = (Index(None, "portal", "started"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    portal: Mapped[str]
    purpose: Mapped[str]
    started: Mapped[datetime]
    finished: Mapped[datetime | None]
    outcome: Mapped[str | None]
    note: Mapped[str]
    notes: Mapped[str | None]
    counts: Mapped[str]


class ScheduleRow(Base):
    """:class:`storage.records.Schedule` and its history."""

    __tablename__ = "schedules"
    __table_args__ = (Index(None, "portal"),)

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    portal: Mapped[str | None]
    settings: Mapped[str]
    by: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]


class AlarmRow(Base):
    """:class:`storage.records.Alarm`."""

    __tablename__ = "alarms"
    __table_args__ = (Index(None, "at"),)

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    key: Mapped[str]
    event: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    text: Mapped[str]


class WarcFileRow(Base):
    """One WARC file. ``size`` is set when it is sealed: closed by its writer, or mended after a crash."""

    __tablename__ = "warc_files"

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    run: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    opened_at: Mapped[datetime]
    size: Mapped[int | None]


class AddressRow(Base):
    """An address that was fetched, once. ``key``: first 16 bytes of its SHA-256, a bounded thing to index."""

    __tablename__ = "addresses"

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    url: Mapped[str]


class CaptureRow(Base):
    """:class:`storage.records.Capture`; read through :func:`storage.rows.captures_query`.

    What is mostly said elsewhere is NULL there: ``run`` where it is that of ``warc_file``, ``requested`` where it is
    the address, ``payload_digest`` where it is ``document``, both of a revisit where they are those of ``revisit_of``.
    """

    __tablename__ = "captures"
    __table_args__ = (
        Index(None, "address", "fetched_at"),
        Index(None, "portal", "fetched_at"),
        Index(None, "document", **_only("document IS NOT NULL")),
        Index(None, "revisit_of", **_only("revisit_of IS NOT NULL")),
        CheckConstraint(
            "(warc_file IS NULL) = (warc_offset IS NULL) AND (warc_file IS NULL) = (warc_length IS NULL)", name="place"
        ),
    )

    id: Mapped[str] = mapped_column(Hex(16), primary_key=True)
    run: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    portal: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    address: Mapped[int] = mapped_column(Number, ForeignKey("addresses.no"))
    requested: Mapped[str | None]
    fetched_at: Mapped[datetime] = mapped_column(Instant())
    outcome: Mapped[str] = mapped_column(String(16))
    status: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str]
    mime: Mapped[str | None]
    size: Mapped[int | None]
    payload_digest: Mapped[str | None] = mapped_column(Hex(32))
    document: Mapped[str | None] = mapped_column(Hex(32))
    warc_file: Mapped[int | None] = mapped_column(ForeignKey("warc_files.no"))
    warc_offset: Mapped[int | None]
    warc_length: Mapped[int | None]
    revisit_of: Mapped[str | None] = mapped_column(Hex(16))
    via: Mapped[str | None] = mapped_column(Hex(16))
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    server_date: Mapped[datetime | None] = mapped_column(Instant())
    location: Mapped[str | None]
    link_text: Mapped[str]
    tls: Mapped[str | None]


class LookRow(Base):
    """:class:`storage.records.Look`."""

    __tablename__ = "looks"
    __table_args__ = (Index(None, "portal", "started"), Index(None, "listing", "started"))

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    run: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    portal: Mapped[str]
    listing: Mapped[str]
    started: Mapped[datetime]
    finished: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    total: Mapped[int | None]
    control: Mapped[str | None] = mapped_column(Hex(16), ForeignKey("captures.id"))
    clock_skew: Mapped[float | None]


class LookCaptureRow(Base):
    """The captures of a look, in their order."""

    __tablename__ = "look_captures"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy declares it

    look: Mapped[int] = mapped_column(Number, ForeignKey("looks.no"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    capture: Mapped[str] = mapped_column(Hex(16), ForeignKey("captures.id"))


class LinkSetRow(Base):
    """A list of links, once per distinct content: an unchanged listing costs one small extraction row a look."""

    __tablename__ = "link_sets"

    digest: Mapped[str] = mapped_column(Hex(32), primary_key=True)
    links: Mapped[bytes]


class ExtractionRow(Base):
    """:class:`storage.records.Extraction`. ``pages``: which captures the links' page numbers mean (JSON)."""

    __tablename__ = "extractions"
    __table_args__ = (Index(None, "look"),)

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    look: Mapped[int] = mapped_column(ForeignKey("looks.no"))
    extractor: Mapped[str]
    made_at: Mapped[datetime]
    links: Mapped[str] = mapped_column(Hex(32), ForeignKey("link_sets.digest"))
    pages: Mapped[str]


class RulingRow(Base):
    """:class:`storage.records.Ruling`."""

    __tablename__ = "rulings"
    __table_args__ = (Index(None, "kind", "made_at"),)

    no: Mapped[int] = mapped_column(Number, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str]
    decision: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]


class SealRow(Base):
    """A seal that was made: its number, its manifest's file name and SHA-256. One that is gone is missed."""

    __tablename__ = "seals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(Hex(32))
