"""开普 gkmlpt, 政府信息公开目录管理平台 (practically all of 广东; 24 county units seen by address).

* A list page is a shell: ``/<organ>/gkmlpt/index#721``, ``/<organ>/gkmlpt/annualreport#2629``. What stands behind the
  hash is the category; without one, the category called 政府信息公开年报 in the shell's ``TREE`` is meant.
* ``window._CONFIG`` of the shell has ``SID`` and ``TREE``; the entries come from
  ``/<organ>/gkmlpt/api/all/<category>?page=N&sid=<SID>``: ``{total, articles: [{title, url, create_time}]}``, up to
  100 a page. Instants are epochs.
* A category whose entry in the tree has a ``jump_url`` is a static list of the same portal (南方网 NFCMS), or stands
  behind a shell: of the organ itself (``…/annualreport#2629``, what the shell shows without a hash), or of another.
* A document's text is JSON in the page (``_CONFIG.DETAIL.content``); the address alone says nothing.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["Gkmlpt", "addressed", "column", "searched"]


class Gkmlpt(PortalSpider):
    """Base of portals and organs on gkmlpt."""

    family: ClassVar[str] = "gkmlpt"
