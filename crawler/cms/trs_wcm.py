"""拓尔思 WCM (about 1,000 county units): static lists, relative links, pagers written by scripts.

Paging: ``createPageHTML`` counting from 0, or inline ``countPage``. A list
whose script says ``recordCount: '20'`` while ten entries stand on the page is read in part (平潭). A phone's copy of
a document (``t20200123_1473875_wap.html``) is the document (``twins`` of its signature).
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["TrsWcm", "addressed", "column", "searched"]


class TrsWcm(PortalSpider):
    """Base of portals on TRS WCM."""

    family: ClassVar[str] = "trs_wcm"
