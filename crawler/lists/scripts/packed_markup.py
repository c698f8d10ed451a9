"""Markup that a page packs as base64 text and unpacks with ``atob``: some hide the whole pager so (云南) (pure)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from urllib.parse import unquote

from crawler.lists.list_page import Page

_PACKED = re.compile(r"""[>"'](?=[A-Za-z0-9+/=]{60})([A-Za-z0-9+/]{60,60000}={0,2})\s{0,20}[<"']""")
_UNPACKS = re.compile(r"\batob\s?\(")
_MOST = 8  # texts that are unpacked


def with_unpacked_markup(page: Page) -> Page:
    """Return a page with what it hides from readers of its source: markup packed as base64, where it calls ``atob``."""
    if not _UNPACKS.search(page.text):
        return page
    unpacked = [_unpacked(match.group(1)) for match in list(_PACKED.finditer(page.text))[:_MOST]]
    at = page.text.lower().rfind("</body")
    at = len(page.text) if at < 0 else at
    return replace(page, text="".join((page.text[:at], *(text for text in unpacked if "<" in text), page.text[at:])))


def keeps_packed(page: Page) -> bool:
    """Whether a page unpacks something that could not be unpacked here."""
    packed = _PACKED.finditer(page.text) if _UNPACKS.search(page.text) else iter(())
    return any("<" not in _unpacked(match.group(1)) for match in packed)


def _unpacked(text: str) -> str:
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return unquote(plain)
