"""JSON Lines: one object a row, numbers with all their digits, nothing neutralised."""

from __future__ import annotations

import json
from typing import TextIO

from archive.exports.formats.model import About, Sheet, Written
from archive.exports.formats.values import json_text


def write_jsonl(sheet: Sheet, about: About | None, stream: TextIO) -> Written:
    """Write a table to ``stream``."""
    del about  # it stands in the descriptor beside
    names = [(one.name, json.dumps(one.name)) for one in sheet.columns]
    rows = 0
    for row in sheet.rows:
        stream.write("{" + ", ".join(f"{key}: {json_text(row[name])}" for name, key in names) + "}\n")
        rows += 1
    return Written(rows)
