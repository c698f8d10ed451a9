"""What must never let a look end as read to its end: menus beside scripts, odd second pages, pages that break reading."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from loopback_web import Archive, Web, a_list, page

from crawler.net.guard import AllowedHosts
from nianbao.sentences import notes_sentence
from storage.records import LookOutcome

HOST = "www.wanping.gov.cn"
CZ = ("/2026/01-15/100.html", "宛平县财政局2025年政府信息公开工作年度报告", "2026-01-15")
BUSY = f"<html><head><title>通知</title></head><body>{'系统正在维护，请稍后访问。' * 60}</body></html>"


def ended(archive: Archive, listing: str = "wanping:nb") -> tuple[LookOutcome, str]:
    look = next(look for look in archive.looks() if look.listing == listing)
    return look.outcome, look.reason


def test_a_second_page_that_is_none_does_not_end_the_list(web: Web, archive: Archive) -> None:
    web.routes[HOST, "/nb/"] = a_list(CZ, tail='<a href="/nb/index_1.html">下一页</a>')
    web.routes[HOST, "/nb/index_1.html"] = page(BUSY)
    archive.portal(family="dated_list.DatedList")
    archive.crawl()
    assert ended(archive)[0] is LookOutcome.PARTIAL


def test_a_host_that_sends_everybody_away_is_not_asked_for_every_report(web: Web, archive: Archive) -> None:
    rows = [(f"/2026/01-15/{n}.html", f"宛平县第{n}局2025年政府信息公开工作年度报告", "2026-01-15") for n in range(9)]
    web.routes[HOST, "/nb/"] = a_list(*rows)
    for href, _, _ in rows:
        web.routes[HOST, href] = page("later", 503, Retry_After="86400")
    archive.portal(family="dated_list.DatedList")
    (report,) = archive.crawl()
    asked = [path for path in web.paths(HOST) if path.startswith("/2026/")]
    assert len(asked) <= 4
    assert "not asked again in this run" in notes_sentence(report.notes)


def test_an_address_with_half_a_character_is_refused() -> None:
    assert AllowedHosts((HOST,)).refusal(f"http://{HOST}/\ud800") == "odd_address"
    assert AllowedHosts((HOST,)).refusal(f"http://{HOST}/年报") is None
