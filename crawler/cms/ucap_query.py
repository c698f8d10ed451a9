"""UCAP with lists behind ``/queryList`` (江西's cluster of government sites; 广安 in 四川 as well).

* A column's page writes its newest entries into a script, ``var listData = {articleList: [{title, pubDate, urls}]}``,
  and what the column is, ``var channelsTagSelf = {code, articleCount}``; templates make the list of it.
* A column of reports may have a column for each body or group below it: ``children`` of ``channelsTagSelf``, or of the
  same object as a script of the page makes its menu of it (``renderChannelTemplate('subMenu', ({…}).children)``).
* ``loadPageData(params, …)`` names the question: ``webSiteCode``, ``channelCode`` (or ``channelId``), ``perPage``. It
  goes by POST to ``/queryList`` as ``current=1&pageSize=15&webSiteCode[]=…&channelCode[]=…``, without the texts.
* The answer: ``{data: {results: [{source: {title, pubDate, urls: '{"pc": "/…"}'}}]}}``; ``urls`` is JSON in a text.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["UcapQuery", "addressed", "column", "searched"]


class UcapQuery(PortalSpider):
    """Base of portals whose columns ask ``/queryList``."""

    family: ClassVar[str] = "ucap_query"
