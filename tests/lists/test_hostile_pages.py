"""Whatever a page does to its browser costs that page alone, and reaches nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from crawler.lists.browser import Browser, find_program, why_no_browser
from crawler.lists.browser_limits import family_of, hold_slot, own_memory
from crawler.lists.list_reader import read_list
from crawler.lists.page import Answer, Request, Stopped
from storage.records import Note
from tests.crawler import loopback_web
from tests.crawler.loopback_web import Archive, Web, page
from tests.patience import LIMIT, PATIENCE, wait_until

HOST, PAGE, PLAIN = "www.wanping.gov.cn", "http://www.wanping.gov.cn/nb/", "http://www.wanping.gov.cn/plain/"
ROWS = (
    "<ul>"
    + "".join(f"<li><a href='{n}.html'>宛平县第{n}局2024年政府信息公开工作年度报告</a></li>" for n in range(5))
    + "</ul>"
)
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are seen in /proc"),
    pytest.mark.skipif(bool(why_no_browser()), reason=f"{why_no_browser()}: it is what these tests are about."),
]


class Portal:
    """A host whose page runs a script; all else is a list, and other hosts do not answer."""

    def __init__(self, script: str) -> None:
        self.script, self.asked = script, list[Request]()

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        if f"//{HOST}/" not in request.url:
            return Answer(request, request.url, 0)
        tail = "" if request.url == PLAIN else f"<script>{self.script}</script>"
        return Answer(request, request.url, 200, f"<html><body>{ROWS}{tail}</body></html>".encode(), "text/html")


def below() -> list[int]:
    """Processes below this one that run a browser, its driver or ours; other tests leave servers of workers there."""
    marks = (b"chrom", b"playwright", b"browser_process")
    lines = {pid: Path(f"/proc/{pid}/cmdline") for pid in family_of(os.getpid())[1:] if own_memory(pid)}
    return [pid for pid, line in lines.items() if line.exists() and any(mark in line.read_bytes() for mark in marks)]


BOMB = """const all = [];
setInterval(() => { document.body.append(all.length); all.push(new Uint8Array(9 << 20).fill(1)) }, 1)"""
MORE = """let n = 5; const row = document.querySelector('li').outerHTML;
function more() { document.querySelector('ul').innerHTML += row.replaceAll('第0局', `第${n++}局`) }
</script><button onclick='more()'>加载更多</button><script>"""


@pytest.mark.parametrize(
    "script",
    ["for (;;) {}", BOMB, "setInterval(() => { for (let n = 0; n < 9; n++) fetch('/x?' + Math.random()) }, 1)"],
    ids=["endless", "bomb", "requests"],
)
def test_a_hostile_page_costs_itself_alone(script: str) -> None:
    with closing(Browser(Portal(script), seconds=LIMIT if "for (;;)" in script else 40)) as browser:
        state = browser.open(PAGE)
        assert state.page.refusal in {"browser_timeout", "browser_memory", "browser_died", "too_many_requests"}
        assert (state.settled, state.markup) == (False, "")
        browser.seconds = PATIENCE
        assert [len(block.entries) for block in browser.open(PLAIN).page.blocks] == [5]
    assert not below()


def test_turns_are_bounded() -> None:
    portal = Portal(MORE)
    with closing(Browser(portal, turns=2)) as browser:
        read = read_list(PAGE, portal, lambda entry: "年度报告" in entry.title, browser=browser)
    assert len(read.entries) == 7
    assert "out_of_turns" in {one.rule for one in read.unmet_in_browser}


REACH = Path(__file__).with_name("reach.js").read_text("utf-8")  # tries every way out of a page


def test_a_page_reaches_nobody_but_through_the_crawl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_OPERATE_TOKEN", "a secret")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(type=socket.SOCK_DGRAM) as called:
        called.bind(("127.0.0.1", 0))
        server.setblocking(False)
        called.setblocking(False)
        inward, stun = (f"127.0.0.1:{one.getsockname()[1]}" for one in (server, called))
        portal = Portal(REACH.replace("INWARD", inward).replace("STUN", stun))
        with closing(Browser(portal)) as browser:
            state = browser.open(PAGE)
            assert (state.page.refusal, len(state.page.links)) == ("", 5)
            assert b"a secret" not in b"".join(Path(f"/proc/{pid}/environ").read_bytes() for pid in below())
            networks = {Path(f"/proc/{pid}/ns/net").readlink() for pid in below()}
        for one in (server, called):
            with pytest.raises(BlockingIOError):
                one.accept() if one is server else one.recv(1)
    if os.geteuid() == 0:
        assert Path("/proc/self/ns/net").readlink() not in networks
    paths = {request.url.removeprefix(f"http://{HOST}") for request in portal.asked}
    assert f"http://{inward}/fetched" in paths  # the crawl is asked, and refuses
    assert not [path for path in paths if path.startswith(("/found", "/big.zip", "/sw.js"))]


def test_a_crawl_refuses_what_a_page_may_not_ask_for(
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    archive.portal()
    elsewhere = REACH.replace("INWARD", web.address).replace("STUN", web.address)
    web.routes[HOST, "/nb/"] = page(f"{ROWS}<script>{elsewhere}; fetch('/hop'); fetch('/closed/x')</script>")
    web.routes[HOST, "/hop"] = loopback_web.Answer(302, b"", {"Location": f"http://{web.address}/hopped"})
    web.routes[HOST, "/robots.txt"] = loopback_web.Answer(200, b"User-agent: *\nDisallow: /closed/\n")
    archive.crawl()
    assert ({asked.host for asked in web.log}, "/hop" in web.paths()) == ({HOST}, True)
    refused = {one.reason for one in archive.captures() if one.outcome in {"refused", "robots"}}
    assert refused == {"private_address", "disallowed"}


def test_a_browser_ends_with_its_crawl() -> None:
    code = f"""
