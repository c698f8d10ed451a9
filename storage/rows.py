"""Rows ⇄ records of the truth, and the few statements that more than one repository needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Insert, RowMapping, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.records import (
    Agency,
    AgencyEnd,
    AgencyKind,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Listing,
    ListingForm,
    Look,
    LookOutcome,
    Note,
    Portal,
    Ruling,
    RulingKind,
    Run,
    WarcPlace,
)
from storage.tables import AddressRow, Base, CaptureRow, RunRow, WarcFileRow, clean

Row = Mapping[str, Any] | RowMapping
_MANY = 500  # values of one statement


def table(model: type[Base]) -> Table:
    """The Core table of a model."""
    found = model.__table__
    assert isinstance(found, Table)
    return found


def dumps(value: object) -> str:
    """Compact JSON, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def insert_new(connection: Connection, model: type[Base], rows: Sequence[Mapping[str, Any]], key: str) -> int:
    """Insert the rows whose ``key`` is not there yet; how many were."""
    if not rows:
        return 0
    statement = _insert_new(connection.dialect.name, model, key)
    return sum(connection.execute(statement, dict(row)).rowcount for row in rows)


@cache
def _insert_new(dialect: str, model: type[Base], key: str) -> Insert:
    made = sqlite.insert(table(model)) if dialect == "sqlite" else postgresql.insert(table(model))
    return made.on_conflict_do_nothing(index_elements=[key])


# ------------------------------------------------------------------------------------------------- registry


def portal_row(portal: Portal) -> dict[str, Any]:
    """A row of ``portals``."""
    return {name: getattr(portal, name) for name in Portal.__slots__} | {"hosts": dumps(portal.hosts)}


def portal_of(row: Row) -> Portal:
    """The record of a row of ``portals``."""
    values = {name: row[name] for name in Portal.__slots__}
    return Portal(**values | {"hosts": tuple(json.loads(row["hosts"]))})


def agency_row(agency: Agency) -> dict[str, Any]:
    """A row of ``agencies``."""
    values = {name: getattr(agency, name) for name in Agency.__slots__}
    return values | {
        "kind": str(agency.kind),
        "aliases": dumps(agency.aliases),
        "ended": None if agency.ended is None else str(agency.ended),
        "successors": dumps(agency.successors) if agency.successors else None,
    }


def agency_of(row: Row) -> Agency:
    """The record of a row of ``agencies``."""
    values = {name: row[name] for name in Agency.__slots__}
    return Agency(
        **values
        | {
            "kind": AgencyKind(row["kind"]),
            "aliases": _texts(row["aliases"]),
            "ended": None if row["ended"] is None else AgencyEnd(row["ended"]),
            "successors": _texts(row["successors"] or "[]"),
        }
    )


