"""The site of each host name in the scenario."""

from __future__ import annotations

from collections.abc import Mapping

from imitation.portals.family import Family
from imitation.portals.gkmlpt import GkmlptFamily
from imitation.portals.hanweb_jcms import HanwebJcmsFamily
from imitation.portals.hanweb_jpaas import HanwebJpaasFamily
from imitation.portals.lonsun import LonsunFamily
from imitation.portals.posted import Posted
from imitation.portals.script_made import ScriptMade, Sealed
from imitation.portals.site import Site
from imitation.portals.systems import systems
from imitation.portals.ucap_query import UcapQueryFamily
from imitation.portals.vsb import VsbFamily, VsbFolders
from imitation.records import Scenario

#: systems that need code in addition to their data
_CLASSES: Mapping[str, type[Family]] = {
    "gkmlpt": GkmlptFamily,
    "hanweb_jcms": HanwebJcmsFamily,
    "hanweb_jpaas": HanwebJpaasFamily,
    "lonsun": LonsunFamily,
    "posted": Posted,
    "script_made": ScriptMade,
    "sealed": Sealed,
    "ucap_query": UcapQueryFamily,
    "vsb": VsbFamily,
    "vsb_folders": VsbFolders,
}
FAMILIES: Mapping[str, type[Family]] = {name: _CLASSES.get(name, Family) for name in systems()}
ROBOTS = {  # by portal; the other portals answer 404
    "yiyuan": "User-agent: *\nDisallow: /admin/\nDisallow: /search/\n",
    "jiyuan": "User-agent: *\nAllow: /\n",
    "luoyang": "User-agent: *\nDisallow: /search/\nSitemap: https://www.ly.gov.cn/sitemap.xml\n",
}


def sites(scenario: Scenario) -> Mapping[str, Site]:
    """Return the site of each host name."""
    by_name = {p.name: Site(p, FAMILIES[p.family](p), ROBOTS.get(p.name)) for p in scenario.portals}
    return {host: by_name[portal.name] for host, portal in scenario.by_host.items()}
