"""What the pages for operators are made with: who is in, the form that he sent himself, a page, and a change."""

from __future__ import annotations

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
from nianbao.operate.sessions import OperatorSession, Sessions, same
from nianbao.page_routes import PageRoute
from nianbao.templates import Templates
from storage.home import Home

PREFIX = "/operate"
CATALOGUE = "operate"
#: of every answer here: a form says from where it comes (the pages for all send no referrer), and nothing is kept
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
MAX_FORM_BYTES = 1_000_000  #: a list of agencies may come with a form
_MAX_FIELDS = 20_000
_TEMPLATES = Templates("nianbao.operate", CATALOGUE)
router = APIRouter(route_class=PageRoute)
Values = dict[str, Any]  #: what a template shows


class EntryError(Exception):
    """Nobody is in."""


class SubmittedFormError(Exception):
    """A form cannot be taken; ``reason`` is a sentence of ``[form]`` in ``operate.toml``, ``values`` stand in it."""

    def __init__(self, status: HTTPStatus, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.values = values


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """What a form holds."""

    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """The last value of a field without blanks around it; "" without one."""
        return (self.fields.get(name) or [""])[-1].strip()

    def several(self, name: str) -> Sequence[str]:
        """All values of a field."""
        return self.fields.get(name, ())


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """A request of somebody who is in. ``form``: what he sent to change something."""

    request: Request
    lang: Language
    session: OperatorSession
    form: SubmittedForm

    @property
    def home(self) -> Home:
        """The archive that is operated."""
        home: Home = self.request.app.state.home
        return home

    @property
    def jobs(self) -> Jobs:
        """The work of this server."""
        jobs: Jobs = self.request.app.state.jobs
        return jobs


# ---------------------------------------------------------------------------------------------- who asks, and what for


def sessions_of(request: Request) -> Sessions:
    """The sessions of this server."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def cookie_of(request: Request) -> str:
    """The name of the cookie: over https browsers see to it that one with this beginning is Secure."""
    return "__Secure-nianbao-operator" if request.url.scheme == "https" else "nianbao-operator"


def session_of(request: Request) -> OperatorSession:
    """Who is in. Raises :class:`EntryError`."""
    session = sessions_of(request).find(request.cookies.get(cookie_of(request)))
    if session is None:
        raise EntryError
    return session


async def posted(request: Request) -> SubmittedForm:
    """The form that a request brings, from a page of ours. Raises :class:`SubmittedFormError`.

    Its fields are read by the standard library: no form here brings files, so no reader of these need run.
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
    """A change, with the token of the session of who sent it. Raises :class:`SubmittedFormError`."""
    if not same(form.one("csrf"), session.csrf):
        raise SubmittedFormError(HTTPStatus.FORBIDDEN, "other_session")
    return OperatorRequest(request, lang, session, form)


Seen = Annotated[OperatorRequest, Depends(_visit)]  #: of a page
Changed = Annotated[OperatorRequest, Depends(_change)]  #: of a change


# ---------------------------------------------------------------------------------------------- pages and changes


def page(address: str, template: str) -> Callable[[Callable[..., Values]], Callable[..., Values]]:
    """Serve the decorated function, which gives what the template shows, as a page below ``/operate/LANG/``."""

    def register(values_of: Callable[..., Values]) -> Callable[..., Values]:
        @wraps(values_of)
        def answer(visit: OperatorRequest, **asked: Any) -> Response:
            return render(visit.request, template, visit.lang, visit.session, **values_of(visit, **asked))

        router.add_api_route(f"/{{lang}}/{address}", answer, response_model=None)
        return values_of

    return register


def change(address: str) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Let a form that is sent to an address call the decorated function, which says where it leads."""

    def register(handler: Callable[..., str]) -> Callable[..., str]:
        @wraps(handler)
        def answer(visit: OperatorRequest, **asked: Any) -> Response:
            return to(visit.lang, handler(visit, **asked))

        router.add_api_route(f"/{{lang}}/{address}", answer, methods=["POST"], response_model=None)
        return handler

    return register


def to(lang: Language, path: str) -> Response:
    """Lead to another page of ours, after a change."""
    return RedirectResponse(f"{PREFIX}/{lang}/{path}", HTTPStatus.SEE_OTHER, HEADERS)


def render(
    request: Request, template: str, lang: Language, session: OperatorSession | None, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page; its other language is one click away, at the same place. ``session``: None before one is in."""
    other = Language.EN if lang is Language.ZH else Language.ZH
    path = request.url.path.removeprefix(f"{PREFIX}/{lang}/") if request.method in {"GET", "HEAD"} else "runs"
    frame = {
        "base": f"{PREFIX}/{lang}", "place": path, "elsewhere": f"{PREFIX}/{other}/{path}", "session": session,
        "simulated": request.app.state.home.simulated,
    }  # fmt: skip
    return HTMLResponse(_TEMPLATES.render(template, lang, {**frame, **values}), status, HEADERS)
