"""How a page sets its figures: those of one row at one height, each at one place of its column, all of one size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from archive.documents.ocr.confidence import SURE
from archive.documents.ocr.page_ink import CellBox, TextLine

_FEW, _MANY = 2, 8  # such figures of a row, and of a page
_STEADY, _OFF = 0.12, 0.3  # heights by which a page's figures stray from their place; by which one is elsewhere
_OWN, _MOST_OF = 4, 0.75  # sure figures of a column with a place of its own; share of them that stand there


@dataclass(slots=True)
class FigureHabit:
    """How a page sets figures. ``anchor``: 0 left, 0.5 centred, 1 right in the cell, ``shift`` from there in pixels.

    ``columns``: the same of the columns that have a place of their own. ``steady``: all stand so. ``levels``: by row,
    the middle of its figures; ``drop``: how much lower than the middle of its cell each stands, None if they differ;
    ``height``, ``width`` of a digit.
    """

    height: float
    width: float
    anchor: float
    shift: float
    columns: Mapping[tuple[int, int], tuple[float, float]]
    steady: bool
    levels: Mapping[tuple[int, int], float]
    drop: float | None

    def home(self, cell: CellBox, width: float) -> float:
        """Where the figure of a cell begins that is so wide."""
        anchor, shift = self.columns.get(cell.column, (self.anchor, self.shift))
        x0, _, x1, _ = cell.box
        return x0 + anchor * (x1 - x0 - width) + shift

    def level(self, cell: CellBox) -> float | None:
        """The height at which the figure of a cell stands; None if nothing tells it."""
        known = self.levels.get(cell.row)
        if known is None and self.drop is not None:
            return (cell.box[1] + cell.box[3]) / 2 + self.drop
        return known


def is_sure(own: Sequence[TextLine]) -> bool:
    """Whether a cell holds one figure and no doubt about it."""
    return len(own) == 1 and own[0].result.text.isdigit() and own[0].confidence >= SURE and not own[0].also


def habit_of(sure: Sequence[CellBox], by_cell: Mapping[int, list[TextLine]]) -> FigureHabit:
    """How the page sets the figures of these cells."""
    lines = [by_cell[cell.number][0] for cell in sure]
    height = float(np.median([line.y1 - line.y0 for line in lines]))
    single = [line.x1 - line.x0 for line in lines if len(line.result.text) == 1 and line.result.text != "1"]
    width = float(np.median(single)) if single else 0.6 * height
    _, spread, anchor, shift = _usual(sure, by_cell, height)
    own: dict[tuple[int, int], tuple[float, float]] = {}
    for column, cells in _by_column(sure).items():
        off = np.array([_place(cell, by_cell[cell.number][0], anchor) - shift for cell in cells])
        if len(cells) >= _OWN and float(np.median(np.abs(off))) > _OFF * height:
            elsewhere, stray, *place = _usual(cells, by_cell, height)
            if stray <= _STEADY * height and elsewhere <= (1 - _MOST_OF) * len(cells):
                own[column] = place[0], place[1]
    rows: dict[tuple[int, int], list[float]] = {}
    for cell, line in zip(sure, lines, strict=True):
        rows.setdefault(cell.row, []).append((line.y0 + line.y1) / 2)
    levels = {row: float(np.median(middles)) for row, middles in rows.items() if len(middles) >= _FEW}
    low = np.array([(p.y0 + p.y1 - s.box[1] - s.box[3]) / 2 for s, p in zip(sure, lines, strict=True)])
    even = float(np.median(np.abs(low - np.median(low)))) <= _STEADY * height
    drop = float(np.median(low)) if even else None
    return FigureHabit(height, width, anchor, shift, own, spread <= _STEADY * height, levels, drop)


def _by_column(sure: Sequence[CellBox]) -> dict[tuple[int, int], list[CellBox]]:
    columns: dict[tuple[int, int], list[CellBox]] = {}
    for cell in sure:
        columns.setdefault(cell.column, []).append(cell)
    return columns


def _usual(
    cells: Sequence[CellBox], by_cell: Mapping[int, list[TextLine]], height: float
) -> tuple[int, float, float, float]:
    """How most figures of cells are set: how many are not, how far all stray, the anchor and the shift from it."""
    ways: list[tuple[int, float, float, float]] = []
    for anchor in (0.0, 0.5, 1.0):
        off = np.array([_place(cell, by_cell[cell.number][0], anchor) for cell in cells])
        stray = np.abs(off - np.median(off))
        # where most columns are of one width, the middle of them is at one place by any anchor: the others tell
        elsewhere = int((stray > _OFF * height).sum())
        ways.append((elsewhere, float(np.median(stray)), anchor, float(np.median(off))))
    return min(ways)


def _place(cell: CellBox, line: TextLine, anchor: float) -> float:
    """How far a figure stands right of the anchor of its cell."""
    x0, _, x1, _ = cell.box
    return line.x0 + anchor * (line.x1 - line.x0) - (x0 + anchor * (x1 - x0))
