"""A report's cells in the layout in which its form prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from archive.forms.loader import known_form
from archive.forms.printer import PrintedCell, PrintedTable, tables
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
    """The tables of the form with what the report prints; of no known form one table a section, a row a line."""
    about = _about(findings)
    held = {one.id: one for one in cells}
    printed = _printed(form) if form else ()
    made = [
        FormTable(title=title, rows=tuple(_row(row, held, about) for row in rows))
        for title, rows in printed
        if any(cell.id in held for row in rows for cell in row)
    ]
    placed = {cell.id for _, rows in printed for row in rows for cell in row}
    return [*made, *_listed([one for one in cells if one.id not in placed], about)]


@cache
def _printed(form: str) -> tuple[tuple[str, tuple[tuple[PrintedCell, ...], ...]], ...]:
    """The empty form: headings of tables, and their rows."""
    plan = known_form(form)
    if plan is None:
        return ()
    headings = {one.key: one.heading for one in plan.sections}
    return tuple((headings.get(plan.table(one.key).section, ""), _rows(one)) for one in tables(plan, {}))


def _rows(table: PrintedTable) -> tuple[tuple[PrintedCell, ...], ...]:
    rows: dict[int, list[PrintedCell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    return tuple(tuple(rows[number]) for number in sorted(rows))


def _row(
    row: Sequence[PrintedCell], held: Mapping[str, CellLine], about: Mapping[str, tuple[int, ...]]
) -> tuple[FormCell, ...]:
    head = "row" if any(cell.id for cell in row) else "col"
    return tuple(
        FormCell(
            text=cell.text,
            rowspan=cell.rowspan,
            colspan=cell.colspan,
            head="" if cell.id else head,
            line=held.get(cell.id) if cell.id else None,
            findings=about.get(cell.id, ()) if cell.id else (),
        )
        for cell in row
    )


def _listed(cells: Sequence[CellLine], about: Mapping[str, tuple[int, ...]]) -> list[FormTable]:
    sections: dict[str, dict[str, dict[str, CellLine]]] = {}
    heads: dict[str, dict[str, None]] = {}
    for cell in cells:
        sections.setdefault(cell.section, {}).setdefault(cell.row, {})[cell.column] = cell
        heads.setdefault(cell.section, {})[cell.column] = None
    found = []
    for title, rows in sections.items():
        first = (FormCell(head="col"), *(FormCell(text=head, head="col") for head in heads[title]))
        body = [
            (
                FormCell(text=row, head="row"),
                *(
                    FormCell(line=one, findings=about.get(one.id, ()) if one else ())
                    for one in (line.get(head) for head in heads[title])
                ),
            )
            for row, line in rows.items()
        ]
        found.append(FormTable(title=title, rows=(first, *body)))
    return found


def _about(findings: Iterable[Finding]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for number, one in enumerate(findings, start=1):
        for cell in one.cells:
            found[cell] = (*found.get(cell, ()), number)
    return found
