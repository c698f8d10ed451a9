"""Tables in a double frame: its outer lines are left out, as between two lines so near each other nothing is printed.

They run on together with the rulings of the table, or they do not, as a page was scanned; so one part of a table got a
column more on both sides than the other, and its figures were told by their order alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.documents.ruled.page import Stroke
from archive.documents.ruled.rulings import Grid

_NEAR = 7.0  # points, the type being ten: no column is narrower; Word draws the lines of a frame at most six apart
_APART = 1.5  # points by which two lines differ at least
_MERGED = 4.5  # points: of lines so near each other a grid has one, which may be the inner
_SHORT = 3.0  # points that a line of a frame may be shorter than the table, but for the other lines

Strokes = list[Stroke]
Ends = tuple[float, float]


def unframed(across: Sequence[Stroke], down: Sequence[Stroke], grids: Sequence[Grid]) -> tuple[Strokes, Strokes] | None:
    """The strokes without the outer lines of double frames, none running on beyond the inner ones; None: no frames."""
    found = False
    rows, columns = list(across), list(down)
    for grid in grids:
        high, wide = (grid.ys[0], grid.ys[-1]), (grid.xs[0], grid.xs[-1])
        left, right = _doubled(columns, wide, high)
        if left is None or right is None:
            continue
        found = True
        upper, lower = _doubled(rows, high, wide)
        sides, ends = (left, right), (upper or (high[0], high[0]), lower or (high[1], high[1]))
        rows, columns = _within(rows, ends, sides), _within(columns, sides, ends)
    return (rows, columns) if found else None


def _doubled(strokes: Sequence[Stroke], edges: Ends, span: Ends) -> tuple[Ends | None, Ends | None]:
    """The outer line and the inner one at each edge of a table, where there are two; ``span``: how far it goes."""
    reach = _NEAR + _SHORT
    whole = sorted(s.at for s in strokes if s.start <= span[0] + reach and s.end >= span[1] - reach)
    first = [at for at in whole if edges[0] - _MERGED <= at <= edges[0] + _NEAR]
    last = [at for at in whole if edges[1] - _NEAR <= at <= edges[1] + _MERGED]
    return (
        (first[0], first[-1]) if first and _APART < first[-1] - first[0] <= _NEAR else None,
        (last[-1], last[0]) if last and _APART < last[-1] - last[0] <= _NEAR else None,
    )


def _within(strokes: Sequence[Stroke], edges: tuple[Ends, Ends], ends: tuple[Ends, Ends]) -> Strokes:
    """The strokes of one direction with a table's own lying within its inner lines.

    ``edges``: the outer line and the inner one at both edges across the strokes; ``ends``: the same along them.
    """
    (first, low), (last, high) = edges
    (begin, start), (finish, end) = ends
    done = []
    for s in strokes:
        own = first - _APART <= s.at <= last + _APART and s.start < finish and begin < s.end
        if not own:
            done.append(s)
            continue
        if not low - _APART <= s.at <= high + _APART:
            continue
        near = (start if abs(s.start - begin) <= _NEAR else s.start), (end if abs(s.end - finish) <= _NEAR else s.end)
        done.append(Stroke(s.at, max(s.start, near[0]), min(s.end, near[1])))
    return [s for s in done if s.start < s.end]
