"""Lists of one portal that differ in their year alone: what the pages of one show of where the others end (pure).

A list of exactly 20 entries without a pager may be whole, or cut at 20. Its sisters, made by the same template and read
in the same run, tell: one that shows more on a page was not cut at 20; and one that shows as many and has a pager shows
that a list without one has no second page. Lists of other bodies, or made in another way, tell nothing: they may have
another number of entries on a page, and pages of a former template lie beside those of the present one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import lxml.html

from crawler.discovery.same_addresses import bare
from crawler.lists.addresses import base_of, joined, target_of
from crawler.lists.entries.headings import year_on
from crawler.lists.filters.subcolumns import Way, labelled_ways, links_like_known, says_where
from crawler.lists.filters.year_bars import shown_year
from crawler.lists.filters.year_choices import chosen_year
from crawler.lists.kinds.emptiness import has_a_place_for_items, has_an_empty_list
from crawler.lists.kinds.page_kinds import is_known_folder, is_notice, names_a_column
from crawler.lists.list_page import ListPage, Page, parse
from crawler.lists.list_template import ListTemplate, template_of
from crawler.lists.outlines import is_empty_as
from storage.records import Link

_COMPARED = 1_000_000  # characters of a page that is compared
_LED_TO = 2  # lists that make a page without items one that leads to them
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class FirstPage:
    """The first page of a list as it was fetched and read. ``label``: what the list is called."""

    url: str
    label: str
    page: Page
    read: ListPage

    @property
    def turns(self) -> bool:
        """Whether its own pager leads on."""
        return bool(self.read.following) and not self.read.speculative

    @cached_property
    def making(self) -> ListTemplate | None:
        """How its entries are made."""
        return template_of(self.page, self.read)


def ends_there(doubted: FirstPage, others: Iterable[FirstPage]) -> bool:
    """Whether a sister of a list without a pager shows that the list ends where its page does."""
    mine = doubted.making
    if doubted.turns or mine is None:
        return False
    sisters = (one for one in others if _is_sister(doubted, one))
    return any(_tells(mine, one.making, turns=one.turns) for one in sisters)


def is_empty_there(blank: Page, others: Iterable[FirstPage]) -> bool:
    """Whether a folder known to lie below a column of reports is empty: it calls itself by its name, and is a page of
    the same template as a list that was read, of which the place of the items alone has nothing in it.
    """
    tree = parse(blank.text)
    if tree is None or len(blank.text) > _COMPARED or not is_known_folder(tree, blank.column) or is_notice(tree):
        return False
    return any(is_empty_as(blank, one.page, one.read) for one in others if one.url != blank.url)


def is_way_to(blank: Page, lists: Iterable[FirstPage], ways: Collection[str] = ()) -> bool:
    """Whether a page without an item is there to lead to others: it calls itself a column of reports, has no place
    where scripts put items, and links several of the lists that were read in the same run. Where it had items before,
    the look is suspect for what is gone.

    ``ways``: addresses of the folders of years that it leads to. A list that is held to one of several years leads to
    the others, too, and may have lost its items: the page must be of no year, without an empty list, and all those
    folders read.
    """
    tree = parse(blank.text)
    if tree is None or len(blank.text) > _COMPARED or not names_a_column(tree) or is_notice(tree):
        return False
    if has_a_place_for_items(tree):
        return False
    base, read = base_of(blank.url, tree), {bare(one.url) for one in lists if one.url != blank.url}
    if ways and (
        _is_of_a_year(blank, base, tree) or has_an_empty_list(tree) or not {bare(way) for way in ways} <= read
    ):
        return False
    linked = {bare(url) for anchor in tree.iter("a") if (url := joined(base, anchor.get("href") or ""))}
    return len(linked & read) >= _LED_TO and not _leads_elsewhere(blank, base, tree, read)


def _leads_elsewhere(page: Page, base: str, tree: lxml.html.HtmlElement, read: Collection[str]) -> bool:
    """Whether a page leads to a list that was not read, which stands among those that were."""
    read_ways: list[Way] = []
    others: list[Way] = []
    for anchor, label in labelled_ways(tree):
        url = joined(base, target_of(anchor))
        if url is not None and bare(url) != bare(page.url) and not says_where(anchor):
            (read_ways if bare(url) in read else others).append((anchor, Link(url=url, text=label)))
    return bool(links_like_known(read_ways, (), others))


def _is_of_a_year(page: Page, base: str, tree: lxml.html.HtmlElement) -> bool:
    """Whether a page is called after a year, or says which of several it shows."""
    named = _YEAR.search(page.column) or year_on(tree)
    return bool(named or shown_year(page.url, base, tree)[0] or chosen_year(tree))


def _tells(mine: ListTemplate, sister: ListTemplate | None, *, turns: bool) -> bool:
    if sister is None or sister.marks != mine.marks:
        return False
    return sister.entries > mine.entries or (turns and sister.entries == mine.entries)


def _is_sister(one: FirstPage, other: FirstPage) -> bool:
    """Whether two lists differ in their year alone, by what they are called and by their addresses."""
    if one.url == other.url or _YEAR.findall(f"{one.label} {one.url}") == _YEAR.findall(f"{other.label} {other.url}"):
        return False
    return all(
        number.sub("0", here) == number.sub("0", there)
        for number, here, there in ((_YEAR, one.label, other.label), (_NUMBER, one.url, other.url))
    )
