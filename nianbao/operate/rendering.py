"""Templates of operators' pages and their words: everything that is shown is escaped."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.exports.safe_text import safe_text
from nianbao.messages import messages, say
from nianbao.operate.sessions import Session
from nianbao.parameters import Lang
from nianbao.web.rendering import shown

PREFIX = "/operate"
CATALOGUE = "operate"
#: of every answer here: a form says from where it comes (the pages for all send no referrer), and nothing is kept
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}


def word(lang: str, group: str, value: object) -> str:
    """A word of a vocabulary in the reader's language; the word itself where there is no other."""
    key = f"{group}.{shown(value)}"
    return say(CATALOGUE, lang, key) if key in messages(CATALOGUE) else shown(value)


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("nianbao.operate"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = shown
    made.filters["why"] = lambda record, lang: safe_text(record.zh if lang == Lang.ZH else record.en)
    return made


_TEMPLATES = _environment()


def page(
    request: Request, template: str, lang: Lang, session: Session | None, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page; its other language is one click away, at the same place. ``session``: None before one is in."""
    other = Lang.EN if lang is Lang.ZH else Lang.ZH
    words = {"t": partial(say, CATALOGUE, lang.value), "word": partial(word, lang.value)}
    path = request.url.path.removeprefix(f"{PREFIX}/{lang.value}/") if request.method == "GET" else "runs"
    frame = {
        "base": f"{PREFIX}/{lang.value}",
        "elsewhere": f"{PREFIX}/{other.value}/{path}",
        "lang": lang.value,
        "other": other.value,
        "session": session,
        "simulated": request.app.state.home.simulated,
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render(frame | words | values), status, HEADERS)


def language(request: Request) -> Lang:
    """The language of an address; English where it names none."""
    return Lang.ZH if request.url.path.startswith(f"{PREFIX}/zh") else Lang.EN
