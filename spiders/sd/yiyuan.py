"""沂源县: columns named by object ids; towns have columns of their own. Unverified: see ``unverified``."""

from crawler.cms import ChannelOid, column


class Yiyuan(ChannelOid):
    name, place, division, cluster, first_year = "yiyuan", "沂源县", "370323", "zibo", 2019
    hosts, entrances = ("www.yiyuan.gov.cn",), ("http://www.yiyuan.gov.cn/",)
    county = "http://www.yiyuan.gov.cn/gongkai/channel_c_5f9f696d489871774b4da7ea_n_1605850162.1332/"
    xlz = "http://www.yiyuan.gov.cn/gongkai/site_yyxxlzrmzf/channel_c_5f9f6cb0744146b464b6e8b1_n_1605867599.6255/"
    listings = (
        column("county", county, title="县政府信息公开年报", covers="government"),
        column("xlz", xlz, title="政府信息公开年报", agency="xlz"),
    )
    unverified = (("unseen_list_pages", "/gongkai/channel_c_…/doc_….html"), ("unseen_script", "county, xlz"))
