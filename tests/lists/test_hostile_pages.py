"""Lists and reports that scripts make are read and held as a browser shows them, in a real crawl.

Whatever a page does to its browser costs that page alone, and reaches nobody.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest
from loopback_web import Reply, Sandbox, Web, a_list, a_report, page

from crawler.lists.browser import Browser, find_program, why_no_browser
from crawler.lists.browser_limits import family_of, hold_slot, own_memory
from crawler.lists.list_reader import read_list
from crawler.lists.page import Answer, Request, Stopped
from nianbao.sentences import notes_sentence
from storage.records import Capture, CaptureRole, LookOutcome, Note
from tests.patience import LIMIT, PATIENCE, wait_until

HOST, PAGE, PLAIN = "www.wanping.gov.cn", "http://www.wanping.gov.cn/nb/", "http://www.wanping.gov.cn/plain/"
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are seen in /proc"),
    pytest.mark.skipif(bool(why_no_browser()), reason=f"{why_no_browser()}: it is what these tests are about."),
]
TITLE = "宛平县财政局2024年政府信息公开工作年度报告"
SCRIPTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
LISTED = [
    (f"./t20250{n}_{n}.html", f"宛平县第{n}中学2024年政府信息公开工作年度报告", "2025-01-20") for n in range(100, 105)
]


@pytest.fixture(autouse=True)
def browser_of_crawls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crawls use a browser, as outside of tests."""
    monkeypatch.setenv("NIANBAO_BROWSER", "")


@pytest.fixture
def shells(archive: Sandbox, web: Web) -> Sandbox:
    """A portal whose two reports are pages without a word, which a script fills."""
    archive.portal()
    rows = [(f"/detail?id={n}", TITLE.replace("财政", who), "2025-01-20") for n, who in ((1, "财政"), (2, "民政"))]
    web.routes[HOST, "/nb/"] = a_list(*rows)
    for url, *_ in rows:
        web.routes[HOST, url] = page(SCRIPTS["shell"])
    web.routes[HOST, "/app.js"] = Reply(200, SCRIPTS["draw"].encode(), {"Content-Type": "text/javascript"})
    web.routes[HOST, "/api"] = Reply(200, b'{"file": "/f/1.pdf"}', {"Content-Type": "application/json"})
    web.routes[HOST, "/more"] = web.routes[HOST, "/api"]
    web.routes[HOST, "/f/1.pdf"] = Reply(200, b"%PDF-1.4 x", {"Content-Type": "application/pdf"})
    return archive


def shown(archive: Sandbox) -> list[Capture]:
    return [one for one in archive.captures() if one.role is CaptureRole.ATTACHMENT and one.mime == "text/html"]


def test_a_report_is_kept_as_a_browser_shows_it_with_its_files(shells: Sandbox, web: Web) -> None:
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


@pytest.mark.parametrize(
    ("route", "body", "reason"),
    [
        ("/more", Reply(500, b""), "http_500"),
        ("/app.js", Reply(200, b"for (;;) {}", {"Content-Type": "text/javascript"}), "browser_timeout"),
    ],
    ids=["data fails", "endless"],
)
def test_a_report_that_was_not_shown_whole_is_told(
    shells: Sandbox, web: Web, monkeypatch: pytest.MonkeyPatch, route: str, body: Reply, reason: str
) -> None:
    monkeypatch.setenv("NIANBAO_RENDER_SECONDS", "1" if reason == "browser_timeout" else "40")
    web.routes[HOST, route] = body
    (report,) = shells.crawl()
    told = {one.code: one.values for one in report.notes}
    assert told["attachments_failed"] == {"number": 2, "reasons": {reason: 2}}


