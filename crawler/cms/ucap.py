"""UCAP / ccontent, the group cloud (about 330 county units): ``c119064/202601/<32 hex>.shtml``, ``c1/content.shtml``.

Lists are static files ``common_list.shtml``, ``common_list_2.shtml``; ``createPageHTML('page_div', 22, 1, …)`` counts
them from 1. Sites of 云南 hide the pager as base64 in ``<div id="pages">``. The meta PubDate is when the page was built
(``pubdate`` of its signature). Lists behind ``/queryList`` (江西) are a family of their own.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["Ucap", "addressed", "column", "searched"]


class Ucap(PortalSpider):
    """Base of portals on the static side of UCAP."""

    family: ClassVar[str] = "ucap"
