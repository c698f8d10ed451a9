"""The routes of the pages. Each asks questions of ``nianbao/questions.py`` and shows the answer; nothing is changed."""

from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from archive.exports.formats.columns import words
from archive.exports.formats.model import FileFormat
from archive.queries import registry
from archive.queries.nearest import NotKnownError
from nianbao.api.paging import page_of
from nianbao.parameters import Lang
from nianbao.questions import QUESTIONS, question
from nianbao.web import views
from nianbao.web.forms import form_fields
from nianbao.web.serving import Archive, given, page
from storage.records import EvidenceGrade

router = APIRouter(include_in_schema=False)
_YEARS = 7  #: of the overview, the newest
_LINES = 50  #: of a list on one page
_STATIC = {"style.css": "text/css", "mark.svg": "image/svg+xml"}
_FORMATS = [fmt.value for fmt in FileFormat]


@router.get("/")
def begin(request: Request) -> Response:
    """The overview in the language that the browser asks for."""
    chinese = request.headers.get("accept-language", "").strip().lower().startswith("zh")
    headers = {"Vary": "Accept-Language"}
    return RedirectResponse("/zh/" if chinese else "/en/", HTTPStatus.TEMPORARY_REDIRECT, headers)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """The style sheet and the mark of the site: the files that are named here, and no others."""
    if name not in _STATIC:
        raise NotKnownError(f"No file is called {name!r}.", [*_STATIC], are_all=True)
    data = files("nianbao.web").joinpath("static", name).read_bytes()
    return Response(data, headers={"Cache-Control": "max-age=3600"}, media_type=_STATIC[name])


@router.get("/{lang}/method")
def method(request: Request, home: Archive, lang: Lang) -> Response:
    """What the statuses mean, and the law."""
    values = {"statuses": words("status"), "grades": [*EvidenceGrade], "rules": registry.rules(home)}
    return page(request, "method.html", lang, **values)


@router.get("/{lang}/data")
def data(request: Request, lang: Lang) -> Response:
    """Every question, as JSON and as files."""
    listed = [(one, urlencode(one.example, doseq=True)) for one in QUESTIONS]
    return page(request, "data.html", lang, questions=listed, formats=_FORMATS)
