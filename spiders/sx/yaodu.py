"""尧都区: TRS, as on the sites of 临汾. Unverified: see ``unverified``."""

from crawler.cms.trs_wcm import TrsWcm, column


class Yaodu(TrsWcm):
    name, place, division, cluster, first_year = "yaodu", "尧都区", "141002", "linfen", 2019
    hosts, entrances = ("www.yaodu.gov.cn",), ("http://www.yaodu.gov.cn/",)
    nianbao = "http://www.yaodu.gov.cn/zfxxgk/xxgkzl/zfxxgknb/"
    listings = (column("zfxxgknb", nianbao, title="政府信息公开年报", covers="government office department"),)
    unverified = (
        "the address of the column: /zfxxgk/xxgkzl/zfxxgknb/ as on hongtong.gov.cn, or /zfxxgk/xxgknb/ as on"
        " tjj.linfen.gov.cn; its markup and paging",
    )
