"""Read pictures in one container as the pages of one document: a table may go on from one of them to the next.

Each is read by itself, and most say all there is. What none of them gives, as the head of its table stands on one
picture and its figures on the next, is looked for in all of them one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from archive.documents.grid import relocated
from archive.documents.pages import Pages, Paragraph, Table
from archive.forms.loader import known_form
from archive.parser.pipeline import Parsed, parse
from archive.parser.report_grouping import claim, contradicts
from storage.records import Cell, Finding, Reading

OpenedMember = tuple[str, Reading, Pages | None]  #: a member's name, what was read of it, its pages if it is a picture
_OF = "part"  # in locators: the number of the picture
_DIGITS = re.compile(r"(\d{1,18})")


def join_continued_tables(members: Sequence[OpenedMember]) -> list[tuple[str, Reading]]:
    """The members with the cells of tables that go on from picture to picture, each given by the picture it stands on.

    Pictures follow each other by the numbers in their names. Nothing is added where their titles contradict each other.
    """
    named = [(name, reading) for name, reading, _ in members]
    pictures = sorted(
        (at for at, (_, _, pages) in enumerate(members) if pages is not None and pages.blocks),
        key=lambda at: _order(members[at][0]),
    )
    known = {cell for _, reading in named for cell in reading.cells}
    if len(pictures) < 2 or not known or _is_complete(named, known):
        return named
    claims = [claim(named[at][1], named[at][0]) for at in pictures]
    if any(contradicts(one, other) for one, other in combinations(claims, 2)):
        return named
    blocks = tuple(block for at in pictures for block in _blocks(at, members[at][2]))
    parsed = parse(Pages(kind="scan", blocks=blocks, page_count=len(pictures)))
    for at in pictures:
        found = {
            key: _as_own_cell(cell)
            for key, cell in parsed.cells.items()
            if key not in known and cell.locator.get(_OF) == at
        }
        if found:
            named[at] = (named[at][0], _with_cells(named[at][1], found, parsed))
    return named


def _order(name: str) -> list[tuple[bool, int, str]]:
    """Names as people number files: 2 before 10."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _DIGITS.split(name)]


def _is_complete(named: Sequence[tuple[str, Reading]], known: set[str]) -> bool:
    forms = [known_form(reading.form) for _, reading in named]
    return any(form is not None and form.places.keys() <= known for form in forms)


def _blocks(at: int, pages: Pages | None) -> Iterator[Paragraph | Table]:
    for block in pages.blocks if pages is not None else ():
        yield relocated(block, lambda locator: {**locator, _OF: at})


def _as_own_cell(cell: Cell) -> Cell:
    return replace(cell, locator={key: value for key, value in cell.locator.items() if key != _OF})


def _with_cells(reading: Reading, cells: Mapping[str, Cell], parsed: Parsed) -> Reading:
    """The reading with more cells, and what is to be said of these."""
    of_cells: list[Finding] = [
        finding
        for finding in (*parsed.placed.findings, *parsed.findings)
        if finding.cells and cells.keys() >= set(finding.cells)
    ]
    form = reading.form or parsed.verdict.form
    findings = (*reading.findings, *of_cells)
    return replace(reading, is_report=True, reason="", form=form, cells={**reading.cells, **cells}, findings=findings)
