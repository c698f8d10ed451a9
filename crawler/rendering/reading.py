"""A page as rendered → a list page (pure). The family reads it as any other; what a browser may have missed is added.

A rendered page without items proves nothing, even where it says that there are none: the words may stand there until an
answer comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import lxml.html

from crawler.families.lists import ListPage, parse
from crawler.families.pagers import label_of, shows_a_pager
from crawler.families.script_pagers import doubted_if_full
from storage.records import LookOutcome

NO_ITEM = "rendered_without_item"
_NODES = 20_000
_LABEL = 20  # characters


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a page came to be as it was read. ``failed``: why parts of the portal could not be had; ``foreign``: data of
    another host was asked for and refused; ``settled``: it came to rest; ``grew``: more came when it was scrolled.
    """

    failed: Sequence[str] = ()
    foreign: bool = False
    settled: bool = True
    grew: bool = False


def judged(read: ListPage, text: str, how: Circumstances) -> ListPage:
    """Return what a family read of a page as rendered, with the doubts that rendering leaves."""
    doubt = _doubt(how)
    if not read.links:
        if read.frames and not doubt:  # the list may stand in one of them
            return replace(read, outcome=LookOutcome.CHANGED, reason=NO_ITEM)
        return replace(read, outcome=LookOutcome.SCRIPT_ONLY, reason=doubt or NO_ITEM)
    tree = parse(text)
    turned = how.grew or (not read.following and turned_unseen(tree))
    read = doubted_if_full(read, tree)
    return replace(read, doubt=doubt or read.doubt, by_script=read.by_script or turned)


def _doubt(how: Circumstances) -> str:
    if how.failed:
        return f"part_not_loaded:{how.failed[0]}"
    if how.foreign:
        return "data_of_another_host"
    return "" if how.settled else "never_at_rest"


def _is_small(node: lxml.html.HtmlElement) -> bool:
    """Whether an element holds no more than a button does."""
    texts = [node.text, *(text for child in node[:3] for text in (child.text, child.tail))]
    return len(node) < 3 and not any(len(child) for child in node) and all(len(text or "") <= _LABEL for text in texts)


def turned_unseen(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a list has a pager of more than one page, whatever its buttons are made of and bound to."""
    if tree is None:
        return False
    pages: dict[lxml.html.HtmlElement | None, set[str]] = {}
    for node in islice(tree.iter("a", "button", "span", "li", "div", "em"), _NODES):
        label = label_of(node) if _is_small(node) else ""
        if label in {"1", "2"}:
            up = node.getparent()
            for holder in (up, up.getparent() if up is not None else None):
                pages.setdefault(holder, set()).add(label)
    if any(labels == {"1", "2"} for labels in pages.values()):
        return True
    return not pages and shows_a_pager(tree)
