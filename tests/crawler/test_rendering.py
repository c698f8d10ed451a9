"""Lists that only scripts make: shown to a real Chromium that has no network, and what its pages try is of no use."""

# ruff: noqa: E501 - markup and scripts stay on one line

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from county import FIRST, HOST, County, column, county, scenario
from loopback_web import Answer, Archive, Web, page
from scrapy import Request
from scrapy.http import Response

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page
from crawler.looks.page_reading import read_page
from crawler.net.failures import NotNow
from crawler.net.fetching import Fetched
from crawler.net.guard import AllowedHosts
from crawler.net.host_health import HostHealth
from crawler.net.response_verdict import Verdict
from crawler.operations.relook import relook
from crawler.rendering.browser_search import missing
from crawler.rendering.process import RenderingFailed
from crawler.rendering.render import Renderer
from crawler.rendering.rendered_reading import Circumstances, judged
from crawler.rendering.request_proxy import MOST_REQUESTS, BrowserRequestProxy, Challenged
from nianbao.notes import note_sentence, notes_sentence
from storage.captures import CaptureStore
from storage.observations import Observations
from storage.records import CaptureOutcome, CaptureRole, LookOutcome, Note
from storage.warc_reader import stored_payload

needs_browser = pytest.mark.skipif(bool(missing("")), reason=f"{missing('')}: it is what this test is about.")
SHELLS = "".join(
    f"<li><a href='/detail?id={n}'>宛平县{who}2024年政府信息公开工作年度报告</a> 2025-01-20</li>"
    for n, who in ((1, "财政局"), (2, "民政局"))
)
DETAIL = """fetch('/api').then(function(r) { return r.json() }).then(function(d) {
  document.getElementById('app').innerHTML = '<h1>宛平县2024年政府信息公开工作年度报告</h1><p>' + location.search + '一、总体情况' + '。'.repeat(99)
    + '</p><a href="' + d.file + '">附件.pdf</a>';
})"""
COLUMN = f'column("nb", "http://{HOST}/gk/nb/", title="政府信息公开年报", covers="department")'


def sentence(place: County) -> str:
    with place.home() as home:
        return notes_sentence(list(Observations(home).runs("wanping"))[-1].notes)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.02")
    monkeypatch.setenv("NIANBAO_BROWSER", "")


