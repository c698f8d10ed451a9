"""Whether a list that was read in part is one that only scripts turn on, so that a browser may read the rest (pure)."""

from __future__ import annotations

from crawler.lists.list_page import ListPage, Page
from crawler.lists.paging.next_pages import brings_more_by_script
from crawler.lists.paging.stated_pagers import stated_pagers
from crawler.lists.reasons import BEHIND_SCRIPTS, tells_of_fewer


def is_turned_by_script(page: Page, read: ListPage, reason: str) -> bool:
    """Whether scripts bring what a look at a list did not see. ``page``: its first page, as it was ``read``;
    ``reason``: why the look is one in part. A list whose next page has an address is followed, and not turned on.
    """
    if reason in BEHIND_SCRIPTS:
        return True
    if read.following or not tells_of_fewer(reason):
        return False
    return brings_more_by_script(page, len(read.links), stated_pagers(page))
