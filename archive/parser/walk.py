"""Walk through the rows of a document: in which table of the form each stands, below which headings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from archive.forms.loader import form
from archive.forms.model import Form, RowPlan
from archive.forms.spelling import fold, key
from archive.parser.column_assignment import Header
from archive.parser.labels import block_headers, names_remedies, remedies_hints
from archive.parser.printed_order import GROUP, group_headers, names_columns
from archive.parser.rows import Row, is_any_label
from archive.parser.text_classes import classes_of
from archive.parser.values import header_unit, is_number

_CELLS = 4  # of a block, its sum aside
_HEADED = 2  # a line that names so many columns is a header, not the label of one row


class HeaderCell(NamedTuple):
    """A heading as it is printed over columns of a table, known or not: its first column, and the one behind it.

    ``is_copy``: a converter copied a merged cell into each of its columns.
    """

    first: int
    end: int
    text: str
    is_copy: bool = False


@dataclass(slots=True, eq=False)
class Candidate:
    """A row of figures that may be a row of the form.

    ``table_key``: the table of the form that the header above it names.
    ``header_end``: the grid column behind the last cell of that header (0: none).
    ``headings_above``: of a row without a grid, the headings of its columns.
    ``order``: the row's columns as these name them, where they are others or stand in another order than the form's.
    ``form``: that of the row, if it is another than its table's.
    ``header_cells``: all headings that are printed above it in its table; rows below the same share them.
    ``doubted``: columns whose headings are not certain to be theirs.
    ``block``: of a row of the remedies, the block (复议, 诉讼) that is named before it or above; "" if none.
    """

    row: Row
    plan: RowPlan | None
    header: Header
    units: dict[str, str]
    table_key: str
    flags: tuple[str, ...] = ()
    header_end: int = 0
    headings_above: tuple[Row, ...] = ()
    order: tuple[str, ...] = ()
    form: Form | None = None
    header_cells: tuple[HeaderCell, ...] = ()
    doubted: frozenset[str] = frozenset()
    block: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row of the form as they are printed."""
        return self.order or (self.plan.column_ids if self.plan is not None else ())

    @property
    def overflows(self) -> bool:
        """Whether a figure stands right of all that the header covers: a cell too many pushed it out of the table.

        In a spreadsheet nothing is pushed, and sums of somebody's own stand beside a table.
        """
        if not self.header_end or self.row.source != "grid" or not self.row.items:
            return False
        last = self.row.items[-1]
        return last.col >= self.header_end and "sheet" not in last.locator and is_number(last.text)