def _texts(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text != "[]" else ()


def listing_row(listing: Listing) -> dict[str, Any]:
    """A row of ``listings``."""
    values = {name: getattr(listing, name) for name in Listing.__slots__}
    return values | {"form": str(listing.form), "covers": dumps(listing.covers)}


def listing_of(row: Row) -> Listing:
    """The record of a row of ``listings``."""
    values = {name: row[name] for name in Listing.__slots__}
    covers = tuple(AgencyKind(kind) for kind in json.loads(row["covers"]))
    return Listing(**values | {"form": ListingForm(row["form"]), "covers": covers})


# ------------------------------------------------------------------------------------------------- observations


def run_row(run: Run) -> dict[str, Any]:
    """A row of ``runs``."""
    values = {name: getattr(run, name) for name in Run.__slots__}
    return values | {"notes": notes_text(run.notes), "counts": dumps(dict(run.counts))}


def run_of(row: Row) -> Run:
    """The record of a row of ``runs``."""
    values = {name: row[name] for name in Run.__slots__}
    notes = tuple(map(Note.of, json.loads(row["notes"] or "[]")))
    return Run(**values | {"notes": notes, "counts": json.loads(row["counts"])})


def notes_text(notes: Iterable[Note]) -> str | None:
    """Notes as a run's row holds them; None for none."""
    plain = [one.plain for one in notes]
    return dumps(plain) if plain else None


def ensure_run(connection: Connection, run: Run) -> None:
    """Insert the run if it is not there."""
    insert_new(connection, RunRow, [run_row(run)], "id")


def look_row(look: Look) -> dict[str, Any]:
    """A row of ``looks``, without its captures."""
    values = {name: getattr(look, name) for name in Look.__slots__ if name != "captures"}
    return values | {"outcome": str(look.outcome)}


def look_of(row: Row, captures: tuple[str, ...]) -> Look:
    """The record of a row of ``looks`` and its captures."""
    values = {name: row[name] for name in Look.__slots__ if name != "captures"}
    return Look(**values | {"outcome": LookOutcome(row["outcome"]), "captures": captures})


def ruling_row(ruling: Ruling) -> dict[str, Any]:
    """A row of ``rulings``."""
    values = {name: getattr(ruling, name) for name in Ruling.__slots__}
    return values | {"kind": str(ruling.kind), "decision": dumps(dict(ruling.decision))}


def ruling_of(row: Row) -> Ruling:
    """The record of a row of ``rulings``."""
    values = {name: row[name] for name in Ruling.__slots__}
    return Ruling(**values | {"kind": RulingKind(row["kind"]), "decision": json.loads(row["decision"])})


# ------------------------------------------------------------------------------------------------- captures


def url_key(url: str) -> bytes:
    """What captures of one address are found by."""
    return hashlib.sha256(clean(url).encode()).digest()[:16]


def address_numbers(connection: Connection, urls: Iterable[str]) -> dict[str, int]:
    """The numbers of addresses, by address as :func:`clean` leaves it; those that have no row get one."""
    keys = {url_key(url): clean(url) for url in urls}
    found = _numbers(connection, keys)
    if missing := {key: url for key, url in keys.items() if url not in found}:
        # in one order everywhere, lest two writers wait for each other
        made = [{"key": key, "url": missing[key]} for key in sorted(missing)]
        connection.execute(_insert_new(connection.dialect.name, AddressRow, "key"), made)
        found |= _numbers(connection, missing)
    return found


def _numbers(connection: Connection, keys: Mapping[bytes, str]) -> dict[str, int]:
    wanted = list(keys)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _MANY):
        query = select(AddressRow.key, AddressRow.no).where(AddressRow.key.in_(wanted[start : start + _MANY]))
        found |= {keys[bytes(key)]: number for key, number in connection.execute(query)}
    return found


def capture_row(capture: Capture, address: int, file: tuple[int, str] | None, *, repeats: bool) -> dict[str, Any]:
    """A row of ``captures``; ``address``: the number of its URL; ``file``: number and run of the file that
    ``capture.warc`` names; ``repeats``: its digests are those of the capture it is a revisit of.
    """
    plain = capture.payload_digest == capture.document
    values = {name: getattr(capture, name) for name in Capture.__slots__ if name not in ("warc", "url")}
    return values | {
        "run": None if file is not None and file[1] == capture.run else capture.run,
        "role": str(capture.role),
        "outcome": str(capture.outcome),
        "address": address,
        "requested": None if capture.requested == capture.url else capture.requested,
        "payload_digest": None if repeats or plain else capture.payload_digest,
        "document": None if repeats else capture.document,
        "warc_file": None if file is None else file[0],
        "warc_offset": capture.warc and capture.warc.offset,
        "warc_length": capture.warc and capture.warc.length,
    }


