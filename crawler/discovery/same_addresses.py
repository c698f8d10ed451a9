"""Addresses and pages that are the same but for what does not count, and addresses that only grow, in which a walk
would never end (pure).
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from urllib.parse import urlsplit

from archive.file_endings import HTML
from crawler.discovery.knowledge import knowledge
from crawler.discovery.labels import FIRST_YEAR
from crawler.lists.addresses import joined, query_fields
from crawler.lists.list_page import Page

_A_YEAR = re.compile(r"(?:19|20|21)\d\d")
_HREF = re.compile(r"(?:href|src|value)\s{0,3}=\s{0,3}[\"']?([^\"'\s<>]{1,300})", re.IGNORECASE)


def is_trap(url: str, last_year: int = 2100) -> bool:
    """Whether an address only grows (``/a/a/a/``), is endlessly deep, or asks for a year that cannot be."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > 14 or len(parts.query) > 600 or max(Counter(segments).values(), default=0) >= 3:
        return True
    asked = query_fields(parts.query)
    if (
        parts.query.count("&") >= 60
        or len(asked) > 20
        or max(Counter(key for key, _ in asked).values(), default=0) >= 3
    ):
        return True
    numbered = knowledge()["trap"]["numbers"]  # organId=2031 names no year
    given = [value for key, value in asked if _A_YEAR.fullmatch(value) and not re.search(numbered, key)]
    return any(not FIRST_YEAR <= int(value) <= last_year for value in given)


def is_kin(url: str, other: str) -> bool:
    """Whether two addresses are one but for the value of one parameter (``?s=news&c=category&id=40``, ``…&id=41``):
    where columns are told apart by a number, that of another one.
    """
    one, two = urlsplit(url), urlsplit(other)
    if (one.netloc.lower(), one.path) != (two.netloc.lower(), two.path) or max(len(one.query), len(two.query)) > 600:
        return False
    ours, theirs = query_fields(one.query), query_fields(two.query)
    if [key for key, _ in ours] != [key for key, _ in theirs]:
        return False
    return sum(mine != other_value for mine, other_value in zip(ours, theirs, strict=True)) == 1


def bare(url: str) -> str:
    """Return an address as it is compared: without scheme, ``www.``, ``index.html`` and the closing slash. What is
    called default.htm stays: it may show index.htm of its folder in a frame (平江县, 红网).
    """
    parts = urlsplit(url)
    path = re.sub(rf"/index\.(?:{HTML}|jsp|aspx?|php)$", "/", parts.path).rstrip("/")
    return (
        f"{parts.netloc.lower().removeprefix('www.')}{path}"
        + (f"?{parts.query}" if parts.query else "")
        + parts.fragment
    )


def bare_address(url: str) -> str:
    """Return an address as those of columns are compared."""
    return url.partition("://")[2].removesuffix("index.html").rstrip("/")


def digest_of(page: Page) -> str:
    """Return what tells pages with the same words apart from others: text, without figures of the day, and where it
    leads; the pages of many sub-sites differ in nothing but what their relative addresses mean.
    """
    text = re.sub(r"[\d\s:：]+", "", page.visible_text)
    where = sorted({_absolute(page.url, href) for href in _HREF.findall(page.text[:1_000_000])})
    return hashlib.sha256("\n".join([text[:40_000], *where]).encode("utf-8", "replace")).hexdigest()


def _absolute(base: str, href: str) -> str:
    url = joined(base, html.unescape(href))
    return bare(url) if url else href
