"""The list engine reads the columns of a portal in a real crawl (decision 0016)."""

from __future__ import annotations

import json

import pytest

from crawler.lists.browser import find_program
from storage.records import CaptureRole, LookOutcome
from tests.crawler.loopback_web import Answer, Archive, Web, a_list, a_report, page

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


@pytest.mark.skipif(find_program() is None, reason="no browser is installed")
def test_what_turned_a_list_is_tried_first_at_the_next_look(
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its script names addresses of pages, as a system does whose pages are there; here only its button turns it."""
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    archive.portal()
    drawn = """<ul id=list></ul><button onclick="load()">下一页</button><script>let n = 0; async function load() {
      const answer = await (await fetch(`/rows?page=${++n}`)).json();
      if (answer.rows.length) document.getElementById('list').innerHTML = answer.rows.map(
        r => `<li><a href="${r[0]}">${r[1]}</a><span>${r[2]}</span></li>`).join('') } load();
      function createPageHTML() {}</script>"""
    web.routes[HOST, "/nb/"] = page(f"<html><title>政府信息公开年报</title><body>{drawn}{PAGER}</body></html>")
    for n in range(1, 5):
        web.routes[HOST, f"/rows?page={n}"] = page(json.dumps({"total": 5, "rows": ROWS[n * 2 - 2 : n * 2]}))
    for address, title, _ in ROWS:
        web.routes[HOST, f"/nb/{address[2:]}"] = a_report(title)
    looks = []
    for _ in range(2):
        web.log.clear()
        archive.crawl()
        asked = [path for path in web.paths() if "/t2025" not in path]
        looks.append((archive.looks()[-1].outcome, len(archive.links(archive.looks()[-1])), asked))
    turned = [f"/rows?page={n}" for n in (1, 2, 3, 4)]
    assert looks == [
        (LookOutcome.OK, 5, ["/robots.txt", "/nb/", "/nb/index_1.html", *turned]),
        (LookOutcome.OK, 5, ["/robots.txt", "/nb/", *turned]),
    ]
