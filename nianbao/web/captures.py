"""Pages of single captures: what was fetched, its digests computed anew, and the page as it was, made harmless."""

from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from archive.exports.files import file_name
from archive.queries.nearest import NotKnownError
from archive.queries.one_capture import KeptCapture, find_capture, verify
from archive.queries.withheld_content import hidden, outgoing
from nianbao.page_routes import PageRoute
from nianbao.parameters import Lang
from nianbao.web.archived import POLICY, harmless
from nianbao.web.downloads import read_beginning, send_pieces, send_text
from nianbao.web.serving import Archive, page
from storage.captures import CaptureStore
from storage.errors import StorageError
from storage.home import Home
from storage.records import CaptureRole

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_BEGIN = 2_000  # bytes in which a page says that it is one
_PNG = b"\x89PNG\r\n\x1a\n"
_MARKUP = (b"<html", b"<!doctype", b"<body")


@router.get("/{lang}/capture/{name}")
def capture(request: Request, home: Archive, lang: Lang, name: str) -> Response:
    """One capture, with its digests computed anew."""
    kept, secret = _capture(home, name)
    url = outgoing(home).address(kept.capture.url)
    checks = [] if secret else verify(home, kept)
    looks = not secret and _is_page(home, kept)
    return page(request, "capture.html", lang, kept=kept, url=url, secret=secret, checks=checks, looks=looks)


@router.get("/captured/{name}")
def captured(request: Request, home: Archive, name: str) -> Response:
    """The page as it was, for the frame in which it is shown."""
    kept, secret = _capture(home, name)
    text = None
    if not secret and kept.holder is not None and _is_page(home, kept):
        text = harmless(kept.holder.document or "", partial(read_beginning, home, kept.capture))
    if text is None:
        return Response("", HTTPStatus.NOT_FOUND, {"Content-Security-Policy": POLICY}, "text/plain")
    headers = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return send_text(request, text, headers, "text/html")


@router.get("/captured/{name}/picture")
def picture(request: Request, home: Archive, name: str) -> Response:
    """The picture that a browser took of a page when it was fetched."""
    kept, secret = _capture(home, name)
    is_picture = not secret and kept.capture.role is CaptureRole.RESOURCE
    if not is_picture or not read_beginning(home, kept.capture, len(_PNG)).startswith(_PNG):
        raise NotKnownError(f"No picture is known of {name!r}.", code="not_known.picture", text=name)
    body_pieces = partial(CaptureStore(home).body_pieces, kept.capture)
    return send_pieces(request, body_pieces, {"Content-Security-Policy": POLICY}, "image/png")


@router.get("/captured/{name}/file")
def original(request: Request, home: Archive, name: str) -> Response:
    """The document as it came, to be saved."""
    kept, secret = _capture(home, name)
    if secret:
        raise NotKnownError(f"What is held of {name!r} is not given out.", code="not_known.withheld", text=name)
    called = quote(file_name(kept.capture) or "document")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{called}", "Content-Security-Policy": POLICY}
    body_pieces = partial(CaptureStore(home).body_pieces, kept.capture)
    return send_pieces(request, body_pieces, headers, "application/octet-stream")


def _capture(home: Home, name: str) -> tuple[KeptCapture, bool]:
    """A capture, and whether it is not given out."""
    kept = find_capture(home, name)
    return kept, hidden(home, kept.capture.portal).why(kept.capture) is not None


def _is_page(home: Home, kept: KeptCapture) -> bool:
    """Whether the bytes of a capture are held, and are called a page or begin like one."""
    if kept.holder is None:
        return False
    try:
        head = read_beginning(home, kept.capture, _BEGIN).lower()
    except StorageError:
        return False  # what is wrong with it is told where its digests are
    return "html" in (kept.capture.mime or "") or any(mark in head for mark in _MARKUP)
