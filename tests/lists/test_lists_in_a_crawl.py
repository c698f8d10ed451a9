"""The list engine reads the columns of a portal in a real crawl (decision 0016)."""

from __future__ import annotations

import json

import pytest

from crawler.lists.browser import find_program
from storage.records import LookOutcome
from tests.crawler.loopback_web import Archive, Web, a_report, page

HOST = "www.wanping.gov.cn"
ROWS = [
    (f"./t20250{n}_{n}.html", f"宛平县第{n}中学2024年政府信息公开工作年度报告", "2025-01-20") for n in range(100, 105)
]
PAGER = '<script>createPageHTML(3, 0, "index", "html");</script>'


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
