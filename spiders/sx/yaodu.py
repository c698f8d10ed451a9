"""尧都区: TRS, as on the sites of 临汾. Unverified: see ``unverified``."""

from crawler.cms import TrsWcm, column


class Yaodu(TrsWcm):
    name, place, division, cluster, first_year = "yaodu", "尧都区", "141002", "linfen", 2019
    hosts, entrances = ("www.yaodu.gov.cn",), ("http://www.yaodu.gov.cn/",)
    nianbao = "http://www.yaodu.gov.cn/zfxxgk/xxgkzl/zfxxgknb/"
    listings = (column("zfxxgknb", nianbao, title="政府信息公开年报", covers="government office department"),)
    unverified = (
        ("unseen_column_address", "hongtong.gov.cn/zfxxgk/xxgkzl/zfxxgknb/, tjj.linfen.gov.cn/zfxxgk/xxgknb/"),
        ("unseen_column", "zfxxgknb"),
    )
