"""The table of 行政复议 and 行政诉讼: one row of figures under nested headers, or one for each block."""

from __future__ import annotations

from collections.abc import Sequence

from archive.forms.model import Place, TablePlan
from archive.parser import findings as said
from archive.parser.cells import Placed, cell_of, flagged, tell
from archive.parser.fit import Fit, fit_row
from archive.parser.labels import columns_of, strip_block
from archive.parser.rows import Row
from archive.parser.values import is_number
from archive.parser.walk import Candidate
from storage.records import Cell, CellState


def place_strips(strips: Sequence[Candidate], table: TablePlan, result: Placed, rows: Sequence[Row]) -> None:
    """Place the rows of the remedies table; ``rows`` are all of the document, for a form left blank."""
    ids = [place for plan in table.rows for place in plan.place_ids]
    spots = {
        f"{plan.id}.{column.id}": Place(id=f"{plan.id}.{column.id}", table=table.key, row=plan, column=column)
        for plan in table.rows
        for column in plan.columns
    }
    found: dict[str, Cell] = {}
    failed: Candidate | None = None
    bare = [candidate for candidate in strips if not candidate.row.lead] or list(strips)
    differing: list[str] = []
    torn = 0
    for candidate in sorted(bare, key=lambda c: -c.row.numbers):
        fit = _strip_fit(candidate, table, ids)
        if not candidate.row.numbers and _figures_elsewhere(candidate.row, rows):
            continue  # a line of blanks beside the table's figures is not its row
        if fit.problem:
            failed = failed or (candidate if candidate.row.numbers else None)
            torn += candidate.row.source == "lines" and candidate.row.numbers > 0
            continue
        for name, item in fit.cells.items():
            if name not in found:
                found[name] = cell_of(spots[name], item, ("order_only",) if fit.doubt else ())
                tell(found[name], spots[name], result)
            elif item is not None and is_number(item.text) and cell_of(spots[name], item).value != found[name].value:
                differing.append(name)
                found[name] = flagged(found[name], "conflict")
    if torn:  # figures of this table stand about the text: those that happen to fit may be others
        found = {name: flagged(cell, "label_doubt") for name, cell in found.items()}
    if differing:
        result.findings.append(said.duplicate_differs("行政复议、行政诉讼", differing))
    if not found and failed is not None:
        _strip_failed(failed, ids, result)
    elif not found and not strips and _blank_strip(rows):
        found = {name: Cell(id=name, value=None, raw="", state=CellState.BLANK) for name in ids}
    if found or failed is not None:
        result.tables.add(table.key)
    result.cells.update({name: found[name] for name in ids if name in found})


def _figures_elsewhere(row: Row, rows: Sequence[Row]) -> bool:
    """Whether this row before its blanks, or rows below it in the same table, hold several figures."""
    here = next((at for at, other in enumerate(rows) if other is row), len(rows))
    below = [later for later in rows[here + 1 :] if row.table > 0 and later.table == row.table]
    return any(sum(is_number(part) for text in other.texts for part in text.split()) > 1 for other in (row, *below))


def _strip_fit(candidate: Candidate, table: TablePlan, ids: list[str]) -> Fit:
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


def _strip_failed(candidate: Candidate, ids: Sequence[str], result: Placed) -> None:
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
    """The header of the remedies table stands in text that lost its blanks, and something follows it: no figures."""
    for at, row in enumerate(rows):
        if row.kind == "header" and row.source == "lines" and not row.last:
            words = {name for text in row.texts for name in columns_of("remedies", text)}
            if len(words) >= 3 and any(strip_block(text) == "litigation.direct" for text in row.texts):
                return not any(later.numbers for later in rows[at:])
    return False
