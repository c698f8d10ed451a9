"""济源市: TRS with bare ids; departments publish on sub-domains too. Unverified: see ``unverified``."""

from crawler.cms import TrsWcm, column


class Jiyuan(TrsWcm):
    name, place, division, first_year = "jiyuan", "济源市", "419001", 2013
    hosts = ("www.jiyuan.gov.cn", "jiyuan.gov.cn", ".jiyuan.gov.cn")
    nianbao = "http://www.jiyuan.gov.cn/zwgk/zfxxgk/zfxxgknb/"
    listings = (
        column("zfxxgknb", nianbao, title="政府信息公开年报", covers="government office department"),
        column("mzj", "http://mzj.jiyuan.gov.cn/zwgk/zfxxgknb/", title="政府信息公开年报", agency="mzj"),
    )
    unverified = (("unseen_columns", "t657193.html"), ("unseen_address", "mzj"))
