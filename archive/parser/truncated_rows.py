"""Read the row in which a text breaks off: its figures up to there belong to its first columns, if no blank was lost.

Excerpts of pages end anywhere. What stands before the end is given, but for a last figure that may go on, and doubted,
as a report may end with a row that lost its blanks; so is the figure with which a whole row and the text end. A figure
too many is the number of the next label (``2`` of 2.重复申请).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archive.documents.pages import UNREAD, Pages, Table
from archive.findings import finding
from archive.forms.model import Form
from archive.parser.cells import Placement, with_flag
from archive.parser.column_assignment import ColumnAssignment, filled_items
from archive.parser.shapes import Alike, TableShape, shape_of
from archive.parser.values import is_number
from archive.parser.walk import Candidate

_BEARING = 1  # whole rows that bear out that none lost a blank
_WHOLE = "0"  # the one figure that has no more digits


def left_of_fields(shapes: Mapping[Alike, TableShape], candidate: Candidate) -> ColumnAssignment | None:
    """The figures of a row of fields in which a text breaks off; None for any other row.

    What is missing stands there as not read, in as many fields as the longest row has. Values begin where those of rows
    alike do, or where all rows of the table have theirs right behind the label.
    """
    row, ids = candidate.row, candidate.columns
    if row.source != "ragged" or not row.items or row.items[-1].text != UNREAD:
        return None
    alike = shape_of(candidate)
    table, at = alike[:2]
    own = shapes.get(alike)
    start = own.start if own is not None else None
    if start is None:
        others = [(col, shape) for (of, col, *_), shape in shapes.items() if of == table and shape is not own]
        behind = bool(others) and all(shape.start == col + 1 for col, shape in others)
        start = at + 1 if behind else None
    by_col = {item.col: item for item in row.items}
    if start is None or any(col < start or (col >= start + len(ids) and by_col[col].text != UNREAD) for col in by_col):
        return None
    return ColumnAssignment({name: item for i, name in enumerate(ids) if (item := by_col.get(start + i)) is not None})


def breaks_off(candidates: Sequence[Candidate]) -> Candidate | None:
    """The last row of a text that ends in it, where all others of its table have a figure in each column."""
    last = candidates[-1] if candidates else None
    if last is None or last.plan is None or not last.row.last or last.row.source == "grid" or not last.row.items:
        return None
    others = [c for c in candidates[:-1] if c.plan is not None and c.plan.table == last.plan.table and c.row.items]
    whole = [c for c in others if c.plan is not None and len(filled_items(c.row.items)) == len(c.plan.columns)]
    return last if len(others) == len(whole) >= _BEARING else None


def doubt_end(pages: Pages, placed: Placement) -> None:
    """Doubt the last cell of a text that breaks off before its table is complete: a figure may go on there.

    A text that ends with the last row of a table may be no excerpt at all.
    """
    last = pages.blocks[-1] if pages.blocks and pages.kind == "text" else None
    if last is None or placed.form is None:
        return
    end = max(last.cells, key=lambda cell: (cell.row, cell.col)) if isinstance(last, Table) else last
    if end.text.strip() and not end.text.rstrip()[-1].isdecimal():
        return
    names = [name for name, cell in placed.cells.items() if cell.locator == end.locator]
    name = next((name for name in reversed(placed.form.ids) if name in names), None)
    if name is None or not _has_rows_below(placed.form, name, placed):
        return
    placed.cells[name] = with_flag(placed.cells[name], "label_doubt")
    if not any(finding.code == "document_damaged" for finding in pages.findings):
        placed.findings.append(finding("document_damaged", case="cut_short", cells=(name,)))


def _has_rows_below(form: Form, name: str, placed: Placement) -> bool:
    """Whether the table of a place has rows below its own, none of which is printed."""
    rows = form.table(form.places[name].table).rows
    below = [place for row in rows[rows.index(form.places[name].row) + 1 :] for place in row.place_ids]
    return bool(below) and placed.cells.keys().isdisjoint(below)


def fit_truncated(candidate: Candidate, ids: Sequence[str]) -> ColumnAssignment:
    """What of its figures is certain, by the columns ``ids``."""
    items = filled_items(candidate.row.items)
    if not all(is_number(item.text) for item in items) or len(items) > len(ids) + 1:
        return ColumnAssignment({}, problem="count")
    if len(items) < len(ids) and items[-1].text.strip() != _WHOLE and candidate.row.source != "list":
        items = items[:-1]
    return (
        ColumnAssignment(dict(zip(ids, items, strict=False)), doubt=True)
        if items
        else ColumnAssignment({}, problem="count")
    )
