"""Serve the pages for operators: log in and out, check session and form, register pages (GET) and changes (POST)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from nianbao.language import Language
from nianbao.operate.jobs import Jobs
from nianbao.operate.sessions import LONGEST, OperatorSession, Sessions, same
from nianbao.page_routes import PageRoute
from nianbao.templates import Templates
from storage.home import Home

PREFIX = "/operate"
CATALOGUE = "operate"
#: headers of every response here: nothing is cached or indexed; forms send a referrer (public pages send none)
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
MAX_FORM_BYTES = 1_000_000  #: a list of agencies may come with a form
_MAX_FIELDS = 20_000
_MAX_NAME_CHARS = 100
_TEMPLATES = Templates("nianbao.operate", CATALOGUE)
log = logging.getLogger(__name__)
router = APIRouter(route_class=PageRoute)
Values = dict[str, Any]  #: variables of a template


class EntryError(Exception):
    """The request has no valid session: the operator must log in."""


class SubmittedFormError(Exception):
    """A form is refused. ``reason``: a key in ``[form]`` of ``operate.toml``; ``values``: put into that sentence."""

    def __init__(self, status: HTTPStatus, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.values = values


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """The fields of a form that an operator sent."""

    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """Return the last value of a field, stripped; "" if there is none."""
        return (self.fields.get(name) or [""])[-1].strip()

    def several(self, name: str) -> Sequence[str]:
        """Return all values of a field."""
        return self.fields.get(name, ())


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """A request of an operator who is logged in. ``form``: the form he sent, empty for a page."""

    request: Request
    lang: Language
    session: OperatorSession
    form: SubmittedForm

    @property
    def home(self) -> Home:
        """Return the archive that this server serves."""
        home: Home = self.request.app.state.home
        return home

    @property
    def jobs(self) -> Jobs:
        """Return the jobs of this server."""
        jobs: Jobs = self.request.app.state.jobs
        return jobs


# ---------------------------------------------------------------------------------------------- sessions and forms


def sessions_of(request: Request) -> Sessions:
    """Return the sessions of this server."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def cookie_of(request: Request) -> str:
    """Return the name of the session cookie; browsers accept the prefix ``__Secure-`` only with the flag Secure."""
    return "__Secure-nianbao-operator" if request.url.scheme == "https" else "nianbao-operator"


def session_of(request: Request) -> OperatorSession:
    """Return the session of a request. Raises :class:`EntryError` if it has none."""
    session = sessions_of(request).find(request.cookies.get(cookie_of(request)))
    if session is None:
        raise EntryError
    return session


async def posted(request: Request) -> SubmittedForm:
    """Read the form of a request that a page of this site sent. Raises :class:`SubmittedFormError`.

    The standard library parses the fields: no form here uploads files, so no parser for uploads is exposed.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise SubmittedFormError(HTTPStatus.FORBIDDEN, "other_site")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise SubmittedFormError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM_BYTES:
            raise SubmittedFormError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", most=f"{MAX_FORM_BYTES:,}")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise SubmittedFormError(HTTPStatus.BAD_REQUEST, "not_utf8") from None
    return SubmittedForm(fields)


Operator = Annotated[OperatorSession, Depends(session_of)]
Posted = Annotated[SubmittedForm, Depends(posted)]


def _visit(request: Request, lang: Language, session: Operator) -> OperatorRequest:
    return OperatorRequest(request, lang, session, SubmittedForm({}))


def _change(request: Request, lang: Language, session: Operator, form: Posted) -> OperatorRequest:
    """Return a request with a form, checked by the session's CSRF token. Raises :class:`SubmittedFormError`."""
    if not same(form.one("csrf"), session.csrf):
        raise SubmittedFormError(HTTPStatus.FORBIDDEN, "other_session")
    return OperatorRequest(request, lang, session, form)


ReadRequest = Annotated[OperatorRequest, Depends(_visit)]  #: parameter of a page's function
ChangeRequest = Annotated[OperatorRequest, Depends(_change)]  #: parameter of a change's function


