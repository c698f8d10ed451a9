"""The routes of what stands beside the answers: method, data, the files of the pages; the language is chosen first."""

from collections.abc import Iterator
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from archive.exports.finding_rows import gap_meanings
from archive.exports.formats.columns import column, column_names, words
from archive.findings import finding_meanings
from archive.queries.check import CODES
from archive.queries.nearest import NotKnownError
from nianbao.page_routes import PageRoute
from nianbao.parameters import Lang
from nianbao.questions import QUESTIONS, question
from nianbao.web.lists import FORMATS
from nianbao.web.serving import Archive, page
from storage.home import Home
from storage.records import EvidenceGrade

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_STATIC = {"style.css": "text/css", "mark.svg": "image/svg+xml"}


@router.get("/")
def begin(request: Request) -> Response:
    """The overview in the language that the browser asks for."""
    chinese = request.headers.get("accept-language", "").strip().lower().startswith("zh")
    headers = {"Vary": "Accept-Language"}
    return RedirectResponse("/zh/" if chinese else "/en/", HTTPStatus.TEMPORARY_REDIRECT, headers)


@router.get("/zh")
@router.get("/en")
def overview(request: Request) -> Response:
    """The overview, where its address was written without the slash. A path alone leads to no other host."""
    return RedirectResponse(f"{request.url.path}/", HTTPStatus.TEMPORARY_REDIRECT)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """The style sheet and the mark of the site: the files that are named here, and no others."""
    if name not in _STATIC:
        raise NotKnownError(f"No file is called {name!r}.", [*_STATIC], are_all=True, code="not_known.file", text=name)
    data = files("nianbao.web").joinpath("static", name).read_bytes()
    return Response(data, headers={"Cache-Control": "max-age=3600"}, media_type=_STATIC[name])


@router.get("/{lang}/method")
def method(request: Request, home: Archive, lang: Lang) -> Response:
    """What statuses and findings mean, the law, what the archive cannot tell, how to dispute something."""
    rules = question("rules")
    values: dict[str, Any] = {
        "statuses": words("status"),
        "grades": [*EvidenceGrade],
        "rules": rules.ask(home, rules.parameters()),
        "codes": CODES,
        "groups": finding_meanings(),
        "gaps": gap_meanings(),
    }
    return page(request, "method.html", lang, **values)


@router.get("/{lang}/data")
def data(request: Request, home: Archive, lang: Lang) -> Response:
    """Every question, as JSON and as files; the columns of the files; the releases that were made."""
    listed = [(one, urlencode({**one.example, "lang": lang.value}, doseq=True)) for one in QUESTIONS]
    columns = [column(name) for name in sorted(column_names())]
    values: dict[str, Any] = {"questions": listed, "formats": FORMATS, "columns": columns}
    return page(request, "data.html", lang, **values, releases=sorted(_releases(home)))


def _releases(home: Home) -> Iterator[str]:
    """The names of the releases in the archive's folder."""
    folder = home.path / "releases"
    if folder.is_dir():
        yield from (one.name for one in folder.iterdir() if (one / "SHA256SUMS").is_file() or one.suffix == ".zip")
