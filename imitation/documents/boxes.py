"""A table drawn with characters, as text editors, databases and mails show one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal

from archive.forms.printer import PrintedCell, PrintedTable
from imitation.documents.grid import wrapped
from imitation.wording import Block, Heading

Strokes = Literal["light", "heavy", "double", "ascii"]
#: down, across, and corners by which ways go from them (up, down, left, right)
_SETS = {"light": "│─┌┐└┘├┤┬┴┼", "heavy": "┃━┏┓┗┛┣┫┳┻╋", "double": "║═╔╗╚╝╠╣╦╩╬", "ascii": "|-" + "+" * 9}
_WAYS = ("dr", "dl", "ur", "ul", "udr", "udl", "dlr", "ulr", "udlr")


def text(
    title: str,
    blocks: Iterable[Block],
    strokes: Strokes = "light",
    *,
    broad: bool = False,
    counted: bool = False,
    widest: int = 16,
) -> bytes:
    """The report as text. ``broad``: strokes are shown two columns wide, as old Chinese fonts do; ``counted``: cells
    are padded by characters, as if all were shown alike; ``widest``: columns of a cell, where it is not merged.
    """
    lines = [title]
    for block in blocks:
        if isinstance(block, PrintedTable):
            lines += drawn(block, strokes, broad=broad, counted=counted, widest=widest)
        else:
            lines.append(block.text if isinstance(block, Heading) else block)
    return "\n".join(lines).encode()


def drawn(
    table: PrintedTable, strokes: Strokes = "light", *, broad: bool = False, counted: bool = False, widest: int = 16
) -> list[str]:
    """The lines of one table."""
    unit = 2 if broad and strokes != "ascii" else 1
    widths = [2 * unit] * table.cols
    for cell in sorted(table.cells, key=lambda cell: cell.colspan):
        have = sum(widths[cell.col : cell.col + cell.colspan]) + unit * (cell.colspan - 1)
        want = min(max((_shown(part, counted) for part in cell.text.split("\n")), default=0), widest * cell.colspan)
        widths[cell.col + cell.colspan - 1] += max(0, -(-(want - have) // unit) * unit)
    heights = [1] * table.rows
    texts: dict[PrintedCell, list[str]] = {}
    for cell in sorted(table.cells, key=lambda cell: cell.rowspan):
        room = sum(widths[cell.col : cell.col + cell.colspan]) + unit * (cell.colspan - 1)
        texts[cell] = wrapped(cell.text, room, lambda c: _shown(c, counted))
        have = sum(heights[cell.row : cell.row + cell.rowspan]) + cell.rowspan - 1
        heights[cell.row + cell.rowspan - 1] += max(0, len(texts[cell]) - have)
    return _lines(table, _SETS[strokes], widths, heights, texts, unit, counted)


def _lines(
    table: PrintedTable,
    signs: str,
    widths: list[int],
    heights: list[int],
    texts: dict[PrintedCell, list[str]],
    unit: int,
    counted: bool,
) -> list[str]:
    owner = {
        (row, col): cell
        for cell in table.cells
        for row in range(cell.row, cell.row + cell.rowspan)
        for col in range(cell.col, cell.col + cell.colspan)
    }
    written: dict[PrintedCell, int] = dict.fromkeys(table.cells, 0)
    lines: list[str] = []

    def piece(cell: PrintedCell) -> str:
        room = sum(widths[cell.col : cell.col + cell.colspan]) + unit * (cell.colspan - 1)
        said = texts[cell][written[cell]] if written[cell] < len(texts[cell]) else ""
        written[cell] += 1
        return said + " " * (room - _shown(said, counted))

    for edge in range(table.rows + 1):
        line, col = "", 0
        while col <= table.cols:
            over, under = owner.get((edge - 1, col)), owner.get((edge, col))
            left_over, left_under = owner.get((edge - 1, col - 1)), owner.get((edge, col - 1))
            up, down = left_over is not over, left_under is not under
            left, right = left_over is not left_under, over is not under
            ways = "u" * up + "d" * down + "l" * left + "r" * right
            line += signs[2 + _WAYS.index(ways)] if ways in _WAYS else signs[1] if "l" in ways else signs[0]
            if col == table.cols:
                break
            if over is under and over is not None:
                line += piece(over)
                col = over.col + over.colspan
            else:
                line += signs[1] * (widths[col] // unit)
                col += 1
        lines.append(line)
        for _ in range(heights[edge] if edge < table.rows else 0):
            line, col = signs[0], 0
            while col < table.cols:
                cell = owner[edge, col]
                line += piece(cell) + signs[0]
                col = cell.col + cell.colspan
            lines.append(line)
    return lines


def _shown(text: str, counted: bool) -> int:
    """Columns that a text takes."""
    return len(text) if counted else sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