from contextlib import closing
from crawler.lists.browser import Browser
from crawler.lists.page import Stopped
from crawler.lists.page import Answer
body = b"<script>for (;;) {{}}</script>"
def fetch(request):
    print("asked", flush=True)
    return Answer(request, request.url, 200, body, "text/html")
with closing(Browser(fetch, seconds={PATIENCE})) as browser:
    browser.open("{PAGE}")
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"asked\n"
        family = family_of(program.pid)[1:]
        assert len(family) > 3
        program.kill()
    wait_until(lambda: not any(map(own_memory, family)))


def test_what_does_not_start_is_told_and_not_tried_again(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho started >> $0.log; exit 3\n")
    program.chmod(0o700)
    with closing(Browser(Portal(""), str(program))) as browser:
        for _ in range(2):
            assert browser.open(PAGE).page.refusal == "browser_not_started"
        assert browser.not_started is not None
    assert (tmp_path / "chromium.log").read_text().count("started") == 1


def test_no_browser_is_wanted_found_or_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (find_program("none"), why_no_browser("none")) == (None, Note("browser_off"))
    assert why_no_browser("/nowhere/chromium") == Note("browser_no_program", {"name": "/nowhere/chromium"})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert why_no_browser() == Note("no_playwright")


def test_two_browsers_run_side_by_side_over_one_archive(tmp_path: Path) -> None:
    """A third waits, and gives up when its crawl ends; one that nobody uses leaves its place."""

    def pause(seconds: float) -> None:
        if next(waited) == 2:
            raise Stopped

    waited = count()
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(hold_slot(tmp_path, time.sleep))
        with closing(Browser(Portal(""), lock_folder=tmp_path, pause=pause)) as third, pytest.raises(Stopped):
            third.open(PAGE)
    with closing(Browser(Portal(""), lock_folder=tmp_path, pause=pause)) as third:
        assert third.open(PAGE).page.links
