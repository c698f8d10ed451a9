"""Evidence to download: the status of a report or one figure as a self-contained page, and captures as a WACZ.

The command line writes the same files with the same functions. Only a few are made at once.
"""

from __future__ import annotations

import re
from contextlib import suppress

from fastapi import Request
from fastapi.responses import Response

from archive.queries import verdict
from archive.queries.bounds import NotKnownError
from archive.queries.citing import address_of
from archive.queries.where import one_agency
from nianbao.api.made_files import few_at_once, send_made_file
from nianbao.evidence_files import package_name, write_package
from nianbao.parameters import Instant
from nianbao.web.downloads import send_text
from nianbao.web.page_picture import NotDrawnError, page_picture
from nianbao.web.report_pages import OneCell, cell_excerpt, cell_way, document_of
from nianbao.web.serving import Archive, Visit, router
from nianbao.web.standalone_pages import cell_page, data_address, duty_page


@router.get("/{lang}/evidence/{agency:path}/{year}/status.html")
@few_at_once
def status_file(visit: Visit, agency: str, year: int, as_of: Instant = None) -> Response:
    """Respond with the status of a report and all its evidence as a page to save."""
    answer = verdict.status(visit.home, agency, year, as_of=as_of)
    text = duty_page(visit.home, answer, visit.lang)
    return _page_to_save(visit.request, text, f"{answer.duty.agency.id}-{year}")


@router.get("/{lang}/evidence/{agency:path}/{year}/captures.wacz")
def captures_file(home: Archive, agency: str, year: int) -> Response:
    """Respond with the captures that prove a report or its absence, as a WACZ, which replay tools open."""
    one = one_agency(home, agency)
    name = package_name(one.portal, year, one)
    return send_made_file(name, "application/wacz", lambda path: write_package(home, one.portal, year, path, one))


@router.get("/{lang}/evidence/{agency:path}/{year}/{indicator}/cell.html")
@few_at_once
def cell_file(visit: Visit, one_cell: OneCell) -> Response:
    """Respond with one figure, its place in the source and its chain of evidence as a page to save."""
    home, (report, line) = visit.home, one_cell
    way, address = cell_way(report, line), str(address_of(home, report, line.id))
    picture, excerpt = "", cell_excerpt(home, report, line) if way == "page" else []
    if way == "picture":
        with suppress(NotDrawnError, NotKnownError):  # without a picture the page has the locator in words
            picture = data_address(page_picture(document_of(home, report)[1], line.locator), "image/webp")
    text = cell_page(home, report, line, visit.lang, address=address, picture=picture, excerpt=excerpt)
    return _page_to_save(visit.request, text, f"{report.agency.id}-{report.edition.year}-{line.id}")


def _page_to_save(request: Request, text: str, name: str) -> Response:
    plain_name = re.sub(r"[^a-z0-9_.]+", "-", name.lower()).strip("-")
    headers = {"Content-Disposition": f'attachment; filename="{plain_name}.html"'}
    return send_text(request, text, headers, "text/html")
