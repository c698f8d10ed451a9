"""Previews: pages that show the newest entries of lists which stand at other addresses (pure).

A home page, or the hub of several columns, has boxes: a heading, a few entries below it, and behind the heading or its
更多 the list itself. Such a page is no list: an entry that falls off a box still stands in the list behind it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

import lxml.html

from archive.identity.addresses import as_path
from archive.identity.addresses import read as facts_of
from crawler.lists.addresses import joined, target_of, text_of
from crawler.lists.controls import has_address
from crawler.lists.entry_patterns import ROWS, speaks
from crawler.lists.filters.subcolumns import says_where
from crawler.lists.kinds.page_kinds import names_a_body
from crawler.lists.labels import HAN, is_more, label
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import list_request
from crawler.lists.page_words import data, filled
from storage.records import Link

_NODES = 20_000
_DEEP = 40  # elements around an entry
_UP = 8  # of these, those among which its heading is looked for
_LISTS = frozenset({"ul", "ol", "table"})
_HEADING = 40  # characters of a heading, with its 更多
_LABEL = 24  # characters of what a heading calls its list
_SEVERAL = 2  # boxes of a page that calls itself a column; entries of a box without 更多
_ANNUAL = re.compile(r"年\s*报|年度报告")
_NEWEST = re.compile(r"最新|近期|最近")
_MORE = re.compile(r"(?:查看|点击)?(?:更多|more)\+?", re.IGNORECASE)
_SAYS_SO = re.compile(r"最新|更多|more", re.IGNORECASE)  # looked for first: most pages have none of it
_ROOT = re.compile(r"/?(?:(?:index|default|main|home)\.\w{2,6})?", re.IGNORECASE)
_CALLED = (  # where a page says what it is, and no box does
    "//title | //h1 | //*[contains(@class, 'position') or contains(@class, 'crumb') or contains(@class, 'location') or"
    " contains(@class, 'weizhi') or contains(@class, 'dqwz') or contains(@id, 'position') or contains(@id, 'crumb')]"
)

Node = lxml.html.HtmlElement
Heading = tuple[Node, ...]  # the elements that make it


@dataclass(slots=True)
class _Box:
    """The entries below one heading, and the lists that they stand in."""

    entries: set[Node] = field(default_factory=set)
    lists: set[Node | None] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a heading leads. ``by_more``: its 更多 does."""

    url: str
    text: str
    by_more: bool


def previewed_columns(found: ListPage, page: Page) -> tuple[Link, ...] | None:
    """Return the columns of reports that the boxes of a preview lead to; None for a page that is none.

    Every report of a preview stands in a box whose heading or 更多 leads elsewhere. A page that calls itself a column
    of reports has several such boxes: one alone may be its list, below a link to what it lies in. A list that is
    turned, or that says that the page shows all of it, is no preview.
    """
    whole = found.total is not None and found.total == found.linked
    turned = bool(found.following and not found.speculative) or (found.pages or 0) > 1
    reports = _reports(found.links)
    if not reports or whole or turned:
        return None
    tree = page.tree
    if tree is None:
        return None
    base = page.base
    items = {link.url for link in found.links}
    anchors = [a for a in islice(tree.iter("a"), _NODES) if target_of(a)]
    entries = {a: url for a in anchors if (url := joined(base, target_of(a))) in items}
    headings = _headings(entries)
    boxes: dict[Heading, _Box] = defaultdict(_Box)
    for anchor, url in entries.items():
        if url in reports:
            heading = _heading_of(anchor, headings)
            boxes[heading].entries.add(anchor)
            boxes[heading].lists.add(next(anchor.iterancestors(*_LISTS), None))
    if not reports <= set(entries.values()) or () in boxes:
        return None
    own = {page.url.rstrip("/"), *(list_request(one).url for one in found.following)}
    ways = [_ways(heading, len(box.lists), base, own) for heading, box in boxes.items()]
    if not all(ways) or not _are_several(boxes, ways, tree):
        return None
    led = {way.url: Link(url=way.url, text=way.text) for of_box in ways for way in of_box if _is_of_reports(way)}
    return tuple(led.values())


def shows_the_newest(found: ListPage, page: Page) -> bool:
    """Whether every report of a page stands below a heading that says that these are the newest (最新年报), or some
    stand below one whose 更多 leads nowhere by an address: older ones may stand elsewhere. Not so for a list that is
    turned, or that says that the page shows all of it.
    """
    whole = found.total is not None and found.total == found.linked
    turned = bool(found.following and not found.speculative) or (found.pages or 0) > 1
    if whole or turned or not _SAYS_SO.search(page.text) or not (reports := _reports(found.links)):
        return False
    tree = page.tree
    if tree is None:
        return False
    base = page.base
    anchors = [a for a in islice(tree.iter("a"), _NODES) if joined(base, target_of(a)) in reports]
    headings = _headings(anchors)
    over = [_heading_of(anchor, headings) for anchor in anchors]
    if any(map(_has_more_by_script, over)):
        return True
    return bool(anchors) and all(_NEWEST.match(label(" ".join(map(text_of, one)))[:_HEADING]) for one in over)


def _has_more_by_script(heading: Heading) -> bool:
    """Whether a heading has a 更多 to be pressed that leads nowhere by its address."""
    more = (one for node in heading for one in node.iter("a", "span", "em", "i", "button", "div") if not len(one))
    return any(_MORE.fullmatch(label(text_of(one))) and not has_address(one) for one in more)


