"""A main text whose markup is escaped, as interfaces put it into their XML: ``<content>&lt;p&gt;一、总体情况…``.

Some put JSON there, and the markup into one of its strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from archive.documents.markup.scan import Scan

_SIGNS = (b"&lt;", b"&#60;", b"&#x3c;")
_ENTITY = re.compile(rb"&(?:lt|#60|#x3c);(?:table|tr|td|p|div|span|section|br)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:table|tr|td|p|div|span|section|br)\b", re.IGNORECASE)
_LEAST = 400  # characters of a text
_MOST, _VALUES = 200, 100_000  # texts looked at; values of one that is JSON


def escaped_markup(page: Scan) -> list[tuple[str, str]]:
    """The markup that stands as text in elements of a page, as :func:`hidden_body` takes it; before it is prepared."""
    if not any(sign in page.source for sign in _SIGNS) or _ENTITY.search(page.source) is None:
        return []
    texts = (element.text for element in page.root.iter() if isinstance(element.tag, str))
    long = (text for text in texts if text and len(text) >= _LEAST and _MARKUP.search(text))
    return [("template", markup) for text in islice(long, _MOST) for markup in _markup_in(text)]


def _markup_in(text: str) -> Iterator[str]:
    """The text itself, or the strings of the JSON that it is."""
    if not text.lstrip().startswith(("{", "[")):
        yield text
        return
    try:
        held: list[object] = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_VALUES):
        if not held:
            return
        value = held.pop()
        if isinstance(value, str) and len(value) >= _LEAST and _MARKUP.search(value):
            yield value
        elif isinstance(value, dict):
            held += value.values()
        elif isinstance(value, list):
            held += value
