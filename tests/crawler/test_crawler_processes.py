"""Crawls in processes of their own: one that dies hurts no other, and none outlives the program that began it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest
from loopback_web import Answer, Archive, Asked, Web, a_list, a_report

from crawler.lists.browser_limits import tidy_folders
from crawler.operations import child, runs
from crawler.processes import WorkerProcess
from nianbao.sentences import notes_sentence
from storage.records import Run
from tests.patience import PATIENCE, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are seen in /proc")
ROW = ("./t20250120_1.html", "宛平县财政局2024年政府信息公开工作年度报告", "2025-01-20")


def children(parent: int) -> list[int]:
    """Process ids below a process, however deep, that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, above = stat.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue  # it ended meanwhile
        if int(above) == parent and state != "Z":
            found.append(int(stat.parent.name))
    return [*found, *(grandchild for child in found for grandchild in children(child))]


def runs_on(pid: int) -> bool:
    """Whether a process runs; one that ended may stay in the list of processes for as long as nobody asks for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def die(*_: object) -> int:
    """Stand for a crawl that is killed."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.fixture
def held(web: Web) -> Iterator[threading.Event]:
    """The list of www.a.gov.cn is asked for and gets no answer; the event says that it was asked for."""
    asked, go = threading.Event(), threading.Event()

    def answer(_: Asked) -> Answer:
        asked.set()
        go.wait(PATIENCE)
        return a_list(ROW)

    web.routes["www.a.gov.cn", "/nb/"] = answer
    web.routes["www.b.gov.cn", "/nb/"] = a_list(ROW)
    yield asked
    go.set()


def test_a_killed_crawl_hurts_no_other(archive: Archive, web: Web, held: threading.Event) -> None:
    for name in "ab":
        archive.portal(name, host=f"www.{name}.gov.cn")
    ended: list[str] = []
    reports: list[runs.RunReport] = []

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
    assert (a.outcome, a.run is not None) == ("failed", True)
    assert "stopped early" in notes_sentence(a.notes)
    assert b.looks == {"ok": 1}
    with archive.home() as home:
        assert all(run.finished is not None for run in runs.Observations(home).runs())
    assert not active_children()


def test_no_crawl_outlives_its_program(archive: Archive, held: threading.Event) -> None:
    for name in (names := ["a", "b"]):
        archive.portal(name, host=f"www.{name}.gov.cn")
    lines = "import sys", "from crawler.operations import runs", "from storage.home import open_home"
    code = "\n".join([*lines, "runs.crawl(open_home(), sys.argv[1:])"])
    environment = dict(os.environ, NIANBAO_ARCHIVE=str(archive.path))
    with subprocess.Popen([sys.executable, "-c", code, *names], env=environment) as program:
        assert held.wait(PATIENCE)
        below = children(program.pid)
        assert below
        program.kill()
    wait_until(lambda: not any(map(runs_on, below)))


def test_a_crawl_that_goes_well_writes_nothing_to_standard_error(archive: Archive, web: Web) -> None:
    """What stands there last is told as the reason of a crawl that fails later."""
    archive.portal()
    title = "宛平县司法局2024年政府信息公开工作年度报告"
    web.routes["www.wanping.gov.cn", "/nb/"] = a_list(("/nb/t20250120_1.html", title, "2025-01-20"))
    web.routes["www.wanping.gov.cn", "/nb/t20250120_1.html"] = a_report(title)
    with WorkerProcess(
        child.crawl, "wanping", environment=dict(os.environ, NIANBAO_ARCHIVE=str(archive.path))
    ) as process:
        events = [event for event, _ in process.events()]
        assert process.wait() == 0
    assert (events, process.last_error) == (["run", "look"], "")


def test_the_server_of_workers_imports_what_a_crawl_uses_and_begins_nothing() -> None:
    code = """
import sys, threading, crawler.preload
from scrapy.utils.misc import load_object
before = {*sys.modules}
assert not before & {"twisted.internet.reactor", "crawler.settings"}
assert threading.active_count() == 1
settings = sys.modules["crawler.operations.child"].settings()
for kind in ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES"):
    for name in settings.get_component_priority_dict_with_base(kind):
        load_object(name)
CLASSES = ("TWISTED_DNS_RESOLVER", "SPIDER_LOADER_CLASS", "SCHEDULER", "SCHEDULER_MEMORY_QUEUE", "DUPEFILTER_CLASS",
           "REQUEST_FINGERPRINTER_CLASS")
for name in CLASSES:
    load_object(settings[name])
print(*{*sys.modules} - before)
"""
    plain = {name: value for name, value in os.environ.items() if name != "NIANBAO_ARCHIVE"}
    done = subprocess.run([sys.executable, "-c", code], env=plain, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["crawler.settings"]


def test_folders_of_killed_browsers_are_tidied_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead, living, other = (tmp_path / name for name in ("nianbao-browser-a", "nianbao-browser-b", "somebody's"))
    for folder in (dead, living, other):
        (folder / "profile").mkdir(parents=True)
        (folder / "lock").touch()
    with (living / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        tidy_folders()
        assert sorted(tmp_path.iterdir()) == [living, other]
    tidy_folders()
    assert sorted(tmp_path.iterdir()) == [other]


def test_a_child_that_dies_unnamed_ends_no_run_of_another(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that is open in the database is under way in this very process: it is not this child's to end."""
    archive.portal("a", host="www.a.gov.cn")
    with archive.home() as home:
        observations = runs.Observations(home)
        observations.start_run(Run(id="another", portal="a", purpose="crawl", started=home.clock.now()))
        monkeypatch.setattr(runs.child, "crawl", die)
        (report,) = runs.crawl(home, ["a"])
        assert (report.outcome, report.run) == ("failed", None)
        assert "ended by signal 9" in notes_sentence(report.notes)
        ended = {one.id: one.outcome for one in observations.runs("a")}
        assert ended.pop("another") is None
        assert [*ended.values()] == ["failed"]
