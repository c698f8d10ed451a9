"""Templates and their words: messages in the reader's language, instants in Beijing time, all that is shown escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.exports.changed_text import segments
from archive.exports.safe_text import safe_text
from archive.queries.words import CHINA
from nianbao.messages import messages, say
from nianbao.parameters import Lang

#: the menu: name of an entry → its address within a language
MENU = (
    ("overview", ""),
    *((name, f"ask/{name}") for name in ("missing", "late", "search", "series")),
    ("compare", "compare"),
    ("rollup", "rollup"),
    *((name, f"ask/{name}") for name in ("check", "revisions", "news", "portals")),
    ("method", "method"),
    ("data", "data"),
)


def shown(value: object) -> str:
    """A value as a person reads it: "" for None, days as days, instants to the minute in Beijing time."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    return safe_text(str(value.value if isinstance(value, Enum) else value))


def word(lang: str, group: str, value: object) -> str:
    """A word of a vocabulary in the reader's language; the word itself where there is no other."""
    key = f"{group}.{shown(value)}"
    return say("web", lang, key) if key in messages("web") else shown(value)


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("nianbao.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = shown
    made.filters["why"] = lambda record, lang: safe_text(record.zh if lang == Lang.ZH else record.en)
    made.filters["segments"] = segments
    return made


_TEMPLATES = _environment()


def render(template: str, lang: Lang, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """A page. In templates ``t`` gives a message by its key, ``word`` a word of a vocabulary."""
    other = Lang.EN if lang is Lang.ZH else Lang.ZH
    words: dict[str, Callable[..., str]] = {"t": partial(say, "web", lang.value), "word": partial(word, lang.value)}
    held = {"lang": lang.value, "other": other.value, "menu": MENU, "zone": CHINA, **words, **values}
    return HTMLResponse(_TEMPLATES.get_template(template).render(held), status)