def test_a_crawl_without_a_browser_says_so(shells: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_BROWSER", "none")
    (report,) = shells.crawl()
    assert Note("browser_off") in report.notes
    assert Note("attachments_failed", {"number": 2, "reasons": {"scripts_make_the_page": 2}}) in report.notes
    assert shown(shells) == []


def test_what_turned_a_list_is_tried_first_at_the_next_look(archive: Sandbox, web: Web) -> None:
    """Its script names addresses of pages, as a system does whose pages are there; here only its button turns it."""
    archive.portal()
    web.routes[HOST, "/nb/"] = page(SCRIPTS["drawn"])
    for n in range(1, 5):
        web.routes[HOST, f"/rows?page={n}"] = page(json.dumps({"total": 5, "rows": LISTED[n * 2 - 2 : n * 2]}))
    for address, title, _ in LISTED:
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


def test_a_page_that_asks_for_data_while_it_is_left_leads_to_where_its_address_moved(
    archive: Sandbox, web: Web
) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = page(SCRIPTS["leave"])
    web.routes[HOST, "/nb/old"] = Reply(302, b"", {"Location": "/list/"})
    web.routes[HOST, "/list/"] = a_list(*LISTED)
    web.routes[HOST, "*"] = Reply(200, b"{}", {"Content-Type": "application/json"})
    archive.crawl()
    assert len(archive.links(archive.looks()[-1])) == len(LISTED)
    assert web.paths().count("/list/") == 1


ROWS = (
    "<ul>"
    + "".join(f"<li><a href='{n}.html'>宛平县第{n}局2024年政府信息公开工作年度报告</a></li>" for n in range(5))
    + "</ul>"
)


class HostileHost:
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


@pytest.mark.parametrize("name", ["endless", "bomb", "requests"])
def test_a_hostile_page_costs_itself_alone(name: str) -> None:
    with closing(Browser(HostileHost(SCRIPTS[name]), seconds=LIMIT if name == "endless" else 40)) as browser:
        state = browser.open(PAGE)
        assert state.page.refusal in {"browser_timeout", "browser_memory", "browser_died", "too_many_requests"}
        assert (state.settled, state.markup) == (False, "")
        browser.seconds = PATIENCE
        assert [len(block.entries) for block in browser.open(PLAIN).page.blocks] == [5]
    assert not below()


def test_turns_are_bounded() -> None:
    portal = HostileHost(SCRIPTS["more"])
    with closing(Browser(portal, turns=2)) as browser:
        read = read_list(PAGE, portal, lambda entry: "年度报告" in entry.title, browser=browser)
    assert len(read.entries) == 7
    assert "out_of_turns" in {one.rule for one in read.unmet}


REACH = Path(__file__).with_name("reach.js").read_text("utf-8")  # tries every way out of a page


def test_a_page_reaches_nobody_but_through_the_crawl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_OPERATE_TOKEN", "a secret")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(type=socket.SOCK_DGRAM) as called:
        called.bind(("127.0.0.1", 0))
        server.setblocking(False)
        called.setblocking(False)
        inward, stun = (f"127.0.0.1:{one.getsockname()[1]}" for one in (server, called))
        portal = HostileHost(REACH.replace("INWARD", inward).replace("STUN", stun))
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


def test_a_crawl_refuses_what_a_page_may_not_ask_for(archive: Sandbox, web: Web) -> None:
    archive.portal()
    elsewhere = REACH.replace("INWARD", web.address).replace("STUN", web.address)
    web.routes[HOST, "/nb/"] = page(f"{ROWS}<script>{elsewhere}; fetch('/hop'); fetch('/closed/x')</script>")
    web.routes[HOST, "/hop"] = Reply(302, b"", {"Location": f"http://{web.address}/hopped"})
    web.routes[HOST, "/robots.txt"] = Reply(200, b"User-agent: *\nDisallow: /closed/\n")
    archive.crawl()
    assert ({asked.host for asked in web.log}, "/hop" in web.paths()) == ({HOST}, True)
    refused = {one.reason for one in archive.captures() if one.outcome in {"refused", "robots"}}
    assert refused == {"private_address", "disallowed"}


def test_a_browser_ends_with_its_crawl() -> None:
    code = f"""
from contextlib import closing
from crawler.lists.browser import Browser
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
    with closing(Browser(HostileHost(""), str(program))) as browser:
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
        with closing(Browser(HostileHost(""), lock_folder=tmp_path, pause=pause)) as third, pytest.raises(Stopped):
            third.open(PAGE)
    with closing(Browser(HostileHost(""), lock_folder=tmp_path, pause=pause)) as third:
        assert third.open(PAGE).page.links
