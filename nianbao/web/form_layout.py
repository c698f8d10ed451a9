"""Arrange the cells of a report in the tables of its form. No function here reads the archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from archive.forms.loader import known_form
from archive.forms.printer import PrintedCell, tables
from archive.queries.results import CellLine
from storage.records import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCell:
    """A cell of the printed form. ``head``: ``row`` or ``col`` for a label, "" for a place of figures; ``line``: the
    report's cell there, None if it does not print one; ``findings``: numbers (from 1) of the findings about it.
    """

    text: str = ""
    rowspan: int = 1
    colspan: int = 1
    head: str = ""
    line: CellLine | None = None
    findings: tuple[int, ...] = ()

    @property
    def spans(self) -> bool:
        """True if the cell spans several rows or columns."""
        return self.rowspan > 1 or self.colspan > 1


FormTable = tuple[str, list[list[FormCell]]]  #: title and rows of a table


def form_tables(form: str | None, cells: Sequence[CellLine], findings: Iterable[Finding]) -> list[FormTable]:
    """Return the tables of the form with the report's cells; cells that the form lacks follow, a table per section."""
    about: dict[str, tuple[int, ...]] = {}
    for number, finding in enumerate(findings, start=1):
        for cell in finding.cells:
            about[cell] = (*about.get(cell, ()), number)
    cell_of = {one.id: one for one in cells}
    printed = [
        (title, rows) for title, rows in _printed(form) if any(cell.id in cell_of for row in rows for cell in row)
    ]
    tables: list[FormTable] = []
    for title, rows in printed:
        tables.append(
            (title, [[_form_cell(cell, row, cell_of.get(cell.id or ""), about) for cell in row] for row in rows])
        )
    placed = {cell.id for _, rows in _printed(form) for row in rows for cell in row}
    others: dict[str, dict[str, dict[str, CellLine]]] = {}  # section → row → column → cell that the form lacks
    for one in cells:
        if one.id not in placed:
            others.setdefault(one.section, {}).setdefault(one.row, {})[one.column] = one
    for section, lines in others.items():
        heads = [*dict.fromkeys(column for line in lines.values() for column in line)]
        first = [FormCell(text=head, head="col") for head in ("", *heads)]
        body = [
            [FormCell(text=row, head="row")]
            + [FormCell(line=cell, findings=about.get(cell.id, ()) if cell else ()) for cell in map(line.get, heads)]
            for row, line in lines.items()
        ]
        tables.append((section, [first, *body]))
    return tables


def _form_cell(
    cell: PrintedCell, row: Sequence[PrintedCell], line: CellLine | None, about: dict[str, tuple[int, ...]]
) -> FormCell:
    head = "" if cell.id else "row" if any(one.id for one in row) else "col"
    return FormCell(
        text="" if cell.id else cell.text, rowspan=cell.rowspan, colspan=cell.colspan, head=head,
        line=line if cell.id else None, findings=about.get(cell.id, ()) if cell.id else (),
    )  # fmt: skip


@cache
def _printed(form: str | None) -> Sequence[tuple[str, Sequence[Sequence[PrintedCell]]]]:
    """Return the tables of the empty form: heading and rows of each."""
    plan = known_form(form) if form else None
    if plan is None:
        return ()
    headings = {one.key: one.heading for one in plan.sections}
    rows_printed = []
    for table in tables(plan, {}):
        cells = sorted(table.cells, key=lambda cell: cell.row)
        rows = [[*row] for _, row in groupby(cells, key=lambda cell: cell.row)]
        rows_printed.append((headings.get(plan.table(table.key).section, ""), rows))
    return rows_printed
