"""汶上县: each report has an address made of organ code and reporting year. Unverified: see ``unverified``."""

from crawler.cms import HanwebJcms, addressed


class Wenshang(HanwebJcms):
    name, place, division, cluster, first_year = "wenshang", "汶上县", "370830", "jining", 2019
    hosts = ("www.wenshang.gov.cn",)  # https answers 403, http answers 200
    url = "http://www.wenshang.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area={code}&fbtime={year}"
    listings = (addressed("annual", url, title="政府信息公开年报"),)
    unverified = (
        ("unseen_empty_answer", "xxgkAnnualReport.jsp"),
        ("unseen_markup_around", "点击收听年报语音朗读"),
        ("unseen_reach", "fbtime"),
    )