@dataclass(slots=True)
class State:
    """Where we are while going through the rows.

    ``table_key``: the table of the form that the last header named.
    ``header``: its columns, each with the first column of the grid and the one behind it.
    ``blocks``, ``block``, ``position``, ``group``: the block of columns of which figures are read, and where in it.
    ``repeated_columns``: those into which a converter wrote a merged cell once more.
    ``trusted_headers``: the columns that rows of one kind may be given, by table, size and whether it is a grid.
    ``is_reordered``: a header named the columns in another order than the form's.
    ``headings_above``: the headings of columns outside of grids, which go on over lines of text and the ends of tables.
    ``has_rows_below``: a row was read below these headings.
    ``filled``: figures of blocks were read below their header.
    ``ambiguous_header``: a header of which nothing but its rows tells which table it is of (项目, 总计).
    ``header_cells``: all that the header's headings print, with their places.
    """

    forms: dict[str, Form]
    table_key: str = ""
    table: int = -1
    header: dict[str, tuple[int, int]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    blocks: list[tuple[int, int, str]] = field(default_factory=list)
    block: str | None = None
    position: int = -1
    group: tuple[int, int] | None = None
    lines: list[list[str]] = field(default_factory=list)
    repeated_columns: frozenset[int] = frozenset()
    trusted_headers: dict[tuple[str, int, bool], Header] = field(default_factory=dict)
    is_reordered: bool = False
    header_end: int = 0
    headings_above: tuple[Row, ...] = ()
    has_rows_below: bool = False
    filled: bool = False
    ambiguous_header: Row | None = None
    header_cells: tuple[HeaderCell, ...] = ()

    def leave_header(self) -> None:
        """Forget the columns: another table, another block."""
        self.filled = False
        self.header, self.units, self.blocks, self.group, self.lines = {}, {}, [], None, []
        self.repeated_columns, self.trusted_headers = frozenset(), {}
        self.header_end, self.header_cells = 0, ()


def note_heading(state: State, row: Row) -> None:
    """A header or caption row: which table we are in, which column is which."""
    if row.table != state.table or row.kind == "caption" or (state.filled and _names_blocks(row)):
        state.leave_header()
    state.table = row.table
    former = state.table_key
    _find_table(state, row)
    if state.table_key != former:
        state.leave_header()
    if row.kind == "caption" or state.table_key != former:
        state.headings_above = ()
    state.ambiguous_header = row if names_columns(row) == 1 else None
    _note_above(state, row)
    _columns(state, row)
    repeated = _repeated_columns(row)
    if repeated or any(classes_of(item.text).columns for item in row.items):  # one of units alone says nothing of them
        state.repeated_columns = repeated
    state.trusted_headers = {}
    state.header_end = max([state.header_end, *[item.col + item.span for item in row.items]])
    if row.kind == "header":
        state.header_cells = (*state.header_cells, *_header_cells(row))


def _names_blocks(row: Row) -> bool:
    """Whether a header names blocks of the remedies: below the figures of others it is that of blocks of its own.

    One beside blank cells is a row that was left so.
    """
    cell_classes = [classes_of(item.text) for item in row.items]
    named = sum(classes.block is not None for classes in cell_classes)
    left_so = named == 1 and sum(classes.blank for classes in cell_classes) >= _CELLS
    return not left_so and any(classes.block is not None or classes.over for classes in cell_classes)


def _note_above(state: State, row: Row) -> None:
    """Keep headings outside of grids; what is printed between rows of a table and names a single column is none.

    Those of blocks in grids, too, whose cells may not be merged as they are in the form.
    """
    grid = row.source == "grid" and state.table_key != "remedies"
    named = 0 if grid else names_columns(row)
    if grid or (state.has_rows_below and named >= _HEADED):
        state.headings_above = ()
    if named and (not state.headings_above or not state.has_rows_below):
        state.headings_above, state.has_rows_below = (*state.headings_above, row), False


def _repeated_columns(row: Row) -> frozenset[int]:
    """Columns whose header repeats the one left of it: a converter wrote a merged cell out into each of its columns."""
    return frozenset(
        item.col
        for before, item in zip(row.items, row.items[1:], strict=False)
        if item.text.strip() and item.text == before.text and "proactive" in classes_of(item.text).columns
    )


def _header_cells(row: Row) -> Iterator[HeaderCell]:
    """The headings of a row, one that is written out into several columns once.

    What is left of several that were cut off (本年新, 本年新) is as many.
    """
    printed = [item for item in row.items if item.text.strip()]
    alike = [
        (item.text, item.col - at) if classes_of(item.text).columns else ("", at) for at, item in enumerate(printed)
    ]
    for _, cells in groupby(zip(alike, printed, strict=True), key=lambda pair: pair[0]):
        own = [item for _, item in cells]
        yield HeaderCell(own[0].col, own[-1].col + own[-1].span, own[0].text, len(own) > 1)


def _without_repeated(state: State, row: Row, size: int) -> Row:
    """The row without what was written out twice, header and value alike, if it then has as many cells as columns."""
    items = [
        item
        for at, item in enumerate(row.items)
        if not (at and item.col in state.repeated_columns and item.text == row.items[at - 1].text)
    ]
    return replace(row, items=items) if len(items) == size < len(row.items) else row


def _find_table(state: State, row: Row) -> None:
    """Which table of the form a header belongs to."""
    whole = fold("".join(row.texts))
    cell_classes = [classes_of(text) for text in row.texts]
    proactive = any("proactive" in one.columns for one in cell_classes)
    if any(one.corner for one in cell_classes) and not proactive:
        _enter_applications(state)
    elif (
        not proactive
        and any(one.block or "remedies" in one.columns for one in cell_classes)
        and (state.table_key == "remedies" or any(word in whole for word in remedies_hints()))
    ) or names_remedies(whole):
        state.table_key = "remedies"
    elif any(
        "applications" in one.columns and "remedies" not in one.columns and len(one.key) > 2 for one in cell_classes
    ):
        _enter_applications(state)
    elif row.kind == "caption" or proactive:
        if state.table_key != "proactive" or any(one.key in block_headers() for one in cell_classes):
            state.leave_header()
        state.table_key = "proactive"


def _enter_applications(state: State) -> None:
    if state.table_key != "applications":
        state.table_key, state.position = "applications", -1


def _columns(state: State, row: Row) -> None:
    if state.table_key == "remedies":
        _remedies_columns(state, row)
        return
    repeated: set[str] = set()
    line: list[str] = []
    for item in row.items:
        classes = classes_of(item.text)
        for name in classes.columns.get(state.table_key, ()):
            span = (item.col, item.col + item.span)
            if state.header.get(name, span) != span and not item.carried:
                repeated.add(name)
            state.header[name] = span
            line += [] if item.carried else [name]
            if unit := header_unit(item.text):
                state.units = {**state.units, name: unit}
        if state.table_key == "applications" and classes.key in group_headers():
            state.group = (item.col, item.col + item.span)
            line += [] if item.carried else [GROUP]
    state.lines.append(line)
    for name in repeated:
        state.header.pop(name, None)


def _remedies_columns(state: State, row: Row) -> None:
    named = [(item, block) for item in row.items if (block := classes_of(item.text).block)]
    state.blocks += [(item.col, item.col + item.span, block) for item, block in named]
    if named:
        state.block = named[0][1] if len({block for _, block in named}) == 1 else None
    for item in row.items:
        for name in classes_of(item.text).columns.get("remedies", ()):
            over = [f"{block}.{name}" for first, end, block in state.blocks if first <= item.col < end]
            state.header[over[-1] if over else name] = (item.col, item.col + item.span)


def candidate_at(state: State, row: Row) -> Candidate:
    """Make a candidate of a row of data, with the header and the table it stands under."""
    if row.table != state.table:
        state.is_reordered = state.is_reordered or _in_other_order(state)
        state.leave_header()
        state.table = row.table
    plan = _plan(state, row)
    if plan is not None:
        table = plan.table
        if state.table_key != table:
            state.leave_header()
            state.table_key, state.headings_above = table, ()
            if state.ambiguous_header is not None and state.ambiguous_header.table == row.table:
                _note_above(state, state.ambiguous_header)
                _columns(state, state.ambiguous_header)
        if table == "applications":
            state.position = _positions(_form(state, table).name, table)[plan.id]
    elif state.table_key == "remedies" and row.items:
        return _remedies_candidate_at(state, row)
    if plan is not None and row.table >= 0 and state.repeated_columns:
        row = _without_repeated(state, row, len(plan.columns))
    like = plan or (_rows(state, "applications")[0] if state.table_key == "applications" else None)
    header = _trusted_header(state, like, row.source == "grid") if like else {}
    # the rest of a table whose header told another order than the form's, cut off from it
    doubt = ("label_doubt",) if state.is_reordered and not header and state.table_key == "applications" else ()
    found = Candidate(
        row, plan, header, state.units, state.table_key, doubt, state.header_end, _headings_above(state, row, header)
    )
    found.header_cells = state.header_cells
    if state.group is not None and like is not None and row.source == "grid" and _is_undivided(like, header):
        found.header = {**header, GROUP: state.group}
        found.order = tuple(sorted(found.header, key=found.header.__getitem__))
    return found


def _is_undivided(plan: RowPlan, header: Header) -> bool:
    """Whether none of the columns is named that the merged heading stands for, and all others are."""
    return header.keys() == {column.id for column in plan.columns if not column.grouped}


def _headings_above(state: State, row: Row, header: Header) -> tuple[Row, ...]:
    """The headings above a row whose grid, if it has one, holds none."""
    state.has_rows_below = state.has_rows_below or bool(row.items)
    return state.headings_above if row.source != "grid" or not header else ()


def _in_other_order(state: State) -> bool:
    """Whether the columns named above stand in another order than the form's."""
    if state.table_key != "applications" or not state.header:
        return False
    plan = _rows(state, "applications")[0]
    if state.headings_above:
        return False  # what these tell holds on
    named = sorted(state.header, key=lambda name: state.header[name])
    printed = [column.id for column in plan.columns if column.id in state.header]
    # loose lines of a header without rulings name a few columns, in whatever order its cells are high
    return 2 * len(printed) > len(plan.columns) and named != printed and _is_header_trusted(state, plan)


def _trusted_header(state: State, plan: RowPlan, grid: bool) -> Header:
    """The columns named above that may be believed for a row like this; the same for all rows below a header."""
    alike = plan.table, plan.block, grid
    if alike not in state.trusted_headers:
        names = _trusted_columns(plan, grid) if _is_header_trusted(state, plan) else set()
        state.trusted_headers[alike] = {name: span for name, span in state.header.items() if name in names}
    return state.trusted_headers[alike]


def _is_header_trusted(state: State, plan: RowPlan) -> bool:
    """Whether the header's columns may be believed.

    Where its merged cell does not lie over its own columns, a span is wrong and what stands right of it moved; if each
    line of the header keeps the form's order, that order is all that is left of it.
    """
    spans = [state.header.get(column.id) for column in plan.columns]
    placed = sorted(span for span in spans if span)
    unbroken = len(placed) == len(spans) and all(left[1] == right[0] for left, right in pairwise(placed))
    if state.group is None or unbroken:  # the merged cell may have been written into the first of its places
        return True
    first, end = state.group
    inside = {column.id for column in plan.columns if column.grouped}
    true = all((first <= span[0] < end) == (name in inside) for name, span in state.header.items())
    grouped = next((at for at, column in enumerate(plan.columns) if column.grouped), len(plan.columns))
    order = [column.id for column in plan.columns]
    order.insert(grouped, GROUP)
    return true or not all(line == [name for name in order if name in line] for line in state.lines)


def _trusted_columns(plan: RowPlan, grid: bool) -> set[str]:
    """Columns whose header tells their order.

    All in a true grid, those of one header line where lines are all there is.
    """
    nested = not grid and any(column.grouped for column in plan.columns)
    return {column.id for column in plan.columns if column.grouped or not nested}


def _remedies_candidate_at(state: State, row: Row) -> Candidate:
    row = _with_words(state, row)
    block = next((found for text in row.texts if (found := classes_of(text).block)), None) if row.lead else None
    state.filled = state.filled or (row.numbers > 0 and row.table >= 0)
    return Candidate(
        row,
        None,
        dict(state.header) if row.source == "grid" else {},
        {},
        "remedies",
        header_end=state.header_end,
        headings_above=_headings_above(state, row, {}),
        block=block or state.block or "",
    )


def _with_words(state: State, row: Row) -> Row:
    """A row of the remedies whose figures begin behind a word (O, 待定) as it stands below the headers.

    Each of these has a cell of its own below it, more of them figures than words, and none of these names anything.
    """
    if len(row.whole) == len(row.items):
        return row
    spans, plans = {*state.header.values()}, _rows(state, "remedies")
    if row.source == "ragged":  # a field for each column, none of them a label
        whole = len(row.whole) == sum(len(plan.columns) for plan in plans)
        under = row.whole if whole and all(item.text.isascii() for item in row.whole) else ()
    else:
        under = [item for item in row.whole if (item.col, item.col + item.span) in spans]
        under = under if row.source == "grid" and len(under) == len(spans) >= len(plans[0].columns) else ()
    cell_classes = [classes_of(item.text) for item in under]
    words = [one for one in cell_classes if not one.value]
    if len(words) >= sum(one.number for one in cell_classes) or any(map(is_any_label, words)):
        return row
    before = [item for item in row.whole if item.col < under[0].col]
    return replace(row, items=[*under], lead="".join(classes_of(item.text).key for item in before))


def _form(state: State, table: str) -> Form:
    return state.forms.get(table) or state.forms["applications"]


def _rows(state: State, table: str) -> tuple[RowPlan, ...]:
    return _form(state, table).table(table).rows


@lru_cache(maxsize=64)
def _positions(name: str, table: str) -> dict[str, int]:
    """Row ids of a form's table → where they stand in it."""
    return {plan.id: at for at, plan in enumerate(form(name).table(table).rows)}


def _plan(state: State, row: Row) -> RowPlan | None:
    """The row of the form that a logical row's label names here; vague labels only where they can stand."""
    hit = row.hit
    if hit is None or hit.table not in state.forms:
        return None
    positions = _positions(_form(state, hit.table).name, hit.table)
    at = min((positions[name] for name in hit.ids if name in positions), default=-1)
    if at < 0:
        return None
    rows = _rows(state, hit.table)
    found = rows[at]
    if not hit.vague:
        return found
    if state.table_key != "applications":
        return None
    before = rows[state.position].groups if state.position >= 0 else ()
    nested = len(found.groups) > 1
    if state.position == at and not nested:
        return found
    if before[: len(found.groups)] == found.groups and (state.position != at or not nested):
        return found
    near = "".join((row.lead, *(classes_of(text).key for text in row.texts)))
    return found if any(key(group) in near for group in found.groups[-1:]) else None
