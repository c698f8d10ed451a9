"""Logical rows → cells of the form. The form is recognised from the tables.

A row is placed by its label, never by a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher

from archive.forms.model import Form, Place, RowPlan, TablePlan
from archive.forms.spelling import key
from archive.parser import findings as said
from archive.parser.fit import Fit, Header, fit_row
from archive.parser.labels import columns_of, strip_block
from archive.parser.recognise import recognise
from archive.parser.rows import Item, Row
from archive.parser.values import header_unit, is_number, read_value
from storage.records import Cell, CellState, Finding, Severity

_SIMILAR = 0.7  # a garbled label between its neighbours


@dataclass(slots=True)
class Placed:
    """What the tables say: ``form`` None if no table was recognised; ``tables``: keys of the tables seen."""

    form: Form | None = None
    cells: dict[str, Cell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Candidate:
    """A row of figures that may be a row of the form."""

    row: Row
    plan: RowPlan | None
    header: Header
    units: dict[str, str]
    region: str
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class _State:
    """Where we are while going through the rows."""

    forms: dict[str, Form]
    region: str = ""
    table: int = -1
    header: dict[str, tuple[int, int]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    blocks: list[tuple[int, int, str]] = field(default_factory=list)
    block: str | None = None
    position: int = -1


def place(rows: Sequence[Row]) -> Placed:
    """Place all rows of a document."""
    forms = recognise(rows)
    result = Placed()
    if not forms:
        return result
    result.form = forms.get("proactive") or forms["applications"]
    if len({plan.name for plan in forms.values()}) > 1:
        result.findings.append(_mixed(forms))
    state = _State(forms)
    candidates: list[_Candidate] = []
    strips: list[_Candidate] = []
    for row in rows:
        if row.kind != "data":
            _heading(state, row)
            continue
        candidate = _candidate(state, row)
        (strips if candidate.region == "remedies" else candidates).append(candidate)
    _drop_crumbs(candidates)
    _fill_gaps(candidates, forms["applications"].table("applications"), result)
    _settle(candidates, result, forms)
    _strips(strips, forms["applications"].table("remedies"), result, rows)
    return result


def _mixed(forms: dict[str, Form]) -> Finding:
    names = "、".join(sorted({plan.name for plan in forms.values()}))
    return said.finding(
        "mixed_forms", Severity.WARNING, f"各表用的格式不一：{names}。", f"The tables follow different forms: {names}."
    )


# ------------------------------------------------------------------------------------------------- going through


def _heading(state: _State, row: Row) -> None:
    """A header or caption row: which table we are in, which column is which."""
    if row.table != state.table or row.kind == "caption":
        state.header, state.units, state.blocks = {}, {}, []
    state.table = row.table
    former = state.region
    _region(state, row)
    if state.region != former:
        state.header, state.units, state.blocks = {}, {}, []
    _columns(state, row)


def _region(state: _State, row: Row) -> None:
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
            state.header, state.units = {}, {}
        state.region = "proactive"


def _columns(state: _State, row: Row) -> None:
    if state.region == "remedies":
        _strip_columns(state, row)
        return
    repeated: set[str] = set()
    for item in row.items:
        for name in columns_of(state.region, item.text) if state.region else ():
            span = (item.col, item.col + item.span)
            if state.header.get(name, span) != span and not item.carried:
                repeated.add(name)
            state.header[name] = span
            if unit := header_unit(item.text):
                state.units[name] = unit
    for name in repeated:
        state.header.pop(name, None)


def _strip_columns(state: _State, row: Row) -> None:
    named = [(item, block) for item in row.items if (block := strip_block(item.text))]
    state.blocks += [(item.col, item.col + item.span, block) for item, block in named]
    if named:
        state.block = named[0][1] if len({block for _, block in named}) == 1 else None
    for item in row.items:
        for name in columns_of("remedies", item.text):
            over = [block for first, end, block in state.blocks if first <= item.col < end]
            if over:
                state.header[f"{over[-1]}.{name}"] = (item.col, item.col + item.span)


def _candidate(state: _State, row: Row) -> _Candidate:
    if row.table != state.table:
        state.table, state.header, state.units, state.blocks = row.table, {}, {}, []
    plan = _plan(state, row)
    if plan is not None:
        table = "proactive" if plan.id.startswith("proactive") else "applications"
        if state.region != table:
            state.region, state.header, state.units = table, {}, {}
        if table == "applications":
            state.position = _rows(state, table).index(plan)
    elif state.region == "remedies" and row.items:
        return _strip_candidate(state, row)
    names = _trusted_columns(plan, row) if plan else set()
    header = {name: span for name, span in state.header.items() if name in names}
    return _Candidate(row, plan, header, dict(state.units), state.region)


def _trusted_columns(plan: RowPlan, row: Row) -> set[str]:
    """Columns whose header tells their order.

    All in a true grid, those of one header line where lines are all there is.
    """
    nested = row.source != "grid" and any(column.grouped for column in plan.columns)
    return {column.id for column in plan.columns if column.grouped or not nested}


def _strip_candidate(state: _State, row: Row) -> _Candidate:
    block = next((found for text in row.texts if (found := strip_block(text))), None) if row.lead else None
    candidate = _Candidate(row, None, dict(state.header) if row.source == "grid" else {}, {}, "remedies")
    candidate.flags = (block or state.block or "",)
    return candidate


def _rows(state: _State, table: str) -> tuple[RowPlan, ...]:
    form = state.forms.get(table) or state.forms["applications"]
    return form.table(table).rows


def _plan(state: _State, row: Row) -> RowPlan | None:
    """The row of the form that a logical row's label names here; vague labels only where they can stand."""
    hit = row.hit
    if hit is None:
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


