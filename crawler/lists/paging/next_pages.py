"""How a list goes on: its next pages, by links, forms and scripts, or a doubt that there are some (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.lists.entries.divided import longest_together
from crawler.lists.filters.group_tabs import offers_other_groups
from crawler.lists.list_page import ListPage, Page, is_full
from crawler.lists.list_requests import ListRequest
from crawler.lists.list_template import entries_aside
from crawler.lists.paging.pagers import last_link, linked_pages, next_links, numbered, option_pages
from crawler.lists.paging.posted_pages import posted_next
from crawler.lists.paging.script_pagers import has_unread_call, pages_of, writes_an_unread_pager
from crawler.lists.paging.signs_of_more import brings_more, may_be_cut, may_wait, tells_its_end
from crawler.lists.paging.stated_pagers import stated_pagers
from crawler.lists.reasons import END_NOT_SAID, ONLY_LAST_LINKED, PAGES_BY_SCRIPT
from crawler.lists.scripts.asked_lists import is_asked
from crawler.lists.size_claims import StatedPager

_NUMBER = re.compile(r"_(\d{1,4})\.\w{2,5}$")
_PAGER = re.compile(r"下一页|下页|共\s*\d+\s*页|尾页|末页")


def with_next_pages(plain: ListPage, page: Page) -> ListPage:
    """Return a list with all that follows it: what its scripts name and what its own links lead to.

    Both, where a page has both: a script may speak of something else, and a page too many is found out (a page that
    repeats another, or is not there) while a page too few would not be.
    """
    if plain.interface_page or is_asked(page.url):
        return plain
    plain, computed = _with_linked_pages(plain, page), pages_of(page)
    if computed is None:
        return _with_signs(plain, page)
    whole = _with_pages(plain, computed)
    # nobody knows whether one that could not be read, or only a script turns, is the list's
    if has_unread_call(page) or (plain.by_script and not computed):
        whole = replace(whole, doubt=whole.doubt or PAGES_BY_SCRIPT)
    return replace(whole, following=tuple(dict.fromkeys((*computed, *plain.following))))


def _with_linked_pages(plain: ListPage, page: Page) -> ListPage:
    """Return a list with what its own pager leads to: links, choices with addresses, a form that is sent.

    Where nothing but the last page is linked, that one is followed, and those between are doubted.
    """
    base, tree = page.base, page.tree
    found: list[str | ListRequest] = [*next_links(page.url, base, tree), *option_pages(page.url, base, tree)]
    if not found:
        posted, last = posted_next(page.url, base, tree), last_link(page.url, base, tree)
        found = [posted.step] if posted.step else [last] if last else []
        if last and not posted.step and not _has_all(plain, page):
            plain = replace(plain, doubt=plain.doubt or ONLY_LAST_LINKED)
        if posted.unread and plain.total is None and plain.pages is None:
            plain = replace(plain, doubt=plain.doubt or PAGES_BY_SCRIPT)
    pages = max(filter(None, (plain.pages, linked_pages(base, tree))), default=None)
    return replace(plain, following=tuple(dict.fromkeys(found)), pages=pages)


def _with_pages(plain: ListPage, pages: tuple[str, ...]) -> ListPage:
    """Return a list with the pages that its scripts name: so many there are, and they are turned to."""
    return replace(plain, following=pages, pages=max(len(pages) + 1, plain.pages or 0), by_script=False)


def _with_signs(plain: ListPage, page: Page) -> ListPage:
    """Return a list of which no script names the pages, with what tells that there is more than its links lead to."""
    tree, pagers = page.tree, stated_pagers(page)
    entries, pages = _most(pagers)
    plain = replace(
        plain,
        pagers=pagers,
        total=max(filter(None, (plain.total, entries)), default=plain.total),
        pages=max(filter(None, (plain.pages, pages)), default=None),
    )
    if plain.following or plain.pages is not None or _has_all(plain, page):
        return plain
    if count := len(plain.links):
        more = brings_more_by_script(page, count, pagers) or offers_other_groups(tree)
    else:
        more = writes_an_unread_pager(page, pagers)
    cut = plain.total is None and any(may_be_cut(page.text, tree, number) for number in (plain.linked, count))
    return replace(plain, by_script=plain.by_script or more, doubt=plain.doubt or (END_NOT_SAID if cut else ""))


def _most(found: Sequence[StatedPager]) -> tuple[int | None, int | None]:
    """Entries and pages in all, the most that a pager states; None where none does. A single page that is
    but declared may be where a script begins.
    """
    entries = [one.claim.total.number for one in found if one.claim.total is not None]
    pages = [one.claim.pages.number for one in found if one.claim.pages is not None]
    explicit = [one.claim.pages.number for one in found if one.claim.pages is not None and one.explicit]
    return max(entries, default=None), max([*explicit, *(number for number in pages if number > 1)], default=None)


def _has_all(plain: ListPage, page: Page) -> bool:
    """Whether a page has as many entries as its list, all of them in that list."""
    return plain.total == plain.linked and not entries_aside(page, plain)


def brings_more_by_script(page: Page, count: int, pagers: Sequence[StatedPager]) -> bool:
    """Whether scripts bring more than the ``count`` entries of a page: by buttons, on scrolling, or by a pager that
    they write and nobody read. ``pagers``: those that the page states.
    """
    tree = page.tree
    return writes_an_unread_pager(page, pagers) or may_wait(tree, count) or brings_more(tree, count)


def tries_next(plain: ListPage, page: Page, *, second: int) -> ListPage:
    """Return a list without any pager with the next number as a try; ``second``: the number of its second page."""
    if plain.following or plain.pages is not None or plain.by_script or not plain.links or _PAGER.search(page.text):
        return plain
    number = _NUMBER.search(urlsplit(page.url).path)
    return replace(
        plain, following=(numbered(page.url, int(number.group(1)) + 1 if number else second),), speculative=True
    )


def doubted_if_full(found: ListPage, page: Page, *, divided: bool = True) -> ListPage:
    """Return a list with a doubt where it has a full number of entries, and nothing tells how far it goes: no numbers,
    no pages that follow, no buttons that turn back. ``divided``: headings of the page may divide its entries.
    """
    full = is_full(found.linked) or is_full(len(found.links))
    said = found.total is not None or found.pages is not None or found.following or tells_its_end(page.tree)
    if not full or said or found.doubt:
        return found
    together = longest_together(found, page.url, page.tree) if divided and page.tree is not None else None
    return found if together is not None and not is_full(together) else replace(found, doubt=END_NOT_SAID)
