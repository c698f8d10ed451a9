"""The marks by which a content system is recognised, and the shapes of its addresses: ``cms/signatures.toml``."""

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
    """One family: ``detail`` matches the address of a document; ``areas`` are CSS selectors of its lists, ``content``
    those of a document's text. ``twins``: what is taken out of the address of a second copy (``_wap``), and what is put
    there. ``pubdate_is_build``: PubDate says when the page was built, not when it was published. ``interface``: marks
    of a list that comes from an interface.
    """

    name: str
    url: tuple[re.Pattern[str], ...]
    html: tuple[str, ...]
    detail: re.Pattern[str]
    areas: tuple[str, ...]
    content: tuple[str, ...] = ()
    twins: tuple[tuple[re.Pattern[str], str], ...] = ()
    pubdate_is_build: bool = False
    interface: tuple[str, ...] = ()

    def canonical(self, url: str) -> str:
        """Return the address of the document itself for that of a second copy of it; any other as it is."""
        for pattern, instead in self.twins:
            url = pattern.sub(instead, url, count=1)
        return url


def _systems() -> dict[str, Any]:
    text = resources.files("crawler.cms").joinpath("signatures.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(text)["family"]
    return found


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
            content=tuple(row.get("content", ())),
            twins=tuple((re.compile(pattern), instead) for pattern, instead in row.get("twins", ())),
            pubdate_is_build=row.get("pubdate") == "build_time",
            interface=tuple(row.get("interface", ())),
        )
        for name, row in _systems().items()
    }


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
