"""淄博 and 济南 (about 18 county units): ``/gongkai/channel_<oid>/doc_<oid>.html``, departments below
``site_<initials>/``.

The object ids are MongoDB's: the first eight hex digits are the second in which the document was made. Whether the
list pages are static or made by scripts is unresolved: a page without items that looks scripted is ``script_only``,
never an empty list.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["ChannelOid", "addressed", "column", "searched"]


class ChannelOid(PortalSpider):
    """Base of portals whose columns and documents are named by object ids."""

    family: ClassVar[str] = "channel_oid"
