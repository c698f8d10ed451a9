"""The further lists of reports that a page leads to (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

import lxml.html

from archive.identity.addresses import read as facts_of
from archive.identity.addresses import route_of
from crawler.lists.addresses import joined, target_of, text_of
from crawler.lists.entry_patterns import REPORT
from crawler.lists.kinds.page_kinds import (
    CHAPTERS,
    chapters_in,
    is_known_folder,
    is_notice,
    names_a_body,
    names_a_column,
)
from crawler.lists.labels import is_more, said
from crawler.lists.labels import label as compared
from crawler.lists.list_page import Page
from crawler.lists.list_template import path_of
from crawler.lists.page_words import data, filled
from crawler.lists.signatures import Signature
from storage.records import Link

Way = tuple[lxml.html.HtmlElement, Link]
_COLUMNS = 150
_YEARS = 2  # folders of years that make a column one of them
_NUMBER = re.compile(r"[0-9a-f]{16,}|\d+")
_ROOT = 3  # slashes in the address of a home page
_ANNUAL = re.compile(r"年\s*报|年度报告")
# What a column of reports lies below.
_ABOVE = re.compile(r"(?:法定)?(?:主动)?(?:政府|政务)?(?:信息|政务)?公开(?:内容|目录|专栏|平台|网|栏目)?")
_HERE = re.compile(r"(?:您|你)?(?:现在)?(?:的|所在)?(?:的)?(?:当前)?(?:所在)?(?:的)?位置")
_UP = 3  # elements around a link
_PRESSED = ("li", "span", "div", "td")  # that lead somewhere by a script of their own: onclick="linkToNew('/nb/xz/')"
_WAY = re.compile(  # names of the places where a page says where it is
    r"(?:bread|main|list|cur(?:rent)?)?[-_]?(?:crumbs?|breadcrumbs?|position|location|weizhi|place|dqwz)"
    r"(?:[-_]?(?:nav|bar|box|con|div|list|\d{1,3}))?"
)


def subcolumns(page: Page, signature: Signature) -> tuple[Link, ...]:
    """Links that lead to further lists of reports, each once, the page itself left out: by their names
    (部门政府信息公开年报; 更多 by the heading beside it); on a page that is a column of reports, or a folder known to
    lie below one, also folders of a year or more (2023年, 2021年及以前), of a kind of bodies (乡镇街道, 2023年部门年报)
    or of a body, and what stands among such links (:func:`links_like_known`).
    """
    if (tree := page.tree) is None:
        return ()
    shapes = data()["subcolumn"]
    named, folders = re.compile(shapes["text"]), re.compile(filled(f"{shapes['year']}|{shapes['group']}"))
    reports = names_a_column(tree, _ANNUAL) or is_known_folder(tree, page.column)
    below = page.url.partition("?")[0].rpartition("/")[0] + "/"
    inside = reports and below.count("/") > _ROOT
    years = folders_of_years(page, signature)
    found: dict[str, Link] = {}
    known: list[Way] = []
    beneath: list[Way] = []  # below the page, under a name that is no folder's
    beside: list[Way] = []  # under a name that is no column's, at any other address
    for anchor, label in labelled_ways(tree):
        is_named = named.fullmatch(label) is not None
        if not (is_named or reports or years) or (says_where(anchor) and not is_named):
            continue
        url = joined(page.base, target_of(anchor))
        if url is None or not url.startswith("http") or url.rstrip("/") == page.url.rstrip("/"):
            continue
        way = (anchor, Link(url=url, text=label))
        document = signature.detail.search(url) is not None
        if url in years or (is_named and not document):
            known.append(way)
        elif reports and inside and url.startswith(below) and not document and facts_of(url).detail is not True:
            (known if folders.fullmatch(label) or names_a_body(label) else beneath).append(way)
        elif reports:
            beside.append(way)
    for _, link in (*known, *links_like_known(known, beneath, beside)):
        found.setdefault(link.url, link)
    return tuple(found.values())[:_COLUMNS]


def links_like_known(known: Sequence[Way], beneath: Sequence[Way], beside: Sequence[Way]) -> list[Way]:
    """Return those of further links that are marked up as ``known`` ones and so are what these are, whatever they are
    called: all ``beneath`` a column; ``beside`` it those at addresses that differ in numbers only, where there are no
    more of them than known ones. What is called as a report is none.
    """
    places: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for anchor, link in known:
        places[path_of(anchor)].add(link.url)
    alike: dict[tuple[str, ...], list[Way]] = defaultdict(list)
    for way in beside if known else ():
        urls = places.get(path_of(way[0]), set())
        if way[1].url not in urls and _numberless(way[1].url) in map(_numberless, urls):
            alike[path_of(way[0])].append(way)
    few = [way for place, ways in alike.items() if len(ways) <= len(places[place]) for way in ways]
    under = [way for way in beneath if known and path_of(way[0]) in places]
    return [way for way in (*under, *few) if not REPORT.search(way[1].text)]


def labelled_ways(tree: lxml.html.HtmlElement) -> Iterator[tuple[lxml.html.HtmlElement, str]]:
    """Return what leads somewhere, with its label, where that may be the name of a list of reports: none of a column
    that such a list lies below, or of something else that the law has published.
    """
    refused = data()["subcolumn"]["not"]
    for anchor in (node for node in tree.iter("a", *_PRESSED) if node.tag == "a" or node.get("onclick")):
        label = _label_of(anchor)
        href = target_of(anchor)
        if not href or not 2 <= len(label) <= 40 or route_of(href):  # a route of a site that one script makes
            continue
        if any(word in label for word in refused) and not label.endswith("局"):  # 统计局 is a body
            continue
        if not _ABOVE.fullmatch(label):
            yield anchor, label


def _label_of(anchor: lxml.html.HtmlElement) -> str:
    """What a link says, 更多 by the heading beside it; "" where none says what that leads to."""
    text = "".join(text_of(anchor).split())
    if not is_more(text):
        return text
    beside = compared(said(anchor))
    return "" if is_more(beside) else beside


def folders_of_years(page: Page, signature: Signature) -> dict[str, str]:
    """Return the addresses, with their labels, of a column's folders of a year that are called as a report of nobody is
    (2025年政府信息公开年报): two or more, at addresses that differ from the column's own in numbers only, as those of
    its system's columns do; none that are documents' by the family, or stand beside the text of a report.
    """
    tree = page.tree
    if tree is None or not _NUMBER.search(page.url):
        return {}
    named, own = re.compile(data()["subcolumn"]["titled"]), _numberless(page.url)
    found: dict[str, str] = {}
    for anchor in tree.iter("a"):
        label = "".join(text_of(anchor)[:60].split())
        url = joined(page.base, (anchor.get("href") or "").strip()) if named.fullmatch(label) else None
        if url and _numberless(url) == own and not signature.detail.search(url):
            found.setdefault(url, label)
    column = len(found) >= _YEARS and (names_a_column(tree, _ANNUAL) or is_known_folder(tree, page.column))
    if not column or chapters_in(page.text) >= CHAPTERS:
        return {}
    return found


def _numberless(url: str) -> str:
    """An address without its scheme and its numbers."""
    return _NUMBER.sub("#", url.partition("://")[2])


def says_where(anchor: lxml.html.HtmlElement) -> bool:
    """Whether a link stands where a page says below what it lies (当前位置：首页 > 政府信息公开): it leads up."""
    for around in islice(anchor.iterancestors(), _UP):
        named = f"{around.get('class') or ''} {around.get('id') or ''}".lower()[:200].split()
        if any(map(_WAY.fullmatch, named)) or _HERE.match("".join((around.text or "").split())[:20]):
            return True
    return False


def is_hub(page: Page, columns: tuple[Link, ...]) -> bool:
    """Whether a page without items is there to lead to further lists: a menu on a notice, a login or the home page
    leads there too.
    """
    if not columns or is_notice(page.tree):
        return False
    return (len(columns) >= 2 and names_a_column(page.tree)) or is_known_folder(page.tree, page.column)
