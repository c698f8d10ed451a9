"""Crawls while they run and afterwards: lines, JSON by choice; pace and errors.

Each runs in a process of its own: one that dies hurts no other, and none outlives the program that began it.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import active_children
from pathlib import Path

import pytest
from loopback_web import Sandbox, Web, a_list

from archive.queries import overview
from crawler.lists.browser_limits import family_of, own_memory
from crawler.operations import runs
from crawler.operations.progress import ProgressEvent, ProgressLines
from nianbao.cli.commands.crawl import event_text
from nianbao.sentences import notes_sentence
from storage.home import init_home, open_home
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import Note, Run
from storage.warc_reader import whole_records
from tests.patience import PATIENCE, wait_until
from tests.played import nianbao

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are seen in /proc")


def test_json_lines_carry_portal_url_and_run() -> None:
    failed = ProgressEvent(Note("failed", {"url": "http://a/\x1b[2J\n", "reason": "http_404"}), "a", "failed", "r1")
    begun = ProgressEvent(Note("run", {"run": "r1"}), "a", "run", "r1")
    out, plain = io.StringIO(), io.StringIO()
    for event in (failed, begun, ProgressEvent(Note("paused", {"why": Note("our_error").as_json}), event="failed")):
        ProgressLines(out, as_json=True, says=event_text).write_event(event)
    first, second, third = (json.loads(line) for line in out.getvalue().splitlines())
    assert first.items() >= {"portal": "a", "run": "r1", "url": failed.url, "event": "failed"}.items()
    assert second.items() >= {"event": "run", "message": "run r1 started", "run": "r1"}.items()
    assert [one["level"] for one in (first, second, third)] == ["info", "info", "warning"]
    for event in (failed, begun):
        ProgressLines(plain, says=event_text).write_event(event)
    assert len(plain.getvalue().splitlines()) == 1
    assert "\x1b" not in plain.getvalue()


def test_a_run_is_found_by_its_portal_or_id_and_tells_its_pace(played: Path) -> None:
    with open_home(played) as home:
        run = Observations(home).runs("yiyuan")[-1]
        (pace,) = paces(home, run)
        assert (pace.host, dict(pace.failures)) == ("www.yiyuan.gov.cn", {})
        assert pace.requests >= 5
        assert pace.least_gap is not None
    by_portal = nianbao("runs", "show", "yiyuan", "--json", archive=played)
    by_id = nianbao("runs", "show", run.id[:12], "--json", archive=played)
    assert by_portal.code == by_id.code == 0
    (row,) = json.loads(by_portal.out)
    assert (row["run"], row["outcome"]) == (run.id, "ok")
    assert {look["outcome"] for look in row["looks"]} == {"ok"}
    assert all(look["entries"] >= look["reports"] > 0 == look["gone"] for look in row["looks"] if look["entries"])
    shown = " ".join(nianbao("runs", "show", "yiyuan", archive=played).out.split())
    assert "since the last complete look: 0 new, 0 gone" in shown
    assert row["hosts"][0]["requests"] == pace.requests
    noted = nianbao("runs", "list", "--portal", "洛阳市", archive=played).out
    assert "reports fetched; 1 link titled as a report led to none, so what it should show is unknown (http" in noted
    down = nianbao("runs", "list", "--portal", "yaodu", "--json", archive=played)
    assert [one["outcome"] for one in json.loads(down.out)] == ["ok", "unreachable", "ok", "ok"]
    (cut,) = json.loads(nianbao("runs", "show", json.loads(down.out)[1]["run"], "--json", archive=played).out)
    assert [(look["outcome"], look["gone"]) for look in cut["looks"]] == [("unreachable", None)]  # nothing disappeared
    assert "0 crawls have an id starting with 'nothing'" in nianbao("runs", "show", "nothing", archive=played).err
    assert "no process on this machine is running crawl" in nianbao("runs", "stop", "yiyuan", archive=played).err


def test_a_run_whose_process_was_killed_is_not_under_way(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive") as home:
        begun = home.clock.now() - timedelta(minutes=2)
        observations = Observations(home)
        observations.start_run(Run(id="run-killed", portal="yiyuan", purpose="crawl", started=begun))
        (row,) = json.loads(nianbao("runs", "list", "--json", archive=tmp_path / "archive", anew=True).out)
        assert row["outcome"] == "under way"
        later = Run(id="run-later", portal="yiyuan", purpose="crawl", started=begun + timedelta(minutes=1))
        ended = Observations(home)
        ended.start_run(later)
        ended.finish_run(later, outcome="ok", finished=home.clock.now(), counts={})
        told = nianbao("runs", "show", "yiyuan", "--json", archive=tmp_path / "archive")
        assert json.loads(told.out)[0]["run"] == "run-killed"  # of a portal the run under way, whenever it began
        del observations, ended  # and with it the lock
    (row,) = json.loads(nianbao("runs", "show", "run-killed", "--json", archive=tmp_path / "archive").out)
    assert row["outcome"] == "cut short"


def test_a_crawl_says_how_it_asked(played: Path) -> None:
    for path in (played / "warc").rglob("*.warc.gz"):
        with path.open("rb") as file:
            first = next(iter(whole_records(file))).info
        assert first["software"].startswith("nianbao/")
        assert "Scrapy/" in first["software"]
        assert first["http-header-user-agent"].startswith("nianbao/")
        assert (first["robots"], first["simulated"], first["isPartOf"]) == ("obey", "true", path.parent.name)
        assert "Transfer-Encoding is undone" in first["description"]
        configuration = json.loads(first["configuration"])
        assert configuration["DOWNLOAD_DELAY"] * (1 - configuration["DOWNLOAD_DELAY_JITTER"]) == pytest.approx(0.01)
        assert (configuration["ROBOTSTXT_OBEY"], configuration["COOKIES_ENABLED"]) == (True, False)
        assert configuration["DEFAULT_REQUEST_HEADERS"]["Accept-Encoding"] == "gzip, deflate"
        assert configuration["protocol"] == "HTTP/1.1"


def test_notes_of_crawls_name_files_without_the_folders_of_the_machine(tmp_path: Path) -> None:
    values = {"path": "/srv/archive/warc/a.warc.gz", "url": "https://www.wenshang.gov.cn/nb/1.html"}
    stopped = Note("stopped", {"why": Note("error.disk_full", values).as_json})
    with init_home(tmp_path / "archive") as home:
        run = Run(id="r", portal="wenshang", purpose="crawl", started=home.clock.now())
        Observations(home).start_run(run)
        Observations(home).finish_run(run, finished=run.started, outcome="failed", notes=(stopped,))
        [line] = overview.runs(home)
    told = {"code": "error.disk_full", "values": values | {"path": "a.warc.gz"}}
    assert line.notes[0].values["why"] == told


ROW = ("./t20250120_1.html", "宛平县财政局2024年政府信息公开工作年度报告", "2025-01-20")


def die(*_: object) -> int:
    """Stand for a crawl that is killed."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.fixture