def insert_captures(connection: Connection, captures: Sequence[Capture], files: Mapping[str, tuple[int, str]]) -> None:
    """Insert the captures that are not there yet, in one step. ``files``: WARC file → its number and run."""
    if not captures:
        return
    numbers = address_numbers(connection, (one.url for one in captures))
    firsts = _firsts(connection, captures)
    made = [
        capture_row(
            one,
            numbers[clean(one.url)],
            files[one.warc.file] if one.warc else None,
            repeats=one.document is not None and firsts.get(one.revisit_of or "") == (one.payload_digest, one.document),
        )
        for one in captures
    ]
    connection.execute(_insert_new(connection.dialect.name, CaptureRow, "id"), made)


def _firsts(connection: Connection, captures: Sequence[Capture]) -> dict[str, tuple[str | None, str | None]]:
    """The digests of the captures that some of these repeat, by id."""
    found = {one.id: (one.payload_digest, one.document) for one in captures if one.revisit_of is None}
    wanted = [*{one.revisit_of for one in captures if one.revisit_of is not None} - found.keys()]
    for start in range(0, len(wanted), _MANY):
        query = select(
            CaptureRow.id, func.coalesce(CaptureRow.payload_digest, CaptureRow.document), CaptureRow.document
        )
        query = query.where(CaptureRow.id.in_(wanted[start : start + _MANY]), CaptureRow.revisit_of.is_(None))
        found |= {name: (payload, document) for name, payload, document in connection.execute(query)}
    return found


_OF_CAPTURE = tuple(one.name for one in fields(Capture))


def capture_of(row: Row) -> Capture:
    """The record of a row of :func:`captures_query`."""
    place = None
    if row["warc_name"] is not None:
        place = WarcPlace(file=row["warc_name"], offset=row["warc_offset"], length=row["warc_length"])
    requested = row["url"] if row["requested"] is None else row["requested"]
    values = {**row, "role": CaptureRole(row["role"]), "outcome": CaptureOutcome(row["outcome"]), "warc": place}
    values["requested"] = requested
    return Capture(**{name: values[name] for name in _OF_CAPTURE})


def run_of_capture() -> ColumnElement[str]:
    """The run of a capture, in a query over :func:`captures_from`."""
    return func.coalesce(CaptureRow.run, WarcFileRow.run)


def captures_from() -> FromClause:
    """Captures with their addresses and WARC files."""
    captures, files, addresses = table(CaptureRow), table(WarcFileRow), table(AddressRow)
    return captures.join(addresses, captures.c.address == addresses.c.no).outerjoin(
        files, captures.c.warc_file == files.c.no
    )


@cache
def captures_query() -> Any:
    """Select of captures with their addresses and the names of their WARC files, for :func:`capture_of`."""
    captures, addresses = table(CaptureRow), table(AddressRow)
    first = captures.alias("first")
    told = ("run", "address", "payload_digest", "document")
    digests = (captures.c.payload_digest, captures.c.document, first.c.payload_digest, first.c.document)
    repeated = (captures.c.revisit_of == first.c.id) & captures.c.document.is_(None)
    return select(
        *(column for column in captures.c if column.name not in told),
        run_of_capture().label("run"),
        addresses.c.url,
        addresses.c.key.label("url_key"),
        func.coalesce(*digests).label("payload_digest"),
        func.coalesce(captures.c.document, first.c.document).label("document"),
        table(WarcFileRow).c.name.label("warc_name"),
    ).select_from(captures_from().outerjoin(first, repeated))


def warc_file_number(connection: Connection, name: str, run: str, opened_at: datetime) -> int:
    """The number of a WARC file, which gets its row if it has none."""
    row = {"name": name, "run": run, "opened_at": opened_at, "size": None}
    insert_new(connection, WarcFileRow, [row], "name")
    return connection.execute(select(WarcFileRow.no).where(WarcFileRow.name == name)).scalar_one()


def seal(connection: Connection, name: str, size: int) -> None:
    """Record that a WARC file is closed at ``size`` bytes."""
    files = table(WarcFileRow)
    connection.execute(files.update().where(files.c.name == name, files.c.size.is_(None)).values(size=size))
