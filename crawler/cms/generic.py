"""Any other system: a list is read from the page alone."""

from __future__ import annotations

from typing import ClassVar

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["Generic", "addressed", "column", "searched"]


class Generic(PortalSpider):
    """Base of portals whose system is unknown."""

    family: ClassVar[str] = "generic"
