"""河南 platform and 洛阳 (about 18 county units): ``/2025/12-08/945529.html``; 洛龙's ``/html/1//2/…/59946.html``
with its ``//``.

A list is ``…/`` or ``…/index.html``; further pages are ``index_1.html`` ….
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["DatedList", "addressed", "column", "searched"]


class DatedList(PortalSpider):
    """Base of portals whose documents lie in dated directories."""

    family: ClassVar[str] = "dated_list"
