"""Of a table in a double frame the inner lines alone are taken, on every page it goes over."""

from __future__ import annotations

import numpy as np

from archive.documents.recognised.framed import unframed
from archive.documents.ruled.page import Stroke
from archive.documents.ruled.rulings import grids

LEFT, TOP, RIGHT, BOTTOM = 60.0, 100.0, 460.0, 300.0


def _table(columns: tuple[float, ...], reach: float) -> tuple[list[Stroke], list[Stroke]]:
    """Rows of 20 points; the rulings between them run on by ``reach`` into the frame."""
    rows = [Stroke(float(y), LEFT - reach, RIGHT + reach) for y in np.arange(TOP, BOTTOM + 1, 20)]
    return rows, [Stroke(x, TOP - reach, BOTTOM + reach) for x in columns]


def _framed(apart: float, reach: float) -> tuple[list[Stroke], list[Stroke]]:
    across, down = _table((LEFT, 200.0, RIGHT), reach)
    across += [Stroke(y, LEFT - apart, RIGHT + apart) for y in (TOP - apart, BOTTOM + apart)]
    down += [Stroke(x, TOP - apart, BOTTOM + apart) for x in (LEFT - apart, RIGHT + apart)]
    return across, down


def test_a_double_frame_adds_no_columns_and_no_rows_however_far_its_lines_are_apart() -> None:
    for apart in (3.5, 4.4, 4.8, 6.0):
        for reach in (0.0, apart):
            across, down = _framed(apart, reach)
            within = unframed(across, down, grids(across, down)) or (across, down)  # or they meet nowhere
            (grid,) = grids(*within)
            assert grid.xs == (LEFT, 200.0, RIGHT)
            assert (grid.ys[0], grid.ys[-1], len(grid.regions)) == (TOP, BOTTOM, 20)


def test_tables_without_a_double_frame_stay_as_they_are() -> None:
    for columns in ((LEFT, 200.0, RIGHT), (LEFT, 75.0, 200.0, RIGHT), (LEFT, 65.0, 200.0, RIGHT)):
        across, down = _table(columns, 0.0)
        assert unframed(across, down, grids(across, down)) is None


def test_the_table_below_keeps_its_rulings() -> None:
    across, down = _framed(4.8, 4.8)
    below, columns = _table((LEFT, 300.0, RIGHT), 0.0)
    below = [Stroke(s.at + 210, s.start, s.end) for s in below]
    columns = [Stroke(s.at, s.start + 210, s.end + 210) for s in columns]
    within = unframed([*across, *below], [*down, *columns], grids([*across, *below], [*down, *columns]))
    assert within is not None
    assert [s for s in within[0] if s.at > 306] == below
    assert [s for s in within[1] if s.start > 306] == columns