def held(web: Web) -> Iterator[threading.Event]:
    """The list of www.a.gov.cn is asked for and gets no answer; the event says that it was asked for."""
    for name in "ab":
        web.routes[f"www.{name}.gov.cn", "/nb/"] = a_list(ROW)
    asked_for, let_go = web.hold("www.a.gov.cn", "/nb/")
    yield asked_for
    let_go.set()


def test_a_killed_crawl_hurts_no_other(archive: Sandbox, web: Web, held: threading.Event) -> None:
    for name in "ab":
        archive.portal(name, host=f"www.{name}.gov.cn")
    ended: list[str] = []
    reports: list[Run] = []

    def crawl() -> None:
        with archive.home() as home:
            reports.extend(runs.crawl(home, ["a", "b"], progress=lambda one: ended.append(f"{one.portal} {one.note}")))

    thread = threading.Thread(target=crawl)
    thread.start()
    assert held.wait(PATIENCE)
    wait_until(lambda: any(line.startswith("b ") and "looks outcomes=ok:" in line for line in ended))
    (crawl_of_a,) = active_children()
    crawl_of_a.kill()
    thread.join(PATIENCE)
    a, b = reports
    assert a.outcome == "failed"
    assert "stopped early" in notes_sentence(a.notes)
    assert b.looks == {"ok": 1}
    with archive.home() as home:
        assert all(run.finished is not None for run in Observations(home).runs())
    assert not active_children()


def test_no_crawl_outlives_its_program(archive: Sandbox, held: threading.Event) -> None:
    for name in (names := ["a", "b"]):
        archive.portal(name, host=f"www.{name}.gov.cn")
    lines = "import sys", "from crawler.operations import runs", "from storage.home import open_home"
    code = "\n".join([*lines, "runs.crawl(open_home(), sys.argv[1:])"])
    environment = dict(os.environ, NIANBAO_ARCHIVE=str(archive.path))
    with subprocess.Popen([sys.executable, "-c", code, *names], env=environment) as program:
        assert held.wait(PATIENCE)
        below = family_of(program.pid)[1:]
        assert below
        program.kill()
    wait_until(lambda: not any(map(own_memory, below)))


def test_a_child_that_dies_unnamed_ends_no_run_of_another(archive: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that is open in the database is under way in this very process: it is not this child's to end."""
    archive.portal("a", host="www.a.gov.cn")
    with archive.home() as home:
        observations = Observations(home)
        observations.start_run(Run(id="another", portal="a", purpose="crawl", started=home.clock.now()))
        monkeypatch.setattr(runs.child, "crawl", die)
        (report,) = runs.crawl(home, ["a"])
        assert report.outcome == "failed"
        assert "ended by signal 9" in notes_sentence(report.notes)
        ended = {one.id: one.outcome for one in observations.runs("a")}
        assert ended.pop("another") is None
        assert [*ended.values()] == ["failed"]
