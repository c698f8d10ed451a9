"""A report's cells in the layout in which its form prints them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from archive.forms.loader import known_form
from archive.forms.printer import PrintedCell, tables
from archive.queries.results import CellLine
from storage.records import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCell:
    """A cell of the printed form. ``head``: ``row`` or ``col`` of a label, "" of a place; ``line``: what the report
    prints there, None where it does not print the place; ``findings``: numbers of the findings about it, from 1.
    """

    text: str = ""
    rowspan: int = 1
    colspan: int = 1
    head: str = ""
    line: CellLine | None = None
    findings: tuple[int, ...] = ()

    @property
    def spans(self) -> bool:
        """Whether it is merged of several cells."""
        return self.rowspan > 1 or self.colspan > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTable:
    """A table of the form, row by row."""

    title: str
    rows: tuple[tuple[FormCell, ...], ...]


def form_tables(form: str | None, cells: Sequence[CellLine], findings: Iterable[Finding]) -> list[FormTable]:
    """Return the tables of the form with what the report prints; without a form one table a section, a row a line."""
    about: dict[str, tuple[int, ...]] = {}
    for number, finding in enumerate(findings, start=1):
        for cell in finding.cells:
            about[cell] = (*about.get(cell, ()), number)

    def place(line: CellLine | None, printed: PrintedCell | None = None) -> FormCell:
        name = line.id if line is not None else printed.id if printed is not None else None
        rowspan, colspan = (printed.rowspan, printed.colspan) if printed is not None else (1, 1)
        return FormCell(line=line, findings=about.get(name or "", ()), rowspan=rowspan, colspan=colspan)

    held = {one.id: one for one in cells}
    printed_tables = _printed(form) if form else ()
    placed = {cell.id for _, rows in printed_tables for row in rows for cell in row}
    made = [
        FormTable(title=title, rows=tuple(_row(row, held, place) for row in rows))
        for title, rows in printed_tables
        if any(cell.id in held for row in rows for cell in row)
    ]
    others: dict[str, list[CellLine]] = {}
    for one in cells:
        if one.id not in placed:
            others.setdefault(one.section, []).append(one)
    return [*made, *(_listed(title, lines, place) for title, lines in others.items())]


@cache
def _printed(form: str) -> tuple[tuple[str, tuple[tuple[PrintedCell, ...], ...]], ...]:
    """Return the empty form: headings of tables, and their rows."""
    plan = known_form(form)
    if plan is None:
        return ()
    headings = {one.key: one.heading for one in plan.sections}
    found = []
    for table in tables(plan, {}):
        cells = sorted(table.cells, key=lambda cell: cell.row)
        rows = tuple(tuple(row) for _, row in groupby(cells, key=lambda cell: cell.row))
        found.append((headings.get(plan.table(table.key).section, ""), rows))
    return tuple(found)


def _row(
    row: Sequence[PrintedCell], held: Mapping[str, CellLine], place: Callable[..., FormCell]
) -> tuple[FormCell, ...]:
    head = "row" if any(cell.id for cell in row) else "col"
    return tuple(
        place(held.get(cell.id), cell)
        if cell.id
        else FormCell(text=cell.text, rowspan=cell.rowspan, colspan=cell.colspan, head=head)
        for cell in row
    )


def _listed(title: str, lines: Sequence[CellLine], place: Callable[..., FormCell]) -> FormTable:
    """Return cells that no form prints by their rows and columns."""
    heads = [*dict.fromkeys(one.column for one in lines)]
    rows: dict[str, dict[str, CellLine]] = {}
    for one in lines:
        rows.setdefault(one.row, {})[one.column] = one
    first = (FormCell(head="col"), *(FormCell(text=head, head="col") for head in heads))
    body = ((FormCell(text=row, head="row"), *(place(line.get(head)) for head in heads)) for row, line in rows.items())
    return FormTable(title=title, rows=(first, *body))
