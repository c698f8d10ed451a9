"""What office_oxide makes of a .doc, where our own reader finds nothing: its text, and its torn tables joined again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from office_oxide import Document, OfficeOxideError

from archive.documents.grid import RawCell, RawRow, lay_out
from archive.documents.pages import Limits, Paragraph, Table
from storage.records import Finding

Block = Paragraph | Table
Node = Mapping[str, Any]

_BREAKS = {"line_break": "\n", "break": "\n", "tab": "\t", "page_break": "\n"}
_FIELDS = ("content", "children", "elements", "items")


def by_library(data: bytes, limits: Limits, findings: list[Finding]) -> tuple[list[Block], str]:
    """The blocks of a document and its title; none where the library cannot read it either."""
    try:
        tree = json.loads(Document.from_bytes(data, "doc").to_ir_json())
    except (OfficeOxideError, ValueError, OSError, RuntimeError):
        return [], ""
    title = str((tree.get("metadata") or {}).get("title") or "").strip()
    torn_letters = any("\x80" <= character <= "\xff" for character in title)  # a wrong code page
    reader = _TreeReader(limits, findings)
    blocks: list[Block] = []
    for section in tree.get("sections") or ():
        blocks += reader.blocks(section.get("elements") or (), 0)
    return blocks, "" if torn_letters else title[:300]


class _TreeReader:
    """office_oxide's tree → blocks."""

    def __init__(self, limits: Limits, findings: list[Finding]) -> None:
        self._limits = limits
        self._findings = findings
        self._cells = 0

    def blocks(self, elements: Sequence[Node], depth: int) -> list[Block]:
        """Blocks of a list of elements; ``depth`` counts tables and boxes within each other."""
        blocks: list[Block] = []
        if depth > self._limits.depth:
            return blocks
        for element in elements:
            kind = element.get("type")
            if kind == "table":
                blocks += self._table(element, depth)
            elif kind in ("paragraph", "heading"):
                text = "".join(_texts(element.get("content") or (), 0)).strip("\r\n ")
                if text.strip():
                    blocks.append(Paragraph(text=text))
            else:  # lists, text boxes and whatever else holds elements
                for name in _FIELDS:
                    inner = element.get(name)
                    if isinstance(inner, list):
                        blocks += self.blocks([e for e in inner if isinstance(e, dict)], depth + 1)
        return blocks

    def _table(self, element: Node, depth: int) -> list[Block]:
        rows: list[RawRow] = []
        inner: list[Block] = []
        for row in element.get("rows") or ():
            cells: list[RawCell] = []
            for cell in row.get("cells") or ():
                self._cells += 1
                if self._cells > self._limits.cells:
                    break
                held = self.blocks([e for e in cell.get("content") or () if isinstance(e, dict)], depth + 1)
                inner += [block for block in held if isinstance(block, Table)]
                lines = [block.text.strip() for block in held if isinstance(block, Paragraph)]
                cells.append(RawCell("\n".join(lines), _span(cell, "row_span"), _span(cell, "col_span")))
            rows.append(RawRow(cells))
        table = lay_out(rows)
        return [table, *inner] if table.cells else inner


def _span(cell: Node, name: str) -> int:
    value = cell.get(name)
    return value if isinstance(value, int) and value > 0 else 1


def _texts(content: Sequence[Any], depth: int) -> Iterator[str]:
    """What runs print; struck-out and hidden text does not count as printed."""
    for run in content:
        if not isinstance(run, dict) or run.get("strikethrough") or run.get("hidden") or depth > 20:
            continue
        if isinstance(run.get("text"), str):
            yield run["text"].replace("\x0b", "\n").replace("\x07", "")
        elif run.get("type") in _BREAKS:
            yield _BREAKS[run["type"]]
        elif isinstance(run.get("content"), list):
            yield from _texts(run["content"], depth + 1)
