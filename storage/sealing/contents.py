"""What is sealed: for each row of the truth a key and the SHA-256 of its values, equal on every database.

The digest covers the fields of the row's record; fields that a later schema added only if they have a value, so that
later versions of the program compute the same digest. Row numbers (``no``), which a database assigns, are not sealed,
but names and ids are.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, func, select

from storage import capture_rows
from storage.records import Agency, Capture, Extraction, Listing, Look, Portal, Ruling, Run, is_added_later
from storage.tables import (
    AGENCIES,
    CAPTURES,
    EXTRACTIONS,
    LINK_SETS,
    LISTINGS,
    LOOKS,
    PORTALS,
    RULINGS,
    RUNS,
    WARC_FILES,
)

_BATCH = 500
Fill = Callable[[Connection, list[dict[str, Any]]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKind:
    """One kind of sealed row: its query, its key columns ``key``, and the sealed columns ``says``.

    ``may_say``: columns that a later schema added, sealed only if they have a value, so that older digests stay valid.
    ``fill`` adds values from other tables to a batch of rows.
    """

    name: str
    query: Select[Any]
    key: tuple[str, ...]
    says: tuple[str, ...]
    fill: Fill | None = None
    may_say: tuple[str, ...] = ()


class SealedRow(NamedTuple):
    """A sealed row: its kind, its key (printable ASCII without spaces) and the SHA-256 of its values, as hex."""

    kind: str
    key: str
    digest: str


def lines(connection: Connection, kind: SealedKind) -> Iterator[SealedRow]:
    """Yield the rows of ``kind``, in no order, with the SHA-256 of their sealed columns as JSON with sorted keys."""
    for part in connection.execute(kind.query.execution_options(yield_per=_BATCH)).mappings().partitions(_BATCH):
        batch = [dict(row) for row in part]
        if kind.fill is not None:
            kind.fill(connection, batch)
        for row in batch:
            content = {name: _plain(row[name]) for name in kind.says}
            content |= {name: _plain(row[name]) for name in kind.may_say if row[name] is not None}
            text = json.dumps([kind.name, content], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
            key = json.dumps("@".join(str(_plain(row[name])) for name in kind.key))[1:-1].replace(" ", "\\u0020")
            yield SealedRow(kind.name, key, hashlib.sha256(text.encode()).hexdigest())


def files(connection: Connection, *, closed: bool = False) -> dict[str, int]:
    """Return how many bytes of each WARC file have rows: all of a closed file, else up to the end of its last capture.

    ``closed``: only closed files.
    """
    ends = func.max(CAPTURES.c.warc_offset + CAPTURES.c.warc_length)
    query = select(WARC_FILES.c.name, func.coalesce(WARC_FILES.c.size, ends, 0)).outerjoin(
        CAPTURES, CAPTURES.c.warc_file == WARC_FILES.c.no
    )
    if closed:
        query = query.where(WARC_FILES.c.size.is_not(None))
    rows = connection.execute(query.group_by(WARC_FILES.c.no, WARC_FILES.c.name, WARC_FILES.c.size))
    return {name: int(size) for name, size in rows}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else value


def _add_captures(connection: Connection, batch: list[dict[str, Any]]) -> None:
    captures = capture_rows.captures_of_looks(connection, LOOKS.c.no.in_([row["no"] for row in batch]))
    for row in batch:
        row["captures"] = captures.get(row["no"], [])


def _check_key(_: Connection, batch: list[dict[str, Any]]) -> None:
    """Mark an address whose key is wrong: keys are computed from addresses, so they are checked but not sealed."""
    for row in batch:
        if bytes(row["url_key"]) != capture_rows.url_key(row["url"]):
            row["url"] = f"{row['url']} (found by the key {bytes(row['url_key']).hex()})"


def _add_link_digest(connection: Connection, batch: list[dict[str, Any]]) -> None:
    query = select(LINK_SETS).where(LINK_SETS.c.digest.in_({row["links"] for row in batch}))
    links = {row.digest: _digest_of_packed(row.links) for row in connection.execute(query)}
    for row in batch:
        row["content"] = links.get(row["links"], "missing")


def _digest_of_packed(packed: bytes) -> str:
    try:
        return hashlib.sha256(zlib.decompress(packed)).hexdigest()
    except zlib.error:
        return "damaged"  # equals no digest, so verifying reports it


def _sealed_fields(record: type[Any], *without: str, later: bool = False) -> tuple[str, ...]:
    """Return the names of a record's fields: of the first schema, or (``later``) of later ones."""
    return tuple(entry.name for entry in fields(record) if entry.name not in without and is_added_later(entry) == later)


def _kind(table: Table, record: type[Any], key: tuple[str, ...], **more: Any) -> SealedKind:
    """Return the kind for a table's rows, sealing all fields of their record; ``more`` replaces its attributes."""
    fields: dict[str, Any] = {"says": _sealed_fields(record), "may_say": _sealed_fields(record, later=True)}
    usual: dict[str, Any] = {"name": table.name, "query": select(table), "key": key}
    return SealedKind(**usual | fields | more)


_END_FIELDS = ("finished", "outcome", "note", "counts")  # of a run; sealed apart, as they are set when the run ends
_EXTRACTIONS = select(*(one for one in EXTRACTIONS.c if one.name != "look"), LOOKS.c.id.label("look"))
_PLACE = ("warc_name", "warc_offset", "warc_length")

KINDS: tuple[SealedKind, ...] = (
    _kind(PORTALS, Portal, ("name", "recorded_at")),
    _kind(AGENCIES, Agency, ("id", "recorded_at")),
    _kind(LISTINGS, Listing, ("id", "recorded_at")),
    _kind(RUNS, Run, ("id",), says=_sealed_fields(Run, *_END_FIELDS), may_say=()),
    _kind(
        RUNS,
        Run,
        ("id",),
        name="run_ends",
        query=select(RUNS).where(RUNS.c.finished.is_not(None)),
        says=("id", *_END_FIELDS),
    ),
    _kind(
        CAPTURES,
        Capture,
        ("id",),
        query=capture_rows.captures_query(),
        says=(*_sealed_fields(Capture, "warc"), *_PLACE),
        fill=_check_key,
    ),
    _kind(LOOKS, Look, ("id",), fill=_add_captures),
    _kind(
        EXTRACTIONS,
        Extraction,
        ("look", "made_at", "extractor"),
        query=_EXTRACTIONS.join(LOOKS, EXTRACTIONS.c.look == LOOKS.c.no),
        says=(*_sealed_fields(Extraction), "pages", "content"),
        fill=_add_link_digest,
    ),
    _kind(RULINGS, Ruling, ("id",)),
)