# ---------------------------------------------------------------------------------------------- pages and changes


def page(address: str, template: str) -> Callable[[Callable[..., Values]], Callable[..., Values]]:
    """Serve the values that the decorated function returns as a page below ``/operate/LANG/``."""

    def register(values_of: Callable[..., Values]) -> Callable[..., Values]:
        @wraps(values_of)
        def answer(visit: OperatorRequest, **asked: Any) -> Response:
            return render(visit.request, template, visit.lang, visit.session, **values_of(visit, **asked))

        router.add_api_route(f"/{{lang}}/{address}", answer, response_model=None)
        return values_of

    return register


def change(address: str) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Call the decorated function when a form is sent to an address; it returns the path to redirect to."""

    def register(handler: Callable[..., str]) -> Callable[..., str]:
        @wraps(handler)
        def answer(visit: OperatorRequest, **asked: Any) -> Response:
            return to(visit.lang, handler(visit, **asked))

        router.add_api_route(f"/{{lang}}/{address}", answer, methods=["POST"], response_model=None)
        return handler

    return register


def to(lang: Language, path: str) -> Response:
    """Return the redirect to a page for operators after a change."""
    return RedirectResponse(f"{PREFIX}/{lang}/{path}", HTTPStatus.SEE_OTHER, HEADERS)


def render(
    request: Request, template: str, lang: Language, session: OperatorSession | None, status: int = 200, **values: Any
) -> HTMLResponse:
    """Render a page with a link to the same page in the other language. ``session``: None before login."""
    other = Language.EN if lang is Language.ZH else Language.ZH
    # the answer to a POST stands at an address that cannot be opened: the link then leads to the first page
    path = request.url.path.removeprefix(f"{PREFIX}/{lang}/") if request.method in {"GET", "HEAD"} else "runs"
    frame = {
        "base": f"{PREFIX}/{lang}", "place": path, "elsewhere": f"{PREFIX}/{other}/{path}", "session": session,
        "simulated": request.app.state.home.simulated, "clock": request.app.state.home.clock,
    }  # fmt: skip
    return HTMLResponse(_TEMPLATES.render(template, lang, {**frame, **values}), status, HEADERS)


# ---------------------------------------------------------------------------------------------- login and logout


@router.get("/{lang}/login")
def login_page(request: Request, lang: Language) -> Response:
    """Show the form for name and token."""
    return render(request, "login.html", lang, None, wrong="", wait=0)


@router.post("/{lang}/login")
def enter(request: Request, lang: Language, form: Posted) -> Response:
    """Start a session if the token is right; after too many wrong tokens respond 429 with the time to wait."""

    def refuse(status: HTTPStatus, wrong: str) -> Response:
        return render(request, "login.html", lang, None, status, wrong=wrong, wait=wait)

    sessions = sessions_of(request)
    caller = request.client.host if request.client else ""
    name = " ".join(form.one("name").split())[:_MAX_NAME_CHARS]
    wait = sessions.wait(caller)
    if not name:
        return refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "name")
    key = sessions.enter(form.one("token"), name, caller)
    if key is None and wait:
        answer = refuse(HTTPStatus.TOO_MANY_REQUESTS, "often")
        answer.headers["Retry-After"] = str(wait)
        return answer
    if key is None:
        log.warning("operators' pages: a wrong token from %s", caller)
        return refuse(HTTPStatus.FORBIDDEN, "token")
    answer = to(lang, "portals")
    answer.set_cookie(
        cookie_of(request), key, max_age=round(LONGEST), path=PREFIX, secure=request.url.scheme == "https",
        httponly=True, samesite="strict",
    )  # fmt: skip
    return answer


@router.post("/{lang}/logout")
def leave(visit: ChangeRequest) -> Response:
    """End the session and delete its cookie."""
    cookie = cookie_of(visit.request)
    sessions_of(visit.request).leave(visit.request.cookies.get(cookie))
    answer = to(visit.lang, "login")
    answer.delete_cookie(cookie, path=PREFIX, secure=visit.request.url.scheme == "https", httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
