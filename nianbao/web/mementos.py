"""Find captures by original address and time, as RFC 7089 (Memento) defines.

A memento is a capture of a page or file that a server sent, or confirmed as unchanged. The TimeGate redirects to the
last memento at or before an instant, because that is what the address is known to have shown then; if there is none,
to the first memento. The TimeMap lists all mementos. Both leave out what a ruling withholds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import Response

from archive.queries.one_capture import mementos
from nianbao.api.problems import problem
from nianbao.api.routes import site_of
from nianbao.web.downloads import send_text
from nianbao.web.serving import Archive, router
from storage.records import Capture
from storage.warc_fields import target_uri

_LINK_FORMAT = "application/link-format"
_MERGED_SLASHES = re.compile(r"^(https?:)/(?!/)")  # some proxies merge two slashes into one


@router.get("/timegate/{url:path}")
def timegate(request: Request, home: Archive) -> Response:
    """Redirect to the memento of an address for the instant in ``Accept-Datetime``; without it to the newest."""
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
    """List the mementos of an address, oldest first (RFC 6690)."""
    original = _original(request, "/timemap/link/")
    every = mementos(home, original)
    if not every:
        return _not_held()
    text = ",\n".join(_timemap_lines(site_of(request, home), original, every)) + "\n"
    return send_text(request, text, {}, _LINK_FORMAT)


def _not_held() -> Response:
    return problem(HTTPStatus.NOT_FOUND, "not-known", "no capture of this address is held and given out")


def _timemap_lines(site: str, original: str, every: Sequence[Capture]) -> Iterator[str]:
    links = _links(site, original)
    yield links["original"]
    yield links["timegate"]
    begin, end = (_http_date(one.fetched_at) for one in (every[0], every[-1]))
    yield links["timemap"].replace('rel="timemap"', 'rel="self"') + f'; from="{begin}"; until="{end}"'
    yield from (_memento_link(site, one) for one in every)


def memento_headers(request: Request, home: Archive, capture: Capture) -> Mapping[str, str]:
    """Return the Memento headers for the response that replays a capture; none if no server sent that capture."""
    if capture.status is None:
        return {}
    site = site_of(request, home)
    links = [*_links(site, capture.url).values(), _memento_link(site, capture)]
    return {"Memento-Datetime": _http_date(capture.fetched_at), "Link": ", ".join(links)}


def _links(site: str, url: str) -> Mapping[str, str]:
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
