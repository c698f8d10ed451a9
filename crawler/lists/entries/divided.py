"""Lists that a page divides by its own headings, and tables of bodies by years: how many entries stand together (pure).

A server cuts a list at a full number of entries. Where a page prints its entries under the names of groups of bodies
(县级部门, 乡镇), each is a list of its own, and their sum is full by chance only; a table of bodies by years is no page
of a longer list.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

import lxml.html

from archive.identity.addresses import is_unlinked
from archive.identity.names import group_class
from crawler.lists.addresses import base_of, joined, target_of, text_of
from crawler.lists.entry_patterns import speaks
from crawler.lists.kinds.page_kinds import names_a_body
from crawler.lists.list_page import ListPage

_NODES = 20_000
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "caption", "dt", "th", "p", "div", "span", "strong", "b", "td")
_PIECES = 8  # of a heading's text
_LISTS = ("ul", "ol", "dl", "table", "nav")
_LONGEST = 24
_ENDING = re.compile(r"(?:政府信息公开|信息公开)?(?:工作)?(?:年报|年度报告)$|[:：]$")
_YEAR = re.compile(r"[\[(（【]?20\d\d年?度?[\])）】]?")
_COLUMNS = 2  # of years that make a table one of bodies by years
_NAMED = 3  # bodies that make links a menu
_EVEN = 5  # entries from which two lists of one length may both be cut


def longest_together(found: ListPage, url: str, tree: lxml.html.HtmlElement) -> int | None:
    """Return how many entries stand together at the most, 0 where all stand in tables of bodies by years; None where
    the page does not divide them, or two of its lists are the longest. A menu of bodies beside titles of reports is
    no part of their list.
    """
    base, known = base_of(url, tree), {link.url for link in found.links if not is_unlinked(link.url)}
    entries = [a for a in islice(tree.iter("a"), _NODES) if (to := joined(base, target_of(a))) and to in known]
    if len({joined(base, target_of(one)) for one in entries}) < len(known) or not entries:
        return None
    menu = _menu_of_bodies(entries, base)
    listed = {one for one in entries if one not in menu}
    tables = {one: next(one.iterancestors("table"), None) for one in listed}
    of_years = {table for table in set(tables.values()) if table is not None and _is_of_years(table)}
    left = {one for one in listed if tables[one] not in of_years}
    if not left:
        return 0
    counts = sorted(_under_groups(tree, left).values(), reverse=True)
    if len(counts) > 1 and not (counts[0] == counts[1] and counts[0] >= _EVEN):
        return counts[0]
    return len(left) if menu and len(counts) < 2 else None


def _menu_of_bodies(entries: list[lxml.html.HtmlElement], base: str) -> set[lxml.html.HtmlElement]:
    """The links of lists with several bodies' bare names and no title of a report, where another list has such titles,
    wherever else they stand.
    """
    holders = {one: next(one.iterancestors(*_LISTS), None) for one in entries}
    titled = {holders[one] for one in entries if speaks(text_of(one)[:200])}
    bare = Counter(holders[one] for one in entries if names_a_body("".join(text_of(one)[:60].split())))
    menus = {held for held, count in bare.items() if held is not None and held not in titled and count >= _NAMED}
    led = {joined(base, target_of(one)) for one in entries if holders[one] in menus} if titled - {None} else set()
    return {one for one in entries if holders[one] not in titled and joined(base, target_of(one)) in led}


def _is_of_years(table: lxml.html.HtmlElement) -> bool:
    """Whether the columns of a table are years."""
    rows = (["".join(text_of(cell).split()) for cell in row.iter("th", "td")] for row in islice(table.iter("tr"), 3))
    return any(sum(_YEAR.fullmatch(text) is not None for text in row[:60]) >= _COLUMNS for row in rows)


def _under_groups(tree: lxml.html.HtmlElement, entries: set[lxml.html.HtmlElement]) -> Counter[int]:
    """How many of the entries stand below each heading that names a group of bodies, in the order of the page."""
    counts, heading = Counter[int](), 0
    for node in islice(tree.iter(), _NODES):
        if node in entries:
            counts[heading] += 1
        elif node.tag in _HEADINGS and len(node) <= 2:
            text = "".join(islice(node.itertext(), _PIECES))  # not all of it: what is around everything is asked too
            said = _ENDING.sub("", "".join(text.split())) if len(text) <= _LONGEST else ""
            heading += bool(said and group_class(said) and next(node.iter("a"), None) is None)
    return counts
