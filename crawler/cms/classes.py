"""The classes of the families by the names of their signatures: found by walking ``crawler.cms``."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Sequence
from functools import cache

from crawler import cms
from crawler.net.web_page import WebPage
from crawler.signatures import recognise, signatures
from crawler.spider import PortalSpider

FALLBACKS = ("generic", "dated_list")  # who reads a system that no signature fits: the first that there is


@cache
def family_classes() -> dict[str, type[PortalSpider]]:
    """Every family's base class whose name has a signature, by that name."""
    found: dict[str, type[PortalSpider]] = {}
    for info in pkgutil.iter_modules(cms.__path__, f"{cms.__name__}."):
        module = importlib.import_module(info.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, PortalSpider) and kind.__module__ == module.__name__ and kind.family in signatures():
                found.setdefault(kind.family, kind)
    return found


def fallback() -> type[PortalSpider]:
    """The class that reads what no signature fits."""
    known = family_classes()
    return next(known[name] for name in FALLBACKS if name in known)


def candidates(pages: Sequence[WebPage], most: int = 4) -> list[tuple[type[PortalSpider], int]]:
    """Families that pages look like, most marks first, with the number of marks over all pages; the fallback is last.

    A mark on an address or page counts as in :func:`~crawler.signatures.recognise`.
    """
    known, scores = family_classes(), dict[str, int]()
    for page in pages:
        for name, score in recognise(page.url, page.text):
            scores[name] = scores.get(name, 0) + score
    named = sorted(((known[name], score) for name, score in scores.items() if name in known), key=lambda row: -row[1])
    last = fallback()
    others = [row for row in named if row[0] is not last][: most - 1]
    return [*others, (last, scores.get(last.family, 0))]
