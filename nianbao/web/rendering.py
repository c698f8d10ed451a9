"""Templates and their words: messages in the reader's language, instants in Beijing time, all that is shown escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from archive.assessment.finding_meanings import meanings_by_code
from archive.exports.changed_text import segments
from archive.exports.safe_text import safe_text
from archive.queries.words import CHINA
from nianbao.messages import messages, say
from nianbao.parameters import Lang

_ID = 8  # characters of an id
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


_WHOLE = re.compile(r"\b(?P<id>[0-9a-f]{32})\b|\b\d{4}-\d\d-\d\d(?: \d\d:\d\d)?\b")


def sentence(text: str) -> Markup:
    """A sentence whose dates are not broken at the end of a line, and whose ids are as short as links show them."""
    pieces, end = [], 0
    for found in _WHOLE.finditer(text):
        name = found["id"]
        pieces.append(escape(text[end : found.start()]))
        pieces.append(
            Markup('<code title="{}">{}</code>').format(name, name[:_ID])
            if name
            else Markup('<span class="date">{}</span>').format(found[0])
        )
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])


def why(record: Any, lang: str) -> Markup:
    """Why something is so, in the reader's language."""
    return sentence(safe_text(record.zh if lang == Lang.ZH else record.en))


def word(lang: str, group: str, value: object) -> str:
    """A word of a vocabulary in the reader's language; the word itself where there is no other."""
    if group == "finding":
        meaning = meanings_by_code().get(shown(value))
        return shown(value) if meaning is None else meaning.zh if lang == Lang.ZH else meaning.en
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
    made.filters["why"] = why
    made.filters["sentence"] = sentence
    made.filters["segments"] = segments
    return made


_TEMPLATES = _environment()


def render(template: str, lang: Lang, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """A page. In templates ``t`` gives a message by its key, ``word`` a word of a vocabulary."""
    other = Lang.EN if lang is Lang.ZH else Lang.ZH
    words: dict[str, Callable[..., str]] = {"t": partial(say, "web", lang.value), "word": partial(word, lang.value)}
    held = {"lang": lang.value, "other": other.value, "menu": MENU, "zone": CHINA, **words, **values}
    return HTMLResponse(_TEMPLATES.get_template(template).render(held), status)
