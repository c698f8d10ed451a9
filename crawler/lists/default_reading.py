"""A page of a column → its links, as any content system's is read where its class says nothing else (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crawler.lists.address_shapes import page_shape
from crawler.lists.entries.items import read_items
from crawler.lists.entry_patterns import REPORT
from crawler.lists.filters.group_tabs import offers_other_groups
from crawler.lists.filters.subcolumns import is_hub, subcolumns
from crawler.lists.filters.year_choices import offered_years, other_years
from crawler.lists.filters.year_fields import holds_to_a_year
from crawler.lists.frames import frames
from crawler.lists.kinds.emptiness import (
    has_a_place_for_items,
    has_a_scripted_list,
    is_filled_by_its_own,
    waits_for_a_group,
    without_items,
)
from crawler.lists.kinds.page_kinds import is_known_folder, names_a_body, names_a_column
from crawler.lists.list_page import ListPage, Page
from crawler.lists.page_words import words
from crawler.lists.paging.pagers import printed_pages, printed_total
from crawler.lists.paging.signs_of_more import turned_by_script
from crawler.lists.reasons import NO_ADDRESSES, YEARS_BY_SCRIPT
from crawler.lists.scripts.asked_lists import answered, asked_list, is_asked
from crawler.lists.signatures import Signature
from storage.records import Link, LookOutcome


def read_list(page: Page, signature: Signature) -> ListPage:
    """Return a page of a column → its links. Pure; families add their paging. A page without items is never
    simply empty.
    """
    if is_asked(page.url) and (answer := answered(page)) is not None:
        return answer
    tree = page.tree
    links, doubt = read_items(page, signature)
    columns = subcolumns(page, signature)
    pages = printed_pages(page.visible_text)
    listed = bool(links) or names_a_column(tree) or is_known_folder(tree, page.column)
    years, unseen = other_years(page.url, page.base, tree, links) if listed else ((), False)
    doubt = doubt or (YEARS_BY_SCRIPT if unseen or holds_to_a_year(tree, links) else "")
    result = ListPage(
        links=links,
        total=printed_total(page.visible_text),
        subcolumns=tuple({link.url: link for link in (*years, *columns)}.values()),
        pages=pages or None,
        doubt=doubt if page.is_whole else "page_not_read_whole",
        by_script=pages == 0 or turned_by_script(tree) or waits_for_a_group(tree),  # 共0页 is yet to be filled in
        hub=is_hub(page, columns),
        frames=frames(page.base, tree),
    )
    if result.linked and not surrounds_a_scripted_list(result, page):
        return result
    if result.linked:
        return _by_script(page, replace(result, links=()))
    if result.hub:  # no item, and a place that scripts fill with them: the list is not only its sub-columns
        made = any(mark in page.text.lower() for mark in words("script_list", "templates"))
        made = made or has_a_scripted_list(tree)
        return _by_script(page, result) if made else result
    if doubt == NO_ADDRESSES:  # reports are printed, and only scripts know where each of them is
        return replace(result, outcome=LookOutcome.SCRIPT_ONLY, reason=NO_ADDRESSES)
    outcome, reason = without_items(page)
    if outcome is LookOutcome.SCRIPT_ONLY:
        return _by_script(page, result)
    return replace(result, outcome=outcome, reason=reason)


def _by_script(page: Page, read: ListPage) -> ListPage:
    """Return a page whose list scripts make: with the request by which they have it, where that is known and the page
    does not offer lists of other years or groups beside it.
    """
    tree = page.tree
    several = tree is None or len(offered_years(tree)) > 1 or offers_other_groups(tree)
    step = asked_list(page) if names_a_column(tree) and not several else None
    if step is None:
        return replace(read, outcome=LookOutcome.SCRIPT_ONLY, reason="scripts_make_the_list")
    return replace(
        read, links=(), following=(step,), total=None, pages=None, doubt="", by_script=False, interface_page=True
    )


def surrounds_a_scripted_list(read: ListPage, page: Page) -> bool:
    """Whether the entries of a page only surround a list that its scripts are yet to bring: they are others than
    reports, or a menu of further lists, known by addresses like its own, beside a place that its own script fills.
    """
    if not names_a_column(page.tree):
        return False
    if _are_of_others(read.links):
        return has_a_place_for_items(page.tree)
    if any(REPORT.search(link.text) for link in read.links):
        return False
    further, own = {link.url for link in read.subcolumns}, page_shape(page.url)
    in_menu = sum(link.url in further or page_shape(link.url) == own for link in read.links)
    return 2 * in_menu > len(read.links) and is_filled_by_its_own(page.tree)


def _are_of_others(links: Sequence[Link]) -> bool:
    """Whether no entry speaks of a report, or is called by a body's name."""
    return not any(REPORT.search(link.text) or names_a_body(link.text) for link in links)
