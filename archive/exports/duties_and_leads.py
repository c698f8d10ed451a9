"""``export duties`` and ``export leads`` as streams of lines, in the shapes that other programs rely on.

Fields may be added, none is changed or taken away (docs/exports.md). Portal after portal, so
that no more than one portal is in memory. CSV holds the same fields, lists joined by blanks; what a spreadsheet would
run as a formula is shown instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TextIO

from archive.exports.formats.columns import sheet
from archive.exports.formats.lines import write_jsonl
from archive.exports.formats.model import Row
from archive.exports.formats.separated import write_csv
from archive.queries.exports import duty_rows, lead_rows
from storage.home import Home

DUTY_FIELDS = tuple(one.name for one in sheet("duties", ()).columns)
LEAD_FIELDS = tuple(one.name for one in sheet("leads", ()).columns)


class ExportFormat(StrEnum):
    """How lines leave the archive."""

    JSONL = "jsonl"
    CSV = "csv"


def export_duties(home: Home, fmt: ExportFormat | str, stream: TextIO, *, as_of: datetime | None = None) -> None:
    """Write one object per duty to ``stream``, with its status as of now (or ``as_of``), evidence and editions.

    ``urls``: every address it was seen at, page and attachment. ``editions``: id, first_seen, last_seen,
    content_digest, captures. ``findings``: codes. Instants are in Asia/Shanghai.
    """
    _write("duties", duty_rows(home, as_of=as_of), ExportFormat(fmt), stream)


def export_leads(home: Home, fmt: ExportFormat | str, stream: TextIO) -> None:
    """Write one object per link on a listing to ``stream``, with what is thought of it."""
    _write("leads", lead_rows(home), ExportFormat(fmt), stream)


def _write(name: str, rows: Iterable[Row], fmt: ExportFormat, stream: TextIO) -> None:
    (write_jsonl if fmt is ExportFormat.JSONL else write_csv)(sheet(name, rows), None, stream)
