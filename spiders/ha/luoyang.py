"""洛阳市: dated directories on ly.gov.cn; departments on sub-domains. Unverified: see ``unverified``."""

from crawler.cms import DatedList, column


class Luoyang(DatedList):
    name, place, division, cluster, first_year = "luoyang", "洛阳市", "410300", "luoyang", 2019
    hosts, entrances = ("www.ly.gov.cn", "ly.gov.cn", ".ly.gov.cn"), ("https://www.ly.gov.cn/",)
    nianbao = "https://www.ly.gov.cn/zwgk/zfxxgk/zfxxgknb/"
    listings = (
        column("zfxxgknb", nianbao, title="政府信息公开年报", covers="government office department"),
        column("sfj", "https://sf.ly.gov.cn/zfxxgk/zfxxgknb/", title="政府信息公开年报", agency="sfj"),
    )
    unverified = (("unseen_list_pages", "sf.ly.gov.cn/2025/12-08/945529.html"),)
