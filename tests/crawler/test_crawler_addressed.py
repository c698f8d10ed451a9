"""Addressed listings, whose empty answers count only with a control; one report under many addresses."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from loopback_web import Answer, Archive, Asked, Web, a_list, a_report, page

from storage.records import LookOutcome

HOST = "www.wanping.gov.cn"
ADDRESS = f"http://{HOST}/module/xxgk/xxgkAnnualReport.jsp?area={{code}}&fbtime={{year}}"
EMPTY = page(
    '<html><head><title>宛平县人民政府</title></head><body><a href="/">首页</a><div class="t"></div><div id="zoom"></div><p>主办单位：宛平县人民政府办公室　网站标识码：9900010001</p></body></html>'
)
AGENCIES = "zf,宛平县人民政府,政府,A1\ncz,宛平县财政局,部门,A2\nsf,宛平县司法局,部门\n"


@pytest.fixture
def hanweb(archive: Archive) -> Archive:
    archive.portal(
        family="hanweb_jcms.HanwebJcms",
        listings=f'addressed("nb", {ADDRESS!r}, title="政府信息公开年报"),',
        agencies=AGENCIES,
    )
    return archive


def at(code: str, year: int) -> tuple[str, str]:
    return HOST, f"/module/xxgk/xxgkAnnualReport.jsp?area={code}&fbtime={year}"


def looks(archive: Archive) -> dict[str, tuple[LookOutcome, str, bool, int]]:
    return {
        look.listing.partition("/")[2]: (look.outcome, look.reason, look.control is not None, len(archive.links(look)))
        for look in archive.looks()
    }


def test_an_empty_answer_counts_only_if_a_known_good_address_answers_after_it(hanweb: Archive, web: Web) -> None:
    web.routes[HOST, "*"] = EMPTY
    web.routes[at("A1", 2024)] = a_report(
        "宛平县人民政府2024年政府信息公开工作年度报告", "<p>发布时间:2025-03-20 10:00:00</p>"
    )
    (report,) = hanweb.crawl()
    assert report.outcome == "ok"
    assert looks(hanweb) == {  # 2025 and 2024 of the two agencies with a code
        "zf/2025": (LookOutcome.OK, "empty_report", True, 0),
        "cz/2025": (LookOutcome.OK, "empty_report", True, 0),
        "zf/2024": (LookOutcome.OK, "", False, 1),
        "cz/2024": (LookOutcome.OK, "empty_report", True, 0),
    }
    with hanweb.home() as home:
        from storage.observations import Observations
        from storage.registry import Registry

        link = next(e.links[0] for e in Observations(home).latest_extractions("wanping").values() if e.links)
        listing = next(row for row in Registry(home).listings("wanping") if row.id == "wanping:nb/zf/2024")
    assert (link.text, link.listed) == ("宛平县人民政府2024年政府信息公开工作年度报告", "2025-03-20")
    assert (listing.agency, listing.year, link.url) == ("wanping/zf", 2024, listing.url)


def test_a_portal_that_answers_empty_to_everything_proves_nothing(hanweb: Archive, web: Web) -> None:
    web.routes[HOST, "*"] = EMPTY
    hanweb.crawl()
    assert set(looks(hanweb).values()) == {(LookOutcome.PARTIAL, "no_known_good_address", False, 0)}


def test_open_duties_are_asked_every_time_and_known_reports_by_age(
    hanweb: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.routes[HOST, "*"] = EMPTY
    web.routes[at("A1", 2024)] = a_report("宛平县人民政府2024年政府信息公开工作年度报告")
    hanweb.crawl()
    monkeypatch.setenv("NIANBAO_NOW", "2026-02-03T09:00:00+08:00")
    web.log.clear()
    hanweb.crawl()
    asked = [path.split("area=")[1].replace("&fbtime=", " ") for path in web.paths() if "area=" in path]
    assert asked == ["A2 2025", "A1 2025", "A2 2024", "A1 2024"]  # three open ones, then the control
    web.routes[at("A1", 2024)] = EMPTY  # withdrawn, and with it the only address known to be good
    monkeypatch.setenv("NIANBAO_NOW", "2026-02-04T09:00:00+08:00")
    hanweb.crawl()
    assert {look.reason for look in hanweb.looks()[-3:]} == {"control_failed"}


def test_a_bar_of_years_is_no_column_of_its_own(archive: Archive, web: Web) -> None:
    """Its years would be leads, and the frame of a year without report was taken for a report that is held."""
    url = f"http://{HOST}/public/column/{{code}}?type=3&action=detail&title={{year}}"
    archive.portal(
        family="lonsun.Lonsun",
        listings=f'addressed("nb", {url!r}, title="政府信息公开年报"),',
        agencies="cz,宛平县财政局,部门,7001\n",
        extra=f'entrances = ("http://{HOST}/",)',
    )
    years = "".join(
        f"<a href='/public/column/7001?type=3&action=detail&title={year}'>{year}年</a>" for year in (2025, 2024)
    )
    frame = f"<html><title>宛平县财政局政府信息公开年报</title><div>宛平县财政局 &gt; 政府信息公开年报</div>{years}"
    web.routes[HOST, "/"] = page("<html><a href='/public/column/7001?type=3'>宛平县财政局政府信息公开年报</a></html>")
    report = a_report("宛平县财政局2024年政府信息公开工作年度报告").body.decode()
    for year, shown in ((2025, "<div>暂无相关信息</div>"), (2024, report)):
        web.routes[HOST, f"/public/column/7001?type=3&action=detail&title={year}"] = page(f"{frame}{shown}</html>")
    web.routes[HOST, "/public/column/7001?type=3"] = page(f"{frame}<div>暂无相关信息</div></html>")
    archive.crawl()
    assert {key: (outcome, links) for key, (outcome, _, _, links) in looks(archive).items()} == {
        "cz/2025": (LookOutcome.OK, 0),
        "cz/2024": (LookOutcome.OK, 1),
    }


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
    assert (report.outcome, report.looks, report.counts["visits"]) == ("ok", {"ok": 3}, 4)
    assert max(Counter((one.host, one.path) for one in web.log).values()) == 1
    web.log.clear()
    (report,) = archive.crawl()
    assert (report.counts.get("visits", 0), len(web.log)) == (0, 2 + 3)  # robots.txt of both hosts, and the lists
