"""One report under many addresses: mirrors on two hosts, http and https, several columns, sessions in addresses."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from loopback_web import Answer, Archive, Asked, Web, a_list, a_report, page

from storage.records import LookOutcome

WWW, BARE = "www.wanping.gov.cn", "wanping.gov.cn"
TITLE = "宛平县{}局2025年政府信息公开工作年度报告"
DATE = "2026-01-20"
COLUMNS = "".join(
    f'column("{key}", "{url}", title="政府信息公开年报", covers="department"),'
    for key, url in (
        ("all", f"http://{WWW}/nb/"),
        ("mirror", f"http://{BARE}/nb/"),
        ("again", f"http://{WWW}/zfxxgk/nb/"),
        ("sessions", f"http://{WWW}/list.jsp"),
    )
)


def with_sessions(links: dict[str, str]) -> Answer:
    """A list whose addresses, that of its next page too, are new at every request."""
    number = next(_NUMBERS)
    marks = [f";jsessionid={number:032X}", f"?sid={number:032x}", f"?timestamp={1_769_900_000_000 + number}"]
    rows = [(f"{href}{mark}", text, DATE) for (href, text), mark in zip(links.items(), marks, strict=False)]
    return a_list(*rows, tail=f'<a href="list.jsp;jsessionid={number:032X}?_={1_769_900_000_000 + number}">下一页</a>')


_NUMBERS = count(1)


@pytest.fixture
def portal(archive: Archive, web: Web) -> Archive:
    archive.portal(
        listings=COLUMNS,
        hosts=f"{BARE!r}",
        agencies="cz,宛平县财政局,部门\njy,宛平县教育局,部门\nsl,宛平县水利局,部门\n",
    )
    archive.map(BARE)
    reports = {f"/nb/t20260120_{n}.html": TITLE.format(name) for n, name in enumerate(("财政", "教育", "水利"))}
    for host in (WWW, BARE):
        web.routes[host, "/nb/"] = a_list(*((href, text, DATE) for href, text in reports.items()))
        for href, text in reports.items():
            web.routes[host, href] = a_report(text, f"<p>{text}。{'本年度主动公开政府信息。' * 40}</p>")
    web.routes[WWW, "/zfxxgk/nb/"] = web.routes[WWW, "/nb/"]

    def jsp(asked: Asked) -> Answer:
        path = asked.path.partition(";")[0].partition("?")[0]
        if path == "/list.jsp":
            return with_sessions(reports)
        answer = web.routes.get((WWW, path), page("<h1>404 Not Found</h1>", 404))
        assert isinstance(answer, Answer)
        return answer

    web.routes[WWW, "*"] = jsp
    return archive


def test_each_address_is_fetched_once_and_each_listing_keeps_its_evidence(portal: Archive, web: Web) -> None:
    (report,) = portal.crawl()
    looks = {look.listing.partition(":")[2]: look for look in portal.looks()}
    assert {key: look.outcome for key, look in looks.items()} == dict.fromkeys(looks, LookOutcome.OK)
    own = [f"http://{WWW}/nb/t20260120_{n}.html" for n in range(3)]
    assert {key: portal.links(look) for key, look in looks.items()} == {
        "all": own,
        "mirror": [url.replace(WWW, BARE) for url in own],
        "again": own,
        "sessions": own,
    }
    assert (report.outcome, report.visits) == ("ok", 6)
    asked = Counter((one.host, one.path) for one in web.log)
    assert max(asked.values()) == 1
    web.log.clear()
    (report,) = portal.crawl()
    assert report.visits == 0
    assert len(web.log) == 2 + 4  # robots.txt of both hosts, and the lists
