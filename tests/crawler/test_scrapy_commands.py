"""The commands that Scrapy's users know, on a portal of an archive and without one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from loopback_web import Reply, Sandbox, Web, a_list, a_report, page

from storage.records import CaptureRole, LookOutcome
from tests import forking
from tests.patience import PATIENCE, wait_until

HOST = "www.wanping.gov.cn"
TITLE = "宛平县第{}局2024年政府信息公开工作年度报告"
ROOT = Path(__file__).parents[2]


def environment(archive: Sandbox | None) -> dict[str, str]:
    path = str(archive.path) if archive else ""
    return {**os.environ, "NIANBAO_ARCHIVE": path, "SCRAPY_SETTINGS_MODULE": "crawler.settings"}


def scrapy(archive: Sandbox | None, *words: str) -> subprocess.CompletedProcess[str]:
    return forking.run("scrapy.cmdline:execute", words, environment(archive), folder=ROOT)


@pytest.fixture
def portal(archive: Sandbox, web: Web) -> Sandbox:
    """A portal with a column of three reports, one of which has a file."""
    archive.portal()
    rows = [(f"/nb/t2025012{n}_{n}.html", TITLE.format(n), f"2025-01-2{n}") for n in range(3)]
    web.routes[HOST, "/nb/"] = a_list(*rows)
    for n, (href, title, _) in enumerate(rows):
        file = '<a href="/nb/1.pdf">附件：年度报告.pdf</a>' if n == 1 else ""
        web.routes[HOST, href] = a_report(title, file)
    web.routes[HOST, "/nb/1.pdf"] = Reply(200, b"%PDF-1.4 x", {"Content-Type": "application/pdf"})
    return archive


def test_crawl_keeps_looks_and_captures_and_writes_items(portal: Sandbox, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = scrapy(portal, "crawl", "wanping", "-a", "purpose=by-hand", "-O", str(out))
    assert done.returncode == 0, done.stderr
    (look,) = portal.looks()
    assert look.outcome is LookOutcome.OK
    items = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    (snapshot,) = (one for one in items if "links" in one)
    assert (snapshot["id"], snapshot["outcome"], len(snapshot["links"])) == (look.id, "ok", 3)
    assert snapshot["started"].endswith("+00:00")
    captures = {one.id: one for one in portal.captures()}
    visited = [one for one in items if "capture" in one]
    assert {(one["role"], captures[one["capture"]].requested) for one in visited} == {
        (str(one.role), one.requested)
        for one in captures.values()
        if one.role in {CaptureRole.REPORT, CaptureRole.ATTACHMENT}
    }
    assert "'item_scraped_count': 5" in done.stderr
    assert "'nianbao/look_ok': 1" in done.stderr
    assert "'downloader/response_status_count/200': " in done.stderr


def test_a_job_that_was_stopped_goes_on_where_it_stood(archive: Sandbox, web: Web, tmp_path: Path) -> None:
    """With every report due, those that were visited before the stop are not asked for again."""
    archive.portal()
    paths = [f"/nb/t2025012{n}_{n}.html" for n in range(8)]
    web.routes[HOST, "/nb/"] = a_list(*((path, TITLE.format(n), f"2025-01-2{n}") for n, path in enumerate(paths)))
    for n, path in enumerate(paths):
        web.routes[HOST, path] = Reply(200, a_report(TITLE.format(n)).body, {"Content-Type": "text/html"}, hold=0.4)
    words = ["crawl", "wanping", "-a", "visit_everything=1", "-s", f"JOBDIR={tmp_path / 'job'}"]
    with subprocess.Popen(
        [sys.executable, "-m", "scrapy", *words], env=environment(archive), cwd=ROOT, stderr=subprocess.DEVNULL
    ) as first:
        wait_until(lambda: bool(set(web.paths(HOST)) & set(paths[2:])))
        first.send_signal(signal.SIGINT)
    before = [path for path in web.paths(HOST) if path in paths]
    assert 2 < len(before) < len(paths)
    assert scrapy(archive, *words).returncode == 0
    assert sorted(path for path in web.paths(HOST) if path in paths) == paths
    kept = {one.requested for one in archive.captures() if one.role is CaptureRole.REPORT}
    assert kept == {f"http://{HOST}{path}" for path in paths}


def test_a_crawl_that_is_stopped_while_it_stores_a_look_ends(portal: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "stopping.py").write_text(
        "import asyncio, os, signal\nasked = []\n\nclass Stop:\n    async def process_item(self, item):\n"
        "        asked or os.kill(os.getpid(), signal.SIGTERM)\n        asked.append(item)\n"
        "        await asyncio.sleep(0.5)\n        return item\n"
    )
    pipelines = json.dumps({"crawler.pipelines.ArchivePipeline": 100, "stopping.Stop": 900})
    words = ["crawl", "wanping", "-s", f"ITEM_PIPELINES={pipelines}"]
    variables = environment(portal) | {"PYTHONPATH": f"{ROOT}:{tmp_path}"}
    command = [sys.executable, "-m", "scrapy", *words]
    done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert "Spider closed (shutdown)" in done.stderr
    assert len(portal.looks()) == 1


def test_fetch_goes_through_the_guard_and_keeps_nothing(portal: Sandbox, web: Web) -> None:
    done = scrapy(portal, "fetch", "--nolog", f"http://{HOST}/nb/")
    assert "政府信息公开年报" in done.stdout
    assert web.paths(HOST) == ["/robots.txt", "/nb/"]
    assert portal.captures() == []
    refused = scrapy(portal, "fetch", "http://169.254.169.254/latest/", "--loglevel", "WARNING")
    assert "refused (private_address)" in refused.stderr
    assert refused.stdout.strip() == ""


def test_a_crawl_without_an_archive_asks_nothing_and_says_why() -> None:
    done = scrapy(None, "crawl", "wenshang")
    assert done.returncode == 2
    assert "nothing was asked: no archive named; give --archive DIR or set NIANBAO_ARCHIVE" in done.stderr
    assert "Traceback" not in done.stderr


def test_list_shell_view_and_parse_work_as_in_any_scrapy_project(portal: Sandbox) -> None:
    assert "wanping" in scrapy(portal, "list").stdout.split()
    words = ["-c", "print(response.status, response.css('title::text').get())"]
    assert "200 政府信息公开年报" in scrapy(portal, "shell", f"http://{HOST}/nb/", *words, "--nolog").stdout
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "view", f"http://{HOST}/nb/", "--nolog"], cwd=ROOT, timeout=PATIENCE,
        env=environment(portal) | {"BROWSER": "echo"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip().startswith("file:///")
    done = scrapy(portal, "parse", "--spider", "wanping", "-c", "parse_listing", f"http://{HOST}/nb/", "--nolog")
    assert "# Scraped Items" in done.stdout
    assert all(f"/nb/t2025012{n}_{n}.html" in done.stdout for n in range(3))
    report = f"http://{HOST}/nb/t20250121_1.html"
    done = scrapy(portal, "parse", "--spider", "wanping", "-c", "parse_report", report, "--nolog")
    assert ("'capture': '" in done.stdout, f"<GET http://{HOST}/nb/1.pdf>" in done.stdout) == (True, True)


def test_check_holds_a_portal_to_its_contracts(portal: Sandbox, web: Web) -> None:
    done = scrapy(portal, "check", "wanping")
    assert ("Ran 1 contract" in done.stderr, done.stderr.rstrip().endswith("OK")) == (True, True), done.stderr
    assert portal.looks() == []
    web.routes[HOST, "/nb/"] = page("<title>政府信息公开年报</title><p>改版</p>")
    done = scrapy(portal, "check", "wanping")
    assert "FAILED" in done.stderr
    assert f"the look at http://{HOST}/nb/ ended " in done.stderr


def test_check_passes_over_an_address_whose_agency_has_not_published(archive: Sandbox, web: Web) -> None:
    address = f"http://{HOST}/module/xxgk/xxgkAnnualReport.jsp?area={{code}}&fbtime={{year}}"
    archive.portal(
        family="hanweb_jcms.HanwebJcms",
        listings=f'addressed("nb", {address!r}, title="政府信息公开年报"),',
        agencies="cz,宛平县财政局,部门,A1\nsf,宛平县司法局,部门,A2\n",
    )
    web.routes[HOST, "*"] = page('<title>宛平县</title><div class="t"></div><div id="zoom"></div>')  # as 汶上 answers
    web.routes[HOST, "/module/xxgk/xxgkAnnualReport.jsp?area=A2&fbtime=2025"] = a_report(TITLE.format(2))
    done = scrapy(archive, "check", "wanping")
    assert done.stderr.rstrip().endswith("OK"), done.stderr
