"""Entries of a list that are printed without a link (pure): ``<li>县财政局2023年度报告</li>``, ``<a href="#">``.

A report that is named there is not absent, though nobody can fetch it. Each is kept as an entry of its own, so that it
leaves open whether its own report is published, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import lxml.html

from archive.identity.addresses import printed_at
from archive.identity.titles import Strength, TitleVerdict, judge_in_column
from crawler.lists.addresses import is_bound, is_idle, text_of
from crawler.lists.entry_patterns import DATE, ROWS, speaks
from crawler.lists.kinds.page_kinds import PLACES
from crawler.lists.reasons import NO_ADDRESSES
from storage.records import Link

_TEXTS = 5_000  # pieces of text of a page that are looked at
_UP = 6  # elements around one
_SHORTEST, _LONGEST = 8, 120  # characters of an entry
_SHORT = 8  # characters of a link that says nothing by itself (查看)
_MOST = 500
_BLOCKS = ROWS | {"a", "td", "p", "div", "span"}
_NAMED = frozenset({Strength.FULL, Strength.WEAK})
_NOBODYS = frozenset({Strength.BARE, Strength.FOLDER})
_UNSHOWN = frozenset({"script", "style", "title", "option", "textarea", "noscript", "template", "button"})


def printed_entries(
    url: str,
    tree: lxml.html.HtmlElement,
    linked: Mapping[lxml.html.HtmlElement, Link],
    over: Mapping[lxml.html.HtmlElement, str],
) -> tuple[list[Link], str]:
    """Return the entries of a page that have no link, and a doubt where a script may make links of them: the markup of
    one says so, or no entry at all has a link. ``linked``: those that have one; ``over``: titles with their headings.
    """
    found: dict[str, Link] = {}
    named = {link.text for link in linked.values()}
    bodies = False
    for node, title, said in (*_in_text(tree, linked), *_under_headings(over)):
        if title in named or len(found) >= _MOST:
            continue
        if is_bound(node) and said.agency:
            return [], NO_ADDRESSES
        bodies = bodies or bool(said.agency)
        row = text_of(node)[:400]
        listed = "".join(day.group(0).split()) if (day := DATE.search(row)) else None
        link = Link(url=printed_at(url, title), text=title, listed=listed, row=row)
        found.setdefault(link.url, link)
    scripted = bodies and not any(speaks(link.text) for link in linked.values())
    return list(found.values()), NO_ADDRESSES if scripted else ""


def _under_headings(
    over: Mapping[lxml.html.HtmlElement, str],
) -> Iterator[tuple[lxml.html.HtmlElement, str, TitleVerdict]]:
    """Cells and items without a link that are whole with the headings over them."""
    for node, title in over.items():
        if node.tag == "a" and is_idle(node) and (said := _judged(title)) is not None:
            yield node, title, said


def _in_text(
    tree: lxml.html.HtmlElement, linked: Mapping[lxml.html.HtmlElement, Link]
) -> Iterator[tuple[lxml.html.HtmlElement, str, TitleVerdict]]:
    """(element, title, what it says) of what is printed outside of links, each place once."""
    telling = set(tree.xpath(PLACES)[:40])
    met: set[lxml.html.HtmlElement] = set()
    for text in islice(tree.xpath("//text()[contains(., '报')]"), _TEXTS):
        around = next(_holders(text), None)
        if around is None or around.tag in _UNSHOWN:
            continue
        above = [around, *islice(around.iterancestors(), _UP)]
        if not telling.isdisjoint(above) or not met.isdisjoint(above) or any(_is_link(node) for node in above):
            continue
        found = _innermost(above, linked)
        if found is not None:
            met.add(found[0])
            yield found


def _is_link(node: lxml.html.HtmlElement) -> bool:
    return node.tag == "a" and not is_idle(node)


def _innermost(
    above: list[lxml.html.HtmlElement], linked: Mapping[lxml.html.HtmlElement, Link]
) -> tuple[lxml.html.HtmlElement, str, TitleVerdict] | None:
    """The innermost element that names a body's report; else a row that is one of nobody in particular. None where
    there is neither, or a link stands in or beside it that may be its own.
    """
    bare: tuple[lxml.html.HtmlElement, str, TitleVerdict] | None = None
    for node in above:
        if node.tag not in _BLOCKS:
            continue
        text = _outside_links(node)
        if len(text) > _LONGEST:
            break
        title = DATE.sub("", text).strip(" []【】()（）:：·•")
        said = _judged(title)
        row = next((one for one in (node, *islice(node.iterancestors(), 4)) if one.tag in ROWS), node)
        if said is None or any(_is_its_link(anchor, linked) for anchor in row.iter("a")):
            continue
        if said.agency:
            return node, title, said
        if node.tag in ROWS and bare is None:
            bare = node, title, said
    return bare


def _outside_links(node: lxml.html.HtmlElement) -> str:
    """Text of an element without that of the links in it, blanks folded; bounded."""
    links = {anchor for anchor in islice(node.iter("a"), 60) if _is_link(anchor)}
    pieces = (
        str(piece)
        for piece in islice(node.xpath(".//text()"), 400)
        if not links or links.isdisjoint(islice(_holders(piece), _UP))
    )
    return re.sub(r"\s+", " ", "".join(pieces)[:4000]).strip()


def _holders(piece: Any) -> Iterator[lxml.html.HtmlElement]:
    """The elements in which a piece of text stands: what follows an element is not in it."""
    at = piece.getparent() if piece.is_text else piece.getparent().getparent()
    while at is not None:
        yield at
        at = at.getparent()


def _judged(title: str) -> TitleVerdict | None:
    """What a title says; None where it is none of a report of one year."""
    if not (_SHORTEST <= len(title) <= _LONGEST and speaks(title)):
        return None
    said = judge_in_column(title)
    whole = said.could_be and said.year is not None
    return said if whole and said.strength in (_NAMED if said.agency else _NOBODYS) else None


def _is_its_link(anchor: lxml.html.HtmlElement, linked: Mapping[lxml.html.HtmlElement, Link]) -> bool:
    """Whether a link of a row may be that of what the row prints: it says nothing itself (查看), or of no report."""
    if is_idle(anchor):
        return False
    return len(text_of(anchor)) <= _SHORT or (anchor in linked and not speaks(linked[anchor].text))
