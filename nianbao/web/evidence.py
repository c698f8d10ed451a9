"""Evidence to send: the status of a report, or one figure, as a page that stands alone, and the captures as a WACZ.

The files are those that the command line writes, made by the same functions. Only a few are made at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Any

from fastapi import Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from archive.queries import verdict
from archive.queries.bounds import NotKnownError
from archive.queries.citing import address_of
from archive.queries.where import one_agency
from nianbao.evidence_files import package_name, write_package
from nianbao.parameters import Instant
from nianbao.web.downloads import send_text, too_many
from nianbao.web.page_picture import NotDrawnError, page_picture
from nianbao.web.report_pages import OneCell, cell_excerpt, cell_way, document_of
from nianbao.web.serving import Archive, Visit, router
from nianbao.web.standalone_pages import cell_page, data_address, duty_page

MAX_FILES_AT_ONCE = 2  #: each reads many captures
_places = BoundedSemaphore(MAX_FILES_AT_ONCE)


def few_at_once(make: Callable[..., Response]) -> Callable[..., Response]:
    """Let the decorated function make its file, or say that too many are being made."""

    @wraps(make)
    def answer(**asked: Any) -> Response:
        if not _places.acquire(blocking=False):
            return too_many()
        try:
            return make(**asked)
        finally:
            _places.release()

    return answer


@router.get("/{lang}/evidence/{agency:path}/{year}/status.html")
@few_at_once
def status_file(visit: Visit, agency: str, year: int, as_of: Instant = None) -> Response:
    """Give the status of a report and all that it rests on as a page to be saved."""
    answer = verdict.status(visit.home, agency, year, as_of=as_of)
    text = duty_page(visit.home, answer, visit.lang)
    return _page_to_save(visit.request, text, f"{answer.duty.agency.id}-{year}")


@router.get("/{lang}/evidence/{agency:path}/{year}/captures.wacz")
@few_at_once
def captures_file(home: Archive, agency: str, year: int) -> Response:
    """Give the captures that prove a report, or its absence, as a WACZ that replay tools open."""
    one = one_agency(home, agency)
    folder = TemporaryDirectory(prefix="nianbao-")
    try:
        path = Path(folder.name) / package_name(one.portal, year, one)
        write_package(home, one.portal, year, path, one)
    except BaseException:
        folder.cleanup()
        raise
    clean = BackgroundTask(folder.cleanup)
    return FileResponse(path, media_type="application/wacz", filename=path.name, background=clean)


@router.get("/{lang}/evidence/{agency:path}/{year}/{indicator}/cell.html")
@few_at_once
def cell_file(visit: Visit, one_cell: OneCell) -> Response:
    """Give one figure, where it stands and all that it came through as a page to be saved."""
    home, (report, line) = visit.home, one_cell
    way, address = cell_way(report, line), str(address_of(home, report, line.id))
    picture, excerpt = "", cell_excerpt(home, report, line) if way == "page" else []
    if way == "picture":
        with suppress(NotDrawnError, NotKnownError):  # then the page says in words where the figure stands
            picture = data_address(page_picture(document_of(home, report)[1], line.locator), "image/webp")
    text = cell_page(home, report, line, visit.lang, address=address, picture=picture, excerpt=excerpt)
    return _page_to_save(visit.request, text, f"{report.agency.id}-{report.edition.year}-{line.id}")


def _page_to_save(request: Request, text: str, name: str) -> Response:
    plain_name = re.sub(r"[^a-z0-9_.]+", "-", name.lower()).strip("-")
    headers = {"Content-Disposition": f'attachment; filename="{plain_name}.html"'}
    return send_text(request, text, headers, "text/html")
