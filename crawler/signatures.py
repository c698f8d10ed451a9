"""The marks of CMS families and of pages that are none, from ``families/signatures.toml`` (read once)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_LOOKED_AT = 300_000  # characters of a page in which marks are looked for


@dataclass(frozen=True, slots=True)
class Signature:
    """One family: ``detail`` matches the address of a document; ``areas`` are CSS selectors of its lists."""

    name: str
    url: tuple[re.Pattern[str], ...]
    html: tuple[str, ...]
    detail: re.Pattern[str]
    areas: tuple[str, ...]


@cache
def data() -> dict[str, Any]:
    """Return the whole file."""
    text = resources.files("crawler").joinpath("families/signatures.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def signatures() -> dict[str, Signature]:
    """All families by name."""
    return {
        name: Signature(
            name=name,
            url=tuple(re.compile(pattern) for pattern in row["url"]),
            html=tuple(row["html"]),
            detail=re.compile(row["detail"], re.IGNORECASE),
            areas=tuple(row["areas"]),
        )
        for name, row in data()["family"].items()
    }


def words(section: str, key: str = "words") -> tuple[str, ...]:
    """Return a list of marks, lower case: ``words("soft_404")``."""
    return _words(section, key)


@cache
def _words(section: str, key: str) -> tuple[str, ...]:
    return tuple(str(word).lower() for word in data()[section][key])


def recognise(url: str, html: str = "") -> list[tuple[str, int]]:
    """Families that an address and a page look like, best first, with the number of marks found.

    A mark in the address counts three: markup is copied between systems (``TRS_Editor`` stands in Hanweb bodies).
    """
    page = html[:_LOOKED_AT].lower()
    found = []
    for signature in signatures().values():
        score = 3 * any(pattern.search(url) for pattern in signature.url)
        score += 2 * any(pattern.search(page) for pattern in signature.url)
        score += sum(mark in page for mark in signature.html)
        if score:
            found.append((signature.name, score))
    return sorted(found, key=lambda pair: -pair[1])
