"""The list engine reads the columns of a portal in a real crawl (decision 0016)."""

from __future__ import annotations

from storage.records import CaptureRole, LookOutcome
from tests.crawler.loopback_web import Answer, Archive, Web, a_list, a_report

HOST = "www.wanping.gov.cn"
ROWS = [
    (f"./t20250{n}_{n}.html", f"宛平县第{n}中学2024年政府信息公开工作年度报告", "2025-01-20") for n in range(100, 105)
]
PAGER = '<script>createPageHTML(3, 0, "index", "html");</script>'


def three_pages(web: Web) -> None:
    pages = {"/nb/": ROWS[:2], "/nb/index_1.html": ROWS[2:4], "/nb/index_2.html": ROWS[4:]}
    for path, rows in pages.items():
        web.routes[HOST, path] = a_list(*rows, tail=PAGER)
    for address, title, _ in ROWS:
        web.routes[HOST, f"/nb/{address[2:]}"] = a_report(title)


def test_a_list_is_read_to_its_end_and_each_request_is_kept(archive: Archive, web: Web) -> None:
    archive.portal()
    three_pages(web)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, len(archive.links(look))) == (LookOutcome.OK, 5)
    kept = [one.url for one in archive.captures() if one.role is CaptureRole.LISTING]
    assert kept == [f"http://{HOST}/nb/{name}" for name in ("", "index_1.html", "index_2.html")]
    assert set(look.captures) >= {one.id for one in archive.captures() if one.role is CaptureRole.LISTING}
    assert web.paths()[0] == "/robots.txt"
    assert len([path for path in web.paths() if "/t2025" in path]) == len(ROWS)  # each report was visited


def test_a_page_that_fails_leaves_the_list_in_part(archive: Archive, web: Web) -> None:
    archive.portal()
    three_pages(web)
    web.routes[HOST, "/nb/index_2.html"] = Answer(500, b"")
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, len(archive.links(look))) == (LookOutcome.PARTIAL, 4)


def test_what_robots_txt_forbids_is_not_asked_for(archive: Archive, web: Web) -> None:
    archive.portal()
    three_pages(web)
    web.routes[HOST, "/robots.txt"] = Answer(200, b"User-agent: *\nDisallow: /nb/")
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, web.paths()) == (LookOutcome.ROBOTS, ["/robots.txt"])
