"""Choose the columns of a table that fit a terminal, their widths, and where their text is broken into lines.

Words, numbers and ids are never broken, and no column is narrower than the longest piece of its heading; a column that
does not fit is left out completely. Chinese breaks between any two characters, except before closing punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from rich.cells import cell_len

from archive.exports.plain_values import cell_text

#: status, verdict on a sum, severity or kind of news → its colour on a terminal
STYLES = {
    "on_time": "green", "published": "green", "fits": "green", "late": "yellow", "gap_fits_missing": "yellow",
    "warning": "yellow", "missing": "red", "not_found": "red", "falls_short": "red", "exceeds": "red", "error": "red",
    "undetermined": "magenta", "unknown": "bright_black", "info": "bright_black",
}  # fmt: skip
BORDER = 3  #: characters of border and padding of a column
_ENDS = "，。；：、！？）》」』”’…％%),.;:!?"
_STARTS = "（《「『“‘"
#: a piece that is never broken: letters, digits and signs, or one Chinese character, with punctuation around it
_PIECE = re.compile(rf"[{_STARTS}(]*(?:[!-~\u00a0-\u2e7f«»]+|[^\s])[{_ENDS}]*|\s+")


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """A column: ``key`` of its value in a row, ``title`` of its heading; ``wrap``: long text may be broken.

    ``least``: smallest width of a column that wraps; ``spare``: left out first on a narrow terminal; ``year``: set for
    columns of reporting years, because older years are left out before newer ones.
    """

    key: str
    title: str
    wrap: bool = True
    least: int = 14
    spare: bool = False
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Styled:
    """A value of a table, and its Rich style on a terminal."""

    value: object
    style: str

    def __str__(self) -> str:
        return cell_text(self.value)


Rows = Sequence[Mapping[str, object]]


def laid_out(rows: Rows, columns: Sequence[LayoutColumn], room: int) -> list[tuple[LayoutColumn, int]]:
    """Return the columns that fit into ``room`` characters, with their widths. Others are left out in this order: spare
    ones from the last on, years from the oldest on, the rest from the last on (never the first that is not spare).
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
    """Return the columns with a value in at least one row; all columns if there are none, or no rows."""
    columns_used = [one for one in columns if any(cell_text(row.get(one.key)) for row in rows)]
    return columns_used if rows and columns_used else list(columns)


def left_out(rows: Rows, columns: Sequence[LayoutColumn], drawn: Sequence[tuple[LayoutColumn, int]]) -> list[str]:
    """Return the titles of columns that have values and were not ``drawn``, for lack of room."""
    keys = {column.key for column, _ in drawn}
    return [one.title for one in filled(rows, columns) if one.key not in keys]


def broken(text: str, width: int) -> str:
    """Break a text into lines of at most ``width`` characters; a longer piece gets a line of its own."""
    lines, line = list[str](), ""
    for piece in _PIECE.findall(text.replace("\n", " ")):
        if line and cell_len(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return "\n".join([*lines, line.rstrip()])


def _turn(column: LayoutColumn) -> tuple[bool, float]:
    """Return the sort key for leaving out columns: the column with the smallest key goes first."""
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
