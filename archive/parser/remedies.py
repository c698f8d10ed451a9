"""Read the table of 行政复议 and 行政诉讼: one row of figures under nested headers, or one for each block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archive.documents.pages import UNREAD
from archive.findings import finding
from archive.forms.model import Form, RowPlan, TablePlan
from archive.parser.absent_tables import rows_gone
from archive.parser.cells import Placement, add_cell_findings, blank_cell, cell_of, with_flag
from archive.parser.column_assignment import ColumnAssignment, filled_items, fit_row, pushed_together
from archive.parser.findings import columns_missing, count_mismatch
from archive.parser.headed_figures import by_headings
from archive.parser.rows import Item, Row
from archive.parser.text_classes import classes_of
from archive.parser.values import is_number, read_value
from archive.parser.walk import Candidate
from storage.records import Cell, CellState, Finding

_NAME = "行政复议、行政诉讼"  # of the table, in what is told
_LABELS = 2  # of a row: a block's group and its own
_MERGED = 2  # columns that a heading is merged over
_SEVERAL = 3  # figures of a row that stands there a second time


def place_remedies(remedies_rows: Sequence[Candidate], form: Form, result: Placement, rows: Sequence[Row]) -> None:
    """Place the rows of the remedies table; ``rows`` are all of the document, for a form left blank."""
    table, spots = form.table("remedies"), form.places
    ids = [place for plan in table.rows for place in plan.place_ids]
    cells: dict[str, Cell] = {}
    origin: dict[str, int] = {}
    failed: Candidate | None = None
    bare = _unlabelled_rows(remedies_rows)
    differing: list[str] = []
    torn = 0
    for candidate in sorted(bare, key=lambda c: -c.row.numbers):
        fit = _remedies_assignment(candidate, table, ids)
        if not candidate.row.numbers and _is_no_row(candidate, rows, failed, len(table.columns)):
            continue
        if fit.problem:
            failed = failed or (candidate if candidate.row.numbers else None)
            torn += candidate.row.source == "lines" and candidate.row.numbers > 0
            continue
        result.findings += _merged_findings(fit, table) if fit.single else ()
        for name, item in fit.cells.items():
            if name not in cells:
                beside, flags = candidate.row.locator, (*candidate.flags, *_doubt(fit))
                cells[name] = cell = cell_of(spots[name], item, flags, beside=beside)
                result.items.append(item)
                add_cell_findings(cell, spots[name], result)
                origin[name] = candidate.row.table
                continue
            if _contradicts(item, cells[name], candidate.row, origin[name]):
                differing.append(name)
                cells[name] = with_flag(cells[name], "conflict")
    _blank_blocks(table, rows, {candidate.row.table for candidate in remedies_rows}, cells)
    if torn:  # figures of this table stand about the text: those that happen to fit may be others
        cells = {name: with_flag(cell, "label_doubt") for name, cell in cells.items()}
    if differing:
        result.findings.append(finding("duplicate_differs", case="first", cells=differing, label=_NAME))
    if not cells and failed is not None:
        _strip_failed(failed, ids, result)
    elif not cells and not remedies_rows and (header := _blank_remedies_table(rows)) is not None:
        cells = {name: blank_cell(name, header.locator) for name in ids}
    result.findings += _columns_gone(table, cells)
    result.findings += rows_gone(table, cells) if {c.row.source for c in remedies_rows} == {"grid"} else ()
    if cells or failed is not None:
        result.tables.add(table.key)
    result.cells.update({name: cells[name] for name in ids if name in cells})


def _merged_findings(fit: ColumnAssignment, table: TablePlan) -> Iterator[Finding]:
    """Say of each block, or of the whole row, that one value is printed where the form has several cells."""
    blocks = {plan.place_ids[0]: plan for plan in table.rows}
    for name in fit.cells:
        if len(fit.cells) > 1:
            yield finding("merged_value", cells=blocks[name].place_ids, label=blocks[name].label)
        else:
            cells = [place for plan in table.rows for place in plan.place_ids]
            yield finding("merged_value", cells=cells, label=_NAME)


def _doubt(fit: ColumnAssignment) -> tuple[str, ...]:
    """The flags of what fitted its columns in a way that leaves a doubt."""
    return ("merged",) if fit.single else ("order_only",) if fit.doubt else ()


def _columns_gone(table: TablePlan, cells: Mapping[str, Cell]) -> Iterator[Finding]:
    """Say which columns of a block have no cell, where others have."""
    for plan in table.rows:
        missing = [column for column, name in zip(plan.column_ids, plan.place_ids, strict=True) if name not in cells]
        if 0 < len(missing) < len(plan.columns):
            yield columns_missing(plan, missing)


def _is_no_row(candidate: Candidate, rows: Sequence[Row], failed: Candidate | None, size: int) -> bool:
    """Whether blanks are no row of the table, as figures stand beside or below; those of a block named above them are.

    ``failed``: the figures of the table that could not be placed; ``size`` of them are a row.
    """
    if candidate.block and (candidate.row.lead or (failed is None and candidate.row.source == "grid")):
        return False
    if failed is not None and failed.row.numbers >= size:
        if failed.row.table == candidate.row.table > 0:
            return True
        here = next((at for at, row in enumerate(rows) if row is candidate.row), len(rows))
        if failed.row.source == "lines" and any(row is failed.row for row in rows[here + 1 : here + 2]):
            return True
    return _figures_elsewhere(candidate.row, rows)


def _unlabelled_rows(remedies_rows: Sequence[Candidate]) -> Sequence[Candidate]:
    """The rows without a label before their cells; all, where those have none or blanks alone and others figures."""
    bare = [candidate for candidate in remedies_rows if not candidate.row.lead]
    if any(candidate.row.numbers for candidate in bare) or not any(
        candidate.row.numbers for candidate in remedies_rows
    ):
        return bare or remedies_rows
    return [candidate for candidate in remedies_rows if candidate.row.lead]


def _blank_blocks(table: TablePlan, rows: Sequence[Row], numbers: set[int], found: dict[str, Cell]) -> None:
    """Blocks with a row of their own that is blank: beside rows of other blocks that were placed, or every block."""
    blank: dict[tuple[int, str], dict[str, Cell]] = {}
    for row in rows:
        if row.kind != "header" or row.table <= 0 or len(row.texts) > _LABELS:
            continue
        labels = [classes_of(text) for text in row.texts]
        if not all(label.over for label in labels[:-1]):
            continue
        plan = next((plan for plan in table.rows if labels and plan.id == labels[-1].block), None)
        blanks = [item for item in row.items if not item.text.strip()]
        if plan is not None and len(blanks) == len(plan.columns):
            blank[row.table, plan.id] = {
                name: Cell(id=name, value=None, raw="", state=CellState.BLANK, locator=item.locator)
                for name, item in zip(plan.place_ids, blanks, strict=True)
            }
    whole = {number for number, _ in blank if all((number, plan.id) in blank for plan in table.rows)}
    row_numbers = numbers if found else whole
    for (number, _), cells in blank.items():
        if number in row_numbers and not any(name in found for name in cells):
            found.update(cells)


def _contradicts(item: Item | None, known: Cell, row: Row, first: int) -> bool:
    """Whether a later print says otherwise: another figure, or a blank where the form stands filled in again."""
    if item is not None and is_number(item.text):
        return read_value(item.text).value != known.value
    again = 0 < row.table != first > 0 and row.numbers >= _SEVERAL
    return again and known.value is not None


def _figures_elsewhere(row: Row, rows: Sequence[Row]) -> bool:
    """Whether this row before its blanks, or rows below it in the same table, hold several figures."""
    here = next((at for at, other in enumerate(rows) if other is row), len(rows))
    below = [later for later in rows[here + 1 :] if row.table > 0 and later.table == row.table]
    return any(sum(is_number(part) for text in other.texts for part in text.split()) > 1 for other in (row, *below))


def _remedies_assignment(candidate: Candidate, table: TablePlan, ids: list[str]) -> ColumnAssignment:
    """Fifteen cells in order, or under their headers; or five cells of the one block named before."""
    row, block = _below_headings(candidate), candidate.block
    header = {name: span for name, span in candidate.header.items() if name in ids}
    if any(item.head for item in row.items):
        plans = [plan for plan in table.rows if plan.id == block]
        fit = by_headings(row.items, plans[0].column_ids, table.key) if plans else ColumnAssignment({}, problem="count")
        return replace(fit, cells={f"{block}.{name}": item for name, item in fit.cells.items()})
    if (
        row.source == "grid"
        and len(row.items) <= len(table.rows)
        and (merged := _fit_merged_blocks(row, header, table))
    ):
        return merged
    if candidate.overflows and len(row.items) % len(table.columns):
        return ColumnAssignment({}, problem="count")
    if candidate.order and "." in candidate.order[0]:
        ids = list(candidate.order)
    elif len(table.columns) < len(row.items) == len(header) < len(ids):  # the blocks that the header names
        ids = [name for name in ids if name in header]
    if row.source != "grid" and pushed_together(row.items, len(ids)) and not _are_whole_blocks(row, len(table.columns)):
        return ColumnAssignment({}, problem="count")  # blanks were left out, nobody knows where
    fit = fit_row(row.items, ids, row.source, header, None)
    if not fit.problem and not fit.single and len(row.items) >= len(table.columns):
        return fit
    plan = next((plan for plan in table.rows if plan.id == block), None)
    if plan is not None and len(row.items) < len(ids):
        plain = {f"{plan.id}.{name}": span for name, span in candidate.header.items() if "." not in name}
        own = {name: span for name, span in header.items() if name.startswith(plan.id + ".")}
        fit = fit_row(
            row.items,
            _block_cells(candidate, plan),
            row.source,
            own or (plain if len(plain) == len(table.columns) else {}),
            None,
        )
        if not fit.problem:
            return fit
    cut = bool(row.whole) and row.whole[-1].text.startswith(UNREAD)
    return (_blocks_before_cut(row, header, table) if cut else None) or ColumnAssignment({}, problem="count")


def _blocks_before_cut(row: Row, header: Mapping[str, tuple[int, int]], table: TablePlan) -> ColumnAssignment | None:
    """The blocks whose headings and figures are all seen, of a row whose end the page cuts off; None without any."""
    places = {(item.col, item.col + item.span): item for item in row.items}
    whole = [plan for plan in table.rows if all(header.get(name) in places for name in plan.place_ids)]
    cells = {name: places[header[name]] for plan in whole for name in plan.place_ids}
    return ColumnAssignment(cells) if cells and len(whole) < len(table.rows) else None


def _fit_merged_blocks(row: Row, header: Mapping[str, tuple[int, int]], table: TablePlan) -> ColumnAssignment | None:
    """A row of cells merged over whole blocks, each for the first column of its own; None if it is anything else."""
    cells: dict[str, Item | None] = {}
    for item in row.items:
        under = {name for name, (first, end) in header.items() if item.col <= first and end <= item.col + item.span}
        plans = [plan for plan in table.rows if under.issuperset(plan.place_ids)]
        if not plans or len(under) != sum(len(plan.columns) for plan in plans) or len(item.text.strip()) >= len(under):
            return None
        cells[plans[0].place_ids[0]] = item
    return ColumnAssignment(cells, single=True) if cells else None


def _below_headings(candidate: Candidate) -> Row:
    """The row without the blank fields of text that merged cells left behind each heading, and each figure below it."""
    row = candidate.row
    last = candidate.headings_above[-1] if candidate.headings_above else None
    if last is None or row.source != "ragged" or last.table != row.table or len(last.items) != len(row.items):
        return row
    wide = len(row.items) // max(1, len(filled_items(last.items)))
    own = row.items[:: max(1, wide)]
    if (
        wide < _MERGED
        or filled_items(last.items) != last.items[::wide]
        or len(filled_items(own)) < len(filled_items(row.items))
    ):
        return row
    return replace(row, items=own)


def _block_cells(candidate: Candidate, plan: RowPlan) -> Sequence[str]:
    """The cells of a block in the order in which its columns are printed."""
    if candidate.order and "." not in candidate.order[0]:
        return [f"{plan.id}.{name}" for name in candidate.order]
    return [name for name in candidate.order if name.startswith(f"{plan.id}.")] or plan.place_ids


def _are_whole_blocks(row: Row, size: int) -> bool:
    """Whether the figures of a row are blocks of ``size``, each with its sum at its end."""
    values = [read_value(item.text).value or 0 for item in filled_items(row.items)]
    blocks = [values[at : at + size] for at in range(0, len(values), size)]
    return all(len(block) == size and sum(block[:-1]) == block[-1] for block in blocks)


def _strip_failed(candidate: Candidate, ids: Sequence[str], result: Placement) -> None:
    raw = " | ".join(item.text.strip() for item in candidate.row.items)[:200]
    result.findings.append(count_mismatch(_NAME, len(ids), candidate.row.numbers, ids))
    for name in ids:
        result.cells[name] = Cell(
            id=name,
            value=None,
            raw=raw,
            state=CellState.PRINTED,
            locator=candidate.row.items[0].locator,
            flags=("count_mismatch",),
        )


def _blank_remedies_table(rows: Sequence[Row]) -> Row | None:
    """The header of the remedies table in text that lost its blanks, where something follows it, but no figures."""
    for at, row in enumerate(rows):
        if row.kind == "header" and row.source == "lines" and not row.last:
            words = {name for text in row.texts for name in classes_of(text).columns.get("remedies", ())}
            if len(words) >= 3 and any(classes_of(text).block for text in row.texts):
                return None if any(later.numbers for later in rows[at:]) or any(map(_is_figured, row.texts)) else row
    return None


def _is_figured(text: str) -> bool:
    """Whether a text has digits and no letter: figures that nobody could part."""
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))
