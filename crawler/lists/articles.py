"""A page that is a document itself where a list was expected: one-article columns, of which the text is replaced
every year (pure).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import lxml.html

from archive.file_endings import ENDINGS
from archive.identity.addresses import read as facts_of
from archive.identity.classification import classify
from archive.identity.titles import Strength, judge
from crawler.lists.addresses import joined, text_of
from crawler.lists.controls import has_address
from crawler.lists.entries.headings import called_on, year_on
from crawler.lists.entries.items import read_items
from crawler.lists.entries.unlinked import printed_entries
from crawler.lists.filters.year_bars import YearBar, year_bars
from crawler.lists.filters.year_choices import offered_years
from crawler.lists.kinds.page_kinds import CHAPTERS, chapters_in, names_a_report
from crawler.lists.list_page import ListPage, Page
from crawler.lists.reasons import NO_ADDRESSES, YEARS_BY_SCRIPT
from crawler.lists.signatures import Signature
from storage.records import Link

_HEADINGS = (
    "//h1 | //h2 | //h3 | //*[contains(@class, 'title')] | //*[contains(@id, 'title')]"
    " | //meta[translate(@name, 'ARTICLE', 'article')='articletitle'] | //title"
)
_FILE = re.compile(rf"\.(?:{ENDINGS})\b|download", re.IGNORECASE)
_LIST = 5  # links to reports; a page with so many is a list, whatever excerpts it prints
_NEIGHBOUR = re.compile(r"[\[【▪■◆·<>《\s]{0,5}[上下前后]一?[篇条则个]")
_LABELS = re.compile(r"[上下前后]一?[篇条则个]|[^\w]")
_CALLED = "政府信息公开年度报告"  # what a report is called whose year is not sure
_AROUND = 200  # characters of a line that names a neighbour


def article_on(page: Page, signature: Signature) -> ListPage | None:
    """Return the page as a list of itself where it is a report: its heading names one, and the chapters of the form
    (or nothing but a document that is shown) stand in its text. None for any other page.

    Links to other reports that stand beside it are items as well. How these go on is not read, and 上一篇 is another
    article of the column: hence the doubt.
    """
    if (tree := page.tree) is None:
        return None
    heads = _heads(tree)
    title = _called(heads)
    body = next((found[0] for selector in signature.content if (found := tree.cssselect(selector))), None)
    text = "".join(text_of_all(tree if body is None else body).split())
    chapters = chapters_in(text)
    shows = body is not None and title and next(body.iter("iframe", "embed", "object", "img"), None) is not None
    files = {_FILE.split(name)[0].strip() for name in _files(tree) if names_a_report(name)}
    attached = body is not None and title and len(files) < 2 and (files or _files(body))  # files of two are a list
    title = title or (_untitled(tree, heads) if chapters > CHAPTERS else "")
    if not title or not (chapters >= CHAPTERS or shows or attached):
        return None
    if sum(names_a_report(text_of(anchor)[:300]) for anchor in tree.iter("a")) >= _LIST:
        return None
    others, doubt = _beside(page, tree, signature, title)
    bars = year_bars(page.url, page.base, tree)
    years = _of_other_years(page, bars, title)
    of_bars = {url for bar in bars for url in bar.linked.values()}
    others = tuple(link for link in others if link.url not in of_bars)
    doubt = doubt or ("links_beside_article" if others else _of_neighbours(page, tree, signature))
    resolved = {year for bar in bars for year in bar.linked}
    by_script = offered_years(tree).keys()
    unseen = len(by_script) > 1 and not (resolved and len(by_script - resolved) <= 1)
    doubt = doubt or (YEARS_BY_SCRIPT if unseen else "")
    links = (Link(url=page.url, text=title, row=title), *years.values(), *others)
    return ListPage(links=tuple(replace(link, position=at) for at, link in enumerate(links)), doubt=doubt)


def _of_other_years(page: Page, bars: Iterable[YearBar], title: str) -> dict[str, Link]:
    """The reports on other years that bars of years on the page of one body's report lead to, by address: each has the
    title of this one with its own year, where the bar says that its years are those reported on.
    """
    verdict, found = judge(title), dict[str, Link]()
    for bar in bars:
        own = str(verdict.year or "")
        sure = own in bar.years and bar.shown in {"", own} and title.count(own) == 1
        for year, url in bar.linked.items():
            if year == own and sure:
                continue  # the one shown, under its own address
            text = title.replace(own, year) if sure else f"{verdict.agency}{_CALLED}"
            found.setdefault(url, Link(url=url, text=text, row=f"{year}年"))
    found.pop(page.url, None)
    return found


def _untitled(tree: lxml.html.HtmlElement, heads: list[str]) -> str:
    """What a page with the text of a report is called where no heading names a report of a year: a body's report of no
    year; in a column of reports its year, or what the column is called.
    """
    said = (" ".join(head.split())[:300] for head in heads)
    if title := next((head for head in said if (one := judge(head)).strength is Strength.UNDATED and one.agency), ""):
        return title
    called = called_on(tree)
    return (year_on(tree) or called) if called else ""


def _heads(tree: lxml.html.HtmlElement) -> list[str]:
    return [node.get("content") or text_of(node) for node in tree.xpath(_HEADINGS)[:40]]


def _called(heads: Iterable[str]) -> str:
    """The first heading that is a report's title; "" for none."""
    return next((" ".join(head.split())[:300] for head in heads if names_a_report(head[:300])), "")