# ------------------------------------------------------------------------------------------------- order


def _fill_gaps(candidates: list[_Candidate], table: TablePlan, result: Placed) -> None:
    """Rows of figures without a label, between two that have one: placed if exactly as many are missing there."""
    places = {plan.id: i for i, plan in enumerate(table.rows)}
    run: list[_Candidate] = []
    last: int | None = None
    filled: list[RowPlan] = []
    for candidate in candidates:
        if candidate.plan is None:
            if candidate.region == "applications" and _is_anonymous(candidate, len(table.columns)):
                run.append(candidate)
            continue
        at = places.get(candidate.plan.id)
        if at is None or not candidate.row.items:
            continue
        if last is not None and run and at - last - 1 == len(run):
            filled += _assign(run, table.rows[last + 1 : at])
        last, run = at, []
    if last is not None and run and len(table.rows) - last - 1 == len(run):
        filled += _assign(run, table.rows[last + 1 :])
    if filled:
        cells = [place for plan in filled for place in plan.place_ids]
        result.findings.append(said.order_only((plan.label for plan in filled), cells))


def _drop_crumbs(candidates: list[_Candidate]) -> None:
    """Where the figures stand in tables, a torn label with a stray figure behind it in the text is no row."""
    tabled = sum(c.plan is not None and c.row.source in {"grid", "ragged"} and c.row.numbers > 0 for c in candidates)
    for candidate in candidates if tabled >= 3 else ():
        plan = candidate.plan
        if plan is not None and candidate.row.source == "lines" and len(candidate.row.items) != len(plan.columns):
            candidate.row.items = []


def _is_anonymous(candidate: _Candidate, size: int) -> bool:
    items = candidate.row.items
    fit = fit_row(items, [str(i) for i in range(size)], candidate.row.source, {}, None)
    return not fit.problem and sum(is_number(item.text) for item in items) > 1


def _assign(run: Sequence[_Candidate], plans: Sequence[RowPlan]) -> list[RowPlan]:
    if not all(_compatible(candidate.row.lead, plan, len(run)) for candidate, plan in zip(run, plans, strict=True)):
        return []
    for candidate, plan in zip(run, plans, strict=True):
        candidate.plan, candidate.flags = plan, ("order_only",)
        if candidate.row.lead and candidate.row.lead not in _whole(plan):
            candidate.flags = ("label_doubt",)
    return list(plans)


def _whole(plan: RowPlan) -> str:
    return "".join(key(text) for text in (*plan.groups, plan.label)) + key(
        plan.label.replace("（", "").replace("）", "")
    )


