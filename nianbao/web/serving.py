"""What every page needs: the archive that the application serves, and the page made of a template."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from fastapi.responses import Response

from archive.exports.safe_text import safe_text
from archive.queries.nearest import NotKnownError
from archive.queries.words import CHINA
from nianbao.api.validators import is_unchanged, validators
from nianbao.parameters import Lang
from nianbao.questions import question
from nianbao.web.forms import form_fields
from nianbao.web.views import LISTS, render
from storage.home import Home
from storage.registry import newest
from storage.tables import RULINGS


def archive_of(request: Request) -> Home:
    """The archive that is served."""
    home = request.app.state.home
    assert isinstance(home, Home)
    return home


_REMEMBERED = 64  # pages
LONG = 0.25  # seconds of CPU that only pages of very large archives take
STAYS = 10  # times as long as it took to make
_FORMS = {"compare": "compare_form.html", "rollup": "rollup_form.html"}  # of pages beside the lists
_NAMED_TWICE = re.compile(r" \(|\)$")  # 汶上县司法局 (wenshang/sfj), wenshang (汶上县)
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
    key = f"{newest(home, RULINGS)} {request.url.path}?{request.url.query}"  # no page outlives a ruling
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


def error_page(request: Request, status: int, detail: str, error: Exception) -> Response:
    """What went wrong, as a page, with what was perhaps meant and the form that was sent."""
    lang = Lang.ZH if request.url.path.startswith("/zh") else Lang.EN
    values = {"simulated": archive_of(request).simulated, "here": "", "here_path": None, "detail": safe_text(detail)}
    values |= {"suggestions": _suggestions(request, error), **_form(request.url.path, given(request))}
    return render("error.html", lang, values, status)


def _form(path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template of the form that a page has, and what stands in it; none for a page without."""
    place = path[4:]
    if place in _FORMS:
        return {"form": _FORMS[place], "asked": asked}
    name = place.removeprefix("ask/")
    if name == place or name not in LISTS:
        return {"form": ""}
    one = question(name)
    return {"form": "form.html", "question": one, "fields": form_fields(one.parameters, asked)}


def _suggestions(request: Request, error: Exception) -> list[tuple[str, str]]:
    """Return each suggestion of an error with its address: this one, with it in place of the name that is not known.

    The address is "" where that name is no part of this one.
    """
    if not isinstance(error, NotKnownError):
        return []
    wrong = str(error.values.get("text", error.values.get("year", "")))
    asked = request.query_params.multi_items()
    path: str = request.scope["path"]
    found = []
    for suggestion in error.suggestions:
        name = next((one for one in _NAMED_TWICE.split(suggestion) if one.isascii() and one), suggestion)
        query = [(key, name if value.strip() == wrong else value) for key, value in asked]
        there = f"{path}/".replace(f"/{wrong}/", f"/{name}/", 1)[:-1]
        is_other = wrong and (there, query) != (path, asked)
        found.append((suggestion, quote(there) + (f"?{urlencode(query)}" if query else "") if is_other else ""))
    return found


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
