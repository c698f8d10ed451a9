"""Whose a site is, by what it prints: its name, its title, the operator in its footer, its 网站标识码 (pure).

Nothing is guessed: a place needs its suffix (县, 区, 市 …); what is not printed is unknown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from archive.identity import divisions, names
from archive.identity.text import squeeze
from crawler.discovery.organs import body_name
from crawler.lists.kinds.site_code import metas, site_code
from crawler.lists.list_page import Page
from storage.records import Note

_FRAME = re.compile(
    r"^(?:欢迎(?:您)?(?:访问|光临|来到)?|中国[·•・.\-—]|中国政府网?[·•]|首页[_\-|—]?)+|(?:门户网站|政府网站|政府网|政务网|官方网站|官网|网站|信息公开(?:网|平台|专栏)?|政务公开)+$"
)
_OPERATOR = re.compile(r"主\s?办\s?(?:单\s?位)?\s?[:：]\s?([\u4e00-\u9fa5（）()]{3,30})")
_PROVINCE = re.compile(r"1[1-5]|2[123]|3[1-7]|4[1-6]|5[0-4]|6[1-5]")


def site_names(page: Page) -> list[tuple[str, str]]:
    """Return what a page says its site is, each with where it says so, most telling first."""
    found = [(metas(page).get("sitename", ""), "SiteName")]
    if operator := _OPERATOR.search(page.visible_text[-3_000:]):
        found.append((operator.group(1), "主办单位"))
    title = re.search(r"<title[^>]{0,200}>([^<]{0,200})", page.text[:20_000], re.IGNORECASE)
    pieces = re.split(r"[_\-—|–>＞»\s]+", title.group(1)) if title else []
    found += [(piece, "title") for piece in reversed(pieces[:5])]
    return [(text, where) for text, where in found if text]


def body_of(text: str) -> tuple[str, str]:
    """Return (place, body) of a site's name: 汶上县人民政府门户网站 → (汶上县, ""), 洛阳市司法局 → (洛阳市, itself)."""
    plain = squeeze(text)[:80]
    for _ in range(3):
        plain = _FRAME.sub("", plain)
    chain, rest = divisions.split(plain)
    if not chain or any(len(link) > 15 for link in chain):
        return "", ""
    if rest in {"", "人民政府", "政府", "人民政府办公室", "政府办公室", "管委会", "管理委员会"}:
        return chain[-1], ""
    return (chain[-1], plain) if body_name(plain) else ("", "")


def place_of(pages: Sequence[Page], agencies: Iterable[str]) -> tuple[str, str, Note]:
    """Return (place, the body whose own site it is or "", why). ``agencies``: names printed in titles of reports."""
    for page in pages[:8]:
        for text, where in site_names(page):
            place, body = body_of(text)
            if place:
                return place, body, Note("place_site", {"where": where, "text": squeeze(text)[:40]})
    counties = Counter(county for name in agencies if (county := names.complete(name).county))
    total = sum(counties.values())
    if counties:
        place, times = counties.most_common(1)[0]
        if times >= 3 and times * 10 >= total * 6:
            return place, "", Note("place_reports", {"number": times, "total": total})
    return "", "", Note("place_unsaid")


def division_of(pages: Sequence[Page], place: str) -> tuple[str | None, Note]:
    """Return the division code printed as 网站标识码 (its first six digits), and why; None where none fits."""
    for page in pages[:8]:
        code = site_code(page)
        if not code or not _PROVINCE.fullmatch(code[:2]) or code[2:4] == "00" or not place:
            continue
        if code[4:6] == "00" and place.endswith(("县", "旗", "区")):  # the prefecture's
            continue
        return code[:6], Note("division_site_code", {"code": code})
    return None, Note("division_unsaid")