def _compatible(lead: str, plan: RowPlan, size: int) -> bool:
    """Whether what is left of a label can be that of this row.

    Nothing, a piece of it, or (one row missing) something like it.
    """
    if not lead or lead in _whole(plan):
        return True
    return size == 1 and SequenceMatcher(None, lead, key(plan.label)).ratio() >= _SIMILAR


# ------------------------------------------------------------------------------------------------- settling


def _settle(candidates: list[_Candidate], result: Placed, forms: dict[str, Form]) -> None:
    shapes = _shapes(candidates)
    unplaced = [c for c in candidates if c.plan is None and c.region and c.row.numbers > 1 and c.row.table >= 0]
    local = [c for c in unplaced if c.row.lead and not _is_fragment(c)]
    unplaced = [c for c in unplaced if c not in local]
    if unplaced:
        sample = " ".join(item.text.strip() for item in unplaced[0].row.items)[:60]
        result.findings.append(said.row_unplaced(len(unplaced), sample))
    seen: dict[str, dict[str, Cell]] = {}
    empty: list[_Candidate] = []
    for candidate in candidates:
        if candidate.plan is None:
            continue
        if not candidate.row.items and candidate.row.source in {"lines", "list"}:
            empty.append(candidate)
            continue
        shape = shapes.get(_shape(candidate), _Shape())
        _merge(seen, candidate.plan, _cells(candidate, shape, result), result)
    _blank_rows(empty, seen, bool(unplaced), forms)
    for table in ("proactive", "applications"):
        form = forms.get(table) or forms["applications"]
        for plan in form.table(table).rows:
            if plan.id in seen:
                result.tables.add(table)
                result.cells.update(seen[plan.id])


def _is_fragment(candidate: _Candidate) -> bool:
    return len(candidate.row.lead) < 2


@dataclass(slots=True)
class _Shape:
    """Rows alike in a table whose rows may be shifted: where their values begin; ``even``.

    No row of the table lost fields.
    """

    starts: set[int] = field(default_factory=set)
    even: bool = True

    @property
    def start(self) -> int | None:
        """The one column on which all rows that leave no doubt agree."""
        return next(iter(self.starts)) if len(self.starts) == 1 else None


def _shape(candidate: _Candidate) -> tuple[int, int, int, str]:
    plan = candidate.plan
    assert plan is not None
    return candidate.row.table, candidate.row.label_col, len(plan.groups), plan.id.split(".")[0]


def _shapes(candidates: Sequence[_Candidate]) -> dict[tuple[int, int, int, str], _Shape]:
    shapes: dict[tuple[int, int, int, str], _Shape] = {}
    ends: dict[int, set[int]] = {}
    exact: dict[int, bool] = {}
    for candidate in candidates:
        plan, items = candidate.plan, candidate.row.items
        if plan is None or candidate.row.source != "ragged" or not items or len(plan.columns) == 1:
            continue
        shape = shapes.setdefault(_shape(candidate), _Shape())
        ends.setdefault(candidate.row.table, set()).add(items[-1].col)
        exact[candidate.row.table] = exact.get(candidate.row.table, True) and len(items) == len(plan.columns)
        fit = fit_row(items, [column.id for column in plan.columns], "ragged", {}, None, even=False)
        if fit.start is not None and any(item.text.strip() for item in items):
            shape.starts.add(fit.start)
    for (table, *_), shape in shapes.items():
        shape.even = exact[table] or len(ends[table]) == 1
    return shapes


def _cells(candidate: _Candidate, shape: _Shape, result: Placed) -> dict[str, Cell]:
    plan, row = candidate.plan, candidate.row
    assert plan is not None
    ids = [column.id for column in plan.columns]
    fit = fit_row(row.items, ids, row.source, candidate.header, shape.start, even=shape.even)
    if fit.problem:
        if not row.items:
            return {}
        result.findings.append(said.count_mismatch(plan.label, len(ids), row.numbers, plan.place_ids))
        raw = " | ".join(item.text.strip() for item in row.items)[:200]
        locator = row.items[0].locator
        return {
            name: Cell(
                id=name, value=None, raw=raw, state=CellState.PRINTED, locator=locator, flags=("count_mismatch",)
            )
            for name in plan.place_ids
        }
    if fit.single:
        result.findings.append(said.merged_value(plan.label, plan.place_ids[:1]))
    elif missing := [name for name in ids if name not in fit.cells]:
        result.findings.append(_columns_missing(plan, missing))
    table = "proactive" if plan.id.startswith("proactive") else "applications"
    return _read(fit, plan, table, candidate.flags, candidate.units, result)


