"""One report under many addresses: mirrors on two hosts, several columns, sessions in addresses."""

from __future__ import annotations

from collections import Counter
from itertools import count

from loopback_web import Answer, Archive, Asked, Web, a_list, a_report

WWW, BARE = "www.wanping.gov.cn", "wanping.gov.cn"
TITLES = {
    f"/nb/t20260120_{n}.html": f"宛平县{name}局2025年政府信息公开工作年度报告"
    for n, name in enumerate(("财政", "水利"))
}
COLUMNS = {"all": f"http://{WWW}/nb/", "mirror": f"http://{BARE}/nb/", "sessions": f"http://{WWW}/list.jsp"}


def test_each_address_is_fetched_once_and_each_listing_keeps_its_evidence(archive: Archive, web: Web) -> None:
    numbers = count(1)

    def with_sessions(asked: Asked) -> Answer:
        """A list whose addresses, that of its next page too, are new at every request."""
        mark = f"{next(numbers):032X}"
        rows = [(f"{href};jsessionid={mark}", title, "2026-01-20") for href, title in TITLES.items()]
        if ";jsessionid" in asked.path and "/nb/" in asked.path:
            return a_report(TITLES[asked.path.partition(";")[0]])
        return a_list(*rows, tail=f'<a href="list.jsp;jsessionid={mark}?_=1769900000123">下一页</a>')

    declared = (
        f'column("{key}", "{url}", title="政府信息公开年报", covers="department"),' for key, url in COLUMNS.items()
    )
    archive.portal(listings="".join(declared), hosts=f"{BARE!r}")
    archive.map(BARE)
    for host in (WWW, BARE):
        web.routes[host, "/nb/"] = a_list(*((href, title, "2026-01-20") for href, title in TITLES.items()))
        web.routes |= {(host, href): a_report(title) for href, title in TITLES.items()}
    web.routes[WWW, "*"] = with_sessions
    (report,) = archive.crawl()
    own = [f"http://{WWW}{href}" for href in TITLES]
    assert {look.listing.partition(":")[2]: archive.links(look) for look in archive.looks()} == {
        "all": own, "mirror": [url.replace(WWW, BARE) for url in own], "sessions": own,
    }  # fmt: skip
    assert (report.outcome, report.looks, report.visits) == ("ok", {"ok": 3}, 4)
    assert max(Counter((one.host, one.path) for one in web.log).values()) == 1
    web.log.clear()
    (report,) = archive.crawl()
    assert (report.visits, len(web.log)) == (0, 2 + 3)  # robots.txt of both hosts, and the lists
