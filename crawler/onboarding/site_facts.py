"""Finds the place and agency that a site belongs to, from its name, its title and the operator in its footer. Pure.

Nothing is guessed: a place must have its suffix (县, 区, 市 …); what is not printed is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import lxml.html

from archive.identity import divisions
from archive.identity.text import squeeze
from crawler.lists.html_tree import parse_html, text_of
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
    if name := _meta(root, "sitename"):
        yield name, "SiteName"
    if operator := _OPERATOR.search(text_of(root)[-FOOT_CHARS:]):
        yield operator[1], "主办单位"
    title = root.findtext(".//title") or ""
    for piece in reversed(re.split(r"[_\-—|–>＞»\s]+", title[:200])[:5]):
        if piece:
            yield piece, "title"


def _meta(root: lxml.html.HtmlElement, name: str) -> str:
    found = (one for one in root.iter("meta") if (one.get("name") or "").strip().lower() == name)
    return next((" ".join((one.get("content") or "").split())[:300] for one in found), "")


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
