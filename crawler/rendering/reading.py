"""A page as rendered → a list page (pure). The family reads it as any other; what a browser may have missed is added.

A rendered page without items proves nothing, even where it says that there are none: the words may stand there until an
answer comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import lxml.html

from archive.identity.unlinked import is_unlinked
from crawler.families.group_tabs import offers_other_groups
from crawler.families.lists import ListPage, parse
from crawler.families.pagers import label_of, shows_a_pager
from crawler.families.script_pagers import doubted_if_full
from crawler.rendering.turning import ENDED, speaks_of_a_report
from storage.records import LookOutcome

NO_ITEM = "rendered_without_item"
_NODES = 20_000
_LABEL = 20  # characters
WITHOUT_REPORT = "a_turn_without_report"
_SCRIPTED = "pages_turned_by_script"
# Doubts that are gone where a list was turned to its end.
_OF_TURNING = frozenset({"", _SCRIPTED, "end_of_list_not_said"})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a page came to be as it was read. ``failed``: why parts of the portal could not be had; ``foreign``: data of
    another host was asked for and refused; ``settled``: it came to rest; ``grew``: more came when it was scrolled;
    ``turning``: how turning its list on ended (``ended``: at its end, else why it was left); "" where nothing did so.
    """

    failed: Sequence[str] = ()
    foreign: bool = False
    settled: bool = True
    grew: bool = False
    turning: str = ""


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


def turned(pages: Sequence[ListPage], last: str, how: Circumstances) -> list[ListPage]:
    """Return a page as rendered and those its list was turned to, all as they were read, with what turning proves.

    ``last``: the text of the last one. A list is read to its end where its control was pressed until it was off, hidden
    or gone, and where it has as many entries or pages as it says; else there is a doubt. A turn of a list of reports
    that brings none was one of another box.
    """
    if not how.turning:
        return list(pages)
    found = {link.url for page in pages for link in page.links if not is_unlinked(link.url)}
    total = max((page.total for page in pages if page.total is not None), default=None)
    said = max((page.pages for page in pages if page.pages is not None), default=None)
    ended = how.turning == ENDED or total == len(found) or (said is not None and said == len(pages) > 1)
    beside = _SCRIPTED if how.grew or offers_other_groups(parse(last)) else ""
    doubt = (beside or _of_another_box(pages)) if ended else how.turning
    return [
        replace(
            page,
            following=() if ended else page.following,
            by_script=False,
            doubt=doubt if page.doubt in _OF_TURNING else page.doubt,
        )
        for page in pages
    ]


def _of_another_box(pages: Sequence[ListPage]) -> str:
    """A doubt where the first page is a list of reports, and what a turn brought is none."""
    seen: set[str] = set()
    brought: list[tuple[int, int]] = []  # links that each page brought, and those that speak of a report
    for page in pages:
        new = [link for link in page.links if link.url not in seen]
        seen |= {link.url for link in new}
        brought.append((len(new), sum(speaks_of_a_report(link.text) for link in new)))
    of_reports = 2 * brought[0][1] >= brought[0][0]
    return WITHOUT_REPORT if of_reports and not all(reports for _, reports in brought) else ""


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
