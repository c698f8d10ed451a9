"""The spider classes of the content systems, by the names of their marks. What is special about each system stands
beside its marks in ``signatures.toml``; how its lists are read is the list engine's work.
"""

from __future__ import annotations

from crawler.listing_specs import addressed, column, searched
from crawler.spider import PortalSpider

__all__ = ["addressed", "column", "family_classes", "searched"]


class ChannelOid(PortalSpider):
    """淄博 and 济南: columns and documents are named by object ids."""

    family = "channel_oid"


class DatedList(PortalSpider):
    """The platform of 河南, and 洛阳: documents lie in dated directories."""

    family = "dated_list"


class Generic(PortalSpider):
    """Any other system: a list is read from the page alone."""

    family = "generic"


class Gkmlpt(PortalSpider):
    """开普 gkmlpt, the openness catalogues of 广东."""

    family = "gkmlpt"


class HanwebJcms(PortalSpider):
    """大汉 JCMS."""

    family = "hanweb_jcms"


class HanwebJpaas(PortalSpider):
    """大汉 JPAAS, the successor of JCMS."""

    family = "hanweb_jpaas"


class Lonsun(PortalSpider):
    """龙讯, the openness system of 安徽."""

    family = "lonsun"


class Nfcms(PortalSpider):
    """NFCMS of 广东, beside the openness catalogues."""

    family = "nfcms"


class StaticList(PortalSpider):
    """Regular static sites that are no large system."""

    family = "static_list"


class TrsWcm(PortalSpider):
    """拓尔思 WCM."""

    family = "trs_wcm"


class Ucap(PortalSpider):
    """The static side of UCAP."""

    family = "ucap"


class UcapChannel(PortalSpider):
    """UCAP whose scripts ask for a list by its channel."""

    family = "ucap_channel"


class UcapQuery(PortalSpider):
    """UCAP of 江西, which answers lists at ``/queryList``."""

    family = "ucap_query"


class Vsb(PortalSpider):
    """博达 VisualSiteBuilder."""

    family = "vsb"


def family_classes() -> dict[str, type[PortalSpider]]:
    """Return the class of each content system by the name of its marks."""
    return {kind.family: kind for kind in PortalSpider.__subclasses__() if kind.__module__ == __name__}
