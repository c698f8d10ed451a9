"""Lists and reports that scripts make are read and held as a browser shows them, in a real crawl."""

from __future__ import annotations

import json

import pytest

from crawler.lists.browser import why_no_browser
from nianbao.sentences import notes_sentence
from storage.records import Capture, CaptureRole, LookOutcome, Note
from tests.crawler.loopback_web import Answer, Archive, Web, a_list, a_report, page

needs_browser = pytest.mark.skipif(bool(why_no_browser()), reason=f"{why_no_browser()}: it is what this test is about.")
HOST = "www.wanping.gov.cn"
TITLE = "宛平县财政局2024年政府信息公开工作年度报告"
SHELL = "<title>宛平县</title><div id=app></div><script src='/app.js'></script><script src='http://count.example/c.js'></script>"
DRAW = f"""fetch('/more'); fetch('/api').then((answer) => answer.json()).then((data) => {{
  document.getElementById('app').innerHTML = '<h1>{TITLE}</h1><p>' + location.search + '一、总体情况'
    + '。'.repeat(99) + '</p><a href="' + data.file + '">附件.pdf</a>';
}})"""

ROWS = [
    (f"./t20250{n}_{n}.html", f"宛平县第{n}中学2024年政府信息公开工作年度报告", "2025-01-20") for n in range(100, 105)
]
PAGER = '<script>createPageHTML(3, 0, "index", "html");</script>'


@pytest.fixture
def shells(archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """A portal whose two reports are pages without a word, which a script fills."""
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    archive.portal()
    rows = [(f"/detail?id={n}", TITLE.replace("财政", who), "2025-01-20") for n, who in ((1, "财政"), (2, "民政"))]
    web.routes[HOST, "/nb/"] = a_list(*rows)
    for url, *_ in rows:
        web.routes[HOST, url] = page(SHELL)
    web.routes[HOST, "/app.js"] = Answer(200, DRAW.encode(), {"Content-Type": "text/javascript"})
    web.routes[HOST, "/api"] = Answer(200, b'{"file": "/f/1.pdf"}', {"Content-Type": "application/json"})
    web.routes[HOST, "/more"] = web.routes[HOST, "/api"]
    web.routes[HOST, "/f/1.pdf"] = Answer(200, b"%PDF-1.4 x", {"Content-Type": "application/pdf"})
    return archive


def shown(archive: Archive) -> list[Capture]:
    return [one for one in archive.captures() if one.role is CaptureRole.ATTACHMENT and one.mime == "text/html"]


@needs_browser
def test_a_report_is_kept_as_a_browser_shows_it_with_its_files(
    shells: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    (report,) = shells.crawl()
    assert notes_sentence(report.notes) == "1 of 1 looks complete; 2 reports fetched"
    pages = {one.id: one for one in shells.captures() if one.role is CaptureRole.REPORT}
    doms = {one.via: one for one in shown(shells)}
    (file,) = (one for one in shells.captures() if one.requested.endswith(".pdf"))
    assert doms.keys() == pages.keys()
    assert {via: dom.requested for via, dom in doms.items()} == {one.id: one.requested for one in pages.values()}
    assert file.via in {dom.id for dom in doms.values()}
    texts = [shells.body(dom).decode() for dom in doms.values()]
    assert all(TITLE in text and "data-nb" not in text for text in texts)
    asked = [web.paths().count(path) for path in ("/detail?id=1", "/app.js")]
    assert asked == [1, 1]  # what was fetched already is not asked for again


@needs_browser
@pytest.mark.parametrize(
    ("route", "body", "reason"),
    [
        ("/more", Answer(500, b""), "http_500"),
        ("/app.js", Answer(200, b"for (;;) {}", {"Content-Type": "text/javascript"}), "browser_timeout"),
    ],
    ids=["data fails", "endless"],
)
def test_a_report_that_was_not_shown_whole_is_told(
    shells: Archive, web: Web, monkeypatch: pytest.MonkeyPatch, route: str, body: Answer, reason: str
) -> None:
    monkeypatch.setenv("NIANBAO_RENDER_SECONDS", "1" if reason == "browser_timeout" else "40")
    web.routes[HOST, route] = body
    (report,) = shells.crawl()
    told = {one.code: one.values for one in report.notes}
    assert told["attachments_failed"] == {"number": 2, "reasons": {reason: 2}}


def test_a_crawl_without_a_browser_says_so(shells: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_BROWSER", "none")
    (report,) = shells.crawl()
    assert Note("browser_off") in report.notes
    assert Note("attachments_failed", {"number": 2, "reasons": {"scripts_make_the_page": 2}}) in report.notes
    assert shown(shells) == []


@needs_browser
def test_what_turned_a_list_is_tried_first_at_the_next_look(
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its script names addresses of pages, as a system does whose pages are there; here only its button turns it."""
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    archive.portal()
    drawn = """<ul id=list></ul><button onclick="load()">下一页</button><script>let n = 0; async function load() {
      const answer = await (await fetch(`/rows?page=${++n}`, {headers: {'X-CSRF-TOKEN': 't'}})).json();
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
    assert {one.headers.get("x-csrf-token") for one in web.log if "/rows" in one.path} == {"t"}


@needs_browser
def test_a_page_that_asks_for_data_while_it_is_left_leads_to_where_its_address_moved(
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    archive.portal()
    leave = """let n = 0; setInterval(() => { if (n < 30) fetch(`/count?${n++}`) }, 20);
      setTimeout(() => { location.href = '/nb/old' }, 100)"""
    web.routes[HOST, "/nb/"] = page(f"<html><body><script>{leave}</script></body></html>")
    web.routes[HOST, "/nb/old"] = Answer(302, b"", {"Location": "/list/"})
    web.routes[HOST, "/list/"] = a_list(*ROWS)
    web.routes[HOST, "*"] = Answer(200, b"{}", {"Content-Type": "application/json"})
    archive.crawl()
    assert len(archive.links(archive.looks()[-1])) == len(ROWS)
    assert web.paths().count("/list/") == 1
