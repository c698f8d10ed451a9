"""A page as rendered → a list page (pure). The family reads it as any other; what a browser may have missed is added.

A rendered page without items proves nothing, even where it says that there are none: the words may stand there until an
answer comes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

import lxml.html

from archive.identity.addresses import is_unlinked
from crawler.lists.filters.group_tabs import offers_other_groups
from crawler.lists.kinds.emptiness import unhidden_text, waits_for_a_group
from crawler.lists.list_page import ListPage, Page, parse
from crawler.lists.page_words import words
from crawler.lists.paging.next_pages import doubted_if_full
from crawler.lists.paging.pagers import label_of, numbered_links, shows_a_pager
from crawler.lists.paging.signs_of_more import brings_more, turned_by_script
from crawler.lists.reasons import (
    BODIES_BY_SCRIPT,
    CHOICE_SHOWS_NOTHING,
    END_NOT_SAID,
    NO_ITEM,
    NOTHING_NEW,
    PAGES_BY_SCRIPT,
    RENDERED_EMPTY,
    SCROLLED,
    YEARS_BY_SCRIPT,
)
from crawler.rendering.further_lists import Choice, choices_of
from crawler.rendering.page_turning import ENDED, holds_hidden_entries, speaks_of_a_report
from storage.records import LookOutcome

_NODES = 20_000
_LABEL = 20  # characters
WITHOUT_REPORT = "a_turn_without_report"
_NOTHING = frozenset({RENDERED_EMPTY, "scripts_make_the_list", NO_ITEM, "says_it_is_empty"})
# Doubts that are gone where a list was turned to its end, and where each list that the page offers was shown.
_OF_TURNING = frozenset({"", PAGES_BY_SCRIPT, END_NOT_SAID})
_OF_CHOICES = frozenset({YEARS_BY_SCRIPT, BODIES_BY_SCRIPT})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a page came to be as it was read. ``failed``: why parts of the portal could not be had; ``foreign``: data of
    another host was asked for and refused; ``settled``: it came to rest; ``grew``: more came when it was scrolled;
    ``turning``: how turning its list on ended (``ended``: at its end, else why it was left); "" where nothing did so;
    ``sound``: no script of it ended in an error.
    """

    failed: Sequence[str] = ()
    foreign: bool = False
    settled: bool = True
    grew: bool = False
    turning: str = ""
    sound: bool = False


def judged(read: ListPage, page: Page, how: Circumstances) -> ListPage:
    """Return what a family read of a page as rendered, with the doubts that rendering leaves.

    A script that writes pagers and wrote none, without an error, has none to write. A pager that was not there before
    the page was rendered is not there on the next page as it is fetched: all that it leads to follows the first one.
    """
    doubt = _doubt(how)
    if not read.links:
        if read.frames and not doubt:  # the list may stand in one of them
            return replace(read, outcome=LookOutcome.CHANGED, reason=RENDERED_EMPTY)
        return replace(read, outcome=LookOutcome.SCRIPT_ONLY, reason=doubt or RENDERED_EMPTY)
    tree = page.tree
    turned = how.grew or (not read.following and turned_unseen(tree))
    waits = read.by_script and not (how.sound and has_no_more(tree, len(read.links)))
    read = doubted_if_full(read, page, divided=False)
    further = numbered_links(page.base, tree) if read.following else ()
    following = tuple(dict.fromkeys((*read.following, *(one for one in further if one != page.url))))
    claims = read.claims if waits or turned else tuple(one for one in read.claims if one.is_understood)
    return replace(read, following=following, doubt=doubt or read.doubt, by_script=waits or turned, claims=claims)


def turned(
    pages: Sequence[ListPage], texts: Sequence[str], labels: Sequence[str], how: Circumstances
) -> list[ListPage]:
    """Return a page as rendered and those its list was turned to, all as they were read, with what turning proves.

    ``texts``: theirs; ``labels``: which of the lists of the page each shows ("": that which it showed at first). A list
    is read to its end where its control was pressed until it was off, hidden or gone, where it has as many entries or
    pages as it says, or where its last page was not full and nothing came behind it; else there is a doubt. A turn of a
    list of reports that brings none was one of another box. Further lists are read where each that the page offers was
    chosen, and showed entries of its own or that it has none.
    """
    trees = [parse(text) for text in texts]
    offered = choices_of(trees[0])
    if not how.turning and not any(labels) and not offered:
        return list(pages)
    lists = [[at for at, _ in group] for _, group in groupby(enumerate(labels), key=lambda one: one[1])]
    union = {link.url for page in pages for link in page.links if not is_unlinked(link.url)}
    unchosen = _unchosen(pages, trees, labels, offered)
    found: list[ListPage] = []
    for own in lists:
        doubt = _doubt_of([pages[at] for at in own], [trees[at] for at in own], how, len(lists) > 1, len(union))
        if not doubt and not offered and (how.grew or offers_other_groups(trees[own[-1]])):
            doubt = PAGES_BY_SCRIPT
        whole = not doubt
        doubt = doubt or unchosen
        for at in own:
            page = pages[at]
            kept = page.doubt if page.doubt not in _OF_TURNING | (_OF_CHOICES if offered else set()) else ""
            if labels[at] and not page.links and page.reason in _NOTHING:
                page = replace(page, outcome=LookOutcome.OK, reason="")  # what it is worth, ``unchosen`` says
            page = replace(page, total=None, pages=None, claims=()) if len(lists) > 1 and whole else page
            following = () if len(own) > 1 and whole else page.following
            found.append(replace(page, following=following, by_script=False, doubt=kept or doubt))
    if offered and found[0].reason == RENDERED_EMPTY and any(page.links for page in found):
        found[0] = replace(found[0], outcome=LookOutcome.OK, reason="", doubt=unchosen)  # nothing was chosen yet
    return found


