"""Login and logout of operators' pages."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import Response

from nianbao.language import Language
from nianbao.operate.sessions import LONGEST
from nianbao.operate.visits import PREFIX, Changed, Posted, cookie_of, render, router, sessions_of, to

log = logging.getLogger(__name__)
_MAX_NAME_CHARS = 100


@router.get("/{lang}/login")
def login_page(request: Request, lang: Language) -> Response:
    """Show the form for name and token."""
    return render(request, "login.html", lang, None, wrong="", wait=0)


@router.post("/{lang}/login")
def enter(request: Request, lang: Language, form: Posted) -> Response:
    """Start a session if the token is right; after too many wrong tokens respond 429 with the time to wait."""

    def refuse(status: HTTPStatus, wrong: str) -> Response:
        return render(request, "login.html", lang, None, status, wrong=wrong, wait=wait)

    sessions, caller = sessions_of(request), request.client.host if request.client else ""
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
def leave(visit: Changed) -> Response:
    """End the session and delete its cookie."""
    cookie = cookie_of(visit.request)
    sessions_of(visit.request).leave(visit.request.cookies.get(cookie))
    answer = to(visit.lang, "login")
    answer.delete_cookie(cookie, path=PREFIX, secure=visit.request.url.scheme == "https", httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