def _columns_missing(plan: RowPlan, missing: Sequence[str]) -> Finding:
    labels = "、".join(column.label for column in plan.columns if column.id in missing)
    return said.finding(
        "columns_missing",
        Severity.WARNING,
        f"“{plan.label}”一行没有这些栏目：{labels}。",
        f"Row “{plan.label}” prints no cell for: {labels}.",
        (f"{plan.id}.{name}" for name in missing),
    )


def _read(
    fit: Fit, plan: RowPlan, table: str, flags: tuple[str, ...], units: dict[str, str], result: Placed
) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for column in plan.columns:
        if column.id not in fit.cells:
            continue
        item = fit.cells[column.id]
        spot = Place(id=f"{plan.id}.{column.id}", table=table, row=plan, column=column)
        doubt = (*flags, "merged") if fit.single or (item is not None and item.carried) else flags
        cells[spot.id] = cell_of(spot, item, doubt, units.get(column.id, ""))
        _tell(cells[spot.id], spot, result)
    return cells


def cell_of(spot: Place, item: Item | None, flags: tuple[str, ...] = (), unit: str = "") -> Cell:
    """The cell of a place from the text that stands there (None: nothing at all, which is blank)."""
    if item is None:
        return Cell(id=spot.id, value=None, raw="", state=CellState.BLANK, flags=flags)
    value = read_value(item.text, spot.kind, spot.unit, unit)
    return Cell(
        id=spot.id,
        value=value.value,
        raw=item.text.strip(),
        state=value.state,
        locator=item.locator,
        flags=(*value.flags, *flags),
    )


def _tell(cell: Cell, spot: Place, result: Placed) -> None:
    if "not_a_number" in cell.flags or ("not_integer" in cell.flags and cell.value is None):
        code = "not_a_number" if "not_a_number" in cell.flags else "not_integer"
        result.findings.append(
            said.finding(
                code,
                Severity.WARNING,
                f"“{spot.row.label}／{spot.column.label}”印的是“{cell.raw[:60]}”，不是可用的数，未取值。",
                f"{spot.id} prints “{cell.raw[:60]}”, which is no value of this cell: none was taken.",
                (cell.id,),
                found=cell.raw[:60],
            )
        )
    elif "unit_missing" in cell.flags:
        result.findings.append(
            said.finding(
                "unit_missing",
                Severity.INFO,
                f"“{spot.row.label}／{spot.column.label}”没有印单位，按原样保留：{cell.raw}。",
                f"{spot.id} prints no unit; kept as printed: {cell.raw}.",
                (cell.id,),
                found=cell.raw,
            )
        )


def _merge(seen: dict[str, dict[str, Cell]], plan: RowPlan, cells: dict[str, Cell], result: Placed) -> None:
    """Keep the first print of a row; a second one must say the same."""
    if not cells:
        return
    known = seen.get(plan.id)
    if known is None:
        seen[plan.id] = cells
        return
    differing = [name for name in {**known, **cells} if _said(known, name) != _said(cells, name)]
    if not differing:
        return
    first, second = (known, cells) if any(c.value is not None for c in known.values()) else (cells, known)
    if any(c.value is not None for c in second.values()):
        result.findings.append(said.duplicate_differs(plan.label, differing))
        first = {name: _flagged(cell, "conflict") if name in differing else cell for name, cell in first.items()}
    seen[plan.id] = first


def _said(cells: dict[str, Cell], name: str) -> Decimal | None:
    return cells[name].value if name in cells else None


def _flagged(cell: Cell, flag: str) -> Cell:
    return Cell(
        id=cell.id, value=cell.value, raw=cell.raw, state=cell.state, locator=cell.locator, flags=(*cell.flags, flag)
    )


