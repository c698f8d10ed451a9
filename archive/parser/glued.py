"""Split the figures of a table that ran together ("15130000154") by the sums of the form, or report them as unsplit.

A cell is taken where all ways to cut the text that satisfy the form's sums agree on it, and is flagged
``cut_by_sums``; where they differ no value is taken and the finding ``digits_glued`` gives the candidates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from archive.documents.pages import Pages, Table
from archive.findings import finding
from archive.forms.loader import load_forms
from archive.forms.model import Form, Indicator, RowPlan, TablePlan
from archive.parser.cells import Placement, add_cell_findings, cell_of
from archive.parser.form_years import CLEARLY, Era, era
from archive.parser.glued_cuts import Cut, CutRules, strip_cuts
from archive.parser.glued_rows import (
    GluedRow,
    all_zeros,
    blank_by_force,
    cut_row,
    rule_out,
    runs_together,
    totals_printed,
)
from archive.parser.glued_text import RowText, Running, hanzi_of, rows_in, running, strip_in
from archive.parser.labels import index
from archive.parser.rows import Item
from storage.records import Cell, CellState, Finding

FLAG = "cut_by_sums"
DIGITS_GLUED = "digits_glued"
_ROWS = 5  # labels with figures from which running text holds a table
_SHOWN = 20  # candidates of a row in a finding
_LISTED = 12  # rows in a finding
_RAW = 200  # characters kept of a row whose figures fit no columns (see place.py): a longer one was cut
_DIGITS = frozenset("0123456789,")


def solve(pages: Pages, placed: Placement, year: int | None = None) -> None:
    """Cut figures that ran together and place them: cells and findings are added to ``placed``.

    ``year``: that of the report, which decides between forms that fit alike.
    """
    grids = {block.locator.get("table") for block in pages.blocks if isinstance(block, Table) and block.ruled}
    broken = _broken_rows(placed, grids)
    text = _text(pages, placed)
    form = placed.form
    sources: dict[str, RowText] = {}
    strip: RowText | None = None
    if text is not None:
        form = form or _form_of(text, era(year))
        if form is not None:
            known = {name.rpartition(".")[0] for name in placed.cells}  # with the columns of another form, too
            sources = {row.plan.id: row for row in rows_in(text, form) if row.plan.id not in known}
            if placed.form is None and sum(bool(row.text) for row in sources.values()) < _ROWS:
                return
            sources = _without_lone_labels(sources, placed)
            strip = strip_in(text, form)
    if form is None:
        return
    table = next(table for table in form.tables if table.layout == "strip")
    sources |= {name: row for name, row in broken.items() if row.plan.id not in {plan.id for plan in table.rows}}
    strip = next((row for row in broken.values() if row.plan.id == table.rows[0].id), strip)
    if _strip_known(table, placed):
        strip = None
    if not sources and strip is None:
        return
    placed.form = form
    _solve(form, sources, strip, placed)


@cache
def _markers() -> frozenset[str]:
    """Words of which a text with a table of a form has one: headers, captions, rows that stand in no group, what the
    columns of rows count that have some of their own (本年新制作数量).
    """
    matrices = [table for form in load_forms() for table in form.tables if table.layout == "matrix"]
    one_row_tables = [table for form in load_forms() for table in form.tables if table.layout == "strip"]
    rows = [row.label for table in matrices for row in table.rows if not row.groups]
    columns = [column.label for table in one_row_tables for column in table.columns if column.kind == "count"]
    blocks = [table for form in load_forms() for table in form.tables if table.layout == "blocks"]
    own = [column.label for table in blocks for row in table.rows for column in row.columns]
    labels = (*(table.header for table in matrices), *rows, *columns, *own, *index().captions)
    return frozenset(hanzi for label in labels if len(hanzi := hanzi_of(label)) >= 4)


def _text(pages: Pages, placed: Placement) -> Running | None:
    """The running text, if rows of the form are missing and their words stand in it."""
    if placed.form is not None and placed.cells.keys() >= placed.form.places.keys():
        return None
    text = running(pages)
    return text if any(marker in text.hanzi for marker in _markers()) else None


def _without_lone_labels(rows: Mapping[str, RowText], placed: Placement) -> dict[str, RowText]:
    """The rows without those of a table of which there is nothing but one label with a figure: words of a sentence
    (总计9).
    """
    filled = Counter(row.plan.table for row in rows.values() if row.text)
    known = {name.partition(".")[0] for name in placed.cells}
    lone = {table for table, count in filled.items() if count == 1 and table not in known}
    return {name: row for name, row in rows.items() if row.plan.table not in lone}


def _form_of(text: Running, of: Era) -> Form | None:
    """The form whose labels with figures are most; of equals the one that is meant, one that came later by more."""
    figures = {form.name: sum(bool(row.text) for row in rows_in(text, form)) for form in load_forms()}
    behind = CLEARLY - 1
    best = max(
        load_forms(),
        key=lambda form: (figures[form.name] - (behind if form.name in of.later else 0), of.rank(form)),
    )
    return best if figures[best.name] >= _ROWS else None


def _strip_known(table: TablePlan, placed: Placement) -> bool:
    cells = [placed.cells.get(name) for plan in table.rows for name in plan.place_ids]
    return any(cell is not None and "count_mismatch" not in cell.flags for cell in cells)


def _broken_rows(placed: Placement, grids: Collection[object]) -> dict[str, RowText]:
    """Rows that were found, but whose figures fit no columns, and those whose one figure is too long to be one.

    ``grids``: numbers of the tables whose cells are true.
    """
    found: dict[str, RowText] = {}
    if placed.form is None:
        return found
    rows_with_findings = {
        name.rpartition(".")[0] for one in placed.findings for name in one.cells if one.code in _ROW_FINDINGS
    }
    for table in placed.form.tables:
        for plan in table.rows if rows_with_findings else ():
            cell = placed.cells.get(plan.place_ids[0])
            if (
                plan.id not in rows_with_findings
                or cell is None
                or len(cell.raw) >= _RAW
                or _has_own_cells(cell, plan, grids)
            ):
                continue
            tokens = tuple(token for token in cell.raw.replace("|", " ").split() if token)
            if not tokens or any(set(token) - _DIGITS for token in tokens) or len(plan.columns) == 1:
                continue
            if "count_mismatch" in cell.flags or (
                len(tokens[0]) >= len(plan.columns) > 3 and _has_total_only(plan, placed)
            ):
                found[plan.id] = RowText(plan, (tokens,), cell.locator, celled=" | " in cell.raw)
    return found


_ROW_FINDINGS = {"count_mismatch", "merged_value"}


def _has_own_cells(cell: Cell, plan: RowPlan, grids: Collection[object]) -> bool:
    """Whether the figures of a row stand in cells of their own: several in a true grid, or too many for its columns."""
    count = sum(bool(part.strip()) for part in cell.raw.split(" | ")) if "row" in cell.locator else 1
    return count > 1 and (cell.locator.get("table") in grids or count > len(plan.columns))


def _has_total_only(plan: RowPlan, placed: Placement) -> bool:
    return not any(name in placed.cells for name in plan.place_ids[1:])


def _solve(form: Form, sources: Mapping[str, RowText], strip: RowText | None, placed: Placement) -> None:
    summed = {identity.rows[0] for identity in form.identities if len(identity.rows) == 1 and len(identity.left) == 1}
    # rows left blank as a whole say nothing of the others; one blank cell among figures does
    blanks = any(0 < sum(map(len, row.ways[0])) < len(row.plan.columns) for row in sources.values())
    rows = {name: cut_row(source, name in summed, blanks) for name, source in sources.items()}
    blanked = blank_by_force(form, rows, placed)
    rows = {name: row for name, row in rows.items() if name not in blanked}
    sure = not blanks or totals_printed(rows.values())
    if not sure:
        for row in rows.values():
            row.cuts = row.cuts if row.clean or all_zeros(row) else None
    rule_out(form, rows, placed)
    split: list[str] = []
    left: dict[str, GluedRow] = {}
    for table in form.tables:
        for plan in table.rows:
            if plan.id in rows:
                _place_row(rows[plan.id], table.key, placed, split, left)
    if strip is not None:
        _place_strip(form, strip, sure, placed, split, left)
    blocks = form.table(strip.plan.table).rows if strip is not None else ()
    plans = [
        plan
        for plan in (*(row.source.plan for row in rows.values()), *blocks)
        if set(plan.place_ids) <= placed.cells.keys()
    ]
    order = [name for name in form.ids if name in placed.cells]
    placed.cells = {name: placed.cells[name] for name in dict.fromkeys((*order, *placed.cells))}
    replaced = set(split) | {name for row in left.values() for name in row.source.plan.place_ids}
    replaced |= {name for plan in plans for name in plan.place_ids if "glued" in placed.cells[name].locator}
    placed.findings = [one for one in placed.findings if not (one.code in _ROW_FINDINGS and set(one.cells) <= replaced)]
    if split:
        placed.findings.append(finding(FLAG, cells=split, found=len(split)))
    if left:
        placed.findings.append(_unsplit_finding(left, placed))


def _place_row(row: GluedRow, table: str, placed: Placement, split: list[str], left: dict[str, GluedRow]) -> None:
    """The cells of a row: what all its cuts agree on; the others have no value, and are told."""
    plan = row.source.plan
    proven = row.shape.summed or row.clean or all_zeros(row) or len(plan.columns) == 1 or runs_together(row)
    agreed = [_agreed(row.cuts or [], at) if proven else None for at in range(len(plan.columns))]
    if not row.cuts and any(name in placed.cells for name in plan.place_ids):
        return  # it is there, and told, as a row whose figures fit no columns
    single = len(plan.columns) == 1 and len(row.source.ways) == len(row.source.ways[0]) == 1
    sure = row.clean or (single and agreed[0] is not None)
    for column, text in zip(plan.columns, agreed, strict=True):
        spot = Indicator(id=f"{plan.id}.{column.id}", table=table, row=plan, column=column)
        if text is None:
            placed.cells[spot.id] = _unread_cell(spot.id, row.source)
            left[plan.id] = row
            continue
        placed.cells[spot.id] = _cell(spot, text, row.source, () if sure else (FLAG,))
        add_cell_findings(placed.cells[spot.id], spot, placed)
        if not sure:
            split.append(spot.id)
    placed.tables.add(table)


def _agreed(cuts: Sequence[Cut], at: int) -> str | None:
    """What all cuts of a row have in a column; None if they differ, or there are none."""
    texts = {cut[at] for cut in cuts}
    return texts.pop() if len(texts) == 1 else None


def _cell(spot: Indicator, text: str, source: RowText, flags: tuple[str, ...]) -> Cell:
    locator = {**source.locator, "glued": source.text[:_RAW]}
    if text:
        return cell_of(spot, Item(text, 0, 1, locator), flags)
    return Cell(id=spot.id, value=None, raw="", state=CellState.BLANK, locator=locator, flags=flags)


def _unread_cell(name: str, source: RowText) -> Cell:
    locator = {**source.locator, "glued": source.text[:_RAW]}
    return Cell(
        id=name, value=None, raw=source.text[:_RAW], state=CellState.PRINTED, locator=locator, flags=(DIGITS_GLUED,)
    )


def _place_strip(
    form: Form, strip: RowText, sure: bool, placed: Placement, split: list[str], left: dict[str, GluedRow]
) -> None:
    """The table under nested headers: one string for all its blocks, each with its sum.

    ``sure``: sums are printed; else a string with fewer figures than columns tells nothing.
    """
    table = next(table for table in form.tables if table.layout == "strip")
    columns = table.rows[0].columns
    size = len(table.rows) * len(columns)
    found: list[Cut] | None = []
    for way in () if _stands_for_all(strip, len(table.rows)) else strip.ways:
        blanks = sum(map(len, way)) < size
        cuts = strip_cuts(way, len(table.rows), len(columns), blanks=blanks) if sure or not blanks else None
        if cuts is not None and not cuts and len(way) > 1:
            cuts = strip_cuts(("".join(way),), len(table.rows), len(columns), blanks=blanks)
        found = None if cuts is None or found is None else [*found, *cuts]
    cuts = list(dict.fromkeys(found or ()))
    clean = len(strip.ways) == 1 and len(strip.ways[0]) == size and len(cuts) == 1
    for number, plan in enumerate(table.rows):
        own = [cut[number * len(columns) : (number + 1) * len(columns)] for cut in cuts]
        source = RowText(plan, strip.ways, strip.locator)
        shape = CutRules(tuple(column.kind for column in columns), True, False)
        _place_row(GluedRow(source, shape, list(dict.fromkeys(own)), clean), table.key, placed, split, left)


def _stands_for_all(strip: RowText, blocks: int) -> bool:
    """Whether a 0 or two may be said of the table as a whole: no sum tells that all cells but one were left blank."""
    return all(set(text := "".join(way)) == {"0"} and len(text) < blocks for way in strip.ways)


def _unsplit_finding(left: Mapping[str, GluedRow], placed: Placement) -> Finding:
    cells = [
        name for row in left.values() for name in row.source.plan.place_ids if DIGITS_GLUED in placed.cells[name].flags
    ]
    more = len(left) - _LISTED
    return finding(
        DIGITS_GLUED,
        case="more_rows" if more > 0 else "",
        cells=cells,
        found="；".join(_candidates(row) for row in list(left.values())[:_LISTED]),
        count=len(cells),
        more=more,
    )


def _candidates(row: GluedRow) -> str:
    """A row as printed with its first candidates, the columns set apart by bars."""
    cuts = row.cuts or []
    some = "、".join("|".join(cut) for cut in cuts[:_SHOWN])
    more = " …" if len(cuts) > _SHOWN else ""
    return f"{row.source.plan.label[:20]} {row.source.text[:60]}" + (f" → {some}{more}" if some else "")
