"""JSON Lines: one object a row, numbers with all their digits, nothing neutralised."""

from __future__ import annotations

import csv
from typing import IO

from archive.exports.formats.model import About, Sheet, Written
from archive.exports.json_values import json_line
from archive.exports.plain_values import neutral, one_text


def write_jsonl(sheet: Sheet, about: About | None, stream: IO[str]) -> Written:
    """Write a table to ``stream``."""
    del about  # it stands in the descriptor beside
    names = [one.name for one in sheet.columns]
    rows = 0
    for row in sheet.rows:
        stream.write(json_line(row if [*row] == names else {name: row[name] for name in names}) + "\n")
        rows += 1
    return Written(rows)


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
