"""Rows and merged cells of a WordprocessingML table → a grid."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from archive.documents.grid import columns_each
from archive.documents.pages import UNREAD, GridCell, Paragraph, Table

WIDEST = 1_000  # columns
_SEVERAL = 2  # filled cells that make a table in a cell more than a frame


@dataclass(slots=True)
class Slot:
    """A cell with its place: how many columns it takes and how far down it reaches."""

    row: int
    col: int
    colspan: int
    texts: list[str]
    rowspan: int = 1
    struck: str = ""


@dataclass(slots=True)
class GridTable:
    """A finished table that has no number yet."""

    slots: list[Slot]
    rows: int

    def table(self, number: int) -> Table:
        """The table with its order in the document, from 0, in all locators."""
        cells = tuple(
            GridCell(
                row=s.row,
                col=s.col,
                rowspan=s.rowspan,
                colspan=s.colspan,
                text="\n".join(s.texts),
                locator={"table": number, "row": s.row, "col": s.col},
            )
            for s in self.slots
        )
        for cell, slot in zip(cells, self.slots, strict=True):
            if slot.struck:
                cell.locator = {**cell.locator, "struck": slot.struck}
        cols = max((s.col + s.colspan for s in self.slots), default=0)
        return Table(cells=cells, rows=self.rows, cols=cols, locator={"table": number})


Block = Paragraph | GridTable
Held = str | Paragraph | GridTable  # what a cell holds: its lines, and tables in it


@dataclass(slots=True)
class OpenCell:
    """The cell being read: its properties and what it holds. ``unread``: something stands in it that is no text.

    ``struck``: what is crossed out in it. ``number``: what Word writes before its first paragraph without text.
    """

    held: list[Held] = field(default_factory=list)
    width: int = 1
    down: str | None = None  # vMerge: None, "restart" or "continue"
    across: str | None = None  # hMerge
    unread: bool = False
    struck: str = ""
    number: str = ""


@dataclass(slots=True)
class OpenTable:
    """The table being read. ``above``: column → the cell that a vertical merge may lengthen."""

    slots: list[Slot] = field(default_factory=list)
    inner: list[Block] = field(default_factory=list)
    rows: int = 0
    col: int = 0
    deleted: bool = False
    unsure: bool = False  # its style hides text, of all its rows or some
    above: dict[int, Slot] = field(default_factory=dict)
    here: dict[int, Slot] = field(default_factory=dict)
    cell: OpenCell = field(default_factory=OpenCell)

    def begin_row(self) -> None:
        """The row before it is whole."""
        if not self.deleted:
            self.above = self.here
        else:
            self.rows -= 1
        self.here = {}
        self.rows += 1
        self.col = 0
        self.deleted = False

    def end_cell(self) -> None:
        """The cell is whole."""
        if self.deleted or self.rows < 1:
            return
        texts, nested = _sorted(self.cell.held)
        cell = self.cell
        if texts == [UNREAD] and len(nested) == 1 and cell.down is None and cell.across is None:
            parts = _one_row(nested[0], cell.width)
            for part in parts:
                self.place(part.texts, part.colspan, None)
            if parts:
                return
        self.inner += nested
        self.place(texts, cell.width, cell.down, cell.across, cell.struck)

    def place(
        self, texts: list[str], width: int, down: str | None, across: str | None = None, struck: str = ""
    ) -> None:
        """Give a cell of the last row its place, or its text to the cell it is merged into."""
        row = self.rows - 1
        last = self.slots[-1] if self.slots else None
        above = self.above.get(self.col)
        if across == "continue" and last is not None and last.row == row:
            last.colspan += width
            last.texts += texts
            last.struck += struck
        elif down == "continue" and above is not None:
            above.rowspan = row - above.row + 1
            above.struck += struck
            above.texts += texts  # a merged cell prints nothing of its own, but some writers leave the text there
            self.here[self.col] = above
        else:
            slot = Slot(row, self.col, width, texts, struck=struck)
            self.slots.append(slot)
            self.here[self.col] = slot
        self.col = min(self.col + width, WIDEST)

    def finish(self) -> list[Block]:
        """The table, and behind it the tables that stood in its cells; a table of one cell is only a frame."""
        rows = self.rows - self.deleted
        if len(self.slots) == 1 and self.inner:
            return _unframed(self.slots[0].texts, self.inner)
        return [*([GridTable(self.slots, rows)] if self.slots else []), *self.inner]


def _unframed(texts: list[str], inner: list[Block]) -> list[Block]:
    """The texts of a frame as paragraphs, the tables in it where they stand: at what is unread, if nothing else is."""
    left = list(inner) if texts.count(UNREAD) == len(inner) else []
    blocks: list[Block] = []
    for text in texts:
        if text == UNREAD and left:
            blocks.append(left.pop(0))
        elif text.strip(UNREAD):
            blocks.append(Paragraph(text=text))
    return blocks if texts.count(UNREAD) == len(inner) else [*blocks, *inner]


def _one_row(block: Block, width: int) -> list[Slot]:
    """The cells of a table that is nothing but the row of the cell it stands in, over as many columns; else none."""
    if not isinstance(block, GridTable) or block.rows != 1:
        return []
    times = columns_each(sum(slot.colspan for slot in block.slots), width)
    return [replace(slot, colspan=slot.colspan * times) for slot in block.slots] if times else []


def _sorted(held: list[Held]) -> tuple[list[str], list[Block]]:
    """Lines of a cell, and the tables in it that are more than a frame."""
    texts: list[str] = []
    nested: list[Block] = []
    for block in held:
        if isinstance(block, str):
            texts.append(block)
        elif isinstance(block, Paragraph):
            texts.append(block.text.strip())
        elif len(shown := [slot.texts for slot in block.slots if any(slot.texts)]) < _SEVERAL:
            texts += ["\n".join(lines) for lines in shown]  # it shows what a cell would
        else:
            texts.append(UNREAD)  # which of them are the outer cell's figure nobody said
            nested.append(block)
    return texts, nested
