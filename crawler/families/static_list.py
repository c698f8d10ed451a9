"""Plain static lists: regular sites that are no large family, with links to documents and a pager of the page itself.

Known by the shapes of their addresses (``signatures.toml``): 河北 ``/columns/<uuid>/``, 西安 object ids and
snowflakes, 湖南红网 ``content_1.html``, 上海 ``ivs``, easysite of 北京, 南平 and 漳州 ``/cms/html/``, 玉溪 ``.jspx``,
``iList.jsp``, PHP, ASP.NET, 辽宁 time stamps, 衡水 ``eportal``. A page without a pager ends its list, unless a script
on it writes pagers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from crawler.families.addresses import base_of
from crawler.families.articles import article_on
from crawler.families.lists import ListPage, Page, parse
from crawler.families.pagers import option_pages, posted_next
from crawler.families.portal import PortalSpider, addressed, column
from crawler.families.script_pagers import goes_on, opened, writes_an_unread_pager
from crawler.families.steps import Step

__all__ = ["StaticList", "addressed", "column", "turned"]


class StaticList(PortalSpider):
    """Base of portals with static lists; a portal needs nothing but its addresses."""

    family: ClassVar[str] = "static_list"

    def read_list(self, page: Page) -> ListPage:
        """Return a list and what follows it by any pager of the page; or the report that stands in place of a list."""
        whole = opened(page)
        article = article_on(whole, parse(whole.text), self.signature())
        return article or turned(super().read_list(whole), whole)


def turned(plain: ListPage, page: Page) -> ListPage:
    """Return a list with everything its page declares to follow: links, choices, scripts, forms.

    Where a script writes a pager that is not read, the list is told to be turned by script.
    """
    tree = parse(page.text)
    found = goes_on(plain, page)
    following: list[str | Step] = [*found.following, *option_pages(page.url, base_of(page.url, tree), tree)]
    posted = posted_next(page.url, tree)
    if posted is not None and not following:
        following.append(posted)
    unread = not following and found.pages is None and writes_an_unread_pager(page, any_known=True)
    return replace(found, following=tuple(dict.fromkeys(following)), by_script=found.by_script or unread)
