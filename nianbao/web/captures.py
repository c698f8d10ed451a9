"""Single captures: their pages with digests computed again, the captured page made harmless, and finding captures by
address and time, as RFC 7089 (Memento) defines.

A memento is a capture of a page (an empty one, too) or file that a server sent, or confirmed as unchanged. The
TimeGate redirects to the last memento at or before an instant, because that is what the address is known to have shown
then; if there is none, to the first memento. The TimeMap lists all mementos. Both leave out what a ruling withholds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from archive.exports.writing import file_name
from archive.queries.bounds import NotKnownError
from archive.queries.one_capture import KeptCapture, find_capture, is_memento, mementos, verify
from archive.queries.withheld_content import outgoing
from nianbao.api.downloads import read_beginning, send_body, send_text
from nianbao.api.guarding import FRAMED, PORTAL_POLICY
from nianbao.api.problems import problem
from nianbao.api.routes import site_of
from nianbao.web.archived import harmless
from nianbao.web.evidence import PNG
from nianbao.web.serving import Archive, PageRequest, Values, page, router
from storage.errors import StorageError
from storage.home import Home
from storage.records import Capture, CaptureRole
from storage.warc_fields import target_uri

_HEAD_BYTES = 2_000  # beginning in which _MARKUP is searched
_MARKUP = (b"<html", b"<!doctype", b"<body")
_LINK_FORMAT = "application/link-format"
_MERGED_SLASHES = re.compile(r"^(https?:)/(?!/)")  # some proxies merge two slashes into one


def _capture(home: Archive, name: str) -> tuple[KeptCapture, bool]:
    """Return a capture, and True if a ruling withholds it."""
    source = find_capture(home, name)
    return source, outgoing(home).hides(source.capture)


OneCapture = Annotated[tuple[KeptCapture, bool], Depends(_capture)]


@page("capture/{name:path}", "capture.html")
def capture(visit: PageRequest, one: OneCapture) -> Values:
    """Show one capture, with its digests computed again; a withheld one (``is_secret``) without digests and page."""
    home, (source, is_secret) = visit.home, one
    return {
        "kept": source,
        "url": outgoing(home).address(source.capture.url),
        "secret": is_secret,
        "checks": [] if is_secret else verify(home, source),
        "looks": not is_secret and _is_page(home, source),
    }


@router.get("/captured/{name}")
def captured(request: Request, home: Archive, one: OneCapture) -> Response:
    """Respond with the captured page made harmless, for a frame; redirect to the file if it is not a page. 404 if it is
    withheld or no bytes are stored.
    """
    source, is_secret = one
    text = None
    if not is_secret and source.holder is not None and _is_page(home, source):
        text = harmless(source.holder.document or "", partial(read_beginning, home, source.capture))
    if text is not None:
        return send_text(request, text, {**FRAMED, **memento_headers(request, home, source.capture)}, "text/html")
    if not is_secret and source.holder is not None:  # a file: browsers save it
        return RedirectResponse(f"/captured/{source.capture.id}/file", HTTPStatus.FOUND)
    return Response("", HTTPStatus.NOT_FOUND, {"Content-Security-Policy": PORTAL_POLICY}, "text/plain")


@router.get("/captured/{name}/picture")
def picture(request: Request, home: Archive, one: OneCapture, name: str) -> Response:
    """Respond with the screenshot that a browser took of a page when it was fetched."""
    source, is_secret = one
    is_picture = not is_secret and source.capture.role is CaptureRole.RESOURCE
    if not is_picture or not read_beginning(home, source.capture, len(PNG)).startswith(PNG):
        raise NotKnownError(code="not_known.picture", text=name)
    return send_body(request, home, source.capture, "image/png")


@router.get("/captured/{name}/file")
def original(request: Request, home: Archive, one: OneCapture, name: str) -> Response:
    """Respond with the unchanged bytes of a document, as a download. Raises NotKnownError if it is withheld."""
    source, is_secret = one
    if is_secret:
        raise NotKnownError(code="not_known.withheld", text=name)
    file = quote(file_name(source.capture) or "document")
    disposition = f"attachment; filename*=UTF-8''{file}"
    headers = {"Content-Disposition": disposition, **memento_headers(request, home, source.capture)}
    return send_body(request, home, source.capture, "application/octet-stream", headers)


def _is_page(home: Home, source: KeptCapture) -> bool:
    """True if we hold the bytes of a capture and they are HTML by their media type or their beginning."""
    if source.holder is None:
        return False
    try:
        head = read_beginning(home, source.capture, _HEAD_BYTES).lower()
    except StorageError:
        return False  # the digests on the page show what is wrong
    return "html" in (source.capture.mime or "") or any(mark in head for mark in _MARKUP)


# ---------------------------------------------------------------------------------------------- mementos


@router.get("/timegate/{url:path}")
def timegate(request: Request, home: Archive) -> Response:
    """Redirect to the memento (stored version, RFC 7089) of an address at ``Accept-Datetime``, or else the newest."""
    original = _original(request, "/timegate/")
    every, date_text = mementos(home, original), request.headers.get("accept-datetime")
    if not every:
        return _not_held()
    try:
        chosen = _last_by(every, None if date_text is None else _instant(date_text))
    except ValueError:
        return problem(HTTPStatus.BAD_REQUEST, "no-datetime", "Accept-Datetime must be written as RFC 1123 has it")
    site = site_of(request, home)
    bounds = {one.id: _memento_link(site, one, rel) for one, rel in ((every[0], "first"), (every[-1], "last"))}
    if every[0] is every[-1]:
        bounds[every[0].id] = _memento_link(site, every[0], "first last")
    links = [*_links(site, original).values(), *bounds.values()]
    headers = {"Location": _address(site, chosen), "Vary": "accept-datetime", "Link": ", ".join(links)}
    return Response(status_code=HTTPStatus.FOUND, headers=headers)


@router.get("/timemap/link/{url:path}")
def timemap(request: Request, home: Archive) -> Response:
    """List the mementos (stored versions, RFC 7089) of an address, oldest first, in the format of RFC 6690."""
    original = _original(request, "/timemap/link/")
    every = mementos(home, original)
    if not every:
        return _not_held()
    site, (begin, end) = site_of(request, home), (_http_date(one.fetched_at) for one in (every[0], every[-1]))
    links = _links(site, original)
    itself = links["timemap"].replace('rel="timemap"', 'rel="self"') + f'; from="{begin}"; until="{end}"'
    lines = [links["original"], links["timegate"], itself, *(_memento_link(site, one) for one in every)]
    return send_text(request, ",\n".join(lines) + "\n", {}, _LINK_FORMAT)


def _not_held() -> Response:
    return problem(HTTPStatus.NOT_FOUND, "not-known", "no capture of this address is held and given out")


def memento_headers(request: Request, home: Archive, capture: Capture) -> Mapping[str, str]:
    """Return the Memento headers for the response that replays a capture; none if it is no memento."""
    if not is_memento(capture):
        return {}
    site = site_of(request, home)
    links = [*_links(site, capture.url).values(), _memento_link(site, capture)]
    return {"Memento-Datetime": _http_date(capture.fetched_at), "Link": ", ".join(links)}


def _links(site: str, url: str) -> Mapping[str, str]:
    """Return the links of RFC 7089 to the other resources of an address, by relation, for the header ``Link``."""
    original = target_uri(url)
    return {
        "original": f'<{original}>; rel="original"',
        "timegate": f'<{site}/timegate/{original}>; rel="timegate"',
        "timemap": f'<{site}/timemap/link/{original}>; rel="timemap"; type="{_LINK_FORMAT}"',
    }


def _memento_link(site: str, capture: Capture, relation: str = "") -> str:
    rel = f"{relation} memento".strip()
    return f'<{_address(site, capture)}>; rel="{rel}"; datetime="{_http_date(capture.fetched_at)}"'


def _address(site: str, capture: Capture) -> str:
    return f"{site}/captured/{capture.id}"


def _last_by(every: Sequence[Capture], instant: datetime | None) -> Capture:
    """Return the last capture at or before an instant (HTTP has whole seconds), else the first; for None the last."""
    if instant is None:
        return every[-1]
    until = [one for one in every if one.fetched_at.replace(microsecond=0) <= instant]
    return until[-1] if until else every[0]


def _instant(text: str) -> datetime:
    instant = parsedate_to_datetime(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _http_date(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def _original(request: Request, prefix: str) -> str:
    """Return the original address from a request's path, not decoded, with its query."""
    path = bytes(request.scope["raw_path"]).decode("ascii", "replace").removeprefix(prefix)
    query = f"?{request.url.query}" if request.url.query else ""
    return _MERGED_SLASHES.sub(r"\1//", path) + query
