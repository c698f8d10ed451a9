"""河南 platform and 洛阳 (about 18 county units): ``/2025/12-08/945529.html``; 洛龙's ``/html/1//2/…/59946.html``
with its ``//``.

A list is ``…/`` or ``…/index.html``; further pages are ``index_1.html`` …. Where the page has a pager it is
believed; where it has none, the next number is tried once (``speculative``): its absence is the end of the list, not
a fault.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

from crawler.families.lists import ListPage, Page
from crawler.families.pagers import numbered
from crawler.families.portal import PortalSpider, addressed, column
from crawler.families.trs_wcm import following, pages_of, with_pages

__all__ = ["DatedList", "addressed", "column"]

_NUMBER = re.compile(r"_(\d{1,4})\.s?html?$")
_PAGER = re.compile(r"下一页|下页|共\s*\d+\s*页|尾页|末页")


class DatedList(PortalSpider):
    """Base of portals whose documents lie in dated directories."""

    family: ClassVar[str] = "dated_list"

    def read_list(self, page: Page) -> ListPage:
        """Return a static list; pager of the page, else 下一页, else the next number as a try."""
        plain = super().read_list(page)
        pages = pages_of(page)
        if pages is not None:
            return with_pages(plain, pages)
        linked = following(page)
        if linked:
            return replace(plain, following=linked)
        if plain.by_script or _PAGER.search(page.text) or not plain.links:
            return plain
        number = _NUMBER.search(urlsplit(page.url).path)
        return replace(
            plain, following=(numbered(page.url, int(number.group(1)) + 1 if number else 1),), speculative=True
        )
