"""Pages beside the answers: method, data, suggestions, static files, and redirects to the start page in a language."""

from __future__ import annotations

from http import HTTPStatus
from importlib.resources import files
from typing import Literal
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from archive.assessment.data_files import data_file
from archive.assessment.scores import components, sources, version
from archive.assessment.statuses import UNKNOWN_ORDER
from archive.exports.formats.columns import declared_columns, words
from archive.exports.report_rows import gap_meanings
from archive.findings import finding_meanings
from archive.queries import bounds
from archive.queries.bounds import NotKnownError
from archive.queries.check import CODES
from nianbao.api.routes import FORMATS
from nianbao.form_fields import offered, section_of
from nianbao.glossary import group_title, terms_by_group
from nianbao.language import Language
from nianbao.page_routes import language_of_browser
from nianbao.questions import QUESTIONS
from nianbao.web.serving import Archive, PageRequest, Values, page, router
from storage.home import Home
from storage.records import EvidenceGrade

_STATIC = {"style.css": "text/css", "mark.svg": "image/svg+xml"}

SuggestedField = Literal["name", "place", "portal", "agency", "agencies", "indicator"]  #: "name": the search box


#: why it is unknown whether a report was published: codes of reasons.toml
_WHY_UNKNOWN = (
    "listing_unknown", "listing_ended", *UNKNOWN_ORDER, "not_attested", "link_alone", "fallen_silent", "gone_or_never",
    "no_due_date",
)  # fmt: skip


@page("method", "method.html")
def method(visit: PageRequest) -> Values:
    """Show what statuses, findings and measures mean, the law, the archive's limits, and how to dispute something."""
    return {
        "statuses": words("status"),
        "why_unknown": {code: data_file("reasons.toml")["reason"][code] for code in _WHY_UNKNOWN},
        "grades": [*EvidenceGrade],
        "rules": visit.ask("rules"),
        "codes": CODES,
        "groups": finding_meanings(),
        "gaps": gap_meanings(),
        "components": components(),
        "sources": sources(),
        "version": version(),
        "contact": visit.home.config.contact,
    }


@page("glossary", "glossary.html")
def glossary(visit: PageRequest) -> Values:
    """Show the words of pages, terminals and documents with their meanings."""
    return {"groups": {group_title(name)[visit.lang]: terms for name, terms in terms_by_group().items()}}


@page("data", "data.html")
def data(visit: PageRequest) -> Values:
    """Show every question with links to its JSON and files, the columns of files, and the releases. The links are
    examples, but of the ``question`` in the address they have its other fields.
    """
    fields, values = visit.fields, {one.name: one.example for one in QUESTIONS}
    name = fields.pop("question", "")
    if fields:
        values[name] = fields
    return {
        "questions": [(one, urlencode({**values[one.name], "lang": visit.lang}, doseq=True)) for one in QUESTIONS],
        "formats": [*FORMATS.values()],
        "columns": [column for _, column in sorted(declared_columns().items())],
        "releases": _releases(visit.home),
    }


def _releases(home: Home) -> list[str]:
    """Return the names of the releases in the archive's folder."""
    entries = home.path.glob("releases/*")
    return sorted(one.name for one in entries if (one / "SHA256SUMS").is_file() or one.suffix == ".zip")


@router.get("/")
def begin(request: Request) -> Response:
    """Redirect to the start page in the language that the browser prefers."""
    headers = {"Vary": "Accept-Language"}
    return RedirectResponse(f"/{language_of_browser(request)}/", HTTPStatus.TEMPORARY_REDIRECT, headers)


@router.get("/zh")
@router.get("/en")
def overview(request: Request) -> Response:
    """Redirect to the start page if its slash is missing; a path alone cannot lead to another host."""
    return RedirectResponse(f"{request.url.path}/", HTTPStatus.TEMPORARY_REDIRECT)


@router.get("/{lang}/suggest/{name}")
def suggest(lang: Language, name: SuggestedField, archive: Archive, text: str = "") -> Response:
    """Respond with the values that a field offers for the typed text, the best first: JSON pairs of value, meaning."""
    values = offered(archive, lang, name, bounds.name(text)) if text else []
    if name == "indicator":  # the field shows its name
        values = [(meaning, section_of(lang, value)) for value, meaning in values]
    return JSONResponse(values, headers={"Cache-Control": "max-age=60"})


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Respond with the style sheet or the logo; only files in _STATIC are served."""
    if name not in _STATIC:
        raise NotKnownError(suggestions=[*_STATIC], are_all=True, code="not_known.file", text=name)
    content = files("nianbao.web").joinpath("static", name).read_bytes()
    return Response(content, headers={"Cache-Control": "max-age=3600"}, media_type=_STATIC[name])
