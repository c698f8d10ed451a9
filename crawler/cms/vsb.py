"""博达 VisualSiteBuilder (about 120 county units in 云南, 甘肃, 四川, 陕西, 临沂): ``/info/<tree>/<id>.htm``.

* Page numbers count down: with 11 pages, page 2 of ``nb.htm`` is ``nb/10.htm`` and the last one ``nb/1.htm``. The link
  下页 is followed, nothing is computed; ``1/11`` beside 共52条 says how many there are.
* A list without that pager may be a module that shows the newest entries only: a full number of them is doubted.
* Dynamic lists turn with ``list.jsp?…&PAGENUM=2``, in the same pager.
* A column may hold one article and answer with it at its own address; the text is replaced every year.
* Old pages carry no PubDate; attachments are download scripts that ask for a Referer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.lists.articles import article_on
from crawler.lists.list_page import ListPage, Page
from crawler.lists.paging.next_pages import doubted_if_full, with_next_pages
from crawler.spider import PortalSpider

__all__ = ["Vsb", "addressed", "column", "searched"]

_PAGES = re.compile(r"<span[^<>]{0,100}\bp_t\b[^<>]{0,100}>\s*\d{1,4}\s*/\s*(\d{1,4})\s*<")


class Vsb(PortalSpider):
    """Base of portals on 博达."""

    family: ClassVar[str] = "vsb"

    def read_list(self, page: Page) -> ListPage:
        """Return a list and the page behind 下页; or the article that stands in place of a list."""
        article = article_on(page, self.signature())
        if article is not None:
            return article
        plain = self.read_entries(page)
        found = _PAGES.search(page.text)
        most = max(filter(None, (int(found.group(1)) if found else None, plain.pages)), default=None)
        return doubted_if_full(with_next_pages(replace(plain, pages=most), page), page)
