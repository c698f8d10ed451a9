"""河南 platform and 洛阳 (about 18 county units): ``/2025/12-08/945529.html``; 洛龙's ``/html/1//2/…/59946.html``
with its ``//``.

A list is ``…/`` or ``…/index.html``; further pages are ``index_1.html`` …. Where the page has a pager it is
believed; where it has none, the next number is tried once (``speculative``): its absence is the end of the list, not
a fault.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.lists.list_page import ListPage, Page
from crawler.lists.paging.next_pages import tries_next
from crawler.spider import PortalSpider

__all__ = ["DatedList", "addressed", "column", "searched"]


class DatedList(PortalSpider):
    """Base of portals whose documents lie in dated directories."""

    family: ClassVar[str] = "dated_list"

    def read_list(self, page: Page) -> ListPage:
        """Return a static list; pager of the page, else 下一页, else the next number as a try."""
        return tries_next(super().read_list(page), page, second=1)
