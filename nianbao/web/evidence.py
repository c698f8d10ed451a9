"""Make evidence to save: self-contained HTML pages of a status, a figure or a difference; captures as a WACZ.

They run no script and load nothing: captured pages are made harmless and put into frames without rights. They can be
printed and read on a phone; each capture has its full SHA-256 and the command that verifies it. Templates are in
``nianbao/web/templates/standalone``. The command line writes these pages with ``--html``, the web offers
them to save, a few at once.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial

from fastapi import Request
from fastapi.responses import Response
from jinja2 import Environment
from markupsafe import Markup, escape

from archive.assessment.measures import find
from archive.exports.safe_text import safe_text
from archive.projection.update import count_waiting
from archive.queries import verdict as verdicts
from archive.queries.bounds import NotKnownError
from archive.queries.citing import absence_of, address_of, citation_of, citations_of_change, duty_address
from archive.queries.one_capture import find_capture, list_pages
from archive.queries.reports import diff
from archive.queries.results import CaptureLine, Difference, Verdict
from archive.queries.where import one_agency
from archive.queries.withheld_content import outgoing
from nianbao.api.downloads import few_at_once, read_beginning, send_made_file, send_text
from nianbao.evidence_files import package_name, write_package
from nianbao.language import Language, current
from nianbao.parameters import Instant
from nianbao.sentences import citation_texts, locator_words, look_reason, shown_cell, status_words, word
from nianbao.templates import templates_of
from nianbao.web.archived import NotDrawnError, harmless, page_picture
from nianbao.web.report_pages import OneCell, cell_excerpt, cell_way, document_of
from nianbao.web.serving import Archive, PageRequest, router
from storage.errors import StorageError
from storage.home import Home

_MAX_FRAME_CHARS = 2_000_000  # longer captured pages are left out
_MAX_PICTURE = 4_000_000  # bytes; larger pictures are left out
PNG = b"\x89PNG\r\n\x1a\n"  #: first bytes of every PNG file


def duty_page(home: Home, verdict: Verdict, lang: Language | None = None) -> str:
    """Return the page on a status: the claim, the rule, each look with its pages. ``lang`` None: this run's."""
    title = f"{verdict.duty.agency.name} {verdict.duty.year}"
    pictures = {look.id: [*_pictures(home, look.id)] for look in verdict.looks}
    change = None
    if len(verdict.editions) > 1:
        before, after = verdict.editions[-2:]
        change = diff(home, verdict.duty.agency.id, verdict.duty.year, before.id, after.id)
    return _page(
        home, "duty.html", title, verdict.duty.agency.portal, lang, found=verdict,
        pictures=pictures, change=change, address=duty_address(home, verdict),
        cited=citation_texts(absence_of(home, verdict), lang=lang or ""),
    )  # fmt: skip


def difference_page(home: Home, difference: Difference, lang: Language | None = None) -> str:
    """Return the page with two editions side by side. Raises NotKnownError if a ruling withholds one of them."""
    if difference.withheld:
        raise NotKnownError(code="not_known.document_withheld")
    title = f"{difference.agency.name} {difference.year}"
    cited = [text for one in citations_of_change(home, difference) for text in citation_texts(one, lang=lang or "")]
    return _page(home, "difference.html", title, difference.agency.portal, lang, found=difference, cited=cited)


def data_address(picture: bytes, media_type: str) -> str:
    """Return a picture as a ``data:`` address, which contains its bytes."""
    return f"data:{media_type};base64,{b64encode(picture).decode()}"


def _page(home: Home, template: str, title: str, portal: str, lang: Language | None, **values: object) -> str:
    values |= {
        "title": title, "simulated": home.simulated, "as_of": home.clock.now(), "captured": partial(_captured, home),
        "waiting": count_waiting(home, [portal]),
    }  # fmt: skip
    return _templates().get_template(f"standalone/{template}").render(values, lang=lang or current()) + "\n"


@cache
def _templates() -> Environment:
    environment = templates_of("nianbao.web").overlay(
        finalize=lambda value: safe_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value
    )
    environment.globals |= {
        "status_words": status_words, "shown_cell": shown_cell, "word_in": word,
        "locator_words": locator_words, "look_reason": look_reason,
    }  # fmt: skip
    return environment


