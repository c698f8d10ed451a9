"""ETag and Last-Modified: an answer depends only on the archive's state, the day and the request.

The day matters because a report that was not due yesterday may be due today although nothing was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version

from fastapi import Request
from fastapi.responses import Response

from archive.queries.words import CHINA
from storage.change_mark import last_change
from storage.home import Home

_VERSION = version("nianbao")


def respond(request: Request, home: Home, media_type: str, make: Callable[[], Response]) -> Response:
    """Return the response that ``make`` makes, with headers for later requests; 304 if the client has it already."""
    headers = validators(home, request, media_type)
    if _is_unchanged(request, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
    response = make()
    if response.status_code == HTTPStatus.OK:
        response.headers.update(headers)
    return response


def validators(home: Home, request: Request, media_type: str) -> Mapping[str, str]:
    """Return the headers with which clients can later ask whether the response to this request has changed."""
    query = "&".join(sorted(f"{name}={value}" for name, value in request.query_params.multi_items()))
    day = home.clock.now().astimezone(CHINA).date().isoformat()  # on another day a report may be late
    change = last_change(home)
    state = "\n".join([_VERSION, change.mark, day, request.url.path, query, media_type])
    headers = {
        "ETag": f'W/"{hashlib.sha256(state.encode()).hexdigest()[:24]}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept",
    }
    return headers if change.at is None else headers | {"Last-Modified": format_datetime(change.at, usegmt=True)}


def _is_unchanged(request: Request, headers: Mapping[str, str]) -> bool:
    """True if the client has this response already (RFC 9110, 13.2.2: if it sent an ETag, only that decides)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        tags_held = {one.strip().removeprefix("W/") for one in tags.split(",")}
        return "*" in tags_held or headers["ETag"].removeprefix("W/") in tags_held
    since = request.headers.get("if-modified-since")
    if since is None or "Last-Modified" not in headers or request.query_params.get("as_of") is None:
        return False  # without ``as_of`` the day alone may change an answer
    try:
        return parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
