"""Enter and leave, and what every other route asks for: somebody who is in, and a form that he sent himself."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from nianbao.language import Language
from nianbao.operate.sessions import LONGEST, Session, Sessions, same
from nianbao.page_routes import PageRoute
from nianbao.templates import Templates
from storage.home import Home

router = APIRouter(route_class=PageRoute)
log = logging.getLogger(__name__)
MOST_BYTES = 1_000_000  #: of a form: a list of agencies may come with it
_MOST_FIELDS = 20_000
_LONGEST_NAME = 100


class EntryError(Exception):
    """Nobody is in."""


class FormError(Exception):
    """A form cannot be taken; ``reason`` is a sentence of ``[form]`` in ``operate.toml``, ``values`` stand in it."""

    def __init__(self, status: HTTPStatus, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.values = values


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds."""

    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """The last value of a field without blanks around it; "" without one."""
        return (self.fields.get(name) or [""])[-1].strip()

    def several(self, name: str) -> Sequence[str]:
        """All values of a field."""
        return self.fields.get(name, ())


def home_of(request: Request) -> Home:
    """The archive that is operated."""
    home = request.app.state.home
    assert isinstance(home, Home)
    return home


def session_of(request: Request) -> Session:
    """Who is in. Raises :class:`EntryError`."""
    found = _sessions(request).find(request.cookies.get(_cookie(request)))
    if found is None:
        raise EntryError
    return found


async def posted(request: Request) -> Form:
    """The form that a request brings, from a page of ours. Raises :class:`FormError`.

    Its fields are read by the standard library: no form here brings files, so no reader of these need run.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise FormError(HTTPStatus.FORBIDDEN, "other_site")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise FormError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise FormError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", most=f"{MOST_BYTES:,}")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise FormError(HTTPStatus.BAD_REQUEST, "not_utf8") from None
    return Form(fields)


def form_of(session: Annotated[Session, Depends(session_of)], form: Annotated[Form, Depends(posted)]) -> Form:
    """A form with the token of the session of who sent it. Raises :class:`FormError`."""
    if not same(form.one("csrf"), session.csrf):
        raise FormError(HTTPStatus.FORBIDDEN, "other_session")
    return form


Archive = Annotated[Home, Depends(home_of)]
Operator = Annotated[Session, Depends(session_of)]
Change = Annotated[Form, Depends(form_of)]


@router.get("/{lang}/login")
def login_page(request: Request, lang: Language) -> Response:
    """The field for the token."""
    return page(request, "login.html", lang, None, wrong="", wait=0)


@router.post("/{lang}/login")
def enter(request: Request, lang: Language, form: Annotated[Form, Depends(posted)]) -> Response:
    """Begin a session, if the token is right."""
    sessions, caller = _sessions(request), request.client.host if request.client else ""
    name = " ".join(form.one("name").split())[:_LONGEST_NAME]
    if not name:
        return page(request, "login.html", lang, None, HTTPStatus.UNPROCESSABLE_ENTITY, wrong="name", wait=0)
    wait = sessions.wait(caller)
    key = sessions.enter(form.one("token"), name, caller)
    if key is None and wait:
        answer: Response = page(
            request, "login.html", lang, None, HTTPStatus.TOO_MANY_REQUESTS, wrong="often", wait=wait
        )
        answer.headers["Retry-After"] = str(wait)
        return answer
    if key is None:
        log.warning("operators' pages: a wrong token from %s", caller)
        return page(request, "login.html", lang, None, HTTPStatus.FORBIDDEN, wrong="token", wait=0)
    answer = to(lang, "runs")
    answer.set_cookie(
        _cookie(request),
        key,
        max_age=round(LONGEST),
        path=PREFIX,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/{lang}/logout")
def leave(request: Request, lang: Language, form: Change) -> Response:
    """End the session."""
    del form
    _sessions(request).leave(request.cookies.get(_cookie(request)))
    answer = to(lang, "login")
    answer.delete_cookie(_cookie(request), path=PREFIX, secure=request.url.scheme == "https", httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def to(lang: Language, path: str) -> Response:
    """Another page of ours, after a change."""
    return RedirectResponse(f"{PREFIX}/{lang}/{path}", HTTPStatus.SEE_OTHER, HEADERS)


def _sessions(request: Request) -> Sessions:
    sessions = request.app.state.sessions
    assert isinstance(sessions, Sessions)
    return sessions


def _cookie(request: Request) -> str:
    """The cookie's name: over https browsers see to it that one with this beginning is Secure."""
    return "__Secure-nianbao-operator" if request.url.scheme == "https" else "nianbao-operator"


PREFIX = "/operate"
CATALOGUE = "operate"
#: of every answer here: a form says from where it comes (the pages for all send no referrer), and nothing is kept
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
_TEMPLATES = Templates("nianbao.operate", CATALOGUE)


def page(
    request: Request, template: str, lang: Language, session: Session | None, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page; its other language is one click away, at the same place. ``session``: None before one is in."""
    other = Language.EN if lang is Language.ZH else Language.ZH
    path = request.url.path.removeprefix(f"{PREFIX}/{lang}/") if request.method in {"GET", "HEAD"} else "runs"
    frame = {
        "base": f"{PREFIX}/{lang}",
        "place": path,
        "elsewhere": f"{PREFIX}/{other}/{path}",
        "session": session,
        "simulated": request.app.state.home.simulated,
    }
    return HTMLResponse(_TEMPLATES.render(template, lang, {**frame, **values}), status, HEADERS)


def language(request: Request) -> Language:
    """The language of an address; English where it names none."""
    return Language.ZH if request.url.path.startswith(f"{PREFIX}/zh") else Language.EN
