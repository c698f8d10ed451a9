"""Treat a blank form on a page as part of the page's furniture where an attachment holds the form filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archive.findings import finding, first_of
from storage.records import Cell, CellState, Finding, Reading

_MOST = 5  # names in a sentence

NamedReading = tuple[str, Reading]


def blank_aside(
    pages: Sequence[NamedReading], parts: Sequence[NamedReading], tables: Mapping[str, str]
) -> tuple[list[NamedReading], list[Finding]]:
    """Return the page without its blank tables, the part that holds them filled in, and the findings about this.

    Only where every cell of the page is blank: one "/" or figure in it, or a doubt, and it is a print like another.
    ``tables``: indicator id → key of its table.
    """
    others: list[NamedReading] = []
    findings: list[Finding] = []
    for title, page in pages:
        filled = {name: _filled_tables(reading, tables) for name, reading in parts}
        blank = {tables.get(cell, "") for cell in page.cells} if all(map(_is_blank, page.cells.values())) else set()
        aside = blank.intersection(set().union(*filled.values()))
        left = {name: cell for name, cell in page.cells.items() if tables.get(name, "") not in aside}
        others.append((title, replace(page, cells=left) if aside else page))
        if aside:
            givers = [name for name, _ in parts if filled[name] & aside]
            findings.append(finding("blank_on_page", found=first_of(givers, _MOST)))
    return others, findings


def _is_blank(cell: Cell) -> bool:
    return cell.state is CellState.BLANK and cell.value is None and not cell.raw.strip() and not cell.flags


def _filled_tables(reading: Reading, tables: Mapping[str, str]) -> set[str]:
    return {tables.get(name, "") for name, cell in reading.cells.items() if cell.value is not None}
