"""``export duties`` and ``export leads``: everything, one object a line, in the shapes that other programs rely on.

Fields may be added, none is changed or taken away (design: interfaces that others rely on). Portal after portal, so
that no more than one portal is in memory. CSV holds the same fields, lists joined by blanks; what a spreadsheet would
run as a formula is shown instead.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TextIO

from archive.interfaces.output import cell_text, jsonable, neutral
from archive.queries.exports import duty_rows, lead_rows
from storage.home import Home

DUTY_FIELDS = (
    "portal", "host", "division", "place", "agency", "agency_id", "kind", "year", "due", "practice", "status",
    "evidence", "reason", "first_shown", "last_absent", "declared", "days_late", "witnesses", "withdrawn", "urls",
    "editions", "findings", "sentence",
)  # fmt: skip
LEAD_FIELDS = (
    "portal", "listing", "title", "url", "listed_date", "agency", "agency_id", "year", "report_kind", "is_report",
    "confidence", "reason",
)  # fmt: skip


class ExportFormat(StrEnum):
    """How rows leave the archive."""

    JSONL = "jsonl"
    CSV = "csv"


def export_duties(home: Home, fmt: ExportFormat | str, stream: TextIO, *, as_of: datetime | None = None) -> None:
    """Write one object per duty to ``stream``, with its status as of now (or ``as_of``), evidence and editions.

    ``urls``: every address it was seen at, page and attachment. ``editions``: id, first_seen, last_seen,
    content_digest, captures. ``findings``: codes. Instants are in Asia/Shanghai.
    """
    _write(duty_rows(home, as_of=as_of), DUTY_FIELDS, ExportFormat(fmt), stream)


def export_leads(home: Home, fmt: ExportFormat | str, stream: TextIO) -> None:
    """Write one object per link on a listing to ``stream``, with what is thought of it."""
    _write(lead_rows(home), LEAD_FIELDS, ExportFormat(fmt), stream)


def _write(rows: Iterable[Mapping[str, object]], fields: tuple[str, ...], fmt: ExportFormat, stream: TextIO) -> None:
    if fmt is ExportFormat.JSONL:
        for row in rows:
            json.dump({name: jsonable(row[name]) for name in fields}, stream, ensure_ascii=False)
            stream.write("\n")
        return
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(fields)
    for row in rows:
        writer.writerow([neutral(_flat(row[name])) for name in fields])


def _flat(value: object) -> str:
    """Give a value as one cell: lists joined by blanks, of records their ids."""
    if isinstance(value, (list, tuple)):
        return " ".join(_names(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(jsonable(value))
    return cell_text(value)


def _names(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping):
            yield str(value["id"]) if "id" in value else json.dumps(jsonable(value), ensure_ascii=False)
        else:
            yield cell_text(value)
