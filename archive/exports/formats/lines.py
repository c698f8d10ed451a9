"""JSON Lines: one object a row, numbers with all their digits, nothing neutralised."""

from __future__ import annotations

from typing import IO

from archive.exports.formats.model import About, Sheet, Written
from archive.exports.json_values import json_line


def write_jsonl(sheet: Sheet, about: About | None, stream: IO[str]) -> Written:
    """Write a table to ``stream``."""
    del about  # it stands in the descriptor beside
    names = [one.name for one in sheet.columns]
    rows = 0
    for row in sheet.rows:
        stream.write(json_line(row if [*row] == names else {name: row[name] for name in names}) + "\n")
        rows += 1
    return Written(rows)
