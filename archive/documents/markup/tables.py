"""One <table> → what it is: a grid of data, or mere layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.documents.markup.scan import Element, Scan, hidden
from archive.documents.markup.vocabulary import Vocabulary

_NUMBER = re.compile(r"\s*\+?(\d{1,9})")
_ROWS = ("tr",)
_OWN_CELLS = 6  # so many filled cells of its own make a table with tables in it a table of data


@dataclass(slots=True)
class Row:
    """One row: its <tr> (or the table, for cells without one) and its cells."""

    element: Element
    cells: list[Element] = field(default_factory=list)


def own_rows(table: Element) -> list[Row]:
    """The rows of this table, not of those within it; cells without a <tr> make a row of their own."""
    rows: list[Row] = []
    loose: Row | None = None
    for element in _own(table):
        if element.tag in _ROWS:
            rows.append(Row(element))
            loose = None
            continue
        parent = element.getparent()
        if rows and loose is None and _row_of(element, table) is rows[-1].element:
            rows[-1].cells.append(element)
            continue
        if loose is None or parent is not loose.element:
            assert parent is not None
            loose = Row(parent)
            rows.append(loose)
        loose.cells.append(element)
    return [row for row in rows if row.cells or row.element.tag in _ROWS]


def _own(table: Element) -> Iterator[Element]:
    """Own <tr>, <td>, <th> in document order, looking into whatever stands between (<tbody>, <form>, <font> …)."""
    stack = [iter(table)]
    while stack:
        for element in stack[-1]:
            tag = element.tag
            if tag in ("td", "th", "tr") and "style" in element.attrib and hidden(element):
                continue
            if tag in ("td", "th"):
                yield element
            elif tag == "tr":
                yield element
                stack.append(iter(element))
                break
            elif isinstance(tag, str) and tag not in ("table", "caption", "colgroup", "script", "style"):
                stack.append(iter(element))
                break
        else:
            stack.pop()


def _row_of(cell: Element, table: Element) -> Element | None:
    for ancestor in cell.iterancestors():
        if ancestor.tag == "tr":
            return ancestor
        if ancestor is table:
            return None
    return None


def span(cell: Element, name: str) -> int:
    """A span as browsers read it: leading digits, 1 where there are none. ``rowspan=0`` stays 0 (to the end)."""
    value = cell.get(name)
    if value is None:
        return 1
    match = _NUMBER.match(value)
    if match is None:
        return 1
    number = int(match.group(1))
    return number if name == "rowspan" else max(1, number)


def is_layout(scan: Scan, rows: list[Row], vocabulary: Vocabulary) -> bool:
    """Whether a table only arranges the page: one column, a cell with several chapters, or mostly other tables."""
    widest = max((len(row.cells) for row in rows), default=0)
    if widest <= 1:
        return not _spans_make_columns(rows)
    filled = 0
    nested = False
    for row in rows:
        for cell in row.cells:
            if next(cell.iterdescendants("table"), None) is not None:
                nested = True
            elif scan.size(cell):
                filled += 1
            if scan.size(cell) > 200 and _chapters(scan, cell, vocabulary) >= 2 and not _swallowed(cell, rows):
                return True
    return nested and filled < _OWN_CELLS


def _spans_make_columns(rows: list[Row]) -> bool:
    """One cell a row, yet a column: figures one below the other under a merged label are still a table."""
    return len(rows) > 2 and any(span(cell, "rowspan") > 1 for row in rows for cell in row.cells)


def _chapters(scan: Scan, cell: Element, vocabulary: Vocabulary) -> int:
    start, end = scan.spans.get(cell, (0, 0))
    return sum(1 for pattern in vocabulary.chapters if pattern.search(scan.text, start, end))


def _swallowed(cell: Element, rows: list[Row]) -> bool:
    """The last cell of a table that was never closed holds the rest of the page: that makes it no layout."""
    return (
        cell is rows[-1].cells[-1] and sum(len(row.cells) for row in rows) > 2 * _OWN_CELLS if rows[-1].cells else False
    )
