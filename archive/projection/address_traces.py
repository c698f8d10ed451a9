"""Decide whether a page may link to an address: a link to it however written, or a script that makes it. Pure.

Made to say *no* safely. What is looked for is what no link to an address can do without: its number, else its last
name, and the values of its query. Where a page has all of them somewhere, it may link it, and no more is said.
"""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, unquote, urlsplit

_INDEX = re.compile(r"(?:index|default|list|common_list|main)(?:[-_]\d+)?\.\w{2,6}\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\d{3,}")
_YEAR = re.compile(r"20[0-4]\d\Z")
_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")
_MOST = 8  # values of a query that are looked for: fewer that are asked for say "no" less often


def marks_of(url: str, page: str = "") -> frozenset[str]:
    """Return what ``page`` (an address) must have to link ``url``; nothing where the address has no such part."""
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    if len(names) > 1 and not parts.query and _INDEX.match(names[-1]) and names[-2] not in urlsplit(page).path:
        names.pop()  # a link to a folder need not name its index, nor one from within it the folder
    values = [value for _, value in parse_qsl(parts.query)[:_MOST]]
    found = {mark for text in (*names[-1:], *values) if (mark := _mark(unquote(text)))}
    return frozenset(found)


def may_link(page: bytes, marks: frozenset[str]) -> bool:
    """Whether ``page`` may link the address of ``marks``: they all stand there, or nobody can say."""
    if not marks or b"\0" in page:  # of two bytes a letter, where nothing would be found
        return True
    text = page.decode("latin-1")
    left = {mark for mark in marks if not _occurs_in(mark, text)}
    if left and ("&" in text or "%" in text or "\\" in text):
        plain = unquote(html.unescape(text.replace("\\/", "/")))
        left = {mark for mark in left if not _occurs_in(mark, plain)}
    return not left


def _mark(text: str) -> str:
    numbers: list[str] = [number for number in _NUMBER.findall(text) if not _YEAR.match(number)]
    if numbers:
        return max(numbers, key=len)
    return text if len(text) > 1 and _NAME.match(text) else ""


def _occurs_in(mark: str, text: str) -> bool:
    if mark.isdigit():
        return re.search(rf"(?<!\d){mark}(?!\d)", text) is not None
    return re.search(rf"(?<![A-Za-z0-9_-]){re.escape(mark)}(?![A-Za-z0-9_-])", text, re.IGNORECASE) is not None
