"""Going through the rows: which table of the form each stands in, which columns are named above it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

from archive.forms.loader import load_forms
from archive.forms.model import Form, RowPlan
from archive.forms.spelling import key
from archive.parser.fit import Header
from archive.parser.labels import columns_of, strip_block
from archive.parser.rows import Row
from archive.parser.values import header_unit


@cache
def _group_headers() -> frozenset[str]:
    """Keys of the merged headers that stand over some of a table's columns (法人或其他组织)."""
    return frozenset(key(t.group_header) for form in load_forms() for t in form.tables if t.group_header)


@dataclass(slots=True)
class Candidate:
    """A row of figures that may be a row of the form."""

    row: Row
    plan: RowPlan | None
    header: Header
    units: dict[str, str]
    region: str
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class State:
    """Where we are while going through the rows."""

    forms: dict[str, Form]
    region: str = ""
    table: int = -1
    header: dict[str, tuple[int, int]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    blocks: list[tuple[int, int, str]] = field(default_factory=list)
    block: str | None = None
    position: int = -1
    group: tuple[int, int] | None = None
    lines: list[list[str]] = field(default_factory=list)
    twins: frozenset[int] = frozenset()

    def leave_header(self) -> None:
        """Forget the columns: another table, another block."""
        self.header, self.units, self.blocks, self.group, self.lines = {}, {}, [], None, []
        self.twins = frozenset()


def note_heading(state: State, row: Row) -> None:
    """A header or caption row: which table we are in, which column is which."""
    if row.table != state.table or row.kind == "caption":
        state.leave_header()
    state.table = row.table
    former = state.region
    _region(state, row)
    if state.region != former:
        state.leave_header()
    _columns(state, row)
    state.twins = _twins(row)


def _twins(row: Row) -> frozenset[int]:
    """Columns whose header repeats the one left of it: a converter wrote a merged cell out into each of its columns."""
    return frozenset(
        item.col
        for before, item in zip(row.items, row.items[1:], strict=False)
        if item.text.strip() and item.text == before.text and columns_of("proactive", item.text)
    )


def _without_twins(state: State, row: Row, size: int) -> Row:
    """The row without what was written out twice, header and value alike, if it then has as many cells as columns."""
    kept = [
        item
        for at, item in enumerate(row.items)
        if not (at and item.col in state.twins and item.text == row.items[at - 1].text)
    ]
    return replace(row, items=kept) if len(kept) == size < len(row.items) else row


def _region(state: State, row: Row) -> None:
    """Which table of the form a header belongs to."""
    whole = "".join(row.texts)
    remedies = [text for text in row.texts if strip_block(text) or columns_of("remedies", text)]
    if (
        remedies
        and not any(columns_of("proactive", t) for t in row.texts)
        and ("结果" in whole or "复议" in whole or state.region == "remedies")
    ) or (len(whole) < 80 and "复议" in whole and ("诉讼" in whole or "起诉" in whole)):
        state.region = "remedies"
    elif any(columns_of("applications", t) and not columns_of("remedies", t) and len(key(t)) > 2 for t in row.texts):
        if state.region != "applications":
            state.region, state.position = "applications", -1
    elif row.kind == "caption" or any(columns_of("proactive", text) for text in row.texts):
        if state.region != "proactive" or any(key(text) == "信息内容" for text in row.texts):
            state.leave_header()
        state.region = "proactive"


def _columns(state: State, row: Row) -> None:
    if state.region == "remedies":
        _strip_columns(state, row)
        return
    repeated: set[str] = set()
    line: list[str] = []
    for item in row.items:
        for name in columns_of(state.region, item.text) if state.region else ():
            span = (item.col, item.col + item.span)
            if state.header.get(name, span) != span and not item.carried:
                repeated.add(name)
            state.header[name] = span
            line += [] if item.carried else [name]
            if unit := header_unit(item.text):
                state.units[name] = unit
        if state.region == "applications" and key(item.text) in _group_headers():
            state.group = (item.col, item.col + item.span)
    state.lines.append(line)
    for name in repeated:
        state.header.pop(name, None)


def _strip_columns(state: State, row: Row) -> None:
    named = [(item, block) for item in row.items if (block := strip_block(item.text))]
    state.blocks += [(item.col, item.col + item.span, block) for item, block in named]
    if named:
        state.block = named[0][1] if len({block for _, block in named}) == 1 else None
    for item in row.items:
        for name in columns_of("remedies", item.text):
            over = [block for first, end, block in state.blocks if first <= item.col < end]
            if over:
                state.header[f"{over[-1]}.{name}"] = (item.col, item.col + item.span)


def candidate_at(state: State, row: Row) -> Candidate:
    """Make a candidate of a row of data, with the header and the table it stands under."""
    if row.table != state.table:
        state.leave_header()
        state.table = row.table
    plan = _plan(state, row)
    if plan is not None:
        table = "proactive" if plan.id.startswith("proactive") else "applications"
        if state.region != table:
            state.leave_header()
            state.region = table
        if table == "applications":
            state.position = _rows(state, table).index(plan)
    elif state.region == "remedies" and row.items:
        return _stripcandidate_at(state, row)
    if plan is not None and row.table >= 0 and state.twins:
        row = _without_twins(state, row, len(plan.columns))
    like = plan or (_rows(state, "applications")[0] if state.region == "applications" else None)
    names = _trusted_columns(like, row) if like else set()
    header = {}
    if _sound(state, like):
        header = {name: span for name, span in state.header.items() if name in names}
    return Candidate(row, plan, header, dict(state.units), state.region)


def _sound(state: State, plan: RowPlan | None) -> bool:
    """Whether the header's columns may be believed.

    Where its merged cell does not lie over its own columns, a span is wrong and what stands right of it moved; if each
    line of the header keeps the form's order, that order is all that is left of it.
    """
    if plan is None or state.group is None:
        return True
    first, end = state.group
    inside = {column.id for column in plan.columns if column.grouped}
    true = all((first <= span[0] < end) == (name in inside) for name, span in state.header.items())
    order = [column.id for column in plan.columns]
    return true or not all(line == [name for name in order if name in line] for line in state.lines)


def _trusted_columns(plan: RowPlan, row: Row) -> set[str]:
    """Columns whose header tells their order.

    All in a true grid, those of one header line where lines are all there is.
    """
    nested = row.source != "grid" and any(column.grouped for column in plan.columns)
    return {column.id for column in plan.columns if column.grouped or not nested}


def _stripcandidate_at(state: State, row: Row) -> Candidate:
    block = next((found for text in row.texts if (found := strip_block(text))), None) if row.lead else None
    candidate = Candidate(row, None, dict(state.header) if row.source == "grid" else {}, {}, "remedies")
    candidate.flags = (block or state.block or "",)
    return candidate


def _rows(state: State, table: str) -> tuple[RowPlan, ...]:
    form = state.forms.get(table) or state.forms["applications"]
    return form.table(table).rows


def _plan(state: State, row: Row) -> RowPlan | None:
    """The row of the form that a logical row's label names here; vague labels only where they can stand."""
    hit = row.hit
    if hit is None:
        return None
    if hit.table not in state.forms:
        return None
    rows = _rows(state, hit.table)
    found = next((plan for plan in rows if plan.id in hit.ids), None)
    if found is None or not hit.vague:
        return found
    if state.region != "applications":
        return None
    at = rows.index(found)
    before = rows[state.position].id if state.position >= 0 else ""
    if found.id.endswith(".misc"):
        near = "".join((row.lead, *(key(text) for text in row.texts)))
        return found if state.position in {at - 1, at - 2} or "其他处理" in near else None
    return found if before.startswith("applications.result.") or state.position == at else None
