"""A portal's own search, by a form of a page, as a second way to reports."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urljoin

from crawler.lists.html_tree import parse_html
from crawler.lists.page import Page
from crawler.lists.words import SEARCH

_FORM, _FIELD = re.compile(SEARCH["form"], re.I), re.compile(SEARCH["field"], re.I)
_ACTION = re.compile(r"(?!javascript:)[\w/.?]", re.I)
_NAMES = ("action", "name", "id", "class", "placeholder", "title", "alt")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{3,20})", re.I)


def find_search(page: Page) -> str:
    """Return the address at which the portal's own search shows annual reports; "" if no form of the page has one."""
    for form in parse_html(page.source).iter("form"):
        texts = [one for one in form.iter("input") if (one.get("type") or "text").lower() in ("text", "search")]
        keyword = next((one for one in texts if one.get("name") and _FIELD.search(_names(one))), None)
        action, method = (form.get("action") or "").strip(), (form.get("method") or "get").lower()
        if keyword is None or method != "get" or not _ACTION.match(action) or form.find(".//textarea") is not None:
            continue  # a form that something is written with, or that only a script sends
        if _FORM.search(f"{_names(form)} {_names(keyword)}"):
            charset = form.get("accept-charset") or next(iter(_CHARSET.findall(page.source)), "utf-8")
            encoding = "gb18030" if charset.lower().startswith("gb") else "utf-8"
            sent = urlencode(_fields(form) | {keyword.get("name"): SEARCH["keyword"]}, encoding=encoding)
            return f"{urljoin(page.url, action).partition('?')[0]}?{sent}"
    return ""


def _fields(form: Any) -> dict[str, str]:
    """Return what the form sends beside the words: hidden fields and the options that are chosen."""
    fields = {one.get("name"): one.get("value") or "" for one in form.xpath(".//input[@type='hidden'][@name]")}
    for select in form.xpath(".//select[@name]"):
        chosen = select.xpath("./option[@selected]") or select.xpath("./option")
        fields[select.get("name")] = chosen[0].get("value") or "" if chosen else ""
    return fields


def _names(element: Any) -> str:
    return " ".join(element.get(name) or "" for name in _NAMES)
