"""How a page of a list is made: what two lists of one template have in common, whatever stands in them (pure)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

import lxml.html

from crawler.lists.addresses import base_of, joined
from crawler.lists.entry_patterns import ROWS
from crawler.lists.list_page import ListPage, Page, parse

_OUTSIDE = frozenset({"html", "body"})
_NUMBER = re.compile(r"\d+")
_IN_A_ROW = 4  # entries of one row
_MOST = 20_000  # elements of an item, and links of a page, that are looked at


@dataclass(frozen=True, slots=True)
class ListTemplate:
    """How the entries of a page are marked up, and how many stand there so, one beside the other."""

    marks: tuple[str, ...]
    entries: int


def template_of(page: Page, read: ListPage) -> ListTemplate | None:
    """Return how a page makes its entries: the markup of the first one and of what it stands in, up to the body, with
    the style sheets and scripts that the page loads. Numbers are left out of names. None where the entries are not
    found.
    """
    tree = parse(page.text)
    anchors = [*entries_of(page, read, tree)]
    around = holder_of(anchors)
    if tree is None or around is None:
        return None
    items = {_item(one, around): None for one in anchors}  # in their order, each once
    first = next(iter(items))
    inside = (mark_of(one) for one in islice(first.iter(), _MOST) if isinstance(one.tag, str))
    path = path_of(first)
    marks = (*inside, "<", *path[1:], "<", *sorted(set(_loaded(tree))))
    return ListTemplate(marks, sum(path_of(one) == path for one in items))


def entries_of(page: Page, read: ListPage, tree: lxml.html.HtmlElement | None) -> dict[lxml.html.HtmlElement, str]:
    """Return the links of a page that are entries of its list, each with its address."""
    if tree is None:
        return {}
    known, base = {link.url for link in read.links}, base_of(page.url, tree)
    anchors = ((one, joined(base, one.get("href") or "")) for one in islice(tree.iter("a"), _MOST))
    return {one: url for one, url in anchors if url and url in known}


def holder_of(anchors: Sequence[lxml.html.HtmlElement]) -> lxml.html.HtmlElement | None:
    """Return the innermost element that holds the first and the last of several entries; None for fewer than two."""
    held = set(anchors[-1].iterancestors()) if len(anchors) > 1 else set()
    return next((one for one in anchors[0].iterancestors() if one in held), None) if held else None


def entries_aside(page: Page, read: ListPage) -> frozenset[str]:
    """Return the addresses of the entries that stand in another box than the list, which is that of most entries: what
    lies around their rows is marked up otherwise. A list may be divided into several places of one markup.
    """
    anchors = entries_of(page, read, page.tree)
    held = Counter(around for anchor in anchors for around in anchor.iterancestors())
    boxes: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for anchor, url in anchors.items():
        boxes[url].add(_box(anchor, held))
    counted = Counter(box for own in boxes.values() for box in own)
    if len(counted) < 2:
        return frozenset()
    most = counted.most_common(1)[0][0]
    return frozenset(url for url, own in boxes.items() if most not in own)


def _box(anchor: lxml.html.HtmlElement, held: Mapping[lxml.html.HtmlElement, int]) -> tuple[str, ...]:
    """How that is marked up in which the row of an entry stands. ``held``: how many entries elements hold."""
    row = next((one for one in anchor.iterancestors() if one.tag in ROWS), None)
    if row is None or held[row] > _IN_A_ROW:
        alone = takewhile(lambda one: held[one] == 1 and one.tag not in _OUTSIDE, anchor.iterancestors())
        row = deque((anchor, *alone), maxlen=1)[0]
    return path_of(row)[1:]


def _item(anchor: lxml.html.HtmlElement, around: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """The row of a list below ``around`` in which an anchor stands, else the element: lists may stand in blocks."""
    below = []
    for one in (anchor, *anchor.iterancestors()):
        if one is around:
            break
        below.append(one)
    return next((one for one in below if one.tag in ROWS), below[-1])


def path_of(item: lxml.html.HtmlElement) -> tuple[str, ...]:
    """Return how an element and what it stands in, up to the body, are marked up."""
    return tuple(mark_of(one) for one in (item, *item.iterancestors()) if one.tag not in _OUTSIDE)


def mark_of(node: lxml.html.HtmlElement) -> str:
    """Return how an element is marked up: its tag, id and classes, without numbers."""
    return _NUMBER.sub("0", f"{node.tag!s}#{node.get('id') or ''}.{' '.join((node.get('class') or '').split())}")


def _loaded(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """The names of the files that a page loads, without their folders and versions."""
    for node in tree.iter("link", "script"):
        file = (node.get("src") or (node.get("href") if node.tag == "link" else "") or "").partition("?")[0]
        if name := file.rpartition("/")[2]:
            yield name
