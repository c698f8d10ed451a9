"""What is sealed: for each row of the truth a key and the SHA-256 of what it says, the same on every database.

What a row says is given by the lists below, not by the tables of the day, so that a later version of the program finds
the same digest. Numbers that a database gives (``no``) are no part of it; names and ids are.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage import rows
from storage.tables import (
    AgencyRow,
    Base,
    CaptureRow,
    ExtractionRow,
    LinkSetRow,
    ListingRow,
    LookCaptureRow,
    LookRow,
    PortalRow,
    RulingRow,
    RunRow,
    WarcFileRow,
)

_BATCH = 500
_CAPTURE = (
    "id", "run", "portal", "role", "url", "requested", "fetched_at", "outcome", "status", "reason", "mime", "size",
    "payload_digest", "document", "warc_name", "warc_offset", "warc_length", "revisit_of", "via", "etag",
    "last_modified", "server_date", "location", "link_text",
)  # fmt: skip
_CAPTURE_TLS = ("tls",)  # schema 0008
_LOOK = (
    "id", "run", "portal", "listing", "started", "finished", "outcome", "reason", "total", "control", "clock_skew",
    "captures",
)  # fmt: skip
_RUN_NOTES = ("notes",)  # schema 0009
_EXTRACTION = ("look", "extractor", "made_at", "links", "pages", "content")
_RULING = ("id", "made_at", "by", "kind", "subject", "decision", "reason", "source")
_AGENCY = (
    "id", "portal", "name", "kind", "code", "parent", "valid_from", "valid_to", "aliases", "source", "guessed",
    "recorded_at",
)  # fmt: skip
_AGENCY_SINCE = ("ended", "successors")  # schema 0006
_LISTING = ("id", "portal", "url", "form", "column", "agency", "year", "covers", "ended_at", "recorded_at")
_PORTAL = ("name", "place", "division", "hosts", "family", "cluster", "first_year", "recorded_at")

Fill = Callable[[Connection, list[dict[str, Any]]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of sealed row: its query, what names a row, what it says, when it came.

    ``may_say``: what a later schema added, said only where there is a value, so that a row sealed before says the same.
    ``late``: a row may be there without being sealable yet (a run that has not ended). ``fill`` adds to a batch of rows
    what stands in other tables.
    """

    name: str
    query: Select[Any]
    key: tuple[str, ...]
    says: tuple[str, ...]
    time: Any
    fill: Fill | None = None
    may_say: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A sealed row: its key (printable ASCII without spaces) and the SHA-256 of what it says, as hex."""

    key: str
    digest: str


def lines(connection: Connection, kind: Kind, since: datetime | None = None) -> Iterator[Line]:
    """The rows of ``kind``, all of them or those that came at ``since`` or later, in no order."""
    query = kind.query if since is None else kind.query.where(kind.time >= since)
    for part in connection.execute(query.execution_options(yield_per=_BATCH)).mappings().partitions(_BATCH):
        batch = [dict(row) for row in part]
        if kind.fill is not None:
            kind.fill(connection, batch)
        for row in batch:
            said = {name: _plain(row[name]) for name in kind.says}
            said |= {name: _plain(row[name]) for name in kind.may_say if row[name] is not None}
            text = json.dumps([kind.name, said], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
            yield line("@".join(str(_plain(row[name])) for name in kind.key), text)


def count(connection: Connection, kind: Kind) -> int:
    """How many rows of ``kind`` there are."""
    return int(connection.execute(select(func.count()).select_from(kind.query.order_by(None).subquery())).scalar_one())


def files(connection: Connection, *, closed: bool = False) -> dict[str, int]:
    """Each WARC file and how many of its bytes are acknowledged: all of a closed one, else up to its last row.

    ``closed``: only closed ones.
    """
    ends = func.max(CaptureRow.warc_offset + CaptureRow.warc_length)
    query = select(WarcFileRow.name, func.coalesce(WarcFileRow.size, ends, 0)).outerjoin(
        CaptureRow, CaptureRow.warc_file == WarcFileRow.no
    )
    if closed:
        query = query.where(WarcFileRow.size.is_not(None))
    found = connection.execute(query.group_by(WarcFileRow.no, WarcFileRow.name, WarcFileRow.size))
    return {name: int(size) for name, size in found}


def line(key: str, said: str) -> Line:
    """The line of a row that is named ``key`` and says ``said``."""
    printable = json.dumps(key)[1:-1].replace(" ", "\\u0020")
    return Line(printable, hashlib.sha256(said.encode()).hexdigest())


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else value


def _with_captures(connection: Connection, batch: list[dict[str, Any]]) -> None:
    pages = rows.table(LookCaptureRow)
    found: dict[int, list[str]] = {}
    query = select(pages).where(pages.c.look.in_([row["no"] for row in batch]))
    for page in connection.execute(query.order_by(pages.c.look, pages.c.position)):
        found.setdefault(page.look, []).append(page.capture)
    for row in batch:
        row["captures"] = found.get(row["no"], [])


def _with_key(_: Connection, batch: list[dict[str, Any]]) -> None:
    """What an address is found by is made from it, so it is not sealed; where it is another, the row says another."""
    for row in batch:
        if bytes(row["url_key"]) != rows.url_key(row["url"]):
            row["url"] = f"{row['url']} (found by the key {bytes(row['url_key']).hex()})"


def _with_content(connection: Connection, batch: list[dict[str, Any]]) -> None:
    sets = rows.table(LinkSetRow)
    query = select(sets).where(sets.c.digest.in_({row["links"] for row in batch}))
    found = {row.digest: _unpacked(row.links) for row in connection.execute(query)}
    for row in batch:
        row["content"] = found.get(row["links"], "missing")


def _unpacked(packed: bytes) -> str:
    try:
        return hashlib.sha256(zlib.decompress(packed)).hexdigest()
    except zlib.error:
        return "damaged"


def _plainly(
    model: type[Base],
    key: Iterable[str],
    says: tuple[str, ...],
    time: str,
    name: str = "",
    may_say: tuple[str, ...] = (),
) -> Kind:
    table = rows.table(model)
    return Kind(
        name=name or table.name, query=select(table), key=tuple(key), says=says, time=table.c[time], may_say=may_say
    )


def _extractions() -> Select[Any]:
    made = rows.table(ExtractionRow)
    others = [column for column in made.c if column.name != "look"]
    return select(*others, LookRow.id.label("look")).join(LookRow, made.c.look == LookRow.no)


def _ended() -> Kind:
    runs = rows.table(RunRow)
    return Kind(
        name="run_ends",
        query=select(runs).where(runs.c.finished.is_not(None)),
        key=("id",),
        says=("id", "finished", "outcome", "note", "counts"),
        time=runs.c.finished,
        may_say=_RUN_NOTES,
    )


KINDS: tuple[Kind, ...] = (
    _plainly(PortalRow, ("name", "recorded_at"), _PORTAL, "recorded_at"),
    _plainly(AgencyRow, ("id", "recorded_at"), _AGENCY, "recorded_at", may_say=_AGENCY_SINCE),
    _plainly(ListingRow, ("id", "recorded_at"), _LISTING, "recorded_at"),
    _plainly(RunRow, ("id",), ("id", "portal", "purpose", "started"), "started"),
    _ended(),
    Kind(
        name="captures",
        query=rows.captures_query(),
        key=("id",),
        says=_CAPTURE,
        time=CaptureRow.fetched_at,
        fill=_with_key,
        may_say=_CAPTURE_TLS,
    ),
    Kind(
        name="looks",
        query=select(rows.table(LookRow)),
        key=("id",),
        says=_LOOK,
        time=LookRow.started,
        fill=_with_captures,
    ),
    Kind(
        name="extractions",
        query=_extractions(),
        key=("look", "made_at", "extractor"),
        says=_EXTRACTION,
        time=ExtractionRow.made_at,
        fill=_with_content,
    ),
    _plainly(RulingRow, ("id",), _RULING, "made_at"),
)
