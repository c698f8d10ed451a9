"""CSV (RFC 4180, but lines end with a line feed alone): UTF-8, every cell as text, formulas neutralised."""

from __future__ import annotations

import csv
from typing import IO

from archive.exports.formats.model import About, Sheet, Written
from archive.exports.formats.values import one_text
from archive.exports.plain_values import neutral

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def write_csv(sheet: Sheet, about: About | None, stream: IO[str], *, bom: bool = False) -> Written:
    """Write a table to ``stream``; ``bom``: with the mark by which Excel knows UTF-8."""
    del about  # CSV has no place for it: it stands in the descriptor beside
    names = [one.name for one in sheet.columns]
    if bom:
        stream.write(BOM)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([one.heading for one in sheet.columns])
    rows = 0
    for row in sheet.rows:
        writer.writerow([neutral(one_text(row[name])) for name in names])
        rows += 1
    return Written(rows)
