"""Report rows and columns of figures in a table of the form that the form does not have; their figures are not read.

A form is a data file; whatever a body prints beside it (a row of its own, one of a later form, 境外申请人 behind 总计)
belongs to no cell. Only what stands *in* a table of the form is told: a department's other tables are its own affair.
Remarks, signatures, sums of rows that were taken and what is of other years are no rows (``forms/words.toml``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from archive.findings import finding, first_of
from archive.forms.model import Form
from archive.forms.spelling import LONGEST, stands_beside
from archive.parser.cells import Placement
from archive.parser.other_years import is_of_a_year
from archive.parser.printed_order import GROUP
from archive.parser.rows import Item, Row
from archive.parser.text_classes import classes_of
from archive.parser.values import is_number
from archive.parser.walk import Candidate
from storage.records import Finding

_NAMED, _LENGTH = 5, 30  # labels that a finding names, and characters of one
_NO_HEADING = "（无栏目名称）"
_FEWEST = {"proactive": 1, "applications": 5, "remedies": 5}  # cells of a row, merged ones aside
_MARKED = 3  # marks of a row that is filled in, though with none
_ACROSS = 7  # columns of a matrix, over which one figure may be merged
_IN_LINES = 3  # figures of a row that text prints between two of the form


def surplus(
    rows: Sequence[Row],
    candidates: Sequence[Candidate],
    remedies_rows: Sequence[Candidate],
    placed: Placement,
    reported: Collection[int],
) -> Iterator[Finding]:
    """Say which labelled rows, and which columns, of the form's tables are none of its own.

    ``reported``: ids of rows that other findings name. A row may be one of the form under a name that nobody knows: it
    is a warning where its table lacks one, else good to know.
    """
    nameless = [c for c in candidates if c.plan is None and id(c.row) not in reported]
    loose = [c for c in (*nameless, *remedies_rows) if c.row.lead or c.row.hit is not None]
    loose = [c for c in loose if c.row.numbers or _marks(c.row) >= _MARKED]
    wide = [
        c for c in candidates if c.plan is not None and (len(c.row.items) > len(c.plan.columns) or GROUP in c.order)
    ]
    wide += [c for c in remedies_rows if len(c.row.items) > _width(placed.form)]
    if not loose and not wide:
        return
    placed_items = set(map(id, placed.items))
    homes = _homes(candidates, remedies_rows, placed_items)
    found = [c for c in loose if _is_surplus(c, candidates, homes, placed_items)]
    if found:
        yield _rows(found, _misses_rows(placed, {name for c in found for name in homes.get(c.row.table, ())}))
    columns = [head for c in wide for head in _columns(c, rows, placed_items)]
    if columns:
        yield columns_left(list(dict.fromkeys(columns)))


def _homes(
    candidates: Sequence[Candidate], remedies_rows: Sequence[Candidate], placed_items: Collection[int]
) -> Mapping[int, set[str]]:
    """By number, the tables of a document in which rows of the form were placed; the tables of the form they are."""
    homes: dict[int, set[str]] = defaultdict(set)
    for candidate in candidates:
        if candidate.plan is not None:
            homes[candidate.row.table].add(candidate.plan.table)
    for candidate in remedies_rows:
        if any(id(item) in placed_items for item in candidate.row.items):
            homes[candidate.row.table].add("remedies")
    return homes


def _is_surplus(
    candidate: Candidate, candidates: Sequence[Candidate], homes: Mapping[int, set[str]], placed_items: Collection[int]
) -> bool:
    """Whether a row that names no place of the form is a row of figures of one of its tables."""
    row = candidate.row
    label = _label(row)
    if not label or candidate.table_key not in homes.get(row.table, ()) or is_of_a_year(row):
        return False
    if any(id(item) in placed_items for item in row.items) or _is_no_label(label):
        return False
    if row.source == "grid":  # a table of somebody's own may stand right below, in one grid with it
        return len(row.items) >= _FEWEST[candidate.table_key] or row.items[0].span >= _ACROSS
    return candidate.table_key != "remedies" and _as_its_neighbours(candidate, candidates)


def _width(form: Form | None) -> int:
    """How many columns all blocks of the table of 复议 and 诉讼 have."""
    return sum(len(plan.columns) for plan in form.table("remedies").rows) if form is not None else 0


def _marks(row: Row) -> int:
    """How many marks for nothing (/) stand in the cells of a row."""
    return sum(classes_of(item.text).value and not classes_of(item.text).blank for item in row.items)


def _label(row: Row) -> str:
    """The text next to the row's figures; "" if there is none."""
    filled = sum(bool(item.text.strip()) for item in row.items) if row.source in {"grid", "ragged"} else 0
    return row.texts[-filled - 1].strip() if len(row.texts) > filled else ""


