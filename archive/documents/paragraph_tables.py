"""Paragraphs with marks that end cells and rows → blocks: for .doc and whatever else counts cells by their ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from archive.documents.findings import struck_out
from archive.documents.grid import RawCell, RawRow, lay_out
from archive.documents.pages import UNREAD, GridCell, Limits, Paragraph, Table
from archive.documents.word97.model import Mark, Marked, RowShape
from archive.findings import finding
from storage.records import Finding

Block = Paragraph | Table

_SAME_EDGE = 40  # twips: edges of two rows no further apart are one
_SEVERAL = 2  # filled cells that make a table in a cell more than a frame
_NOWHERE: Mapping[str, object] = {}  # until the tables are numbered


class _Cell(NamedTuple):
    """The text of a cell, and what is crossed out in it."""

    text: str
    struck: str = ""

    @property
    def locator(self) -> Mapping[str, object]:
        """What is known of its place so far."""
        return {"struck": self.struck} if self.struck else _NOWHERE


@dataclass(slots=True)
class _OpenTable:
    """A table being put together: finished rows, and the lines of the cells of the row at hand."""

    rows: list[tuple[RowShape | None, list[_Cell]]] = field(default_factory=list)
    cells: list[_Cell] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    struck: str = ""
    inner: list[Block] = field(default_factory=list)
    drawn: bool = False  # an image or object stands in the cell at hand

    def add(self, text: str, mark: Mark, struck: str) -> None:
        """A paragraph in it, which may end a cell or a row."""
        self.struck += struck
        if mark.row_end:
            self.rows.append((mark.row, self.cells))
            self.cells, self.lines = [], []
            return
        text = text.strip()
        if not mark.cell_end:
            if text:
                self.lines.append(text)
            return
        if self.lines:
            text = "\n".join([*self.lines, text] if text else self.lines)
            self.lines = []
        elif not text and not self.struck and self.drawn:
            text = UNREAD
        self.cells.append(_Cell(text, "".join(self.struck.split())) if self.struck else _Cell(text))
        self.struck = ""
        self.drawn = False


class Builder:
    """Paragraphs with their depth in tables → blocks. ``drawn``: before which block images stand, in order."""

    def __init__(self, limits: Limits, findings: list[Finding]) -> None:
        self._limits = limits
        self._findings = findings
        self._done: list[Block] = []
        self._open: list[_OpenTable] = []
        self._blanks = 0  # paragraphs without text since the last with some
        self._struck: list[str] = []
        self.drawn: list[int] = []

    def build(self, stream: Iterable[Marked]) -> tuple[Block, ...]:
        """Paragraphs → blocks; rows that follow each other are one table, as Word shows them."""
        deepest, most = self._limits.depth, self._limits.cells
        opened = self._open
        cells = 0
        for number, (text, mark, drawn, struck) in enumerate(stream, 1):
            if drawn:
                self.drawn += [len(self._done)] * min(drawn, self._limits.pictures)
            if struck:
                self._struck.append(struck)
            if mark.depth != len(opened):
                self._reach(min(mark.depth, deepest))
            if not opened:
                self._line(text, mark.heading, number, shows=bool(drawn))
                continue
            if cells > most:
                self._findings.append(finding("limit_reached", bound="cells", expected=most))
                break
            cells += mark.cell_end
            opened[-1].drawn |= drawn > 0
            opened[-1].add(text, mark, struck)
        self._reach(0)
        if crossed := "".join("".join(self._struck).split()):
            self._findings.append(struck_out(crossed))
        return tuple(_numbered(self._done))

    def _line(self, text: str, heading: int, number: int, *, shows: bool) -> None:
        text = text.strip("\r\n ")
        if text.strip():
            locator = {"paragraph": number}
            self._done.append(Paragraph(text=text, heading=heading, locator=locator, blanks=self._blanks))
            self._blanks = 0
        elif not shows:
            self._blanks += 1

    def _reach(self, depth: int) -> None:
        """Close or open tables until so many are open."""
        while len(self._open) > depth:
            self._close()
        while len(self._open) < depth:
            self._open.append(_OpenTable())

    def _close(self) -> None:
        """The innermost table ends: to the table around it, or to the document."""
        ended = self._open.pop()
        self._blanks = 0
        shaped = bool(ended.rows) and ended.rows[-1][0] is not None
        if (ended.cells or ended.lines) and not shaped:  # a torn file ends in a row, and more stood in its last cell
            ended.rows.append((None, [*ended.cells, _Cell("\n".join([*ended.lines, UNREAD]), ended.struck)]))
        table = _grid(ended.rows)
        if self._open:
            outer = self._open[-1]
            texts = [cell.text for cell in table.cells if cell.text]
            if len(texts) < _SEVERAL:  # it shows what a cell would
                outer.lines += texts
            else:
                outer.lines.append(UNREAD)  # which of them are the outer cell's figure nobody said
                outer.inner.append(table)
            outer.struck += "".join(str(cell.locator.get("struck", "")) for cell in table.cells)
            outer.inner += ended.inner
        elif len(table.cells) == 1 and ended.inner:
            texts = [line for line in table.cells[0].text.split("\n") if line.strip(UNREAD)]
            self._done += [Paragraph(text="\n".join(texts))] if texts else []
            self._done += ended.inner
        else:
            self._done += [table, *ended.inner] if table.cells else ended.inner


def _numbered(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with tables and their cells numbered; the cells are ours alone, so they are not made anew."""
    number = 0
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
            continue
        for cell in block.cells:
            cell.locator = {"table": number, "row": cell.row, "col": cell.col, **cell.locator}
        yield replace(block, locator={"table": number})
        number += 1


