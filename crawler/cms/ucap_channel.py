"""UCAP columns whose list a script fetches by the channel's id (ccontent; zfxxgk pages of central organs and counties).

* The page gives the channel: ``<meta name="channelId" content="<32 hex>">`` or ``var channelId = "…"``.
* GET ``/searchList/<channel>?_isAgg=true&_isJson=true&_pageSize=18&_template=index&page=1`` answers
  ``{data: {channelId, page, rows, total, results: [{title, url, publishedTimeStr}]}}``.
* POST ``/getFileListByCodeId`` with ``channelId``, ``page``, ``size`` answers the same within ``results``. Its
  answer does not name the channel, so one large page is asked for; a column with more is read in part.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["UcapChannel", "addressed", "column", "searched"]


class UcapChannel(PortalSpider):
    """Base of portals whose columns are fetched by channel."""

    family: ClassVar[str] = "ucap_channel"
