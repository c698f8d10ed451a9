"""Whether a list that was read in part is one that only scripts turn on, so that a browser may read the rest (pure)."""

from __future__ import annotations

from crawler.lists.completeness import may_be_turned
from crawler.lists.list_page import ListPage, Page
from crawler.lists.paging.list_ends import brings_more, may_wait
from crawler.lists.paging.script_pagers import writes_an_unread_pager
from crawler.lists.paging.stated_pagers import stated_pagers

_SAID_SO = frozenset({"pages_turned_by_script", "other_years_by_script", "other_bodies_by_script"})


def is_turned_by_script(page: Page, read: ListPage, reason: str) -> bool:
    """Whether scripts bring what a look at a list did not see. ``page``: its first page, as it was ``read``;
    ``reason``: why the look is one in part. A list whose next page has an address is followed, and not turned on.
    """
    if reason in _SAID_SO:
        return True
    if read.following or not may_be_turned(reason):
        return False
    tree, count = page.tree, len(read.links)
    return brings_more(tree, count) or writes_an_unread_pager(page, stated_pagers(page)) or may_wait(tree, count)