def _grid(rows: list[tuple[RowShape | None, list[_Cell]]]) -> Table:
    """Rows of any widths on the columns that all their edges make together."""
    shapes = [shape for shape, cells in rows if shape is not None and len(shape.edges) > len(cells)]
    if len(shapes) < len(rows):
        return lay_out([RawRow([RawCell(cell.text, locator=cell.locator) for cell in cells]) for _, cells in rows])
    columns = _columns({edge for shape in shapes for edge in shape.edges})
    found: list[GridCell] = []
    merged: dict[int, list[str]] = {}  # texts of the cells made of several, by their number
    above: dict[int, int] = {}  # cells of the row above by column
    for number, (shape, (_, cells)) in enumerate(zip(shapes, rows, strict=True)):
        begun = len(found)
        lines = [columns[edge] for edge in shape.edges]
        if True not in shape.across and True not in shape.down:
            found += [
                GridCell(row=number, col=col, colspan=end - col if end > col else 1, text=own.text, locator=own.locator)
                for own, col, end in zip(cells, lines, lines[1:], strict=False)
            ]
            above = dict(zip(lines, range(begun, len(found)), strict=False))
            continue
        here: dict[int, int] = {}
        for index, own in enumerate(cells):
            col, end = lines[index], max(lines[index] + 1, lines[index + 1])
            if shape.across[index] and len(found) > begun:
                cell = found[-1]
                cell.colspan = max(cell.colspan, end - cell.col)
                _join(merged, len(found) - 1, cell, own)
            elif shape.down[index] and col in above:
                at = here[col] = above[col]
                cell = found[at]
                cell.rowspan = number - cell.row + 1
                _join(merged, at, cell, own)
            else:
                here[col] = len(found)
                found.append(GridCell(row=number, col=col, colspan=end - col, text=own.text, locator=own.locator))
        above = here
    for at, texts in merged.items():
        found[at].text = "\n".join(texts)
    return Table(cells=tuple(found), rows=len(rows), cols=max([c.col + c.colspan for c in found], default=0))


def _join(merged: dict[int, list[str]], at: int, cell: GridCell, other: _Cell) -> None:
    """Add the text of a cell merged into another, which may have none of its own."""
    if other.text:
        merged.setdefault(at, [cell.text] if cell.text else []).append(other.text)
    if other.struck:
        cell.locator = {"struck": f"{cell.locator.get('struck', '')}{other.struck}"}


def _columns(edges: Iterable[int]) -> dict[int, int]:
    """Edge in twips → number of the grid line it lies on."""
    lines: dict[int, int] = {}
    first: int | None = None
    number = -1
    for edge in sorted(edges):
        if first is None or edge - first > _SAME_EDGE:
            first, number = edge, number + 1
        lines[edge] = number
    return lines
