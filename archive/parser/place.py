"""Logical rows → cells of the form. A row is placed by its label, never by a guess."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from archive.forms.model import Form, Place, RowPlan
from archive.parser import findings as said
from archive.parser.cells import Placed, cell_of, flagged, tell
from archive.parser.fit import Fit, fit_row
from archive.parser.gaps import drop_crumbs, fill_gaps
from archive.parser.recognise import recognise
from archive.parser.remedies import place_strips
from archive.parser.rows import Row
from archive.parser.shapes import Shape, shape_of, shapes_of
from archive.parser.walk import Candidate, State, candidate_at, note_heading
from storage.records import Cell, CellState, Finding, Severity


def place(rows: Sequence[Row]) -> Placed:
    """Place all rows of a document."""
    forms = recognise(rows)
    result = Placed()
    if not forms:
        return result
    result.form = forms.get("proactive") or forms["applications"]
    if len({plan.name for plan in forms.values()}) > 1:
        result.findings.append(_mixed(forms))
    state = State(forms)
    candidates: list[Candidate] = []
    strips: list[Candidate] = []
    for row in rows:
        if row.kind != "data":
            note_heading(state, row)
            continue
        candidate = candidate_at(state, row)
        (strips if candidate.region == "remedies" else candidates).append(candidate)
    drop_crumbs(candidates)
    fill_gaps(candidates, forms["applications"].table("applications"), result)
    _settle(
        candidates, result, forms, any(row.kind == "header" and row.source == "lines" and row.numbers for row in rows)
    )
    place_strips(strips, forms["applications"].table("remedies"), result, rows)
    return result


def _mixed(forms: dict[str, Form]) -> Finding:
    names = "、".join(sorted({plan.name for plan in forms.values()}))
    return said.finding(
        "mixed_forms", Severity.WARNING, f"各表用的格式不一：{names}。", f"The tables follow different forms: {names}."
    )


def _settle(candidates: list[Candidate], result: Placed, forms: dict[str, Form], run_together: bool) -> None:
    """Place the candidates; ``run_together``: a table of the document is one line of text, its figures are lost."""
    shapes = shapes_of(candidates)
    unplaced = [c for c in candidates if c.plan is None and c.region and c.row.numbers > 1 and c.row.table >= 0]
    local = [c for c in unplaced if c.row.lead and not _is_fragment(c)]
    unplaced = [c for c in unplaced if c not in local]
    if unplaced:
        sample = " ".join(item.text.strip() for item in unplaced[0].row.items)[:60]
        result.findings.append(said.row_unplaced(len(unplaced), sample))
    seen: dict[str, dict[str, Cell]] = {}
    empty: list[Candidate] = []
    torn = run_together or _torn(candidates)
    if torn:
        _doubt_lagging(candidates)
    mixed = {c.row.table for c in candidates if c.row.source == "ragged" and _figures_before(c)}
    for candidate in candidates:
        if candidate.plan is None or (candidate.row.table in mixed and not candidate.row.numbers):
            continue
        if not candidate.row.items and candidate.row.source in {"lines", "list"}:
            empty.append(candidate)
            continue
        shape = shapes.get(shape_of(candidate), Shape())
        _merge(seen, candidate.plan, _cells(candidate, shape, result), result)
    _blank_rows(empty, seen, bool(unplaced) or torn, forms)
    for table in ("proactive", "applications"):
        form = forms.get(table) or forms["applications"]
        for plan in form.table(table).rows:
            if plan.id in seen:
                result.tables.add(table)
                result.cells.update(seen[plan.id])


def _torn(candidates: Sequence[Candidate]) -> bool:
    """Whether figures of a text stand apart from their labels: then a label without figures says nothing."""
    for candidate in candidates:
        row, plan = candidate.row, candidate.plan
        if row.source == "lines" and row.numbers > (len(plan.columns) if plan is not None else 0):
            return True
    return False


def _doubt_lagging(candidates: Sequence[Candidate]) -> None:
    """Where labels and figures came apart, a row next to a label without figures may have that one's."""
    ranks = [c for c in candidates if c.plan is not None and c.row.source == "lines"]
    for before, candidate, after in zip([None, *ranks], ranks, [*ranks[1:], None], strict=False):
        if candidate.row.items and any(other is not None and not other.row.items for other in (before, after)):
            candidate.flags = (*candidate.flags, "label_doubt")


def _figures_before(candidate: Candidate) -> bool:
    """Whether several figures stand left of the row's label: the lines of the table are not its rows."""
    row = candidate.row
    return row.hit is not None and sum(character.isdigit() for character in row.lead) > 2


def _is_fragment(candidate: Candidate) -> bool:
    return len(candidate.row.lead) < 2


def _cells(candidate: Candidate, shape: Shape, result: Placed) -> dict[str, Cell]:
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
    return _read(fit, plan, table, (*candidate.flags, *(["order_only"] if fit.doubt else [])), candidate.units, result)


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
        tell(cells[spot.id], spot, result)
    return cells


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
        first = {name: flagged(cell, "conflict") if name in differing else cell for name, cell in first.items()}
    seen[plan.id] = first


def _said(cells: dict[str, Cell], name: str) -> Decimal | None:
    return cells[name].value if name in cells else None


def _blank_rows(
    empty: Sequence[Candidate], seen: dict[str, dict[str, Cell]], unplaced: bool, forms: dict[str, Form]
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
