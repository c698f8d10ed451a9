"""Templates of operators' pages and their words: everything that is shown is escaped."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from nianbao.operate.sessions import Session
from nianbao.parameters import Lang
from nianbao.templates import templates_of, words_of

PREFIX = "/operate"
CATALOGUE = "operate"
#: of every answer here: a form says from where it comes (the pages for all send no referrer), and nothing is kept
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
_TEMPLATES = templates_of("nianbao.operate")


def page(
    request: Request, template: str, lang: Lang, session: Session | None, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page; its other language is one click away, at the same place. ``session``: None before one is in."""
    other = Lang.EN if lang is Lang.ZH else Lang.ZH
    path = request.url.path.removeprefix(f"{PREFIX}/{lang.value}/") if request.method in {"GET", "HEAD"} else "runs"
    frame = {
        "base": f"{PREFIX}/{lang.value}",
        "place": path,
        "elsewhere": f"{PREFIX}/{other.value}/{path}",
        "lang": lang.value,
        "other": other.value,
        "session": session,
        "simulated": request.app.state.home.simulated,
    }
    text = _TEMPLATES.get_template(template).render({**frame, **words_of(CATALOGUE, lang), **values})
    return HTMLResponse(text, status, HEADERS)


def language(request: Request) -> Lang:
    """The language of an address; English where it names none."""
    return Lang.ZH if request.url.path.startswith(f"{PREFIX}/zh") else Lang.EN