def is_home_page(page: Page) -> bool:
    """Whether a page stands at the root of its host and its title does not call it a column of reports; headings of
    its boxes may.
    """
    if _ROOT.fullmatch(urlsplit(as_path(page.url)).path) is None or (tree := page.tree) is None:
        return False
    return not any(_ANNUAL.search(text_of(title)[:200]) for title in tree.iter("title"))


def _reports(links: Iterable[Link]) -> set[str]:
    """The addresses of the entries that speak of a report; where none does, of those called by a body's name."""
    links = tuple(links)
    spoken = {link.url for link in links if speaks(link.text)}
    return spoken or {link.url for link in links if names_a_body("".join(link.text.split()))}


def _headings(entries: Iterable[Node]) -> dict[Node, Heading]:
    """What stands right over each element that holds entries, where anything does: the last element before it and its
    siblings of which none holds entries, with its 更多, which may stand below them.
    """
    holding: set[Node] = set()
    for anchor in entries:
        holding |= {anchor, *islice(anchor.iterancestors(), _DEEP)}
    found: dict[Node, Heading] = {}
    for parent in holding:
        below: dict[Heading, list[Node]] = {}
        heading: Heading = ()
        since: list[Node] = []
        for child in parent.iterchildren():
            if child in holding:
                heading = _last_of(since) or heading
                since = []
                below.setdefault(heading, []).append(child)
            elif isinstance(child.tag, str) and child.tag not in {"script", "style"} and _says_something(child):
                since.append(child)
        headed = [one for one in below if one]
        foot = (since[0],) if len(headed) == 1 and since and _is_mere_more(since[0]) else ()
        for one in headed:
            found |= dict.fromkeys(below[one], (*one, *foot))
    return found


def _says_something(node: Node) -> bool:
    said = text_of(node)
    return _holds_a_link(node) or HAN.search(said) is not None or _MORE.fullmatch(label(said)) is not None


def _holds_a_link(node: Node) -> bool:
    return any(target_of(anchor) for anchor in node.iter("a"))


def _last_of(nodes: list[Node]) -> Heading:
    """The last of some elements, with the one before it where it is a mere 更多."""
    return tuple(nodes[-2:] if nodes and _is_mere_more(nodes[-1]) else nodes[-1:])


def _is_mere_more(node: Node) -> bool:
    said = text_of(node)
    return is_more(said) and (_holds_a_link(node) or _MORE.fullmatch(label(said)) is not None)


def _heading_of(anchor: Node, headings: Mapping[Node, Heading]) -> Heading:
    """The nearest heading over the row of an entry; () for none. What stands within the row is none."""
    around = (anchor, *islice(anchor.iterancestors(), _UP))
    first = next((at for at, node in enumerate(around) if node.tag in ROWS), 0)
    return next((headings[node] for node in around[first:] if node in headings), ())


def _ways(heading: Heading, lists: int, base: str, own: set[str]) -> tuple[_Way, ...]:
    """Where a heading leads: by its 更多 to the list below it, or by as many links as there are lists below it (tabs),
    each called by what such a list holds. () where it leads nowhere, or is no heading. ``own``: the page's addresses.
    """
    links = [a for node in heading for a in node.iter("a") if target_of(a)]
    text = " ".join(map(text_of, heading))
    if not links or len(text) > _HEADING or any(map(says_where, links)):
        return ()
    more: dict[str, str] = {}
    named: dict[str, str] = {}
    rest = text
    for anchor in links:
        url, said = joined(base, target_of(anchor)), text_of(anchor) or _of_picture(anchor)
        if url is None or not url.startswith("http") or url.rstrip("/") in own or facts_of(url).detail is True:
            return ()
        (more if is_more(said) else named)[url] = label(said)
        rest = rest.replace(said, " ", 1)
    rest = label(rest)
    called = rest or next(iter(named.values()), "")
    if lists == 1 and len(more) == 1 and len(named) + bool(rest) == 1 and HAN.search(called) and len(called) <= _LABEL:
        return (_Way(next(iter(more)), called, by_more=True),)
    ways = tuple(_Way(url, said, by_more=False) for url, said in named.items())
    return ways if len(ways) == lists and not rest and all(map(_is_of_reports, ways)) else ()


def _of_picture(anchor: Node) -> str:
    return next((str(one.get("alt") or one.get("title") or "") for one in anchor.iter("img")), "")


def _is_of_reports(way: _Way) -> bool:
    """Whether the list behind a heading is one of reports by its name: a column, a folder of a kind of bodies or of
    years; one body's, where 更多 leads there (its name alone may lead to its own site).
    """
    shapes = data()["subcolumn"]
    if any(word in way.text for word in shapes["not"]) and not way.text.endswith("局"):
        return False
    named = (shapes["text"], shapes["titled"], filled(shapes["year"]), filled(shapes["group"]))
    return any(re.search(one, way.text) for one in named) or (way.by_more and names_a_body(way.text))


def _are_several(boxes: Mapping[Heading, _Box], ways: Iterable[tuple[_Way, ...]], tree: Node) -> bool:
    """Whether there is enough to a page's boxes: several entries below a heading (else it may be what each entry
    belongs to), or its 更多; and several boxes, where the page calls itself a column of reports.
    """
    every = [way for of_box in ways for way in of_box]
    several = any(len(box.entries) >= _SEVERAL for box in boxes.values()) or any(way.by_more for way in every)
    if not several or len({way.url for way in every}) >= _SEVERAL:
        return several
    inside = {node for heading in boxes for one in heading for node in one.iter()}
    called = (node for node in tree.xpath(_CALLED)[:40] if node not in inside)
    return not any(_ANNUAL.search(text_of(node)[:200]) for node in called)
