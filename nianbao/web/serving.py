"""What every page needs: the archive that the application serves, and the page made of a template."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import Response

from archive.exports.safe_text import safe_text
from archive.queries.words import CHINA
from nianbao.api.validators import is_unchanged, validators
from nianbao.parameters import Lang
from nianbao.questions import QUESTIONS
from nianbao.web.forms import form_fields
from nianbao.web.rendering import render
from nianbao.web.views import columns
from storage.agency_rows import newest
from storage.home import Home
from storage.tables import RulingRow


def archive_of(request: Request) -> Home:
    """The archive that is served."""
    home = request.app.state.home
    assert isinstance(home, Home)
    return home


_REMEMBERED = 64  # pages
LONG = 0.25  # seconds of CPU that only pages of very large archives take
STAYS = 10  # times as long as it took to make
Archive = Annotated[Home, Depends(archive_of)]


def page(request: Request, template: str, lang: Lang, **values: Any) -> Response:
    """A page; its other language is one click away, at the same place."""
    query = f"?{request.url.query}" if request.url.query else ""
    path = quote(request.url.path.split("/", 2)[2])
    held = {"simulated": archive_of(request).simulated, "here": path + query, "here_path": path}
    return render(template, lang, {**held, **values})


@dataclass(slots=True)
class RememberedPage:
    """A page that was made last. ``until``: it is shown up to this second of the monotonic clock, whatever changes;
    ``lock`` is held while it is made, so that all who ask for it meanwhile wait for the same one.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    tag: str = ""
    until: float = 0.0
    page: Response | None = None


def remembered(request: Request, made: Callable[[], Response]) -> Response:
    """A page that is a function of the archive's state, the day and the address: made once for all who ask for it.

    One that took long to make is shown for ten times as long: a crawl that writes each second would have it made
    without end. A ruling has it made at once.
    """
    home = archive_of(request)
    headers = validators(home, request, "text/html")
    if is_unchanged(request, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
    pages: OrderedDict[str, RememberedPage] = request.app.state.pages
    key = f"{newest(home, RulingRow)} {request.url.path}?{request.url.query}"  # no page outlives a ruling
    one = pages.setdefault(key, RememberedPage())
    with one.lock:
        found = one.page
        if found is None or (one.tag != headers["ETag"] and one.until <= time.monotonic()):
            began = time.thread_time()
            found = made()
            took = time.thread_time() - began
            found.headers.update(headers)
            one.page, one.tag = found, headers["ETag"]
            one.until = time.monotonic() + (STAYS * took if took > LONG else 0.0)
    while len(pages) > _REMEMBERED:
        pages.popitem(last=False)
    return Response(bytes(found.body), found.status_code, dict(found.headers))


def answer_of_state(request: Request, media_type: str, made: Callable[[], bytes]) -> Response:
    """Give an answer that may be kept but is asked for again each time, so that a ruling takes effect at once."""
    headers = dict(validators(archive_of(request), request, media_type))
    if is_unchanged(request, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(made(), headers=headers, media_type=media_type)


def error_page(request: Request, status: int, detail: str) -> Response:
    """What went wrong, as a page; of a list with the form that was sent."""
    lang = Lang.ZH if request.url.path.startswith("/zh") else Lang.EN
    values = {"simulated": archive_of(request).simulated, "here": "", "here_path": None, "detail": safe_text(detail)}
    name = request.url.path.removeprefix(f"/{lang.value}/ask/")
    one = next((one for one in QUESTIONS if one.name == name), None) if name in columns() else None
    fields = [] if one is None else form_fields(one.parameters, given(request))
    return render("error.html", lang, {**values, "question": one, "fields": fields}, status)


def given(request: Request) -> Mapping[str, Any]:
    """What was asked, without fields that were left empty; a field that was given several times as a list."""
    found: dict[str, Any] = {}
    for name in request.query_params:
        values = [one for one in request.query_params.getlist(name) if one.strip()]
        if values:
            found[name] = values if len(values) > 1 else values[0]
    return found


def last_year(home: Home) -> int:
    """The year that the newest reports are for: the one before this."""
    return home.clock.now().astimezone(CHINA).year - 1
