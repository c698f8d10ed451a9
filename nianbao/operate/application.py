"""The application of operators' pages, mounted at ``/operate`` where ``nianbao serve`` is to show them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from archive.exports.safe_text import safe_text
from archive.queries.bounds import QueryError
from crawler.errors import CrawlError
from nianbao.language import Language
from nianbao.messages import say
from nianbao.operate import adding, care, login, portals, review, runs
from nianbao.operate.jobs import Jobs, TooManyJobsError
from nianbao.operate.sessions import Sessions
from nianbao.operate.visits import CATALOGUE, HEADERS, PREFIX, EntryError, SubmittedFormError, render, router
from nianbao.page_routes import PageRoute, language_of_browser
from nianbao.rulings import RulingError
from nianbao.sentences import worded
from storage.errors import StorageError
from storage.home import Home

PAGES = (login, runs, portals, adding, review, care)  #: each adds its pages and changes to the router


def operators(home: Home, token: str, jobs: Jobs) -> FastAPI:
    """The application of operators' pages. ``home``: opened to be written to; ``jobs``: ended by who made them."""
    app = FastAPI(title="nianbao: operators", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.router.route_class = PageRoute
    app.state.home, app.state.jobs, app.state.sessions = home, jobs, Sessions(token)
    app.add_api_route("/", _begin)
    app.include_router(router)
    app.add_exception_handler(EntryError, _lead_to_login)
    for kind, status in _PROBLEMS.items():
        app.add_exception_handler(kind, _telling(status))
    return app


def _begin(request: Request) -> Response:
    """The portals, in the language that the browser asks for."""
    return RedirectResponse(f"{PREFIX}/{language_of_browser(request)}/portals", HTTPStatus.SEE_OTHER, HEADERS)


def _lead_to_login(request: Request, error: Exception) -> Response:
    """Who is not in is led to the login page; a change is refused."""
    del error
    lang = _language(request)
    if request.method in {"GET", "HEAD"}:
        return RedirectResponse(f"{PREFIX}/{lang}/login", HTTPStatus.SEE_OTHER, HEADERS)
    return render(request, "login.html", lang, None, HTTPStatus.FORBIDDEN, wrong="out", wait=0)


_PROBLEMS: dict[type[Exception], HTTPStatus | None] = {
    SubmittedFormError: None,
    HTTPException: None,
    TooManyJobsError: HTTPStatus.CONFLICT,
    QueryError: HTTPStatus.UNPROCESSABLE_ENTITY,
    CrawlError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RulingError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RequestValidationError: HTTPStatus.NOT_FOUND,  # of an address: forms are read by ourselves
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def _telling(status: HTTPStatus | None) -> Callable[[Request, Exception], Response]:
    """What could not be done, as a page with its sentence."""

    def tell(request: Request, error: Exception) -> Response:
        own = getattr(error, "status", None) or getattr(error, "status_code", None)
        code = HTTPStatus(status or own or HTTPStatus.INTERNAL_SERVER_ERROR)
        lang = _language(request)
        detail = safe_text(_detail(error, lang))
        kind = f"busy_{error.kind}" if isinstance(error, TooManyJobsError) else "unknown" if not detail else "title"
        return render(request, "error.html", lang, None, code, kind=kind, detail=detail)

    return tell


def _detail(error: Exception, lang: Language) -> str:
    """Why it could not be done, in the reader's language; "" where the page says it all."""
    if isinstance(error, (HTTPException, RequestValidationError)):
        return ""
    if isinstance(error, SubmittedFormError):
        return say(CATALOGUE, lang, f"form.{error.reason}", **error.values)
    return worded(error, lang, on_page=True)


def _language(request: Request) -> Language:
    """The language of an address; English where it names none."""
    return Language.ZH if request.url.path.startswith(f"{PREFIX}/zh") else Language.EN
