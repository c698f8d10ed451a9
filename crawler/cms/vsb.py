"""博达 VisualSiteBuilder (about 120 county units in 云南, 甘肃, 四川, 陕西, 临沂): ``/info/<tree>/<id>.htm``.

* Page numbers count down: with 11 pages, page 2 of ``nb.htm`` is ``nb/10.htm`` and the last one ``nb/1.htm``. The link
  下页 is followed, nothing is computed; ``1/11`` beside 共52条 says how many there are.
* A list without that pager may be a module that shows the newest entries only: a full number of them is doubted.
* Dynamic lists turn with ``list.jsp?…&PAGENUM=2``, in the same pager.
* A column may hold one article and answer with it at its own address; the text is replaced every year.
* Old pages carry no PubDate; attachments are download scripts that ask for a Referer.
"""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["Vsb", "addressed", "column", "searched"]


class Vsb(PortalSpider):
    """Base of portals on 博达."""

    family: ClassVar[str] = "vsb"
