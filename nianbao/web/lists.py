"""The routes of lists: the filters of a question in the address, a page of its lines, downloads, a lasting link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from archive.exports.formats.columns import FileFormat
from archive.queries.nearest import NotKnownError
from archive.queries.results import DutyList
from archive.queries.words import CHINA
from nianbao.page_routes import PageRoute
from nianbao.paging import Page, page_of
from nianbao.parameters import Lang, refuse_unknown, understood
from nianbao.questions import Question, question
from nianbao.web import views
from nianbao.web.forms import form_fields
from nianbao.web.plot import curves_of, plot
from nianbao.web.serving import Archive, given, last_year, page
from storage.home import Home

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_LINES = 50  #: on one page
_RECENT = timedelta(days=30)
_TEMPLATES = {"series": "series.html", "search": "search.html", "rank": "rank.html"}
FORMATS = [fmt.value for fmt in FileFormat]


@router.get("/{lang}/ask/{name}")
def ask(request: Request, home: Archive, lang: Lang, name: str) -> Response:
    """A list: its filters, a page of its lines, its downloads."""
    if name not in views.LISTS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    one, written = question(name), given(request)
    asked = {**_defaults(home, name), **written}
    refuse_unknown(one.parameters.model_fields, written)
    template = _TEMPLATES.get(name, "question.html")
    fields = form_fields(one.parameters, asked)
    values: dict[str, Any] = {"question": one, "fields": fields, "formats": FORMATS, "asked": asked}
    lacking = any(field.required and field.name not in asked for field in fields)
    found = None if lacking else _found(home, one, {**asked, "lang": lang}, is_written=bool(written))
    if found is None:
        return page(request, template, lang, **values, found=None)
    kept = {key: value for key, value in asked.items() if key not in {"cursor", "as_of"}}
    as_of = found.as_of.astimezone(CHINA).isoformat(timespec="seconds")
    values["links"] = {
        "files": urlencode({**kept, "as_of": as_of, "lang": lang.value}, doseq=True),
        "next": urlencode({**asked, "cursor": found.next}, doseq=True) if found.next else "",
        "permanent": urlencode({**kept, "as_of": as_of}, doseq=True),
    }
    values["heads"], values["rows"] = views.table(one, found, lang)
    values["evidence"] = _evidence(found)
    lines: Sequence[Any] = found.lines
    if name == "series":
        drawn = [line for line in lines if line.indicator == _first(asked)]
        values |= {"plot": plot(curves_of(drawn)), "indicators": found.answer.indicators}
        values |= {"by_body": views.by_body(drawn, lang) if len(drawn) == len(lines) else None}
    if name == "rank":
        values["answer"] = found.answer
    if name == "search":
        values["hits"] = [(hit, [views.pieces(one) for one in hit.snippets]) for hit in lines]
    return page(request, template, lang, **values, found=found)


def _lead(request: Request, lang: Lang) -> Response:
    """The list, where its address was written without ``ask``."""
    name = request.url.path.rpartition("/")[2]
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{lang.value}/ask/{name}{query}", HTTPStatus.TEMPORARY_REDIRECT)


for _name in sorted(views.LISTS):
    router.add_api_route(f"/{{lang}}/{_name}", _lead)


def _found(home: Home, one: Question, asked: Mapping[str, Any], *, is_written: bool) -> Page | None:
    """A page of the list; None where nothing was asked and nothing is known of what stands there by default."""
    try:
        return page_of(home, one, understood(one.parameters, {"limit": _LINES, **asked}), from_end=one.by_time)
    except NotKnownError:
        if is_written:
            raise
        return None


def _defaults(home: Home, name: str) -> dict[str, Any]:
    """What is asked where the address does not say it."""
    if name in {"missing", "late", "rank"}:
        return {"year": last_year(home)}
    if name == "news":
        return {"since": (home.clock.now() - _RECENT).astimezone(CHINA).date().isoformat()}
    return {}


def _first(asked: Mapping[str, Any]) -> str:
    indicator = asked["indicator"]
    return indicator if isinstance(indicator, str) else indicator[0]


def _evidence(found: Page) -> dict[str, Any] | None:
    """Of a list of duties: how many are listed, of how many that are due, and how well they are founded."""
    answer = found.whole
    if not isinstance(answer, DutyList):
        return None
    listed = (*answer.duties, *answer.townships)
    grades = Counter(one.evidence for one in listed)
    due = answer.known.duties - answer.known.not_owed
    dated = bool(answer.duties) or not answer.townships
    return {"count": len(listed), "dated": dated, "due": due, "grades": sorted(grades.items(), key=lambda one: -one[1])}
