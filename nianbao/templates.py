"""Templates and their words, for the pages for all and for operators': messages in the reader's language, instants in
Beijing time, all that is shown escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from archive.exports.safe_text import safe_text
from archive.findings import meanings_by_code
from archive.queries.text_differences import segments
from archive.queries.words import CHINA
from nianbao.language import Language
from nianbao.messages import messages, say
from nianbao.parameters import Lang
from nianbao.sentences import look_reason, notes_sentence
from storage.records import Note

_ID = 8  # characters of an id


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


#: ids and dates; to ASCII a Chinese character before a date ends a word
_WHOLE = re.compile(r"\b(?P<id>[0-9a-f]{32})\b|\b\d{4}-\d\d-\d\d(?: \d\d:\d\d)?\b", re.ASCII)


def sentence(text: str) -> Markup:
    """A sentence whose dates are not broken at the end of a line, and whose ids are as short as links show them."""
    pieces, end = [], 0
    for match in _WHOLE.finditer(text):
        name = match["id"]
        pieces.append(escape(text[end : match.start()]))
        pieces.append(
            Markup('<code title="{}">{}</code>').format(name, name[:_ID])
            if name
            else Markup('<span class="date">{}</span>').format(match[0])
        )
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def why(record: Any, lang: str) -> Markup:
    """Why something is so, in the reader's language."""
    return sentence(safe_text(record.zh if lang == Lang.ZH else record.en))


def said(notes: Iterable[Note], lang: str) -> str:
    """What notes say, in the reader's language; "" of none."""
    return safe_text(notes_sentence(notes, Language(lang)))


def word(catalogue: str, lang: str, group: str, value: object) -> str:
    """A word of a vocabulary in the reader's language; the word itself where there is no other."""
    if group == "finding":
        meaning = meanings_by_code().get(shown(value))
        return shown(value) if meaning is None else meaning.zh if lang == Lang.ZH else meaning.en
    if group == "looked":
        return look_reason(shown(value), Language(lang))
    key = f"{group}.{shown(value)}"
    return say(catalogue, lang, key) if key in messages(catalogue) else shown(value)


def words_of(catalogue: str, lang: Lang) -> Mapping[str, Callable[..., str]]:
    """What templates say things with: ``t`` gives a message by its key, ``word`` a word of a vocabulary."""
    return {"t": partial(say, catalogue, lang.value), "word": partial(word, catalogue, lang.value)}


def templates_of(package: str) -> Environment:
    """The templates of a package."""
    made = Environment(
        loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["shown"] = shown
    made.filters["why"] = why
    made.filters["said"] = said
    made.filters["sentence"] = sentence
    made.filters["segments"] = segments
    return made
