"""Finds the search form of a site, which is a second way to its reports."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urljoin

from crawler.lists.html_tree import hidden_fields, parse_html
from crawler.lists.page import PageOfList, Request
from crawler.lists.words import SEARCH

_FORM, _FIELD = re.compile(SEARCH["form"], re.I), re.compile(SEARCH["field"], re.I)
_ACTION = re.compile(r"(?!javascript:)[\w/.?]", re.I)
_NAMES = ("action", "name", "id", "class", "placeholder", "title", "alt")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{3,20})", re.I)


def find_search(page: PageOfList) -> Request | None:
    """Return the request that searches for annual reports with a form of the page; None if it has no search form."""
    for form in parse_html(page.source).iter("form"):
        texts = [one for one in form.iter("input") if (one.get("type") or "text").lower() in ("text", "search")]
        keyword = next((one for one in texts if one.get("name") and _FIELD.search(_names(one))), None)
        is_search = keyword is not None and _FORM.search(f"{_names(form)} {_names(keyword)}")
        action = (form.get("action") or "").strip()
        if keyword is None or not is_search or form.find(".//textarea") is not None or not _ACTION.match(action):
            continue  # no search, a form for messages, or one that only a script sends
        fields = _fields(form) | {keyword.get("name"): SEARCH["keyword"]}
        charset = form.get("accept-charset") or next(iter(_CHARSET.findall(page.source)), "utf-8")
        return _submit(urljoin(page.url, action), form.get("method") or "get", fields, charset)
    return None


def _fields(form: Any) -> dict[str, str]:
    """Return the fields that the form sends besides the keyword: hidden fields and chosen options."""
    fields = hidden_fields(form)
    for select in form.xpath(".//select[@name]"):
        chosen = select.xpath("./option[@selected]") or select.xpath("./option")
        fields[select.get("name")] = chosen[0].get("value") or "" if chosen else ""
    return fields


def _submit(url: str, method: str, fields: dict[str, str], charset: str) -> Request:
    """Return a form's request as a browser makes it: GBK if the page is in GBK; GET replaces the address's query."""
    sent = urlencode(fields, encoding="gb18030" if charset.lower().startswith("gb") else "utf-8")
    if method.lower() != "post":
        return Request(f"{url.partition('?')[0]}?{sent}")
    return Request(url, (("Content-Type", "application/x-www-form-urlencoded"),), sent.encode())


def _names(element: Any) -> str:
    return " ".join(element.get(name) or "" for name in _NAMES)
