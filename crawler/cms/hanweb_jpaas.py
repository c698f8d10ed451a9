"""大汉 JPAAS, the successor of JCMS (14 county units seen: 江苏 淮安, 甘肃, 浙江's new sites).

* A column's page holds no entry: its ``<script parseType="bulidstatic" url="…/front/page/build/unit" queryData="{…}">``
  names the interface and what to ask it for; ``paramJson={"pageNo":1,"pageSize":15}`` is added.
* The answer is JSON with markup in ``data.html``. How many entries there are, and how many stand on a page, are
  attributes of its ``.pagination`` (``count``, ``rows``): the printed 共 0 页 is filled in by a script.
* One answer holds new addresses (``/art/2026/art_<32 hex>.html``) and old ones (``//host/art/2025/11/4/art_1_2.html``).
* A page with its first entries on it and such a ``.pagination`` beside them goes on with the same interface.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["HanwebJpaas", "addressed", "column", "searched"]


class HanwebJpaas(PortalSpider):
    """Base of portals on 大汉 JPAAS."""

    family: ClassVar[str] = "hanweb_jpaas"
