"""大汉 JCMS (about 200 county units in 浙江, 山东, 甘肃, 河北, 江西, 江苏).

* Lists stand inside ``<script type="text/xml"><datastore>…<record><![CDATA[<li>…]]>``: an HTML parser sees nothing
there.
* The openness catalogue: ``/module/xxgk/search.jsp?infotypeId=…&area=…`` answers with table rows and 共N页.
* Paging: as the page's script does, by posting ``param_<unit>`` to ``dataproxy.jsp?startrecord=…``; where the page does
  not say what it posts, the ``nextgroup`` address. That one answers an empty body on some sites; the look is partial
  then.
* ``xxgkAnnualReport.jsp?area=<organ>&fbtime=<reporting year>`` is the report itself, on portals such as 汶上's.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["HanwebJcms", "addressed", "column", "searched"]


class HanwebJcms(PortalSpider):
    """Base of portals on 大汉 JCMS."""

    family: ClassVar[str] = "hanweb_jcms"