def _blank_rows(
    empty: Sequence[_Candidate], seen: dict[str, dict[str, Cell]], unplaced: bool, forms: dict[str, Form]
) -> None:
    """Labels without anything after them, in text that lost its blanks.

    Blank rows, if the whole table stands there so.
    """
    for table in ("proactive", "applications"):
        form = forms.get(table) or forms["applications"]
        plans = form.table(table).rows
        here = {c.plan.id: c.plan for c in empty if c.plan in plans and c.plan is not None and not c.row.last}
        known = {plan.id for plan in plans if plan.id in seen}
        in_tables = any(
            "line" not in cell.locator or "row" in cell.locator for name in known for cell in seen[name].values()
        )
        if unplaced or in_tables or len(here) + len(known) < 0.6 * len(plans):
            continue
        for name, plan in here.items():
            if name not in seen:
                seen[name] = {
                    place: Cell(id=place, value=None, raw="", state=CellState.BLANK) for place in plan.place_ids
                }


# ------------------------------------------------------------------------------------------------- remedies


def _strips(strips: Sequence[_Candidate], table: TablePlan, result: Placed, rows: Sequence[Row]) -> None:
    ids = [place for plan in table.rows for place in plan.place_ids]
    spots = {
        f"{plan.id}.{column.id}": Place(id=f"{plan.id}.{column.id}", table=table.key, row=plan, column=column)
        for plan in table.rows
        for column in plan.columns
    }
    found: dict[str, Cell] = {}
    failed: _Candidate | None = None
    bare = [candidate for candidate in strips if not candidate.row.lead] or list(strips)
    differing: list[str] = []
    for candidate in sorted(bare, key=lambda c: -c.row.numbers):
        fit = _strip_fit(candidate, table, ids)
        if fit.problem:
            failed = failed or (candidate if candidate.row.numbers else None)
            continue
        for name, item in fit.cells.items():
            if name not in found:
                found[name] = cell_of(spots[name], item)
                _tell(found[name], spots[name], result)
            elif item is not None and is_number(item.text) and cell_of(spots[name], item).value != found[name].value:
                differing.append(name)
                found[name] = _flagged(found[name], "conflict")
    if differing:
        result.findings.append(said.duplicate_differs("行政复议、行政诉讼", differing))
    if not found and failed is not None:
        _strip_failed(failed, ids, result)
    elif not found and not strips and _blank_strip(rows):
        found = {name: Cell(id=name, value=None, raw="", state=CellState.BLANK) for name in ids}
    if found or failed is not None:
        result.tables.add(table.key)
    result.cells.update({name: found[name] for name in ids if name in found})


def _strip_fit(candidate: _Candidate, table: TablePlan, ids: list[str]) -> Fit:
    """Fifteen cells in order, or under their headers; or five cells of the one block named before."""
    row, block = candidate.row, candidate.flags[0] if candidate.flags else ""
    fit = fit_row(row.items, ids, row.source, candidate.header, None)
    if not fit.problem and not fit.single and len(row.items) >= len(table.columns):
        return fit
    plan = next((plan for plan in table.rows if plan.id == block), None)
    if plan is not None and len(row.items) < len(ids):
        own = {name: span for name, span in candidate.header.items() if name.startswith(plan.id + ".")}
        return fit_row(row.items, plan.place_ids, row.source, own, None)
    return Fit({}, problem="count")


def _strip_failed(candidate: _Candidate, ids: Sequence[str], result: Placed) -> None:
    raw = " | ".join(item.text.strip() for item in candidate.row.items)[:200]
    result.findings.append(said.count_mismatch("行政复议、行政诉讼", len(ids), candidate.row.numbers, ids))
    for name in ids:
        result.cells[name] = Cell(
            id=name,
            value=None,
            raw=raw,
            state=CellState.PRINTED,
            locator=candidate.row.items[0].locator,
            flags=("count_mismatch",),
        )


def _blank_strip(rows: Sequence[Row]) -> bool:
    """The header of the remedies table stands in text that lost its blanks, and something follows it."""
    for row in rows:
        if row.kind == "header" and row.source == "lines" and not row.last:
            words = {name for text in row.texts for name in columns_of("remedies", text)}
            if len(words) >= 3 and any(strip_block(text) == "litigation.direct" for text in row.texts):
                return True
    return False
