"""Whether a list was read to its end: the one gate for all content systems (pure).

A look is complete only if its end is proven. All that was received during a look may say how long the list is: printed
numbers, links, settings of pagers in markup and scripts, answers of interfaces. Each such claim is met, or the look is
one in part, and its reason says which was not:

* ``12_of_77``, ``1_of_6_pages``: a number that the list prints, or that its content system is known to give
* ``12_of_77:totalRecord``, ``1_of_6_pages:pageCount``: a number that a pager or an answer states under that name
* ``pager_not_understood:laypage``, ``pages_turned_by_script``: there is a pager, and it does not say how far it goes

What states such numbers, and under which names, is data: ``pager_idioms.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import lxml.html

from crawler.lists.list_page import ListPage, Page, is_full
from crawler.lists.list_template import entries_aside
from crawler.lists.paging.stated_pagers import answered_claims, asks_for_pages, stated_pagers
from crawler.lists.reasons import END_NOT_SAID, NOT_UNDERSTOOD, PAGES_BY_SCRIPT
from crawler.lists.size_claims import Claim, Stated, StatedPager
from storage.records import LookOutcome

_OF_SIZE = frozenset({"no_page_count", "no_total_in_answer", END_NOT_SAID})  # doubts that a reached total settles
_ANSWER = re.compile(
    r"\s{0,99}(?:[\[{]|[\w$.]{1,80}\s{0,9}\(\s{0,99}[\[{]|<\?xml(?!.{0,1000}<html)|<datastore)", re.I | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a look read its list. ``entries``: those that have a link; ``turned``: pages that brought something;
    ``stuck``: why nobody knows whether its pages were turned at all, "" where they were; ``outside_list``: how many of
    the entries stand in other boxes alone.
    """

    entries: int
    turned: int
    stuck: str = ""
    outside_list: int = 0

    def has_all(self, total: int) -> bool:
        """Whether there are exactly as many entries as a list is said to have, all of them in that list."""
        return self.entries == total and not self.outside_list

    def reached(self, total: int) -> int | None:
        """How many entries count for a total that is not reached; None where it is. What stands in other boxes counts
        for nothing, but where all together are exactly so many: a list may be divided into places of several markups.
        """
        own = self.entries if self.entries <= total else self.entries - self.outside_list
        return own if own < total else None


def with_claims(read: ListPage, page: Page) -> ListPage:
    """Return a page as a content system reads it, with all that is claimed on it of the size of its list, and with the
    addresses of further pages that a pager states where nothing else leads there.

    Where a content system gives the total, it knows what an answer counts (an entry listed twice), and the answer's own
    number is left out. A pager on the page of a document divides its text.
    """
    if read.outcome is not LookOutcome.OK or _lists_itself(read, page):
        return read
    if _ANSWER.match(page.text[:2_000]):
        counted = read.total is not None or read.pages is not None
        return read if counted else replace(read, claims=answered_claims(page.text))
    found = stated_pagers(page) if read.pagers is None else read.pagers
    claims = tuple(dict.fromkeys(one.claim for one in found if one.claim.is_understood and _is_telling(one)))
    if not claims and (unread := _not_understood(read, found, page.tree)):
        claims = (Claim(unread),)
    following = read.following or tuple(url for one in found for url in one.following(page.base) if url != page.url)
    counts = read.total is not None or any(claim.total is not None for claim in claims)
    outside = entries_aside(page, read) if counts else frozenset[str]()
    return replace(read, claims=claims, following=tuple(dict.fromkeys(following)), outside_list=outside)


def _lists_itself(read: ListPage, page: Page) -> bool:
    """Whether a page was read as the document that stands in place of a list."""
    return bool(read.links) and read.links[0].url == page.url


def _is_telling(pager: StatedPager) -> bool:
    """Whether what a pager states says anything: a single page that is but declared may be where a script begins."""
    pages = pager.claim.pages
    return pager.claim.total is not None or pager.explicit or (pages is not None and pages.number > 1)


def _not_understood(read: ListPage, found: Collection[StatedPager], tree: lxml.html.HtmlElement | None) -> str:
    """Name of a pager without readable numbers (or, beside a full number of entries, of a script that asks for pages),
    if nothing else on the page gives the list's size; "" if there is none.
    """
    said = read.following or read.total is not None or read.pages is not None
    if said or read.interface_page or not read.links:
        return ""
    pager = next((one.claim.name for one in found if one.explicit and not one.claim.is_understood), "")
    return pager or (asks_for_pages(tree) if is_full(read.linked) else "")


def shortfall(pages: Sequence[ListPage], claims: Collection[Claim], extent: Extent) -> str:
    """Return why a list is not proven to be read to its end; "" where it is. ``pages``: of the list, as they were read;
    ``claims``: those of all that was received.
    """
    totals = [claim for claim in claims if claim.total is not None]
    if short := _first_unmet((claim for claim in totals if claim.is_own), extent):
        return short
    counted = any(_is_reached(claim, extent) for claim in totals if not claim.is_own)
    if doubt := next((page.doubt for page in pages if page.doubt and not (counted and page.doubt in _OF_SIZE)), ""):
        return doubt
    if short := _first_unmet(claims, extent):
        return short
    first = pages[0]
    if any(_is_reached(claim, extent) for claim in (*first.claims, *(one for one in claims if one.is_own))):
        return ""  # the list says where it ends, and that was reached
    if extent.stuck:
        return extent.stuck
    if first.by_script and extent.turned < 2:
        return PAGES_BY_SCRIPT  # whatever it was followed to was not its next page
    unread = next((claim.name for claim in first.claims if not claim.is_understood), "")
    return f"{NOT_UNDERSTOOD}:{unread}" if unread and extent.turned < 2 else ""


def _first_unmet(claims: Iterable[Claim], extent: Extent) -> str:
    return next(filter(None, (_unmet(claim, extent) for claim in claims)), "")


def _unmet(claim: Claim, extent: Extent) -> str:
    """Which number of a claim was not reached; "" for none. Where there are exactly as many entries as a pager says,
    its pages need not be turned.
    """
    total, pages = claim.total, claim.pages
    if total is not None and (reached := extent.reached(total.number)) is not None:
        return f"{reached}_of_{total.number}{_named(total)}"
    exact = total is not None and extent.has_all(total.number)
    if pages is not None and extent.turned < pages.number and not exact:
        return f"{extent.turned}_of_{pages.number}_pages{_named(pages)}"
    return ""


def _named(stated: Stated) -> str:
    return f":{stated.name}" if stated.name else ""


def _is_reached(claim: Claim, extent: Extent) -> bool:
    """Whether exactly the claimed number of entries was found. A number of pages proves the end only if the list itself
    states it, or if it is above 1 and all pages were turned: a pager may belong to another box.
    """
    if claim.total is not None:
        return extent.has_all(claim.total.number)
    return claim.pages is not None and (claim.is_own or 1 < claim.pages.number == extent.turned)
