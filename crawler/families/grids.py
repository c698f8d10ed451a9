"""Lists in which a body and its years stand apart: tables of bodies by years, headings of bodies over their years
(pure).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

import lxml.html

from archive.identity.titles import judge
from crawler.families.addresses import LONGEST, base_of, joined, target_of, text_of
from crawler.families.lists import ListPage, Page, names_a_body, names_a_column
from storage.records import Link, LookOutcome

_ROWS, _CELLS, _MOST = 500, 40, 5_000  # of tables of bodies by years, and their links
_YEAR = re.compile(r"(?:19|20)\d\d\s?年?度?(?:年报|年?度?报告)?$")
_NAMED = 3  # bodies that make a list one of bodies
_LONGEST = 40  # characters of a body's name
_HEADS = ("h2", "h3", "h4", "h5", "h6", "dt")


def by_bodies(plain: ListPage, page: Page, tree: lxml.html.HtmlElement | None) -> ListPage:
    """Return a list of which each item is named by its body as well, where the page prints it over or beside it."""
    if tree is None or not names_a_column(tree):
        return plain
    return _under_heads(plain, page, tree) if plain.links else _as_grid(plain, page, tree)


def _under_heads(plain: ListPage, page: Page, tree: lxml.html.HtmlElement) -> ListPage:
    """Return a list in which titles without a body (2024年政府信息公开工作年度报告) are named by the heading they stand
    under; as it is where fewer than three bodies are headings, or one of them has two reports of one title.
    """
    bare = {link.url: link for link in plain.links if _is_bare(link.text)}
    if len(bare) < _NAMED:
        return plain
    base = base_of(page.url, tree)
    whose: dict[str, str] = {}
    named: set[tuple[str, str]] = set()
    for who, href in islice(_headed(tree), _MOST):
        link = bare.get(joined(base, href) or "")
        if link is not None and whose.get(link.url) != who:
            if link.url in whose or (who, link.text) in named:
                return plain
            whose[link.url] = who
            named.add((who, link.text))
    if len(set(whose.values())) < _NAMED:
        return plain
    links = (replace(link, text=f"{whose[link.url]}{link.text}") if link.url in whose else link for link in plain.links)
    return replace(plain, links=tuple(links))


def _is_bare(title: str) -> bool:
    said = judge(title)
    return said.year is not None and not said.agency and "报" in title


def _headed(tree: lxml.html.HtmlElement) -> Iterator[tuple[str, str]]:
    """(body, address as written) of the links that follow a heading with a body's name, up to the next heading."""
    for head in tree.iter(*_HEADS):
        who = text_of(head)
        if not names_a_body(who) or len(who) > _LONGEST:
            continue
        for after in islice(head.itersiblings(), _ROWS):
            if after.tag in _HEADS or next(after.iter(*_HEADS), None) is not None:
                break
            yield from ((who, href) for anchor in after.iter("a") if (href := target_of(anchor)))


def _as_grid(plain: ListPage, page: Page, tree: lxml.html.HtmlElement) -> ListPage:
    """Return a table of bodies by years as a list: a link in a body's row that says a year, or stands in the column
    of one, is named by both.
    """
    base = base_of(page.url, tree)
    found: dict[str, Link] = {}
    bodies: set[str] = set()
    for who, year, href in islice(_crossings(tree), _MOST):
        url = joined(base, href)
        if url and len(url) <= LONGEST and urlsplit(url).scheme in {"http", "https"}:
            bodies.add(who)
            found.setdefault(url, Link(url=url, text=f"{who}{year}", row=f"{who}{year}", position=len(found)))
    if len(bodies) < _NAMED:
        return plain
    return replace(plain, links=tuple(found.values()), outcome=LookOutcome.OK, reason="", hub=False, subcolumns=())


def _crossings(tree: lxml.html.HtmlElement) -> Iterator[tuple[str, str, str]]:
    """(body, year as printed, address as written) of the links of tables of bodies by years."""
    for table in tree.iter("table"):
        heads: list[str] = []
        for row in islice(table.iter("tr"), _ROWS):
            cells = row.xpath("./td | ./th")[:_CELLS]
            said = [text_of(cell) for cell in cells]
            who = next((text for text in said[:2] if names_a_body(text) and len(text) <= _LONGEST), "")
            heads = heads if who else said
            for at, cell in enumerate(cells if who else ()):
                over = heads[at] if len(heads) == len(cells) else ""
                for anchor in cell.iter("a"):
                    href = target_of(anchor)
                    if href and (year := next((y for y in (text_of(anchor), over) if _YEAR.match(y)), "")):
                        yield who, year, href
