"""A worksheet as a screen shows it: the numbers of its rows and the letters of its columns are none of what it says.

Where they stand around the cells, so does the window of the program: what is written there belongs to no report.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from archive.documents.pages import GridCell, Paragraph, Table

Block = Paragraph | Table

_ROWS = 8  # that are numbered one after the other, at least
_NUMBERS, _COUNTED = 0.9, 0.8  # shares: of the first column that is numbers, of those each one more than that before
_COLUMNS, _TOLD = 5, 0.5  # letters above columns, at least; the share of them that recognition tells rightly
_BLANK_ROWS = 2  # at the foot of a sheet: it goes on beyond what it says
_NUMBER = re.compile(r"\d{1,5}")
_FRAME = re.compile("^[A-Z]\\s+(?=[\u3400-\u9fff])")
_HEAD = re.compile("[\u3400-\u9fff]{2}")  # of a column of a report that counts its lines: 序号
_WORD = re.compile(r"\w")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class _Counted(NamedTuple):
    """``first``: the number of the first row; ``ended``: rows without anything are at the foot."""

    table: Table
    first: int
    ended: bool


def without_rulers(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without numbers of rows and letters of columns; what stands around those is furniture."""
    done = list(blocks)
    for at, block in enumerate(blocks):
        if isinstance(block, Paragraph):
            if _names_columns(block.text):
                done[at] = replace(block, furniture=True)
            continue
        counted = _counted(block) if block.ruled else None
        done[at] = counted.table if counted else replace(block, cells=_without_letters(block.cells))
        if counted is not None:
            above = range(at) if counted.first <= 1 else range(0)
            below = range(at + 1, len(done)) if counted.ended else range(0)
            page = _page(block.cells[0])
            for other in (*above, *below):
                _set_aside(done, other, page)
    return done


def _set_aside(blocks: list[Block], at: int, page: object) -> None:
    block = blocks[at]
    if isinstance(block, Paragraph) and _page(block) == page:
        blocks[at] = replace(block, furniture=True)


def _page(block: Paragraph | GridCell) -> object:
    return block.locator.get("page")


def _counted(table: Table) -> _Counted | None:
    """The table without its first column, if that counts the rows of a sheet.

    No row is without its number, not even one of words over the whole breadth: a table of a report that counts its
    lines has a head, and counts no headings.
    """
    own = [cell for cell in table.cells if cell.col == 0 and cell.colspan == 1 and cell.text]
    counts = [cell for cell in own if _NUMBER.fullmatch(cell.text)]
    numbers = [int(cell.text) for cell in counts]
    if len(numbers) < max(_ROWS, _NUMBERS * len(own)) or any(_HEAD.search(cell.text) for cell in own):
        return None
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    if steps.count(1) < _COUNTED * len(steps):
        return None
    beside = [cell for cell in table.cells if cell.col or cell.colspan > 1]
    beside = [_moved(cell, max(cell.col - 1, 0), cell.col + cell.colspan - 1) for cell in _without_letters(beside)]
    said = [cell for cell in beside if _WORD.search(cell.text)]
    width = max((cell.col + cell.colspan for cell in said), default=0)
    counted = {row for cell in counts for row in range(cell.row, cell.row + cell.rowspan)}
    if not any(cell.colspan == width > 1 and cell.row in counted for cell in said):
        return None
    kept = tuple(_within(cell, width) for cell in beside if cell.col < width)
    last = max(cell.row + cell.rowspan for cell in said)
    offsets = [number - cell.row for number, cell in zip(numbers, counts, strict=True)]
    first = max(set(offsets), key=offsets.count)
    return _Counted(replace(table, cells=kept, cols=width), first, table.rows - last >= _BLANK_ROWS)


def _without_letters(cells: Sequence[GridCell]) -> tuple[GridCell, ...]:
    """The cells without the letters of columns that stand in one of the first row."""
    if not any(cell.row == 0 and _names_columns(cell.text.split("\n")[0]) for cell in cells):
        return tuple(cells)
    return tuple(replace(cell, text=_below_letters(cell.text)) if cell.row == 0 else cell for cell in cells)


def _below_letters(text: str) -> str:
    first, _, rest = text.partition("\n")
    return rest if _names_columns(first) or first in _LETTERS else text


def _names_columns(text: str) -> bool:
    """Whether a line is the letters of columns, A B C …, some of which are misread."""
    signs = text.split()
    if len(signs) < _COLUMNS or any(len(sign) > len("AA") for sign in signs):
        return False
    letters = [_LETTERS.index(sign) - at for at, sign in enumerate(signs) if len(sign) == 1 and sign in _LETTERS]
    return max((letters.count(shift) for shift in letters), default=0) >= _TOLD * len(signs)


def _within(cell: GridCell, width: int) -> GridCell:
    """A cell no wider than the table; of one as wide without what recognition makes of the frame of a chosen cell."""
    whole = cell.colspan >= width
    text = _FRAME.sub("", cell.text) if whole else cell.text
    return replace(cell, colspan=min(cell.colspan, width - cell.col), text=text)


def _moved(cell: GridCell, first: int, end: int) -> GridCell:
    return replace(cell, col=first, colspan=end - first)
