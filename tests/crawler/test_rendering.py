"""Lists that only scripts make: shown to a real Chromium that has no network, and what its pages try is of no use."""

# ruff: noqa: E501 - markup and scripts stay on one line

from __future__ import annotations

from pathlib import Path

import pytest
from county import FIRST, HOST, County, column, county, scenario
from loopback_web import Answer, Archive, Web, page

from crawler.families.generic import Generic
from crawler.families.lists import Page
from crawler.rendering.found import missing
from crawler.rendering.reading import Circumstances, judged
from storage.captures import CaptureStore
from storage.observations import Observations
from storage.records import CaptureOutcome, CaptureRole, LookOutcome
from storage.warc import read_member

needs_browser = pytest.mark.skipif(bool(missing("")), reason=f"{missing('')}: it is what this test is about.")
COLUMN = f'column("nb", "http://{HOST}/gk/nb/", title="政府信息公开年报", covers="department")'


def sentence(place: County) -> str:
    with place.home() as home:
        return list(Observations(home).runs("wanping"))[-1].note


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
            records = [read_member(home.warc_dir, c.warc) for c in (made, loaded["image/png"]) if c.warc]
            assert "政府信息公开工作年度报告</a>" in store.body(made).decode()
            assert store.body(loaded["image/png"]).startswith(b"\x89PNG")
        assert {link.capture for link in links} == {made.id}
        names = [(record.kind, record.fields["warc-target-uri"]) for record in records]
        assert names == [("resource", f"urn:dom:http://{HOST}/gk/nb/"), ("resource", f"urn:view:http://{HOST}/gk/nb/")]
        assert {entry.agent.partition("/")[0] for entry in place.portals.log} == {"nianbao"}
        assert not [entry.path for entry in place.portals.log if entry.path.endswith(".png")]


@needs_browser
def test_a_list_behind_a_sealed_interface_is_read_as_far_as_it_is_shown(tmp_path: Path) -> None:
    with county(tmp_path, scenario("sealed", column("nb", "/gk/nb/"))) as place:
        place.spider("generic.Generic", COLUMN)
        (look,) = place.crawl()
        assert (look.outcome, look.reason) == (LookOutcome.PARTIAL, "pages_turned_by_script")
        assert len(place.found(look)) == 4
        asked = next(c for c in place.captures(CaptureRole.RESOURCE) if c.url.endswith("/d/gk/nb/"))
        with place.home() as home:
            exchange = CaptureStore(home).exchange(asked)
        assert (exchange.method, exchange.request_body[:2]) == ("POST", b"t=")


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
    "jumps": "location.href = '/jumps/?' + Math.random();",
    "loop": "for (;;) {}",
    "giant": "list.hidden = true; list.textContent = 'x'.repeat(100 << 20);",
}


@needs_browser
def test_a_hostile_page_costs_itself_alone(archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two crawls side by side; of what their pages try nothing arrives, and the look after them is as good as any."""
    monkeypatch.setenv("NIANBAO_RENDER_SECONDS", "6")
    hosts = {"www.wanping.gov.cn": ("reach", "giant", "plain"), "www.anlan.gov.cn": ("jumps", "loop")}
    for host, names in hosts.items():
        listings = "".join(f'column("{name}", "http://{host}/{name}/", title="政府信息公开年报"),' for name in names)
        archive.portal(host.split(".")[1], host=host, family="generic.Generic", listings=listings)
        web.routes[host, "/robots.txt"] = Answer(200, b"User-agent: *\nDisallow: /closed/\n")
        for name in names:
            text = f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><div id='list'></div><script src='/{name}.js'></script>"
            web.routes[host, f"/{name}/"] = page(f"<html><body>{text}</body></html>")
            source = SCRIPTS.get(name, "").replace("INWARD", web.address)
            web.routes[host, f"/{name}.js"] = Answer(200, source.encode(), {"Content-Type": "text/javascript"})
    web.routes["www.anlan.gov.cn", "*"] = web.routes["www.anlan.gov.cn", "/jumps/"]
    web.routes[HOST, "/hop"] = Answer(302, b"", {"Location": f"http://{web.address}/hopped"})
    web.routes[HOST, "/plain/"] = page(f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul>{ROWS}</ul>")
    archive.crawl("wanping", "anlan")
    ended = {look.listing.partition(":")[2]: (look.outcome, look.reason) for look in archive.looks()}
    assert ended == {
        "reach": (LookOutcome.PARTIAL, "part_not_loaded:private_address"),
        "giant": (LookOutcome.SCRIPT_ONLY, "rendered_page_too_large"),
        "plain": (LookOutcome.OK, ""),
        "jumps": (LookOutcome.SCRIPT_ONLY, "sent_on_and_on"),
        "loop": (LookOutcome.SCRIPT_ONLY, "browser_timeout"),
    }
    assert {asked.host for asked in web.log} == set(hosts)
    assert not {"/closed/x", "/sw.js", "/big.zip"} & set(web.paths())
    refused = {c.reason for c in archive.captures() if c.outcome in {CaptureOutcome.REFUSED, CaptureOutcome.ROBOTS}}
    assert refused == {"private_address", "disallowed"}


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
        (ROWS + "<p><b>上一页</b><i><a>1</a></i><span>下一页</span></p>", Circumstances(), LookOutcome.OK, False, ""),
        ("<p>暂无数据</p>", Circumstances(), LookOutcome.SCRIPT_ONLY, False, ""),
    ],
)
def test_what_rendering_leaves_in_doubt(
    markup: str, how: Circumstances, outcome: LookOutcome, by_script: bool, doubt: str
) -> None:
    text = f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul>{markup}</ul>"
    read = judged(Generic(name="x").read_list(Page("http://www.a.gov.cn/nb/", text)), text, how)
    assert (read.outcome, read.by_script, read.doubt) == (outcome, by_script, doubt)