def _pictures(home: Home, look: str) -> Iterator[str]:
    """Yield the screenshots of a look's pages as ``data:`` addresses, without withheld and too large ones."""
    for name in (one.picture for one in list_pages(home, look) if one.picture):
        with suppress(NotKnownError, StorageError):
            capture = find_capture(home, name).capture
            data = b"" if outgoing(home).hides(capture) else read_beginning(home, capture, _MAX_PICTURE + 1)
            if data.startswith(PNG) and len(data) <= _MAX_PICTURE:
                yield data_address(data, "image/png")


def _captured(home: Home, capture: CaptureLine) -> Markup | None:
    """Return a captured page as harmless HTML for a frame; None if not HTML, withheld, too large, or not held."""
    try:
        source = find_capture(home, capture.id)
        if source.holder is None or outgoing(home).hides(source.capture):
            return None
        if b"<" not in read_beginning(home, source.capture, _MAX_FRAME_CHARS):
            return None
        page = harmless(source.holder.document or "", partial(read_beginning, home, source.capture))
    except (NotKnownError, StorageError):
        return None
    return escape(page) if page is not None and len(page) <= _MAX_FRAME_CHARS else None


# ---------------------------------------------------------------------------------------------- addresses


@router.get("/{lang}/evidence/{agency:path}/{year}/status.html")
@few_at_once
def status_file(visit: PageRequest, agency: str, year: int, as_of: Instant = None) -> Response:
    """Respond with the status of a report and all its evidence as a page to save."""
    answer = verdicts.status(visit.home, agency, year, as_of=as_of)
    text = duty_page(visit.home, answer, visit.lang)
    return _page_to_save(visit.request, text, f"{answer.duty.agency.id}-{year}")


@router.get("/{lang}/evidence/{agency:path}/{year}/captures.wacz")
def captures_file(home: Archive, agency: str, year: int) -> Response:
    """Respond with the captures that prove a report or its absence, as a WACZ, which replay tools open."""
    one = one_agency(home, agency)
    name = package_name(one.portal, year, one)
    return send_made_file(name, "application/wacz", lambda path: write_package(home, one.portal, year, path, one))


@router.get("/{lang}/evidence/{agency:path}/{year}/changes.html")
@few_at_once
def changes_file(visit: PageRequest, agency: str, year: int, a: str | None = None, b: str | None = None) -> Response:
    """Respond with two editions of a report side by side as a page to save."""
    answer = diff(visit.home, agency, year, a, b)
    return _page_to_save(visit.request, difference_page(visit.home, answer, visit.lang), f"{agency}-{year}-changes")


@router.get("/{lang}/evidence/{agency:path}/{year}/{indicator}/cell.html")
@few_at_once
def cell_file(visit: PageRequest, one_cell: OneCell) -> Response:
    """Respond with one figure, its place in the source and its chain of evidence as a page to save."""
    home, (report, line) = visit.home, one_cell
    way, picture = cell_way(report, line), ""  # whether the cell is shown in a picture, in its page, or in words
    if way == "picture":
        with suppress(NotDrawnError, NotKnownError):  # without a picture the page has the locator in words
            picture = data_address(page_picture(document_of(home, report)[1], line.locator), "image/webp")
    measure = find(line.id)
    title = f"{report.agency.name} {report.edition.year} · {measure.zh if measure else line.id}"
    text = _page(
        home, "cell.html", title, report.agency.portal, visit.lang, found=report, line=line, measure=measure,
        picture=picture, excerpt=cell_excerpt(home, report, line) if way == "page" else [],
        address=str(address_of(home, report, line.id)), cited=citation_texts(citation_of(home, report, line.id)),
    )  # fmt: skip
    return _page_to_save(visit.request, text, f"{report.agency.id}-{report.edition.year}-{line.id}")


def _page_to_save(request: Request, text: str, name: str) -> Response:
    plain_name = re.sub(r"[^a-z0-9_.]+", "-", name.lower()).strip("-")
    headers = {"Content-Disposition": f'attachment; filename="{plain_name}.html"'}
    return send_text(request, text, headers, "text/html")
