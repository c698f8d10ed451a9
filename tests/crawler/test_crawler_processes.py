"""Crawls in processes of their own: one that dies hurts no other, and none outlives the program that began it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import active_children

import pytest
from loopback_web import Answer, Archive, Asked, Web, a_list

from crawler.lists.browser_limits import family_of, own_memory
from crawler.operations import runs
from nianbao.sentences import notes_sentence
from storage.records import Run
from tests.patience import PATIENCE, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are seen in /proc")
ROW = ("./t20250120_1.html", "宛平县财政局2024年政府信息公开工作年度报告", "2025-01-20")


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
        below = family_of(program.pid)[1:]
        assert below
        program.kill()
    wait_until(lambda: not any(map(own_memory, below)))


def test_a_child_that_dies_unnamed_ends_no_run_of_another(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that is open in the database is under way in this very process: it is not this child's to end."""
    archive.portal("a", host="www.a.gov.cn")
    with archive.home() as home:
        observations = runs.Observations(home)
        observations.start_run(Run(id="another", portal="a", purpose="crawl", started=home.clock.now()))
        monkeypatch.setattr(runs.child, "crawl", die)
        (report,) = runs.crawl(home, ["a"])
        assert report.outcome == "failed"
        assert "ended by signal 9" in notes_sentence(report.notes)
        ended = {one.id: one.outcome for one in observations.runs("a")}
        assert ended.pop("another") is None
        assert [*ended.values()] == ["failed"]
