"""The routes of single reports: what is owed and how it is proven, what was published, where each cell stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from archive.exports.citations import bibtex, bibtex_of_absence, gbt7714, gbt7714_of_absence
from archive.queries import reports, verdict
from archive.queries.citing import absence_of, address_of, citation_of
from archive.queries.look_answers import list_pages
from archive.queries.nearest import NotKnownError
from archive.queries.one_capture import find_capture, verify
from archive.queries.results import CellLine, Report
from archive.queries.stored import open_snapshot
from archive.queries.withheld_content import hidden, outgoing
from archive.queries.words import CHINA
from nianbao.messages import say
from nianbao.page_routes import PageRoute
from nianbao.parameters import Instant, Lang
from nianbao.web.archived import CELL, POLICY, excerpt, harmless
from nianbao.web.downloads import read_beginning, send_text
from nianbao.web.form_layout import form_tables
from nianbao.web.page_picture import MOST as MAX_BYTES_DRAWN
from nianbao.web.page_picture import NotDrawnError, can_be_drawn, page_picture
from nianbao.web.serving import Archive, answer_of_state, page
from nianbao.web.table_excerpt import ExcerptCell
from nianbao.web.time_line import absences, further_absences, time_line
from storage.errors import StorageError, note_of
from storage.home import Home

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_SHOWN = 4  # looks whose lists are shown beside each other
_GRID = frozenset(("table", "row", "col", "script"))  # parts of a locator that count from 0


@router.get("/{lang}/duty/{agency:path}/{year}")
def duty(request: Request, home: Archive, lang: Lang, agency: str, year: int, as_of: Instant = None) -> Response:
    """A report owed: its status and all that it rests on."""
    outgoing(home)  # is remembered, for it is asked for many times within the snapshot
    with open_snapshot(home):
        found = verdict.status(home, agency, year, as_of=as_of)
        others = verdict.duties(home, found.duty.agency.id, as_of=as_of)
        proofs = absences(found)
        absence = absence_of(home, found)
        lists = {one: list_pages(home, found.duty.agency.portal, one) for one in proofs[:_SHOWN]}
    values: dict[str, Any] = {
        "found": found,
        "others": others.duties,
        "line": time_line(found),
        "proofs": proofs,
        "lists": lists,
        "permanent": urlencode({"as_of": found.as_of.astimezone(CHINA).isoformat(timespec="seconds")}),
        "further": [(at, urlencode({"as_of": at.isoformat()})) for at in further_absences(found)],
        "control": partial(say, "answers", lang, "duty.control", year=year),
        "digests": {one.id: one.document for look in found.looks for one in look.captures},
        "gbt": gbt7714_of_absence(absence) if absence else "",
        "bibtex": bibtex_of_absence(absence, chinese=lang is Lang.ZH) if absence else "",
        "site": str(request.base_url).rstrip("/"),
    }
    return page(request, "duty.html", lang, **values)


@router.get("/{lang}/report/{agency:path}/{year}")
def report(request: Request, home: Archive, lang: Lang, agency: str, year: int, edition: str | None = None) -> Response:
    """A report: its form, its text, where they come from, how it is cited."""
    found = reports.show(home, agency, year, edition)
    citation = None if found.withheld else citation_of(home, found, None)
    values: dict[str, Any] = {
        "found": found,
        "tables": form_tables(found.form, found.cells, found.findings),
        "address": str(address_of(home, found)),
        "gbt": gbt7714(citation) if citation else "",
        "bibtex": bibtex(citation) if citation else "",
        "of_edition": urlencode({"edition": found.edition.id}),
    }
    return page(request, "report.html", lang, **values)


@router.get("/{lang}/diff/{agency:path}/{year}")
def diff(
    request: Request, home: Archive, lang: Lang, agency: str, year: int, a: str | None = None, b: str | None = None
) -> Response:
    """What changed between two editions."""
    return page(request, "diff.html", lang, found=reports.diff(home, agency, year, a, b))


@router.get("/{lang}/cell/{agency:path}/{year}/{indicator}")
def cell(
    request: Request, home: Archive, lang: Lang, agency: str, year: int, indicator: str, edition: str | None = None
) -> Response:
    """One figure and all that it came through: cell, reading, edition, capture, WARC record."""
    found, line = _cell(home, agency, year, indicator, edition)
    citation = citation_of(home, found, indicator)
    capture = None if found.source is None else find_capture(home, found.source.id)
    drawn = found.kind != "html" and can_be_drawn(line.locator)
    way = (
        "picture" if drawn else "page" if "css" in line.locator and not {"json", "script"} & line.locator.keys() else ""
    )
    values: dict[str, Any] = {
        "found": found,
        "line": line,
        "way": way,
        "excerpt": _excerpt(home, found, line) if way == "page" else [],
        "mark": CELL,
        "places": [(key, _counted(key, value)) for key, value in line.locator.items()],
        "findings": [one for one in found.findings if indicator in one.cells],
        "checks": verify(home, capture) if capture else [],
        "address": str(address_of(home, found, indicator)),
        "gbt": gbt7714(citation),
        "of_edition": urlencode({"edition": found.edition.id}),
    }
    return page(request, "cell.html", lang, **values)


@router.get("/source/{agency:path}/{year}/{indicator}/page")
def source_page(
    request: Request, home: Archive, agency: str, year: int, indicator: str, edition: str | None = None
) -> Response:
    """The page that a cell stands on, made harmless, with the cell marked; for a frame without any right."""
    found, line = _cell(home, agency, year, indicator, edition)
    css = line.locator.get("css")
    digest, read_document = _document(home, found)
    text = harmless(digest, read_document, css if isinstance(css, str) else None)
    headers = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN"}
    if text is None:
        return Response("", HTTPStatus.NOT_FOUND, headers, "text/plain")
    return send_text(request, text, headers, "text/html")


@router.get("/source/{agency:path}/{year}/{indicator}/picture")
def source_picture(
    request: Request,
    home: Archive,
    agency: str,
    year: int,
    indicator: str,
    edition: str | None = None,
    whole: bool = False,
) -> Response:
    """The part of a PDF's or scan's page around a cell, or the whole page, as a picture with the cell marked."""

    def draw() -> bytes:
        found, line = _cell(home, agency, year, indicator, edition)
        try:
            _, read_document = _document(home, found)
            return page_picture(partial(read_document, MAX_BYTES_DRAWN + 1), line.locator, whole=whole)
        except NotDrawnError as error:
            raise NotKnownError(str(error), code=error.code) from None

    return answer_of_state(request, "image/webp", draw)


def _counted(key: str, value: object) -> object:
    """A part of a locator as people count: grids of a locator begin at 0, people at 1."""
    return value + 1 if key in _GRID and isinstance(value, int) else value


def _cell(home: Home, agency: str, year: int, indicator: str, edition: str | None) -> tuple[Report, CellLine]:
    """A report that is given out, and one cell of it. Raises NotKnownError."""
    found = reports.show(home, agency, year, edition)
    line = next((one for one in found.cells if one.id == indicator), None)
    if line is None or found.withheld:
        message = f"The report of {found.agency.name} for {year} has no cell {indicator!r}."
        raise NotKnownError(message, code="not_known.cell", edition=found.edition.id, text=indicator)
    return found, line


def _excerpt(home: Home, found: Report, line: CellLine) -> list[list[ExcerptCell]]:
    """The rows around a cell in the captured page; [] where the page shows the whole document, or why it cannot."""
    try:
        return excerpt(*_document(home, found), str(line.locator["css"]))
    except NotKnownError:
        return []  # the frame that is shown instead says why


def _document(home: Home, found: Report) -> tuple[str, Callable[[int], bytes]]:
    """Return the digest of the document that a report's cells come from, and what reads its first bytes.

    Raises NotKnownError, also when it is read, where it is not given out.
    """
    if found.source is None or found.source.document is None:
        raise NotKnownError("The document is not held.", code="not_known.document")
    capture = find_capture(home, found.source.id).capture
    if hidden(home, capture.portal).why(capture) is not None:
        raise NotKnownError("The document is not given out.", code="not_known.document_withheld")

    def read_document(size: int) -> bytes:
        try:
            return read_beginning(home, capture, size)
        except StorageError as error:
            message = f"The document cannot be read: {error}"
            raise NotKnownError(message, code="not_known.document_unread", why=note_of(error).plain) from None

    return found.source.document, read_document
