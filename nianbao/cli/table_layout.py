"""Which columns of a table a terminal has room for, how wide each is, and how its text is broken. Pure.

No word, number or id is broken over lines, no column is narrower than its heading needs; a column that finds no room is
left out whole. Chinese may be broken between any two characters, but not before a mark that ends something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from rich.cells import cell_len

from archive.exports.plain_values import cell_text

BORDER = 3  #: characters that a column takes besides its text
_ENDS = "，。；：、！？）》」』”’…％%),.;:!?"
_STARTS = "（《「『“‘"
#: what stays on one line: a run of letters, digits and signs, or one Chinese character, with the marks about it
_PIECE = re.compile(rf"[{_STARTS}(]*(?:[!-~\u00a0-\u2e7f«»]+|[^\s])[{_ENDS}]*|\s+")


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """``key`` in the row, ``title`` above it; ``wrap`` lets long text break.

    ``least``: narrowest width in which a wrapping column can be read; ``spare``: left out first on a narrow terminal;
    ``year``: the reporting year that the column is of, where it is one of several: older ones are left out first.
    """

    key: str
    title: str
    wrap: bool = True
    least: int = 14
    spare: bool = False
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Styled:
    """A value of a table, and the Rich style in which it stands on a terminal."""

    value: object
    style: str

    def __str__(self) -> str:
        return cell_text(self.value)


Rows = Sequence[Mapping[str, object]]


def laid_out(rows: Rows, columns: Sequence[LayoutColumn], room: int) -> list[tuple[LayoutColumn, int]]:
    """The columns that ``room`` has place for, each with its width: spare ones go first, the last of them before the
    others; then years, the oldest first; then the last of all, but never the first column that is not spare.
    """
    columns_used = filled(rows, columns)
    narrowest = {column.key: _narrowest(rows, column) for column in columns_used}
    stays = next((one for one in columns_used if not one.spare), columns_used[0])
    while len(columns_used) > 1 and _table_width(narrowest[column.key] for column in columns_used) > room:
        columns_used.remove(min((one for one in reversed(columns_used) if one is not stays), key=_turn))
    widths = [narrowest[column.key] for column in columns_used]
    widest = [_longest(rows, column) for column in columns_used]
    spare = room - _table_width(widths)
    while spare > 0 and widths != widest:
        for at, width in enumerate(widths):
            if width < widest[at] and spare > 0:
                widths[at], spare = width + 1, spare - 1
    return list(zip(columns_used, widths, strict=True))


def filled(rows: Rows, columns: Sequence[LayoutColumn]) -> list[LayoutColumn]:
    """The columns in which anything stands; all where there are no rows."""
    columns_used = [one for one in columns if any(cell_text(row.get(one.key)) for row in rows)]
    return columns_used if rows and columns_used else list(columns)


def left_out(rows: Rows, columns: Sequence[LayoutColumn], drawn: Sequence[tuple[LayoutColumn, int]]) -> list[str]:
    """The titles of the columns in which something stands and for which there was no room."""
    keys = {column.key for column, _ in drawn}
    return [one.title for one in filled(rows, columns) if one.key not in keys]


def broken(text: str, width: int) -> str:
    """``text`` in lines of at most ``width``; a piece that is longer stands on a line of its own."""
    lines, line = list[str](), ""
    for piece in _PIECE.findall(text.replace("\n", " ")):
        if line and cell_len(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return "\n".join([*lines, line.rstrip()])


def _turn(column: LayoutColumn) -> tuple[bool, float]:
    """When a column is left out, the smallest first."""
    return (not column.spare, inf if column.year is None else column.year)


def _table_width(widths: Iterable[int]) -> int:
    return 1 + sum(width + BORDER for width in widths)


def _longest(rows: Rows, column: LayoutColumn) -> int:
    return max(map(cell_len, [*(cell_text(row.get(column.key)) for row in rows), column.title]))


def _narrowest(rows: Rows, column: LayoutColumn) -> int:
    longest = _longest(rows, column)
    if not column.wrap:
        return longest
    texts = [column.title, *(cell_text(row.get(column.key)) for row in rows)]
    pieces = (cell_len(piece.strip()) for text in texts for piece in _PIECE.findall(text))
    return min(longest, max(column.least, *pieces))
