"""Plain static lists: regular sites that are no large family, with links to documents and a pager of the page itself.

Known by the shapes of their addresses (``signatures.toml``): 河北 ``/columns/<uuid>/``, 西安 object ids and
snowflakes, 湖南红网 ``content_1.html``, 上海 ``ivs``, easysite of 北京, 南平 and 漳州 ``/cms/html/``, 玉溪 ``.jspx``,
``iList.jsp``, PHP, ASP.NET, 辽宁 time stamps, 衡水 ``eportal``.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["StaticList", "addressed", "column", "searched"]


class StaticList(PortalSpider):
    """Base of portals with static lists; a portal needs nothing but its addresses."""

    family: ClassVar[str] = "static_list"
