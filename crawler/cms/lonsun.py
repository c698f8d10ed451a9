"""龙讯 Lonsun, 政府信息公开 (about 80 county units: 安徽, parts of 甘肃, 四川, 青海, 湖北).

* ``/public/column/<organ>?type=4&catId=…&action=list`` is a list; its first page stands in the page or is fetched like
  the others. Further pages: GET ``…/site/label/8888`` with all fields that the page's script names (``labelName``,
  ``siteId``, ``organId``, ``catId``, ``file``; ``file`` and the path before ``/site`` differ by site), ``pageIndex=N``;
  ``pageCount:N`` in the script says how many. The answer is a piece of markup. ``length`` cuts titles and is raised.
* ``/public/column/<organ>?type=3&action=detail&nav=3&title=2021`` is the report of that organ on that year; so is
  ``…?type=3&nav=5&sub=1&timeFrame=2023&hasContent=true``. They are declared with ``addressed``.
* Older sites have static lists: ``/XxgkContent/showList/865/0/page_1.html``, ``/content/column/<id>?pageIndex=1``, with
  documents ``/XxgkAnnualReport/show/<id>.html``, ``/Xxgknb/show/<id>.html``, ``/xxgkAnnualReport/detail/<hex>.html``.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["Lonsun", "addressed", "column", "searched"]


class Lonsun(PortalSpider):
    """Base of portals on Lonsun's openness system."""

    family: ClassVar[str] = "lonsun"
