"""A document whose text and attachments stand in a script of its page: ``_CONFIG.DETAIL.content`` of gkmlpt (pure)."""

from __future__ import annotations

import json
import re
from html import escape

from crawler.lists.scripts.answers import at, value_after

_DETAIL = re.compile(r"""\bDETAIL["']?\s{0,9}[:=]\s{0,9}(?=\{)""")
_CONTENT = re.compile(r'"content"\s{0,9}:\s{0,9}"((?>(?:[^"\\\n]++|\\.)*))"')
_NAMES, _ADDRESSES = ("name", "title", "filename"), ("url", "path", "href")
_MOST = 50


def detail_markup(text: str) -> str:
    """Return the markup that the script of a document's page shows, attachments listed apart as links; "" if none."""
    if "_CONFIG" not in text[:2_000_000]:
        return ""
    detail = value_after(text, _DETAIL)
    content = at(detail, "content")
    if not isinstance(content, str):
        found = _CONTENT.search(text[:4_000_000])
        content = _unescaped(found.group(1)) if found else ""
    listed = at(detail, "attachment") or at(detail, "attachments")
    return content + "".join(_link(one) for one in (listed[:_MOST] if isinstance(listed, list) else []))


def _link(one: object) -> str:
    href = next((at(one, key) for key in _ADDRESSES if isinstance(at(one, key), str)), None)
    name = next((at(one, key) for key in _NAMES if isinstance(at(one, key), str)), "")
    return f'<a href="{escape(str(href))}">{escape(str(name))}</a>' if href else ""


def _unescaped(body: str) -> str:
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        return body
