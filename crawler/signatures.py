"""Recognises content systems by marks in pages and patterns of addresses, from ``cms/signatures.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

_SEARCHED_CHARS = 300_000  # characters of a page in which marks are looked for


@dataclass(frozen=True, slots=True)
class Signature:
    """One content system: its ``label`` on screens by language, patterns of its addresses, marks in its pages, and CSS
    selectors of a document's text.
    """

    name: str
    label: dict[str, str]
    url: tuple[str, ...]
    html: tuple[str, ...]
    content: tuple[str, ...]


@cache
def signatures() -> dict[str, Signature]:
    """Return all content systems by name."""
    text = resources.files("crawler").joinpath("cms/signatures.toml").read_text(encoding="utf-8")
    return {
        name: Signature(name, row["label"], tuple(row["url"]), tuple(row["html"]), tuple(row.get("content", ())))
        for name, row in tomllib.loads(text)["family"].items()
    }


def recognise(url: str, html: str = "") -> list[tuple[str, int]]:
    """Return the content systems that fit an address and a page, the best first, each with its score.

    The page's address counts three, an address in the page two, a word of markup one, as that is copied between systems
    (``TRS_Editor`` is found in texts on Hanweb portals).
    """
    page = html[:_SEARCHED_CHARS].lower()
    scores = []
    for signature in signatures().values():
        score = 3 * any(re.search(pattern, url) for pattern in signature.url)
        score += 2 * any(re.search(pattern, page) for pattern in signature.url)
        score += sum(mark in page for mark in signature.html)
        if score:
            scores.append((signature.name, score))
    return sorted(scores, key=lambda pair: -pair[1])
