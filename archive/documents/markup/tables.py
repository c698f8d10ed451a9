"""One <table> → its rows and cells; whether it is a grid of data, or mere layout."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from archive.documents.markup.scan import Element, text_in
from archive.documents.markup.tree_text import EDGE
from archive.documents.markup.vocabulary import Vocabulary, vocabulary

_NUMBER = re.compile(r"\s*\+?(\d{1,9})")
_OWN_CELLS = 6  # so many filled cells of its own make a table with tables in it a table of data
_MOST_STRAYS = 300  # looked at in one cell
_TALE = 200  # characters of a cell that may hold chapters
GROUPS = frozenset(("table", "tbody", "thead", "tfoot"))
_CELLS = frozenset(("td", "th"))
_EDGED = tuple(sorted(vocabulary().blocks - GROUPS - _CELLS - {"tr", "body", "html", "caption"}))


@dataclass(slots=True, eq=False)
class TableRow:
    """One row: its <tr> (or the table, for cells without one) and its cells."""

    element: Element
    cells: list[Element] = field(default_factory=list)


def cells_of(table: Element, hidden: Container[Element]) -> list[TableRow] | None:
    """The rows of a table without tables in it, the edges of blocks in its cells marked; None if it is not regular."""
    rows: list[TableRow] = []
    row: TableRow | None = None
    for element in table.iter("tr", "td", "th"):
        if element.tag == "tr":
            parent = element.getparent()
            if parent is None or parent.tag not in GROUPS:
                return None
            row = TableRow(element)
            if element not in hidden:
                rows.append(row)
        elif row is None or element.getparent() is not row.element:
            return None
        elif element not in hidden:
            row.cells.append(element)
    _edges(table)
    return _as_shown(table, rows)


def _as_shown(table: Element, rows: list[TableRow]) -> list[TableRow]:
    """The rows from top to bottom: those of the first <tfoot> end the table, wherever it stands in the source."""
    foot = next(table.iterchildren("tfoot"), None)
    if foot is None or foot.getnext() is None:
        return rows
    last = [row for row in rows if row.element is foot or row.element.getparent() is foot]
    return [row for row in rows if row not in last] + last


def _edges(table: Element) -> None:
    """Mark where blocks begin and end, but for a block that is all its cell holds."""
    for block in table.iter(*_EDGED):
        parent = block.getparent()
        assert parent is not None
        if parent.tag in _CELLS and block.getprevious() is None and block.getnext() is None:
            before, behind = parent.text, block.tail
            if (before is None or before.isspace()) and (behind is None or behind.isspace()):
                continue
        block.text = EDGE + (block.text or "")
        block.tail = EDGE + (block.tail or "")


def own_rows(table: Element, hidden: Container[Element]) -> list[TableRow]:
    """The rows of this table, not of those within it; cells without a <tr> make a row of their own."""
    _edges(table)
    rows: list[TableRow] = []
    loose: TableRow | None = None
    for element in _own(table, hidden):
        if element.tag == "tr":
            rows.append(TableRow(element))
            loose = None
            continue
        parent = element.getparent()
        if rows and loose is None and _row_of(element, table) is rows[-1].element:
            rows[-1].cells.append(element)
            continue
        if loose is None or parent is not loose.element:
            assert parent is not None
            loose = TableRow(parent)
            rows.append(loose)
        loose.cells.append(element)
    return _as_shown(table, rows)


def _own(table: Element, hidden: Container[Element]) -> Iterator[Element]:
    """Own <tr>, <td>, <th> in document order, looking into whatever stands between (<tbody>, <form>, <font> …)."""
    stack = [iter(table)]
    while stack:
        for element in stack[-1]:
            tag = element.tag
            if element in hidden:
                continue
            if tag in _CELLS:
                yield element
                if strays := strays_in(element):
                    stack.append(iter(strays))
                    break
            elif tag == "tr":
                yield element
                stack.append(iter(element))
                break
            elif isinstance(tag, str) and tag not in ("table", "caption", "colgroup", "script", "style"):
                stack.append(iter(element))
                break
        else:
            stack.pop()


def strays_in(cell: Element) -> list[Element]:
    """Rows and cells that begin in a cell because a block in it was never closed: they belong beside and below it."""
    if not len(cell):
        return []
    inner = islice(cell.iterdescendants("tr", "td", "th"), _MOST_STRAYS)
    return [element for element in inner if not _is_regular(element) and holder(element) is cell]


def _is_regular(element: Element) -> bool:
    """A row right below a table, a cell right below a row: by far most are."""
    parent = element.getparent()
    if parent is None:
        return False
    return parent.tag in GROUPS if element.tag == "tr" else parent.tag == "tr"


def holder(element: Element) -> Element | None:
    """The cell, row or table that an element stands in, whatever is between."""
    return next(element.iterancestors("td", "th", "tr", "table"), None)


def own_text(cell: Element) -> str:
    """The text of a cell without the rows and cells that begin in it."""
    strays = set(strays_in(cell))
    if not strays:
        return text_in(cell)
    pieces = [cell.text or ""]
    walker = etree.iterwalk(cell, events=("start", "end"))
    for event, element in walker:
        if element is cell:
            continue
        if event == "end":
            pieces.append(element.tail or "")
        elif element in strays:
            walker.skip_subtree()
        else:
            pieces.append(element.text or "")
    return "".join(pieces)


def _row_of(cell: Element, table: Element) -> Element | None:
    for ancestor in cell.iterancestors():
        if ancestor.tag == "tr":
            return ancestor
        if ancestor is table:
            return None
    return None


def span(value: str | None, lowest: int = 1) -> int:
    """A span as browsers read it: leading digits, 1 where there are none. ``rowspan=0`` stays 0 (to the end)."""
    if value is None:
        return 1
    match = _NUMBER.match(value)
    return 1 if match is None else max(lowest, int(match.group(1)))


def is_layout(
    rows: Sequence[TableRow], texts: Sequence[Sequence[str]], vocabulary: Vocabulary, *, nested: bool
) -> bool:
    """Whether a table only arranges the page: one column, a cell with several chapters, or mostly other tables."""
    widest = max([len(row.cells) for row in rows], default=0)
    if widest <= 1:
        return not _spans_make_columns(rows)
    if not nested and max([max(map(len, line), default=0) for line in texts]) <= _TALE:
        return False
    filled = 0
    count = sum(len(row.cells) for row in rows)
    last = rows[-1].cells[-1] if rows[-1].cells and count > 2 * _OWN_CELLS else None
    for row, line in zip(rows, texts, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            if filled < _OWN_CELLS and text and not text.isspace():
                filled += not (nested and len(cell) and next(cell.iterdescendants("table"), None) is not None)
            # the last cell of a table that was never closed holds the rest of the page: that makes it no layout
            if len(text) > _TALE and cell is not last and _chapters(text, vocabulary) >= 2:
                return True
    return nested and filled < _OWN_CELLS


def _spans_make_columns(rows: Sequence[TableRow]) -> bool:
    """One cell a row, yet a column: figures one below the other under a merged label are still a table."""
    return len(rows) > 2 and any(span(cell.get("rowspan")) > 1 for row in rows for cell in row.cells)


def _chapters(text: str, vocabulary: Vocabulary) -> int:
    compact = "".join(text.split())
    return len(compact) > _TALE and sum(1 for pattern in vocabulary.chapters if pattern.search(compact))
