"""Render templates of web pages, public ones and operators': messages in the reader's language, instants in Beijing
time, all values escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from archive.exports.plain_values import cell_text
from archive.exports.safe_text import safe_text
from archive.queries.find import gloss, place_in_pinyin
from archive.queries.revisions import REPORTED_CODES
from archive.queries.text_differences import segments
from archive.sentence_templates import days_in_words
from nianbao.language import Language
from nianbao.messages import say
from nianbao.sentences import changes_sentence, days_ago, in_language, indicator_words, news_words, notes_sentence, word
from storage.records import Note

if TYPE_CHECKING:
    from archive.queries.search import Snippet

_ID_CHARS = 8  # leading characters of an id that are shown
#: ids and dates; with re.ASCII there is a word boundary between a Chinese character and a date
_WHOLE = re.compile(
    r"\b(?P<id>[0-9a-f]{32})\b|\b(?:\d{4}-\d\d-\d\d|\d{4}年\d+月\d+日|\d+ [A-Z][a-z]+ \d{4})(?:,? \d\d:\d\d)?", re.ASCII
)


def sentence(text: str, links: Mapping[str, str] | str = "") -> Markup:
    """Return a sentence as HTML: dates never break at the end of a line, ids are shortened; ``links``: id → address, or
    how the addresses of all ids begin.
    """
    pieces, end = [], 0
    for match in _WHOLE.finditer(text):
        name = match["id"]
        pieces.append(escape(text[end : match.start()]))
        if name is None:
            piece = Markup('<span class="date">{}</span>').format(match[0])
        else:
            piece = Markup('<code title="{}">{}</code>').format(name, name[:_ID_CHARS])
        address = links.get(name or "") if isinstance(links, Mapping) else links and name and links + name
        piece = Markup('<a href="{}">{}</a>').format(address, piece) if address else piece
        pieces.append(piece)
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def why(record: Any, lang: str, links: Mapping[str, str] | str = "") -> Markup:
    """Return the sentence (``zh`` or ``en``) of a record as HTML, in the reader's language; ``links`` as above."""
    return sentence(safe_text(in_language(record, lang)), links)


def notes_text(notes: Iterable[Note], lang: str) -> str:
    """Return the sentences of notes in the reader's language; "" without notes."""
    return safe_text(notes_sentence(notes, Language(lang)))


def pieces(snippet: Snippet) -> Iterator[tuple[str, bool]]:
    """Yield the text of a snippet in pieces, each with True if it is a hit to highlight."""
    end = 0
    for begin, until in snippet.marks:
        yield snippet.text[end:begin], False
        yield snippet.text[begin:until], True
        end = until
    yield snippet.text[end:], False


class Templates:
    """The templates of a package, with a catalogue of messages.

    In a template ``t(key)`` returns a message, and ``word(group, code)`` the word for a code.
    """

    def __init__(self, package: str, catalogue: str) -> None:
        self._catalogue = catalogue
        self._environment = templates_of(package)

    def render(self, template: str, lang: Language, values: Mapping[str, object]) -> str:
        """Return the text of a page in a language."""
        words = {
            "t": partial(say, self._catalogue, lang),
            "word": partial(word, language=lang, catalogue=self._catalogue),
        }
        other = Language.EN if lang is Language.ZH else Language.ZH
        return self._environment.get_template(template).render(lang=lang.value, other=other.value, **words, **values)


def templates_of(package: str) -> Environment:
    """Return the Jinja environment for the templates of a package."""
    environment = Environment(
        loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"shown": cell_text, "why": why, "said": notes_text, "sentence": sentence}
    environment.filters |= {"segments": segments, "pieces": pieces, "in_words": days_in_words}
    environment.filters["indicator"] = indicator_words
    environment.filters |= {"gloss": lambda agency: gloss(agency.name, agency.place), "in_pinyin": place_in_pinyin}
    environment.globals |= {
        "say": say,
        "days_ago": days_ago,
        "news_words": news_words,
        "reported_changes": REPORTED_CODES,
    }
    environment.globals["changes_sentence"] = changes_sentence
    return environment