def _doubt_of(
    own: Sequence[ListPage],
    trees: Sequence[lxml.html.HtmlElement | None],
    how: Circumstances,
    several: bool,
    union: int,
) -> str:
    """Why entries of one list of a page may be missing; "" where it was read to its end. ``union``: entries of all."""
    found = {link.url for page in own for link in page.links if not is_unlinked(link.url)}
    total = max((page.total for page in own if page.total is not None), default=None)
    said = max((page.pages for page in own if page.pages is not None), default=None)
    if several and total is not None and total > len(found) and total != union:
        return f"{len(found)}_of_{total}"
    if several and said is not None and said > len(own):
        return f"{len(own)}_of_{said}_pages"
    if total == len(found) or (said is not None and said == len(own) > 1):
        return _of_another_box(own, trees[0])
    if how.turning in {NOTHING_NEW, SCROLLED} and _ends_short(own):
        return _of_another_box(own, trees[0])
    if how.turning not in {"", ENDED}:
        return how.turning
    if len(own) > 1:
        return _of_another_box(own, trees[0])
    seen = own[0].by_script and (turned_by_script(trees[0]) or turned_unseen(trees[0]))
    return PAGES_BY_SCRIPT if seen and not own[0].following else own[0].doubt if own[0].doubt in _OF_TURNING else ""


def _ends_short(own: Sequence[ListPage]) -> bool:
    """Whether each page of a list brought as many entries as the first, or several pages at once, and the last one was
    not full.
    """
    first, *others = [new for new, _ in _brought(own)]
    return bool(others) and first > 0 and not any(new % first for new in others[:-1]) and others[-1] % first > 0


def _unchosen(
    pages: Sequence[ListPage],
    trees: Sequence[lxml.html.HtmlElement | None],
    labels: Sequence[str],
    offered: Sequence[Choice],
) -> str:
    """Why entries of further lists that a page offers may be missing; "" where each was shown."""
    if not offered:
        return ""
    chosen = {label: at for at, label in reversed(list(enumerate(labels))) if label}
    left = [one for one in offered if one.label not in chosen]
    if any(not one.shown for one in left) or len(left) > 1:
        return YEARS_BY_SCRIPT if offered[0].label.isdigit() else PAGES_BY_SCRIPT
    at_first = {link.url for link in pages[0].links}
    of_reports = 2 * sum(speaks_of_a_report(link.text) for link in pages[0].links) >= len(at_first) > 0
    seen, again = set(at_first), 0
    for label, at in sorted(chosen.items(), key=lambda one: one[1]):
        shown = {link.url for link in pages[at].links}
        new = [link.text for link in pages[at].links if link.url not in seen]
        if shown and shown <= at_first and not left:
            again += 1  # the one that was shown at first
        elif not new and not _says_it_is_empty(trees[at], trees[0], shown):
            return f"{CHOICE_SHOWS_NOTHING}:{label}"
        elif new and of_reports and not any(map(speaks_of_a_report, new)):
            return WITHOUT_REPORT
        seen |= {link.url for one, page in zip(labels, pages, strict=True) if one == label for link in page.links}
    return CHOICE_SHOWS_NOTHING if again > 1 else ""


def _says_it_is_empty(
    tree: lxml.html.HtmlElement | None, first: lxml.html.HtmlElement | None, shown: Collection[str]
) -> bool:
    """Whether a list without entries says, in words that the page did not show at first, that it has none."""
    if tree is None or first is None or shown:
        return False
    return any(word in unhidden_text(tree) and word not in unhidden_text(first) for word in words("empty_list"))


def _of_another_box(pages: Sequence[ListPage], first: lxml.html.HtmlElement | None) -> str:
    """A doubt where the first page is a list of reports, and what a turn brought is none. A turn to entries that the
    ``first`` page held hidden brings nothing.
    """
    (links, reports), *others = _brought(pages)
    of_reports = links > 0 and 2 * reports >= links
    if not of_reports or all(one for _, one in others):
        return ""
    return "" if holds_hidden_entries(first) and all(one for new, one in others if new) else WITHOUT_REPORT


def _brought(pages: Sequence[ListPage]) -> list[tuple[int, int]]:
    """Links that each page brought, and how many of them speak of a report."""
    seen: set[str] = set()
    brought = []
    for page in pages:
        new = [link for link in page.links if link.url not in seen]
        seen |= {link.url for link in new}
        brought.append((len(new), sum(speaks_of_a_report(link.text) for link in new)))
    return brought


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


def has_no_more(tree: lxml.html.HtmlElement | None, count: int) -> bool:
    """Whether nothing on a page of ``count`` entries, all of whose scripts have run, may bring more of them."""
    return not (brings_more(tree, count) or offers_other_groups(tree) or waits_for_a_group(tree))


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