@needs_browser
def test_a_list_inside_a_script_is_found_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a browser it is told and proves nothing; with one all is found, and kept as what the browser made."""
    with county(tmp_path, scenario("script_made", column("nb", "/gk/nb/"), size=100)) as place:
        place.spider("generic.Generic", COLUMN)
        monkeypatch.setenv("NIANBAO_BROWSER", "/nowhere/chromium")
        (look,) = place.crawl()
        assert (look.outcome, look.reason, place.found(look)) == (
            LookOutcome.SCRIPT_ONLY,
            "scripts_make_the_list",
            set(),
        )
        assert "/nowhere/chromium, which is no program (Debian: apt-get install chromium)" in sentence(place)
        monkeypatch.setenv("NIANBAO_BROWSER", "")
        (look,) = place.crawl()
        assert (look.outcome, look.reason) == (LookOutcome.OK, "")
        assert place.found(look) == place.true_entries(FIRST, "nb")
        assert place.fetched() >= place.true_reports(FIRST, "nb")
        made = place.captures(CaptureRole.LISTING)[-1]
        loaded = {c.mime: c for c in place.captures(CaptureRole.RESOURCE)}
        assert {"application/javascript", "image/png"} <= set(loaded)
        assert {made.id, *(c.id for c in loaded.values())} <= set(look.captures)
        with place.home() as home:
            links = Observations(home).extractions(look.id)[-1].links
            store = CaptureStore(home)
            records = [stored_payload(home.blobs, c.warc)[0] for c in (made, loaded["image/png"]) if c.warc]
            assert "政府信息公开工作年度报告</a>" in store.body(made).decode()
            assert store.body(loaded["image/png"]).startswith(b"\x89PNG")
        assert {link.capture for link in links} == {made.id}
        names = [(record.kind, record.fields["warc-target-uri"]) for record in records]
        assert names == [("resource", f"urn:dom:http://{HOST}/gk/nb/"), ("resource", f"urn:view:http://{HOST}/gk/nb/")]
        with place.home() as home:
            assert relook(home, "wanping") == 0
        assert {entry.agent.partition("/")[0] for entry in place.portals.log} == {"nianbao"}
        assert not [entry.path for entry in place.portals.log if entry.path.endswith(".png")]


@needs_browser
def test_a_list_behind_a_sealed_interface_is_read_as_far_as_it_is_shown(tmp_path: Path) -> None:
    """Its numbers are pressed, and do nothing."""
    with county(tmp_path, scenario("sealed", column("nb", "/gk/nb/"))) as place:
        place.spider("generic.Generic", COLUMN)
        (look,) = place.crawl()
        assert (look.outcome, look.reason) == (LookOutcome.PARTIAL, "next_brings_nothing_new")
        assert len(place.found(look)) == 4
        asked = next(c for c in place.captures(CaptureRole.RESOURCE) if c.url.endswith("/d/gk/nb/"))
        with place.home() as home:
            exchange = CaptureStore(home).exchange(asked)
        assert (exchange.method, exchange.request_body[:2]) == ("POST", b"t=")


@needs_browser
def test_reports_whose_pages_scripts_make_are_held_as_a_browser_shows_them(
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What belongs to them with them; one that could not be shown is told and asked for again."""
    archive.portal("wanping", host=HOST, family="generic.Generic", listings=f"{COLUMN},")
    web.routes[HOST, "/gk/nb/"] = page(f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul>{SHELLS}</ul>")
    for n in (1, 2):
        web.routes[HOST, f"/detail?id={n}"] = page(
            "<title>宛平县</title><div id=app></div><script src='/app.js'></script>"
        )
    web.routes[HOST, "/app.js"] = Answer(200, DETAIL.encode(), {"Content-Type": "text/javascript"})
    web.routes[HOST, "/api"] = Answer(200, b'{"file": "/f/1.pdf"}', {"Content-Type": "application/json"})
    web.routes[HOST, "/f/1.pdf"] = Answer(200, b"%PDF-1.4 x", {"Content-Type": "application/pdf"})
    monkeypatch.setenv("NIANBAO_BROWSER", "none")
    (report,) = archive.crawl()
    assert Note("attachments_failed", {"number": 2, "reasons": {"scripts_make_the_page": 2}}) in report.notes
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    (report,) = archive.crawl()
    assert notes_sentence(report.notes) == "1 of 1 looks ok; 2 reports visited"
    of_run = [one for one in archive.captures() if one.run == report.run]
    shell, other = (one for one in of_run if one.role is CaptureRole.REPORT)
    belonging = [one for one in of_run if one.role is CaptureRole.ATTACHMENT]
    doms = {one.via: one for one in belonging if "/detail" in one.requested}
    (file,) = (one for one in belonging if one.requested.endswith(".pdf"))
    assert {via: dom.requested for via, dom in doms.items()} == {one.id: one.requested for one in (shell, other)}
    assert file.via in {dom.id for dom in doms.values()}
    assert doms[shell.id].document != doms[other.id].document


ROWS = "".join(
    f'<li><a href="/r/2025012{n}.html">宛平县第{n}局2024年政府信息公开工作年度报告</a> 2025-01-2{n}</li>'
    for n in range(3)
)
REACH = """
for (var u of ["file:///etc/passwd", "http://INWARD/fetched", "http://169.254.169.254/latest/", "http://[::1]/", "ftp://www.wanping.gov.cn/x"]) {
  fetch(u).catch(function(){}); new Image().src = u; var f = document.createElement("iframe"); f.src = u; document.body.append(f);
  try { window.open(u) } catch (e) {} try { new WebSocket(u.replace("http", "ws")) } catch (e) {} try { navigator.sendBeacon(u) } catch (e) {}
  var l = document.createElement("link"); l.rel = "preconnect"; l.href = u; document.head.append(l);
}
fetch("/hop"); fetch("/closed/x"); alert(1); confirm(2);
navigator.serviceWorker && navigator.serviceWorker.register("/sw.js").catch(function(){});
new Worker(URL.createObjectURL(new Blob(["fetch('http://INWARD/worker')"])));
var a = document.createElement("a"); a.href = "/big.zip"; a.download = "x"; a.click();
"""
SCRIPTS = {
    "reach": REACH + f"list.innerHTML = '<ul>{ROWS}</ul>';",
    "calls": """
var peer = new RTCPeerConnection({iceServers: [{urls: "stun:STUN"}, {urls: "turn:STUN?transport=udp", username: "a", credential: "b"}]});
peer.createDataChannel("x"); peer.createOffer().then(function(offer) { return peer.setLocalDescription(offer) });
peer.onicecandidate = function(one) { if (one.candidate) fetch("/found?" + one.candidate.candidate) };
"""
    + f"setTimeout(function() {{ list.innerHTML = '<ul>{ROWS}</ul>' }}, 1500);",
    "jumps": "location.href = '/jumps/?' + Math.random();",
    "loop": "for (;;) {}",
    "giant": "list.hidden = true; list.textContent = 'x'.repeat(100 << 20);",
}


def hostile(archive: Archive, web: Web, host: str, *names: str) -> None:
    """A portal of columns that each a script fills, or does something else with."""
    listings = "".join(f'column("{name}", "http://{host}/{name}/", title="政府信息公开年报"),' for name in names)
    archive.portal(host.split(".")[1], host=host, family="generic.Generic", listings=listings)
    web.routes[host, "/robots.txt"] = Answer(200, b"User-agent: *\nDisallow: /closed/\n")
    for name in names:
        text = f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><div id='list'></div><script src='/{name}.js'></script>"
        web.routes[host, f"/{name}/"] = page(f"<html><body>{text}</body></html>")
        source = SCRIPTS.get(name, "").replace("INWARD", web.address)
        web.routes[host, f"/{name}.js"] = Answer(200, source.encode(), {"Content-Type": "text/javascript"})


@needs_browser
def test_a_page_that_calls_others_reaches_nobody_and_learns_no_address(archive: Archive, web: Web) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as called:
        called.bind(("127.0.0.1", 0))
        called.setblocking(False)
        hostile(archive, web, HOST, "calls")
        source = SCRIPTS["calls"].replace("STUN", f"127.0.0.1:{called.getsockname()[1]}")
        web.routes[HOST, "/calls.js"] = Answer(200, source.encode(), {"Content-Type": "text/javascript"})
        archive.crawl()
        with pytest.raises(BlockingIOError):
            called.recv(1)
    assert "/calls.js" in web.paths()
    assert not [path for path in web.paths() if path.startswith("/found")]


@needs_browser
def test_a_page_that_never_ends_is_ended(archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_RENDER_SECONDS", "2")
    hostile(archive, web, HOST, "loop", "plain")
    web.routes[HOST, "/plain/"] = page(f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul>{ROWS}</ul>")
    (report,) = archive.crawl()
    assert [(look.outcome, look.reason) for look in archive.looks()] == [
        (LookOutcome.SCRIPT_ONLY, "browser_timeout"),
        (LookOutcome.OK, ""),
    ]
    assert "wanping:loop needs scripts (the browser took too long)" in notes_sentence(report.notes)


@needs_browser
@pytest.mark.parametrize(
    "linked", ["", "<li><a href='/d/9.html'>宛平县审计局2024年政府信息公开工作年度报告</a> 2025-01-20</li>"]
)
def test_entries_lead_where_a_function_of_a_loaded_script_goes(archive: Archive, web: Web, linked: str) -> None:
    """``linkToNew`` stands in the site's common file: no entry of the page itself says where it leads."""
    hostile(archive, web, HOST, "common")
    rows = "".join(
        f"<li><a href='javascript:;' onclick=\"linkToNew('{n}','031004')\">宛平县{who}2024年政府信息公开工作年度报告</a> 2025-01-2{n}</li>"
        for n, who in enumerate(("财政局", "民政局", "司法局"))
    )
    head = "<title>政府信息公开年报</title><script src='/common.js'></script><h1>政府信息公开年报</h1>"
    web.routes[HOST, "/common/"] = page(f"{head}<ul>{rows}{linked}</ul>")
    source = "var root = ''; function linkToNew(id, column) { window.open('/d/' + column + '/' + id + '.html'); }"
    web.routes[HOST, "/common.js"] = Answer(200, source.encode(), {"Content-Type": "text/javascript"})
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.OK, "")
    found = {urlsplit(link).path for link in archive.links(look)}
    assert found == {f"/d/031004/{n}.html" for n in range(3)} | ({"/d/9.html"} if linked else set())


@needs_browser
def test_a_hostile_page_costs_itself_alone(archive: Archive, web: Web) -> None:
    """Two crawls side by side; of what their pages try nothing arrives."""
    hosts = {HOST: ("reach", "giant"), "www.anlan.gov.cn": ("jumps",)}
    for host, names in hosts.items():
        hostile(archive, web, host, *names)
    web.routes["www.anlan.gov.cn", "*"] = web.routes["www.anlan.gov.cn", "/jumps/"]
    web.routes[HOST, "/hop"] = Answer(302, b"", {"Location": f"http://{web.address}/hopped"})
    archive.crawl("wanping", "anlan")
    ended = {look.listing.partition(":")[2]: (look.outcome, look.reason) for look in archive.looks()}
    assert ended == {
        "reach": (LookOutcome.PARTIAL, "part_not_loaded:private_address"),
        "giant": (LookOutcome.SCRIPT_ONLY, "rendered_page_too_large"),
        "jumps": (LookOutcome.SCRIPT_ONLY, "sent_on_and_on"),
    }
    assert {asked.host for asked in web.log} == set(hosts)
    assert not {"/closed/x", "/sw.js", "/big.zip"} & set(web.paths())
    refused = {c.reason for c in archive.captures() if c.outcome in {CaptureOutcome.REFUSED, CaptureOutcome.ROBOTS}}
    assert refused == {"private_address", "disallowed"}


AT = f"http://{HOST}/gk/nb/"
SEVEN = "".join(
    f'<li><a href="/r/2025012{n}.html">宛平县第{n}局2024年政府信息公开工作年度报告</a> 2025-01-2{n}</li>'
    for n in range(7)
)
UNFILLED = "<h3>乡镇</h3><div id=xz></div><script src='/js/gone.js'></script>"  # other bodies stand there, as a rule
WRITER = "<div id=page class=pages></div><script src='/js/page.js'></script>"


@pytest.mark.parametrize(
    ("markup", "how", "outcome", "by_script", "doubt"),
    [
        (ROWS, Circumstances(), LookOutcome.OK, False, ""),
        (ROWS, Circumstances(failed=["timeout"]), LookOutcome.OK, False, "part_not_loaded:timeout"),
        (ROWS, Circumstances(foreign=True), LookOutcome.OK, False, "data_of_another_host"),
        (ROWS, Circumstances(settled=False), LookOutcome.OK, False, "never_at_rest"),
        (ROWS, Circumstances(grew=True), LookOutcome.OK, True, ""),
        (ROWS + "<ol><li>1</li><li>2</li></ol>", Circumstances(), LookOutcome.OK, True, ""),
        (ROWS + "<p><span>下一页</span></p>", Circumstances(), LookOutcome.OK, True, ""),
        (SEVEN + WRITER, Circumstances(), LookOutcome.OK, True, ""),
        (SEVEN + WRITER, Circumstances(sound=True), LookOutcome.OK, False, ""),  # it has written none
        (SEVEN + WRITER + "<p><span>下一页</span></p>", Circumstances(sound=True), LookOutcome.OK, True, ""),
        (ROWS + UNFILLED, Circumstances(sound=True), LookOutcome.OK, True, ""),
        (ROWS + "<p><b>上一页</b><i><a>1</a></i><span>下一页</span></p>", Circumstances(), LookOutcome.OK, False, ""),
        ("<p>暂无数据</p>", Circumstances(), LookOutcome.SCRIPT_ONLY, False, ""),
    ],
)
def test_what_rendering_leaves_in_doubt(
    markup: str, how: Circumstances, outcome: LookOutcome, by_script: bool, doubt: str
) -> None:
    text = f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul>{markup}</ul>"
    shown = Page(AT, text)
    read = judged(Generic(name="x").read_list(shown), shown, how)
    assert (read.outcome, read.by_script, read.doubt) == (outcome, by_script, doubt)


def test_a_pager_that_rendering_brought_leads_to_all_its_pages() -> None:
    """Those after the next one: it is not in the next page as it is fetched."""
    pager = "<a href=index_2.html>2</a><a href=index_3.html>3</a>…<a href=index_2.html>下一页</a><a href=index_5.html>尾页</a>"
    shown = Page(f"{AT}index.html", f"<title>政府信息公开年报</title><ul>{ROWS}</ul><p>共5页 {pager}</p>")
    read = judged(Generic(name="x").read_list(shown), shown, Circumstances())
    assert read.following == tuple(f"{AT}index_{number}.html" for number in range(2, 6))
    assert (read.pages, read.by_script, read.doubt) == (5, False, "")


PAGE = Fetched(AT, Verdict(CaptureOutcome.PAGE), (), "<p>甲</p>".encode("gb18030"))


def a_door(
    response: Response | None = None, verdict: Verdict | None = None
) -> tuple[BrowserRequestProxy, list[Request]]:
    """A door into a portal that gives one answer to everything; and what is asked through it."""
    sent: list[Request] = []

    async def send(request: Request, context: Any) -> tuple[Fetched, Response | None]:
        del context
        sent.append(request)
        url = response.url if response is not None else request.url
        return Fetched(url, verdict or Verdict(CaptureOutcome.PAGE), ()), response

    run: Any = SimpleNamespace(store=SimpleNamespace(last=lambda url: None))
    fetcher: Any = SimpleNamespace(allowed_hosts=AllowedHosts((HOST,)), health=HostHealth(), send=send)
    return BrowserRequestProxy(run, fetcher, PAGE), sent


def ask(
    door: BrowserRequestProxy, url: str, kind: str = "xhr", body: bytes = b"", **more: Any
) -> tuple[dict[str, Any], bytes]:
    return asyncio.run(door.answer({"url": url, "kind": kind, "method": "GET", "headers": {}, **more}, body))


def test_the_page_itself_is_not_asked_for_again() -> None:
    door, sent = a_door()
    assert ask(door, f"{AT}#x", "document", main=True)[1].decode() == "<p>甲</p>"
    assert sent == []


def test_a_request_says_what_the_script_says_and_nothing_of_the_browser() -> None:
    url = f"http://{HOST}/d"
    door, sent = a_door(
        Response(url, headers={"Content-Type": "text/plain", "Set-Cookie": "a=b"}, body="乙丙丁".encode("gbk"))
    )
    said = {"X-Requested-With": "XMLHttpRequest", "user-agent": "Mozilla", "Cookie": "a", "sec-ch-ua": "x", "x": "a\nb"}
    head, body = ask(door, url, headers=said, method="POST", body=b"t=1")
    assert (head["headers"], body.decode()) == ({"content-type": "text/plain; charset=utf-8"}, "乙丙丁")
    assert (sent[0].method, sent[0].body, dict(sent[0].headers)) == (
        "POST",
        b"t=1",
        {b"X-Requested-With": [b"XMLHttpRequest"]},
    )


@pytest.mark.parametrize(
    ("url", "kind", "reason"),
    [
        ("http://127.0.0.1/x", "fetch", "private_address"),
        ("file:///etc/passwd", "script", "scheme"),
        ("http://other.gov.cn/data", "xhr", "foreign_host"),
        ("http://other.gov.cn/list.jsp?page=1&callback=show", "script", "foreign_host"),
        ("http://other.gov.cn/jquery.js", "script", "foreign_host"),
        (f"http://{HOST}/x.png", "image", "not_for_a_list"),
    ],
)
def test_what_lies_outside_is_refused_and_told(url: str, kind: str, reason: str) -> None:
    door, sent = a_door()
    assert ask(door, url, kind) == ({}, b"")
    data = kind in {"xhr", "fetch"} or "callback" in url
    assert (sent, dict(door.refused), door.foreign) == ([], {reason: 1}, data)
    assert door.other_hosts == ({"other.gov.cn"} if data and reason == "foreign_host" else set())
    with pytest.raises(RenderingFailed, match=f"sent_to:{reason}"):
        ask(door, url, kind, main=True)


def test_a_page_that_is_sent_on_is_asked_for_where_it_is_now() -> None:
    door, _ = a_door(Response(f"https://{HOST}/new/", body=b"<p>"))
    assert ask(door, f"http://{HOST}/old/", "document", main=True) == ({"moved": f"https://{HOST}/new/"}, b"")


def test_a_host_that_is_left_alone_is_not_asked_by_a_page() -> None:
    door, sent = a_door(Response(f"http://{HOST}/d"))
    door.fetcher.health.leave(HOST, NotNow(LookOutcome.UNREACHABLE, "timeout"))
    assert (ask(door, f"http://{HOST}/d"), sent, door.failed) == (({}, b""), [], ["timeout"])


def test_a_challenge_is_not_handed_on_and_requests_have_an_end() -> None:
    door, _ = a_door(Response(AT), Verdict(CaptureOutcome.BLOCKED, "http_412"))
    with pytest.raises(Challenged, match="http_412"):
        ask(door, f"http://{HOST}/d")
    door, sent = a_door(verdict=Verdict(CaptureOutcome.UNREACHABLE, "timeout"))
    for _ in range(MOST_REQUESTS):
        assert ask(door, f"http://{HOST}/d") == ({}, b"")
    assert (len(sent), set(door.failed)) == (MOST_REQUESTS, {"timeout"})
    with pytest.raises(RenderingFailed, match="too_many_requests"):
        ask(door, f"http://{HOST}/d")


def test_what_is_missing_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing("none") == Note("browser_off")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    lacking = missing("")
    assert lacking is not None
    assert note_sentence(lacking).endswith("Playwright is not installed (pip install 'nianbao[browser]')")


def test_a_page_of_scripts_without_a_word_is_made_by_them() -> None:
    shell = Fetched(
        AT, Verdict(CaptureOutcome.PAGE, "script_shell"), (), b"<div id=root></div><script src=/a.js></script>"
    )
    for fetched, outcome in (
        (shell, LookOutcome.SCRIPT_ONLY),
        (replace(shell, verdict=PAGE.verdict), LookOutcome.CHANGED),
    ):
        assert read_page(Generic(name="x"), fetched.page, fetched.verdict.reason).outcome is outcome


def test_a_portal_may_keep_its_lists_from_browsers() -> None:
    run, portal = SimpleNamespace(notes=[]), SimpleNamespace(rendered=False)
    plain = ListPage((), outcome=LookOutcome.SCRIPT_ONLY, reason="scripts_make_the_list")
    assert asyncio.run(Renderer(portal, None, run).again(PAGE, plain, lambda page: plain)) == [(PAGE, plain)]  # type: ignore[arg-type]
