"""Tables as MediaWiki marks them: ``{|``, rows behind ``|-``, a cell a line or several between ``||``, ``|}``.

What stands before a cell's text with a stroke of its own says how it looks (``align="center"|``), or how many columns
and rows it covers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.documents.grid import RawCell, RawRow, lay_out
from archive.documents.pages import Table

_BEGIN = "{|"
_NAMED = r"[a-z-]{2,20}\s{0,3}=\s{0,3}(?:\"[^\"|]{0,200}\"|'[^'|]{0,200}'|[\w%#;:.-]{1,80})"
_ATTRIBUTES = re.compile(rf"\s{{0,8}}{_NAMED}(?:\s{{1,8}}{_NAMED}){{0,20}}\s{{0,8}}\|(?!\|)", re.IGNORECASE)
_SPAN = re.compile(r"\b(row|col)span\s{0,3}=\s{0,3}[\"']?(\d{1,5})", re.IGNORECASE)
_BOLD = re.compile(r"'''?'?'?")


def begins(line: str) -> bool:
    """Whether a table of MediaWiki may begin in this line."""
    return line.startswith(_BEGIN)


def table(lines: Sequence[str], start: int, most: int) -> tuple[Table | None, int]:
    """The table that begins in line ``start`` (from 0) with no more than ``most`` cells, and the line behind it; no
    table, and ``start``, where it has no end. Locators: ``line`` from 1.
    """
    end = next((at for at in range(start + 1, len(lines)) if _closes(lines[at])), 0)
    if not end or not lines[end].lstrip().startswith("|}"):
        return None, start
    rows: list[RawRow] = [RawRow([])]
    made = 0
    for at in range(start + 1, end):
        line = lines[at].lstrip()
        if line.startswith("|-"):
            rows.append(RawRow([]))
        elif line.startswith(("|+", "|}")):
            continue
        elif line.startswith(("|", "!")) and made < most:
            cells = [_cell(part, at + 1) for part in line[1:].replace("!!", "||").split("||", most - made)]
            rows[-1].cells += cells
            made += len(cells)
        elif rows[-1].cells and line.strip():
            cell = rows[-1].cells[-1]
            cell.text = f"{cell.text}\n{line.strip()}" if cell.text else line.strip()
    kept = [row for row in rows if row.cells]
    merged = any(cell.rowspan > 1 or cell.colspan > 1 for row in kept for cell in row.cells)
    return (lay_out(kept, ruled=merged), end + 1) if kept else (None, end + 1)


def unmarked(text: str) -> str:
    """A line without MediaWiki's marks of headings and of emphasis."""
    plain = text.strip()
    if len(plain) > 2 and plain[0] == plain[-1] == "=":
        plain = plain.strip("=").strip()
    return _BOLD.sub("", plain)


def _closes(line: str) -> bool:
    """Whether a table ends in a line, or another begins."""
    return line.lstrip().startswith(("|}", _BEGIN))


def _cell(part: str, line: int) -> RawCell:
    match = _ATTRIBUTES.match(part)
    spans = {name.lower(): int(size) for name, size in _SPAN.findall(match[0])} if match else {}
    text = part[match.end() :] if match else part
    where = {"line": line}
    return RawCell(_BOLD.sub("", text).strip(), max(spans.get("row", 1), 1), max(spans.get("col", 1), 1), where)
