"""Finds what a probe must know of a site: its place and agency, by name, title and footer; its search form. Pure.

Nothing is guessed: a place must have its suffix (县, 区, 市 …); what is not printed is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode, urljoin

from archive.identity import divisions
from archive.identity.text import squeeze
from crawler.lists.html_tree import hidden_fields, parse_html, text_of
from crawler.lists.page import PageOfList, Request
from crawler.lists.words import SEARCH
from crawler.onboarding.addressed import body_name
from storage.records import Note

FOOT_CHARS = 3_000
_FRAME = re.compile(
    r"^(?:欢迎(?:您)?(?:访问|光临|来到)?|中国[·•・.\-—]|中国政府网?[·•]|首页[_\-|—]?)+|(?:门户网站|政府网站|政府网|政务网|官方网站|官网|网站|信息公开(?:网|平台|专栏)?|政务公开)+$"
)
_OPERATOR = re.compile(r"主\s?办\s?(?:单\s?位)?\s?[:：]\s?([\u4e00-\u9fa5（）()]{3,30})")
_OWN = frozenset(("", "人民政府", "政府", "人民政府办公室", "政府办公室", "管委会", "管理委员会"))


def place_of(page: str, directory: Sequence[str] | None) -> tuple[str, str, Note]:
    """Return (place, agency that has the site or "", reason). ``directory``: place and full name in the directory."""
    for text, where in _site_names(page):
        place, body = _body_of(text)
        if place:
            return place, body, Note("place_site", {"where": where, "text": squeeze(text)[:40]})
    if directory:
        return directory[0], "", Note("place_directory", {"name": directory[1]})
    return "", "", Note("place_unsaid")


def place_in_reports(counties: Iterable[str]) -> tuple[str, Note] | None:
    """Return the county that at least three reports, and 60 %, name, and the reason; None if there is none."""
    named = [county for county in counties if county]
    place = max(named, key=named.count, default="")
    times = named.count(place)
    if times < 3 or times * 10 < len(named) * 6:
        return None
    return place, Note("place_reports", {"number": times, "total": len(named)})


def _site_names(page: str) -> Iterator[tuple[str, str]]:
    """Yield the names of a page's site, each with the place where it is printed, the most reliable first."""
    root = parse_html(page)
    named = root.xpath("//meta[translate(normalize-space(@name), 'SITENAM', 'sitenam')='sitename']/@content")
    if name := " ".join(named[0].split())[:300] if named else "":
        yield name, "SiteName"
    if operator := _OPERATOR.search(text_of(root)[-FOOT_CHARS:]):
        yield operator[1], "主办单位"
    title = root.findtext(".//title") or ""
    for piece in reversed(re.split(r"[_\-—|–>＞»\s]+", title[:200])[:5]):
        if piece:
            yield piece, "title"


def _body_of(text: str) -> tuple[str, str]:
    """Return (place, agency) of a site's name: 汶上县政府网 → (汶上县, ""), 洛阳市司法局 → (洛阳市, 洛阳市司法局)."""
    plain = squeeze(text)[:80]
    for _ in range(3):
        plain = _FRAME.sub("", plain)
    chain, rest = divisions.split(plain)
    if not chain or any(len(link) > 15 for link in chain):
        return "", ""
    if rest in _OWN:
        return chain[-1], ""
    return (chain[-1], plain) if body_name(plain) else ("", "")


# ------------------------------------------------------------------------------------------------ search

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
