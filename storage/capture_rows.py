"""Convert captures to rows and back. Addresses and repeated digests are stored once, WARC files as numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.column_types import clean
from storage.mapping import Row, shape
from storage.records import Capture, Run, WarcPlace
from storage.statements import parts, rows_among
from storage.tables import ADDRESSES, CAPTURES, LOOK_CAPTURES, LOOKS, RUNS, WARC_FILES

_BATCH = 500  # values of one statement


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: str) -> None:
    """Insert the rows whose ``key`` is not in the table yet."""
    if rows:
        statement = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
        connection.execute(statement.on_conflict_do_nothing(index_elements=[key]), rows)


def ensure_run(connection: Connection, run: Run) -> None:
    """Insert the run unless it is stored already."""
    insert_new(connection, RUNS, [shape(Run).row(run)], "id")


def end_run(connection: Connection, run: str, **values: Any) -> Run | None:
    """Record how a run ended; return the run as stored now, None if it is unknown or has ended already."""
    change = RUNS.update().where(RUNS.c.id == run, RUNS.c.finished.is_(None)).values(**shape(Run).values(**values))
    row = connection.execute(change.returning(*RUNS.c)).mappings().one_or_none()
    return None if row is None else shape(Run).record(row)


def url_key(url: str) -> bytes:
    """Return the key by which the captures of an address are found: half a SHA-256."""
    return hashlib.sha256(clean(url).encode()).digest()[:16]


def address_numbers(connection: Connection, urls: Iterable[str]) -> dict[str, int]:
    """Return the row numbers of addresses, by address as cleaned by :func:`clean`; new addresses get a row."""
    keys = {url_key(url): clean(url) for url in urls}
    ordered = sorted(keys)  # so that two writers never wait for each other
    insert_new(connection, ADDRESSES, [{"key": key, "url": keys[key]} for key in ordered], "key")
    numbers: dict[str, int] = {}
    for batch in parts(ordered, _BATCH):
        query = select(ADDRESSES.c.key, ADDRESSES.c.no).where(ADDRESSES.c.key.in_(batch))
        numbers |= {keys[bytes(key)]: number for key, number in connection.execute(query)}
    return numbers


def insert_captures(connection: Connection, captures: Sequence[Capture], file: int | None, run_of_file: str) -> None:
    """Insert the captures that are not stored yet. Their records are in the WARC file with the row number ``file``,
    which ``run_of_file`` wrote. What other rows or columns say already becomes NULL: the same run, address or digest.
    """
    numbers = address_numbers(connection, (capture.url for capture in captures))
    original_digests = _original_digests(connection, captures)
    rows = []
    for capture in captures:
        digests = (capture.payload_digest, capture.document)
        repeats = capture.document is not None and original_digests.get(capture.revisit_of or "") == digests
        row = shape(Capture).row(replace(capture, warc=None)) | {
            "run": None if capture.warc and run_of_file == capture.run else capture.run,
            "address": numbers[clean(capture.url)],
            "requested": None if capture.requested == capture.url else capture.requested,
            "payload_digest": None if repeats or digests[0] == digests[1] else digests[0],
            "document": None if repeats else digests[1],
            "warc_file": capture.warc and file,
            "warc_offset": capture.warc and capture.warc.offset,
            "warc_length": capture.warc and capture.warc.length,
        }
        del row["url"], row["warc"]
        rows.append(row)
    insert_new(connection, CAPTURES, rows, "id")


def _original_digests(connection: Connection, captures: Sequence[Capture]) -> dict[str, tuple[str | None, str | None]]:
    """Return payload and document digest, by id, of the first captures that these captures repeat, so far as known."""
    digests = {one.id: (one.payload_digest, one.document) for one in captures if one.revisit_of is None}
    repeated_ids = {one.revisit_of for one in captures if one.revisit_of is not None} - digests.keys()
    query = select(CAPTURES.c.id, func.coalesce(CAPTURES.c.payload_digest, CAPTURES.c.document), CAPTURES.c.document)
    originals = rows_among(connection, query.where(CAPTURES.c.revisit_of.is_(None)), CAPTURES.c.id, repeated_ids)
    return digests | {name: (payload, document) for name, payload, document in originals}


def capture_of(row: Row) -> Capture:
    """Return the capture of a row of :func:`captures_query`."""
    place = None
    if row["warc_name"] is not None:
        place = WarcPlace(file=row["warc_name"], offset=row["warc_offset"], length=row["warc_length"])
    requested = row["url"] if row["requested"] is None else row["requested"]
    capture: Capture = shape(Capture).record(row, warc=place, requested=requested)
    return capture


def run_of_capture() -> ColumnElement[str]:
    """Return the SQL expression for a capture's run, in a query over :func:`captures_from`."""
    return func.coalesce(CAPTURES.c.run, WARC_FILES.c.run)


def captures_from() -> FromClause:
    """Return captures joined with their addresses and WARC files."""
    return CAPTURES.join(ADDRESSES, CAPTURES.c.address == ADDRESSES.c.no).outerjoin(
        WARC_FILES, CAPTURES.c.warc_file == WARC_FILES.c.no
    )


@cache
def captures_query() -> Any:
    """Return the query for :func:`capture_of`: captures with address, WARC file and the digests of what they repeat."""
    original = CAPTURES.alias("first")
    joined_columns = ("run", "address", "payload_digest", "document")
    digests = (CAPTURES.c.payload_digest, CAPTURES.c.document, original.c.payload_digest, original.c.document)
    repeated = (CAPTURES.c.revisit_of == original.c.id) & CAPTURES.c.document.is_(None)
    return select(
        *(column for column in CAPTURES.c if column.name not in joined_columns),
        run_of_capture().label("run"),
        ADDRESSES.c.url,
        ADDRESSES.c.key.label("url_key"),
        func.coalesce(*digests).label("payload_digest"),
        func.coalesce(CAPTURES.c.document, original.c.document).label("document"),
        WARC_FILES.c.name.label("warc_name"),
    ).select_from(captures_from().outerjoin(original, repeated))


def captures_of_looks(connection: Connection, *conditions: ColumnElement[bool]) -> dict[int, list[str]]:
    """Return the capture ids of looks (each read a list), in order, by row number; ``conditions`` select the looks."""
    query = select(LOOK_CAPTURES).join(LOOKS, LOOK_CAPTURES.c.look == LOOKS.c.no).where(*conditions)
    captures: dict[int, list[str]] = {}
    for page in connection.execute(query.order_by(LOOK_CAPTURES.c.look, LOOK_CAPTURES.c.position)):
        captures.setdefault(page.look, []).append(page.capture)
    return captures


def warc_file_number(connection: Connection, name: str, run: str, opened_at: datetime) -> int:
    """Return the number of a WARC file; a file without a row gets one."""
    row = {"name": name, "run": run, "opened_at": opened_at, "size": None}
    insert_new(connection, WARC_FILES, [row], "name")
    return int(connection.execute(select(WARC_FILES.c.no).where(WARC_FILES.c.name == name)).scalar_one())


def seal(connection: Connection, name: str, size: int) -> None:
    """Record that a WARC file is closed at ``size`` bytes."""
    unsealed = (WARC_FILES.c.name == name, WARC_FILES.c.size.is_(None))
    connection.execute(WARC_FILES.update().where(*unsealed).values(size=size))
