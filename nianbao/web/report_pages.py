"""Pages of a single report: its status with evidence, its content, changes between editions, the source of a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from http import HTTPStatus
from itertools import groupby
from operator import attrgetter
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from fastapi.responses import Response

from archive.assessment.absences import is_withdrawn
from archive.assessment.measures import JOINED, Measure, cells_of, measures
from archive.assessment.sentences import values_of
from archive.forms.indicators import Crossing, Crosswalk, crosswalks, english
from archive.forms.loader import known_form
from archive.forms.printer import PrintedCell, tables
from archive.queries import reports, verdict
from archive.queries.bounds import NotKnownError
from archive.queries.citing import absence_of, address_of, citation_of, citations_of_change, cited_by, duty_address
from archive.queries.one_capture import find_capture, list_pages, verify
from archive.queries.results import CellLine, CitableAbsence, Citation, DutyLine, Report
from archive.queries.stored import group_by, open_snapshot
from archive.queries.where import Where
from archive.queries.withheld_content import outgoing
from nianbao.api.downloads import read_beginning, send_text
from nianbao.api.guarding import FRAMED
from nianbao.language import Language
from nianbao.messages import say
from nianbao.parameters import Instant
from nianbao.sentences import citation_texts, counted_from_1
from nianbao.web.archived import CELL, ExcerptCell, NotDrawnError, can_be_drawn, excerpt, harmless, page_picture
from nianbao.web.serving import Archive, PageRequest, PageVisit, Values, answer_of_state, page, permanent, router
from nianbao.web.time_line import time_line
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.records import Finding

_LOOKS_SIDE_BY_SIDE = 4  # looks with the pages of their lists shown


@page("duty/{agency:path}/{year}", "duty.html", data="status")
def duty(visit: PageRequest, agency: str, year: int, as_of: Instant = None) -> Values:
    """Show the status of a report that is due, and its evidence: looks at lists, captures, its contents over time."""
    home = visit.home
    outgoing(home)  # before the snapshot: its result is cached, and the snapshot needs it many times
    with open_snapshot(home):
        answer = verdict.status(home, agency, year, as_of=as_of)
        others = verdict.duties(home, answer.duty.agency.id, as_of=as_of)
        absence = absence_of(home, answer)
        lists = {one.id: list_pages(home, one.id) for one in answer.looks[:_LOOKS_SIDE_BY_SIDE]}
    captures = [*answer.captures, *(capture for one in answer.editions for capture in one.captures)]
    return {
        "found": answer,
        "others": others.duties,
        "evidence": {one.id: f"#look-{one.id}" for one in answer.looks}
        | {one.id: f"/{visit.lang}/capture/{one.id}" for one in captures},
        "time_lines": {"broad": time_line(answer, 960), "narrow": time_line(answer, 400)},
        "lists": lists,
        "permanent": permanent(answer.as_of),
        "control": partial(say, "cli", visit.lang, "duty.control", year=year),  # a known page asked beside an empty one
        "taken_down": _find_removal(answer.findings),
        "identifier": duty_address(home, answer),
        "works": cited_by(home, Where(agency=answer.duty.agency.id, years=(year,), as_of=as_of)),
        **_cited(visit, [absence], "duty", answer.duty.agency.id, year, query=permanent(answer.as_of)),
    }


def _find_removal(findings: Sequence[Finding]) -> object:
    """Return from when on the lists no longer showed the report, None if they still show it or show it again."""
    removals = [one for one in findings if one.code == "withdrawn"]
    return values_of(removals[-1]).get("to") if is_withdrawn([one.code for one in findings]) else None


def _cited(
    visit: PageVisit, citations: Sequence[Citation | CitableAbsence | None], *parts: object, query: str
) -> Values:
    """Return citations of a page, and its address, made of ``parts`` of its path and ``query``."""
    address = f"{visit.site}/{visit.lang}/{'/'.join(quote(str(part)) for part in parts)}?{query}"
    public = "" if visit.is_on_this_machine else address
    texts = [citation_texts(one, public, visit.lang) for one in citations]
    gbt, bibtex = ("\n".join(style) for style in zip(*texts, strict=True)) if texts else ("", "")
    return {"page_address": address, "is_local": visit.is_on_this_machine, "gbt": gbt, "bibtex": bibtex}


@page("report/{agency:path}/{year}", "report.html", data="show")
def report(visit: PageRequest, agency: str, year: int, edition: str | None = None) -> Values:
    """Show a report (``edition`` None: the newest): its form, its text, its source and its citation."""
    answer = reports.show(visit.home, agency, year, edition)
    citation = None if answer.withheld else citation_of(visit.home, answer, None)
    of_edition = urlencode({"edition": answer.edition.id})
    return {
        "found": answer,
        "line": _duty_line(visit, answer.agency.id, year),
        "tables": form_tables(answer.form, answer.cells),
        "cells": {one.id: one for one in answer.cells},
        "findings_of": _findings_by_cell(answer.findings),
        "address": str(address_of(visit.home, answer)),
        "english_label": lambda text: english([text]) if visit.lang is Language.EN else None,
        "of_edition": of_edition,
        "works": cited_by(visit.home, Where(agency=answer.agency.id, years=(year,))),
        **_cited(visit, [citation], "report", answer.agency.id, year, query=of_edition),
    }


@page("diff/{agency:path}/{year}", "diff.html", data="diff")
def diff(visit: PageRequest, agency: str, year: int, a: str | None = None, b: str | None = None) -> Values:
    """Show what changed between two editions."""
    answer = reports.diff(visit.home, agency, year, a, b)
    citations = [] if answer.withheld else citations_of_change(visit.home, answer)
    editions = urlencode({"a": answer.before.id, "b": answer.after.id})
    return {
        "found": answer,
        "line": _duty_line(visit, answer.agency.id, year),
        "works": cited_by(visit.home, Where(agency=answer.agency.id, years=(year,))),
        **_cited(visit, citations, "diff", answer.agency.id, year, query=editions),
    }


def _duty_line(visit: PageRequest, agency: str, year: int) -> DutyLine | None:
    """Return the status of a report, if it is due."""
    return next(iter(verdict.duties(visit.home, agency, years=[year]).duties), None)


def _cell(home: Archive, agency: str, year: int, indicator: str, edition: str | None = None) -> tuple[Report, CellLine]:
    """Return a report (by default its newest edition) and a cell. Raises NotKnownError for none or a withheld one."""
    answer = reports.show(home, agency, year, edition)
    own = cells_of(indicator, answer.form)  # of a report on an older form
    line = next((one for one in answer.cells if one.id in (indicator, *own[len(own) != 1 :])), None)
    if line is None or answer.withheld:
        raise NotKnownError(code="not_known.cell", edition=answer.edition.id, text=indicator)
    return answer, line


OneCell = Annotated[tuple[Report, CellLine], Depends(_cell)]


@page("cell/{agency:path}/{year}/{indicator}", "cell.html", data="cite")
def cell(visit: PageRequest, one_cell: OneCell) -> Values:
    """Show one figure with its evidence: cell, reading of a document, edition of the report, capture, WARC record."""
    home, (answer, line) = visit.home, one_cell
    # ``way``: the cell is shown in its page, in a picture, or only described
    way, names = cell_way(answer, line), ("cell", answer.agency.id, answer.edition.year, line.id)
    of_edition = urlencode({"edition": answer.edition.id})
    works = cited_by(home, Where(agency=answer.agency.id, years=(answer.edition.year,)))
    return {
        "found": answer,
        "line": line,
        "way": way,
        "works": [one for one in works if one.cell in {None, line.id}],
        "excerpt": cell_excerpt(home, answer, line) if way == "page" else [],
        "mark": CELL,
        "crossings": _crossings(line.id),
        "places": counted_from_1(line.locator).items(),
        "findings": [one for one in answer.findings if line.id in one.cells],
        "checks": verify(home, find_capture(home, answer.source.id)) if answer.source else [],
        "address": str(address_of(home, answer, line.id)),
        "of_edition": of_edition,
        **_cited(visit, [citation_of(home, answer, line.id)], *names, query=of_edition),
    }


def _crossings(indicator: str) -> list[tuple[Measure, Crosswalk]]:
    """Return the measures that join a cell with those of other forms, each with how the two compare."""
    joining = [one for one in crosswalks() if one.kind is not Crossing.APART and indicator in one.places]
    return [(measures()[(JOINED if one.kind is Crossing.NEAR else "") + one.id], one) for one in joining]


def cell_way(answer: Report, line: CellLine) -> str:
    """Return how a cell is shown in its source: as a ``page``, as a ``picture``, or "" for its locator in words."""
    if answer.kind != "html" and can_be_drawn(line.locator):
        return "picture"
    return "page" if "css" in line.locator and not {"json", "script"} & line.locator.keys() else ""


@router.get("/source/{agency:path}/{year}/{indicator}/page")
def source_page(request: Request, home: Archive, one_cell: OneCell) -> Response:
    """Respond with the captured page that holds a cell, made harmless, with the cell highlighted; for a frame."""
    answer, line = one_cell
    css = line.locator.get("css")
    text = harmless(*document_of(home, answer), css if isinstance(css, str) else None)
    if text is None:
        return Response("", HTTPStatus.NOT_FOUND, FRAMED, "text/plain")
    return send_text(request, text, FRAMED, "text/html")


@router.get("/source/{agency:path}/{year}/{indicator}/picture")
def source_picture(
    request: Request, home: Archive, agency: str, year: int, indicator: str, edition: str | None = None,
    whole: bool = False,
) -> Response:  # fmt: skip
    """Respond with a picture of a PDF's or scan's page around a cell (or the ``whole`` page), the cell highlighted."""

    def draw() -> bytes:
        answer, line = _cell(home, agency, year, indicator, edition)
        try:
            return page_picture(document_of(home, answer)[1], line.locator, whole=whole)
        except NotDrawnError as error:
            raise NotKnownError(code=error.code) from None

    return answer_of_state(request, home, "image/webp", draw)


def cell_excerpt(home: Home, answer: Report, line: CellLine) -> list[list[ExcerptCell]]:
    """Return the rows around a cell in the captured page; [] if there are none: the page then shows a frame instead."""
    try:
        return excerpt(*document_of(home, answer), str(line.locator["css"]))
    except NotKnownError:
        return []


def document_of(home: Home, answer: Report) -> tuple[str, Callable[[int], bytes]]:
    """Return the digest of the document that a report was read from, and a function that reads its first bytes.

    Both raise NotKnownError: if there is no document, a ruling withholds it, or it cannot be read.
    """
    if answer.source is None or answer.source.document is None:
        raise NotKnownError(code="not_known.document")
    capture = find_capture(home, answer.source.id).capture
    if outgoing(home).hides(capture):
        raise NotKnownError(code="not_known.document_withheld")

    def read_document(size: int) -> bytes:
        try:
            return read_beginning(home, capture, size)
        except StorageError as error:
            raise NotKnownError(code="not_known.document_unread", why=note_of(error).as_json) from None

    return answer.source.document, read_document


# ---------------------------------------------------------------------------------------------- the form

FormTable = tuple[str, Sequence[Sequence[PrintedCell]]]  #: title and rows of a table


def form_tables(form: str | None, cells: Sequence[CellLine]) -> list[FormTable]:
    """Return the tables of the form that have cells of a report; cells that the form lacks follow, a table per section.

    A cell without an ``id`` is a label, any other a place for the figure of that indicator ("": of none).
    """
    printed = _printed(form)
    ids = {one.id for one in cells}
    tables = [(title, rows) for title, rows in printed if any(cell.id in ids for row in rows for cell in row)]
    placed = {cell.id for _, rows in printed for row in rows for cell in row}
    others = group_by((one for one in cells if one.id not in placed), attrgetter("section"))
    return tables + [(section, _grid(part)) for section, part in others.items()]


def _findings_by_cell(findings: Iterable[Finding]) -> Mapping[str, Sequence[int]]:
    """Return cell → numbers (from 1) of the findings about it."""
    by_cell: dict[str, list[int]] = {}
    for number, finding in enumerate(findings, start=1):
        for cell in finding.cells:
            by_cell.setdefault(cell, []).append(number)
    return by_cell


def _grid(cells: Sequence[CellLine]) -> list[list[PrintedCell]]:
    """Return cells as rows of a table, below their columns and behind the labels of their rows."""
    columns = [*dict.fromkeys(one.column for one in cells)]
    grid = [[PrintedCell(row=0, col=at, text=text) for at, text in enumerate(("", *columns))]]
    for number, row in enumerate(dict.fromkeys(one.row for one in cells), start=1):
        ids = {one.column: one.id for one in cells if one.row == row}
        places = [PrintedCell(row=number, col=at, text="", id=ids.get(one, "")) for at, one in enumerate(columns, 1)]
        grid.append([PrintedCell(row=number, col=0, text=row), *places])
    return grid


@cache
def _printed(form: str | None) -> Sequence[FormTable]:
    """Return the tables of the empty form, heading and rows of each; () without a form that we know."""
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
