"""A main text that stands in no element: in a script (gkmlpt ``_CONFIG.DETAIL.content``), a textarea, a template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from archive.documents.markup.scan import Element
from archive.documents.markup.vocabulary import Vocabulary

_STRING = re.compile(r'"((?:[^"\\]|\\.){400,})"|\'((?:[^\'\\]|\\.){400,})\'', re.DOTALL)
_MARKUP = re.compile(r"<(?:p|div|table|span|br)\b", re.IGNORECASE)
MAX_SCRIPT = 4_000_000


def hidden_body(root: Element, vocabulary: Vocabulary) -> str | None:
    """The markup of the text with the most chapter and table markers among scripts and textareas, or None."""
    best: tuple[int, str] = (1, "")
    for candidate in _candidates(root):
        compact = "".join(re.sub(r"<[^<>]{0,2000}>", "", candidate).split())
        count = sum(1 for p in vocabulary.chapters + vocabulary.table_markers if p.search(compact))
        if count > best[0]:
            best = (count, candidate)
    return best[1] or None


def _candidates(root: Element) -> Iterator[str]:
    for element in root.iter("textarea", "template", "xmp", "noscript"):
        inside = "".join(element.itertext())
        if _MARKUP.search(inside):
            yield inside
    for element in root.iter("script"):
        script = element.text or ""
        if len(script) > MAX_SCRIPT or ("<" not in script and "\\u003c" not in script.lower()):
            continue
        if _MARKUP.match(script.lstrip()):
            yield script
        for match in _STRING.finditer(script):
            literal = _unescaped(match.group(1) if match.group(1) is not None else match.group(2))
            if _MARKUP.search(literal):
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
