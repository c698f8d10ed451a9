"""A main text that stands in no element: in a script (gkmlpt ``_CONFIG.DETAIL.content``), a textarea, a long field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from archive.documents.markup.vocabulary import Vocabulary

# Escaped characters outside of strings are passed over, so that no attempt begins within one: linear in any script.
_STRING = re.compile(r'\\.|"((?>(?:[^"\\\n]++|\\.)*))"|\'((?>(?:[^\'\\\n]++|\\.)*))\'', re.DOTALL)
_WITH_LINES = re.compile(
    r'\\.|"((?>(?:[^"\\]++|\\.)*))"|\'((?>(?:[^\'\\]++|\\.)*))\'|`((?>(?:[^`\\]++|\\.)*))`', re.DOTALL
)
_LEAST = 400  # characters of a string that may be a text
_MARKUP = re.compile(r"<(?:p|div|table|span|br)\b", re.IGNORECASE)
MAX_SCRIPT = 4_000_000


def hidden_body(sources: Sequence[tuple[str, str]], vocabulary: Vocabulary) -> str | None:
    """The markup of the text with the most chapter and table markers among scripts and textareas, or None.

    ``sources``: (tag, text) of the page's scripts, textareas, templates, long fields, as ``prepare`` gives them.
    """
    best: tuple[int, str] = (1, "")
    for candidate in _candidates(sources):
        compact = "".join(re.sub(r"<[^<>]{0,2000}>", "", candidate).split())
        count = sum(1 for p in vocabulary.chapters + vocabulary.table_markers if p.search(compact))
        if count > best[0]:
            best = (count, candidate)
    return best[1] or None


def _candidates(sources: Sequence[tuple[str, str]]) -> Iterator[str]:
    for tag, text in sources:
        if tag != "script":
            if _MARKUP.search(text):
                yield text
            continue
        if len(text) > MAX_SCRIPT or ("<" not in text and "\\u003c" not in text.lower()):
            continue
        if _MARKUP.match(text.lstrip()):
            yield text
        for pattern in (_STRING, _WITH_LINES):
            for match in pattern.finditer(text):
                body = match.group(match.lastindex) if match.lastindex else ""
                if len(body) >= _LEAST and _MARKUP.search(literal := _unescaped(body)):
                    yield literal


def _unescaped(body: str) -> str:
    """A JavaScript string literal's value, as far as JSON knows its escapes."""
    quoted = body.replace("\\'", "'")
    quoted = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', quoted)
    try:
        value = json.loads(f'"{quoted}"', strict=False)
    except ValueError:
        return body
    return str(value)