def _is_no_label(label: str) -> bool:
    """Whether what stands beside figures is no label of a row: a remark, a signature, a sum, the number of a page."""
    classes = classes_of(label)
    group = classes.heading is not None and classes.heading.kind == "group"  # its figures are the sum of its rows
    return group or classes.value or (len(label) <= LONGEST and (not classes.key or stands_beside(label)))


def _as_its_neighbours(candidate: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether a row of text has as many figures as a row of the form beside it; in lines, as those on both sides."""
    row = candidate.row
    at = next((at for at, other in enumerate(candidates) if other is candidate), 0)
    beside = [c for c in candidates[max(0, at - 1) : at + 2] if c.plan is not None and c.row.table == row.table]
    size = sum(bool(item.text.strip()) for item in row.items)
    same = [c for c in beside if c.plan is not None and len(c.plan.columns) == size]
    if row.source == "ragged":
        return bool(same)
    tables = {c.plan.table for c in same if c.plan is not None}
    return size >= _IN_LINES and len(same) == 2 and len(tables) == 1


def _misses_rows(placed: Placement, tables: Collection[str]) -> bool:
    """Whether rows of these tables of the form are not there."""
    form: Form | None = placed.form
    if form is None:
        return True
    plans = [plan for table in form.tables if table.key in tables for plan in table.rows]
    return any(not any(name in placed.cells for name in plan.place_ids) for plan in plans)


def _columns(candidate: Candidate, rows: Sequence[Row], placed_items: Collection[int]) -> Iterator[str]:
    """The headings of figures that were left over in a row of which others were taken; "" for none."""
    row = candidate.row
    if row.source != "grid" or not any(id(item) in placed_items for item in row.items):
        return
    for item in row.items:
        if id(item) in placed_items or not is_number(item.text):
            continue
        heading = _heading(item, row, rows)
        if heading:
            if not stands_beside(heading):
                yield heading
        elif "sheet" not in item.locator:  # there sums of somebody's own stand beside a table
            yield ""


def _heading(item: Item, row: Row, rows: Sequence[Row]) -> str:
    """The lowest heading above a cell of its table; "" if there is none."""
    heading = ""
    for other in rows:
        if other is row:
            break
        if other.table != row.table or other.kind != "header":
            continue
        over = [one.text.strip() for one in other.items if one.col <= item.col < one.col + one.span]
        heading = next((text for text in over if text), heading)
    return heading


def _short_list(labels: Sequence[str]) -> str:
    """A few labels, none of them too long."""
    return first_of(["".join(label.split())[:_LENGTH] for label in labels], _NAMED)


def _rows(candidates: Sequence[Candidate], lacking: bool) -> Finding:
    labels = _short_list(list(dict.fromkeys(_label(c.row) for c in candidates)))
    return finding("row_unplaced", case="lacking" if lacking else "foreign", found=labels, count=len(candidates))


def columns_left(headings: Sequence[str]) -> Finding:
    """Say which columns of figures are none of the form's; "" for one without a heading."""
    return finding("column_unplaced", found=_short_list([heading or _NO_HEADING for heading in headings]))