def is_a_report(page: Page) -> bool:
    """Whether a page is a report and no list of them: by the chapters of the form in its text, or, where the text is in
    a file or in pictures, by its heading.
    """
    tree = page.tree
    if tree is None:
        return False
    listed = [anchor for anchor in tree.iter("a") if names_a_report(text_of(anchor)[:300])]
    if chapters_in("".join(text_of_all(tree).split())) >= CHAPTERS:
        return len(listed) < _LIST
    return all(_FILE.search(anchor.get("href") or "") for anchor in listed) and bool(_called(_heads(tree)))


def _beside(page: Page, tree: lxml.html.HtmlElement, signature: Signature, title: str) -> tuple[tuple[Link, ...], str]:
    """Links to other reports on the page of one, and why some may be missing. A single file of the same year is the
    report's own.
    """
    links, doubt = read_items(page, signature, unlinked=False)
    year = classify(title, None).year
    printed = printed_entries(page.url, tree, {}, {})[0]  # its own title stands in its text too
    named = {classify(one.text, None).year for one in printed} - {year, _own_year(title)}
    of_others = named if year is not None or len(named) > 1 else set()
    doubt = doubt or (NO_ADDRESSES if of_others else "")
    own = {page.url.partition("#")[0], signature.canonical(page.url).partition("#")[0]}
    others = [link for link in links if names_a_report(link.text) and link.url not in own]
    files = [link for link in others if _FILE.search(link.url) or _FILE.search(link.text)]
    stems = {_FILE.split(link.text)[0].strip() for link in files}
    if len(stems) == 1 and classify(files[0].text, None).year == year:
        others = [link for link in others if link not in files]
    return tuple(replace(link, position=at) for at, link in enumerate(others, 1)), doubt


def _own_year(title: str) -> int | None:
    """The year of an article that is called by its year alone."""
    found = re.match(r"20\d\d", title)
    return int(found.group(0)) if found else None


def _of_neighbours(page: Page, tree: lxml.html.HtmlElement, signature: Signature) -> str:
    """Why an article may not be the only one of its column: its 上一篇 is a document, or written by a script."""
    if any(_is_document(url, signature) for url in _neighbours(page, tree)):
        return "article_has_neighbours"
    labelled = (node for node in tree.iter("p", "li", "div", "span", "td") if _NEIGHBOUR.match(node.text or ""))
    scripts = any(
        next(around.iter("script"), None) is not None and not _LABELS.sub("", text_of_all(around)[:_AROUND])
        for node in labelled
        if (around := node if len(node) or node.getparent() is None else node.getparent()) is not None
    )
    return "neighbours_by_script" if scripts else ""


def _neighbours(page: Page, tree: lxml.html.HtmlElement) -> list[str]:
    """Addresses behind 上一篇 and 下一篇, other than that of the page."""
    base, found = page.base, []
    for anchor in tree.iter("a"):
        if not has_address(anchor):
            continue
        parent = anchor.getparent()
        around = "" if parent is None else text_of(parent)
        if _NEIGHBOUR.match(text_of(anchor)) or (len(around) <= _AROUND and _NEIGHBOUR.match(around)):
            url = joined(base, anchor.get("href") or "")
            if url and url != page.url:
                found.append(url)
    return found


def _is_document(url: str, signature: Signature) -> bool:
    return bool(signature.detail.search(url)) or facts_of(url).detail is True


def text_of_all(node: lxml.html.HtmlElement) -> str:
    """Text of an element without scripts and styles, bounded."""
    pieces = node.xpath(".//text()[not(ancestor::script or ancestor::style)]")
    return "".join(str(piece) for piece in pieces[:20_000])[:400_000]


def _files(node: lxml.html.HtmlElement) -> list[str]:
    """What the links to files say."""
    return [text_of(anchor)[:300] for anchor in node.iter("a") if _FILE.search(anchor.get("href") or "")]
