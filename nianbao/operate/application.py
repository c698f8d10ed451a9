"""The application of operators' pages, mounted at ``/operate`` if ``nianbao serve`` is told to offer them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from archive.exports.safe_text import safe_text
from archive.identity.agency_csv import AgencyListError
from archive.queries.bounds import QuestionError
from crawler.errors import CrawlError
from nianbao.language import Language
from nianbao.messages import say
from nianbao.operate import adding, portals, review, runs
from nianbao.operate.jobs import Jobs, TooManyJobsError
from nianbao.operate.sessions import Sessions
from nianbao.operate.visits import CATALOGUE, HEADERS, PREFIX, EntryError, SubmittedFormError, render, router
from nianbao.page_routes import PageRoute, language_of_browser
from nianbao.rulings import RulingError
from nianbao.sentences import worded
from storage.errors import StorageError
from storage.home import Home

PAGES = (runs, portals, adding, review)  #: each adds its pages and changes to the router


def operators(home: Home, token: str, jobs: Jobs) -> FastAPI:
    """Create the application of operators' pages. ``home``: open for writing; ``jobs``: the caller ends them."""
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
    """Redirect to the page of portals in the language that the browser prefers."""
    return RedirectResponse(f"{PREFIX}/{language_of_browser(request)}/portals", HTTPStatus.SEE_OTHER, HEADERS)


def _lead_to_login(request: Request, error: Exception) -> Response:
    """Handle a request without a session: redirect a page to the login, refuse a change."""
    del error
    lang = _language(request)
    if request.method in {"GET", "HEAD"}:
        return RedirectResponse(f"{PREFIX}/{lang}/login", HTTPStatus.SEE_OTHER, HEADERS)
    return render(request, "login.html", lang, None, HTTPStatus.FORBIDDEN, wrong="out", wait=0)


_PROBLEMS: dict[type[Exception], HTTPStatus | None] = {
    SubmittedFormError: None,
    HTTPException: None,
    TooManyJobsError: HTTPStatus.CONFLICT,
    QuestionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    CrawlError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RulingError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AgencyListError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RequestValidationError: HTTPStatus.NOT_FOUND,  # a wrong address: forms have checks of their own
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    Exception: HTTPStatus.INTERNAL_SERVER_ERROR,  # a fault of the program, which the server logs
}


def _telling(status: HTTPStatus | None) -> Callable[[Request, Exception], Response]:
    """Return an exception handler that shows a page with the error's sentence. ``status``: None for the error's own."""

    def tell(request: Request, error: Exception) -> Response:
        """Return the page; its status is ``status``, else that of the error, else 500."""
        own = getattr(error, "status", None) or getattr(error, "status_code", None)
        code = HTTPStatus(status or own or HTTPStatus.INTERNAL_SERVER_ERROR)
        lang = _language(request)
        detail = safe_text(_detail(error, lang))
        kind = f"busy_{error.kind}" if isinstance(error, TooManyJobsError) else "title" if detail else "unknown"
        kind = "broken" if code == HTTPStatus.INTERNAL_SERVER_ERROR else kind
        return render(request, "error.html", lang, None, code, kind=kind, detail=detail)

    return tell


def _detail(error: Exception, lang: Language) -> str:
    """Return the sentence of an error in the reader's language; "" if the title of the page is enough."""
    if isinstance(error, (HTTPException, RequestValidationError)):
        return ""
    if isinstance(error, SubmittedFormError):
        return say(CATALOGUE, lang, f"form.{error.reason}", **error.values)
    return worded(error, lang, on_page=True)


def _language(request: Request) -> Language:
    """Return the language in an address; English if it has none."""
    return Language.ZH if request.url.path.startswith(f"{PREFIX}/zh") else Language.EN
