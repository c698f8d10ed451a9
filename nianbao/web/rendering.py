"""The pages for all: their menu, and a page made of a template."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from fastapi.responses import HTMLResponse

from archive.queries.words import CHINA
from nianbao.parameters import Lang
from nianbao.templates import templates_of, words_of
from nianbao.templates import word as word_of

_CATALOGUE = "web"
#: the menu: name of an entry → its address within a language
MENU = (
    ("overview", ""),
    *((name, f"ask/{name}") for name in ("missing", "late", "search", "series")),
    ("compare", "compare"),
    ("rollup", "rollup"),
    *((name, f"ask/{name}") for name in ("rank", "check", "revisions", "news", "portals")),
    ("method", "method"),
    ("data", "data"),
)

word = partial(word_of, _CATALOGUE)  #: a word of a vocabulary in the reader's language
_TEMPLATES = templates_of("nianbao.web")


def render(template: str, lang: Lang, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """A page."""
    other = Lang.EN if lang is Lang.ZH else Lang.ZH
    frame = {"lang": lang.value, "other": other.value, "menu": MENU, "zone": CHINA}
    text = _TEMPLATES.get_template(template).render({**frame, **words_of(_CATALOGUE, lang), **values})
    return HTMLResponse(text, status)
