"""拓尔思 WCM (about 1,000 county units): static lists, relative links, pagers written by scripts.

Paging, told apart by the first argument of ``createPageHTML`` (the function has the same name in two systems):

* ``createPageHTML(20, 0, "index", "html")``: counts from 0, page 2 is ``index_1.html``
* ``createPageHTML('page_div', 22, 1, 'common_list', 'shtml', 325)`` (UCAP): counts from 1, page 2 is
``common_list_2.shtml``
* inline ``var countPage = 2``: page i is ``index_<i>.html``, i from 1

A list whose script says ``recordCount: '20'`` while ten entries stand on the page is read in part (平潭).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from crawler.families.addresses import base_of
from crawler.families.lists import ListPage, Page, parse
from crawler.families.pagers import next_links, numbered
from crawler.families.portal import PortalSpider, addressed, column

__all__ = ["TrsWcm", "addressed", "column", "following", "pages_of", "with_pages"]

_CALL = re.compile(r"createPageHTML\s{0,9}\(\s{0,20}(['\"\d][^)]{1,200})\)")
_COUNT = re.compile(r"\bvar\s+(?:countPage|nPageCount|pageCount|totalPages?)\s*=\s*(\d{1,4})\b")
_NAMED = re.compile(r"""href=\\?["'](\w{1,40})["']\s{0,9}\+\s{0,9}["']_["']""")
_ENDING = re.compile(r"""["']\.["']?\s{0,9}\+?\s{0,9}["']?(s?html?)\\?["'\\]""")
_UNREAD = re.compile(r"(?<!function )(?<!function\t)\bcreatePageHTML\s{0,9}\(")
_MOST = 500


def pages_of(page: Page) -> tuple[str, ...] | None:
    """Addresses of the pages after the first one, as its scripts give them; None where no pager is known on the
    page.
    """
    call = _CALL.search(page.text)
    if call:
        arguments = [part.strip().strip("'\"") for part in call.group(1).split(",")]
        quoted = call.group(1)[0] in "'\""
        first, stem, ending = (1, 3, 4) if quoted else (0, 2, 3)
        if len(arguments) <= ending or not re.fullmatch(r"[0-9]{1,6}", arguments[first]):
            return None
        numbers = range(2, int(arguments[first]) + 1) if quoted else range(1, int(arguments[first]))
        return tuple(numbered(page.url, n, arguments[stem], arguments[ending]) for n in numbers[:_MOST])
    count = _COUNT.search(page.text)
    if count:
        stem_found, ending_found = _NAMED.search(page.text), _ENDING.search(page.text)
        return tuple(
            numbered(
                page.url,
                n,
                stem_found.group(1) if stem_found else "",
                ending_found.group(1) if ending_found else "",
            )
            for n in range(1, int(count.group(1)))[:_MOST]
        )
    return None


class TrsWcm(PortalSpider):
    """Base of portals on TRS WCM, with dated (``t20240129_310451.html``) or bare (``t657193.html``) addresses."""

    family: ClassVar[str] = "trs_wcm"

    def read_list(self, page: Page) -> ListPage:
        """Return a static list; the pages that follow are computed from the first page's pager, else 下一页 is
        followed.
        """
        plain = super().read_list(page)
        pages = pages_of(page)
        if pages is not None:
            return with_pages(plain, pages)
        unread = bool(_UNREAD.search(page.text))  # a call whose arguments we do not understand
        return replace(plain, following=following(page), by_script=plain.by_script or unread)


def with_pages(plain: ListPage, pages: tuple[str, ...]) -> ListPage:
    """Return a list with the pages that its scripts name: so many there are, and they are turned to."""
    return replace(plain, following=pages, pages=max(len(pages) + 1, plain.pages or 0), by_script=False)


def following(page: Page) -> tuple[str, ...]:
    """Addresses behind the page's own pager."""
    tree = parse(page.text)
    return next_links(page.url, base_of(page.url, tree), tree)
