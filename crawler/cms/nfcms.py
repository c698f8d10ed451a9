"""广东 NFCMS (some 120 county units beside the openness catalogue): ``/content/post_1.html``, pages ``index_2.html``.

Pages count from 2; where no pager stands on a page the next number is tried once. A phone's copy of a document
(``mpost_1.html``) is the document (``twins`` of its signature). What lies below ``gkmlpt/`` is another system.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.lists.list_page import ListPage, Page
from crawler.lists.paging.next_pages import tries_next
from crawler.spider import PortalSpider

__all__ = ["Nfcms", "addressed", "column", "searched"]


class Nfcms(PortalSpider):
    """Base of portals on NFCMS."""

    family: ClassVar[str] = "nfcms"

    def read_list(self, page: Page) -> ListPage:
        """Return a static list; pager of the page, else the next number as a try."""
        return tries_next(super().read_list(page), page, second=2)
