"""广东 NFCMS (some 120 county units beside the openness catalogue): ``/content/post_1.html``, pages ``index_2.html``.

Pages count from 2. A phone's copy of a document
(``mpost_1.html``) is the document (``twins`` of its signature). What lies below ``gkmlpt/`` is another system.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["Nfcms", "addressed", "column", "searched"]


class Nfcms(PortalSpider):
    """Base of portals on NFCMS."""

    family: ClassVar[str] = "nfcms"
