"""The page of a single capture: request and response, digests computed again, and the captured page made harmless."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from archive.exports.writing import file_name
from archive.queries.bounds import NotKnownError
from archive.queries.one_capture import KeptCapture, find_capture, verify
from archive.queries.withheld_content import outgoing
from nianbao.web.archived import POLICY, harmless
from nianbao.web.downloads import FRAMED, read_beginning, send_body, send_text
from nianbao.web.mementos import memento_headers
from nianbao.web.serving import Archive, Values, Visit, page, router
from nianbao.web.standalone_pages import PNG
from storage.errors import StorageError
from storage.home import Home
from storage.records import CaptureRole

_HEAD_BYTES = 2_000  # beginning in which _MARKUP is searched
_MARKUP = (b"<html", b"<!doctype", b"<body")


def _capture(home: Archive, name: str) -> tuple[KeptCapture, bool]:
    """Return a capture, and True if a ruling withholds it."""
    source = find_capture(home, name)
    return source, outgoing(home).hides(source.capture)


OneCapture = Annotated[tuple[KeptCapture, bool], Depends(_capture)]


@page("capture/{name}", "capture.html")
def capture(visit: Visit, one: OneCapture) -> Values:
    """Show one capture, with its digests computed again."""
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
    """Respond with the captured page made harmless, for a frame; redirect to the file if it is not a page."""
    source, is_secret = one
    text = None
    if not is_secret and source.holder is not None and _is_page(home, source):
        text = harmless(source.holder.document or "", partial(read_beginning, home, source.capture))
    if text is not None:
        return send_text(request, text, {**FRAMED, **memento_headers(request, home, source.capture)}, "text/html")
    if not is_secret and source.holder is not None:  # a file: browsers save it
        return RedirectResponse(f"/captured/{source.capture.id}/file", HTTPStatus.FOUND)
    return Response("", HTTPStatus.NOT_FOUND, {"Content-Security-Policy": POLICY}, "text/plain")


@router.get("/captured/{name}/picture")
def picture(request: Request, home: Archive, one: OneCapture, name: str) -> Response:
    """Respond with the screenshot that a browser took of a page when it was fetched."""
    source, is_secret = one
    is_picture = not is_secret and source.capture.role is CaptureRole.RESOURCE
    if not is_picture or not read_beginning(home, source.capture, len(PNG)).startswith(PNG):
        raise NotKnownError(f"No picture is known of {name!r}.", code="not_known.picture", text=name)
    return send_body(request, home, source.capture, "image/png")


@router.get("/captured/{name}/file")
def original(request: Request, home: Archive, one: OneCapture, name: str) -> Response:
    """Respond with the unchanged bytes of a document, as a download."""
    source, is_secret = one
    if is_secret:
        raise NotKnownError(f"What is held of {name!r} is not given out.", code="not_known.withheld", text=name)
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
