"""The scenario's portals as sites, found by host name."""

from __future__ import annotations

from collections.abc import Mapping

from imitation.portals import generic, script_made, static_list
from imitation.portals.channel_oid import ChannelOid
from imitation.portals.dated_list import DatedList
from imitation.portals.family import Family
from imitation.portals.gkmlpt import Gkmlpt
from imitation.portals.hanweb_jcms import HanwebJcms
from imitation.portals.hanweb_jpaas import HanwebJpaas
from imitation.portals.lonsun import Lonsun
from imitation.portals.nfcms import Nfcms
from imitation.portals.site import Site
from imitation.portals.trs import TrsBare, TrsDated
from imitation.portals.ucap import Ucap, UcapPacked
from imitation.portals.ucap_query import UcapQuery
from imitation.portals.vsb import Vsb, VsbFolders
from imitation.records import Scenario

FAMILIES: Mapping[str, type[Family]] = {
    "hanweb_jcms": HanwebJcms,
    "channel_oid": ChannelOid,
    "trs_bare": TrsBare,
    "trs_dated": TrsDated,
    "dated_list": DatedList,
    "gkmlpt": Gkmlpt,
    "hanweb_jpaas": HanwebJpaas,
    "lonsun": Lonsun,
    "ucap_query": UcapQuery,
    "vsb": Vsb,
    "vsb_folders": VsbFolders,
    "ucap": Ucap,
    "ucap_packed": UcapPacked,
    "nfcms": Nfcms,
    "hebei": static_list.Hebei,
    "rednet": static_list.Rednet,
    "xian": static_list.Xian,
    "snowflake": static_list.Snowflake,
    "ivs": static_list.Ivs,
    "easysite": static_list.Easysite,
    "cms_html": static_list.CmsHtml,
    "unknown": generic.Unknown,
    "mute": generic.Mute,
    "posted": generic.Posted,
    "script_made": script_made.ScriptMade,
    "sealed": script_made.Sealed,
}
ROBOTS = {  # by portal; the others have none (404)
    "yiyuan": "User-agent: *\nDisallow: /admin/\nDisallow: /search/\n",
    "jiyuan": "User-agent: *\nAllow: /\n",
    "luoyang": "User-agent: *\nDisallow: /search/\nSitemap: https://www.ly.gov.cn/sitemap.xml\n",
}


def sites(scenario: Scenario) -> Mapping[str, Site]:
    """Host name → site."""
    made = {p.name: Site(p, FAMILIES[p.family](p), ROBOTS.get(p.name)) for p in scenario.portals}
    return {host: made[portal.name] for host, portal in scenario.by_host.items()}
