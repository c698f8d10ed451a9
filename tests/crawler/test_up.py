"""``nianbao up``: what is due is crawled and read, a part that dies is begun again, and all end together.

A full disk and a wrong clock of ours stop crawls cleanly, told once; nothing is said of a portal by it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from loopback_web import let_rest_but

from crawler.operations import runs
from crawler.operations.alerts import HealthWatch
from crawler.operations.health import gather, problems, settings
from crawler.operations.planner import CRAWL, states
from crawler.operations.progress import ProgressEvent
from crawler.operations.runs import crawl
from crawler.operations.up import LocalExecutor
from imitation.registry import register_agencies
from imitation.server import ImitationPortals
from nianbao.sentences import note_sentence, notes_sentence
from storage.errors import DiskError
from storage.home import Home, init_home
from storage.observations import Observations
from storage.operator_records import HINDERED, Alarms
from storage.recent_outcomes import our_clock
from storage.records import Look, LookOutcome, Note, Run
from tests.crash.killing import environment, find_processes
from tests.patience import PATIENCE, wait_until
from tests.played import nianbao

DAY = "2026-02-01T09:00:00+08:00"
HOUR = timedelta(hours=1)


@pytest.fixture
def portals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImitationPortals]:
    monkeypatch.setenv("NIANBAO_NOW", DAY)
    monkeypatch.setenv("NIANBAO_DELAY", "0")
    monkeypatch.delenv("NIANBAO_CLOCK_OFFSET", raising=False)
    init_home(tmp_path / "archive", simulated=True).close()
    with ImitationPortals(tmp_path / "archive") as portals:
        portals.set_now(DAY)
        yield portals


@pytest.fixture
def home(portals: ImitationPortals, tmp_path: Path) -> Iterator[Home]:
    with init_home(tmp_path / "archive", simulated=True) as home:
        register_agencies(home, portals.scenario)
        yield home


def looked(home: Home, portal: str, skew: float) -> None:
    now, run = home.clock.now() - HOUR, f"{portal}-{skew}"
    Observations(home).start_run(Run(id=run, portal=portal, purpose="crawl", started=now))
    look = Look(
        id=run, run=run, portal=portal, listing=f"{portal}:nb", started=now, finished=now, outcome=LookOutcome.OK,
        clock_skew=skew,
    )  # fmt: skip
    Observations(home).add_look(look)


def test_a_wrong_clock_of_ours_stops_the_crawl_and_says_nothing_of_the_portal(
    portals: ImitationPortals, home: Home
) -> None:
    portals.set_now(datetime.fromisoformat(DAY) - HOUR)
    for name in ("jiyuan", "luoyang", "wenshang"):
        looked(home, name, 3600.0)
    (report,) = crawl(home, ["yiyuan"])
    hindrance = runs.hindrance_of(report)
    assert hindrance is not None
    assert "this machine's clock is off by about 36" in note_sentence(hindrance)
    assert "timedatectl" in note_sentence(hindrance)
    (run,) = [run for run in Observations(home).runs() if run.portal == "yiyuan"]
    assert (run.outcome, run.counts[HINDERED]) == ("failed", 1)
    assert "clock is off by about" in notes_sentence(run.notes)
    assert Observations(home).looks("yiyuan") == ()
    (state,) = states(home, ["yiyuan"])
    assert state.due is not None
    assert state.due.why == "first"
    assert [one.key for one in problems(gather(home)) if one.severity == "error"] == ["our_clock/"]
    portals.set_now(DAY)
    (report,) = crawl(home, ["yiyuan"])
    assert report.outcome == "ok"
    assert our_clock(home) is None


def test_the_clock_tells_once_that_the_disk_is_full_and_goes_on_when_there_is_room(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_rest_but(home, "yiyuan")
    left = [Note("low_disk", {"free": 1, "least": 2})] * 4
    monkeypatch.setattr(runs, "low_disk_reason", lambda _: left.pop() if left else None)
    monkeypatch.setattr(runs, "RETRY_SECONDS", 0)
    said: list[Note] = []
    stop = threading.Event()

    def hear(one: ProgressEvent) -> None:
        said.append(one.note)
        if one.note.code == "goes_on":  # told after the crawl has ended
            stop.set()

    LocalExecutor(home, hear, queues={CRAWL: 2}).run(stop)
    assert [one.code for one in said if one.code in {"paused", "goes_on"}] == ["paused", "goes_on"]
    assert [run.outcome for run in Observations(home).runs()] == ["ok"]


def test_what_cannot_be_noted_is_told_all_the_same_and_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings()["limits"], "disk_bytes", 1 << 60)
    said: list[str] = []
    watch = HealthWatch(home, lambda _, sentence, *rest: said.append(sentence))

    def full(*_: object) -> None:
        raise DiskError("cannot write")

    with monkeypatch.context() as disk:
        disk.setattr(Alarms, "add", full)
        for _ in range(3):
            watch.check()
        assert len(said) == 1
        assert "disk" in said[0]
    watch.check()
    assert len(said) == 1
    assert [alarm.event for alarm in Alarms(home).all()] == ["told"]


def test_the_doctor_tells_a_clock_against_which_all_portals_agree(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive") as home:

        def told() -> dict[str, str]:
            rows = json.loads(nianbao("doctor", "--json", archive=home.path).out)
            return next(row for row in rows if row["what"] == "clock")  # type: ignore[no-any-return]

        assert told()["state"] == "note"  # there is nothing to hold it against
        for portal in "abc":
            looked(home, portal, 900.0)
        row = told()
        assert row["found"] == "the 3 portals visited last say that it is off by about 900 seconds"
        assert (row["state"], "timedatectl" in row["advice"]) == ("mend", True)
        looked(home, "d", 1.0)  # one agrees with us: it is the others
        assert told()["state"] == "ok"


def begin_up(home: Home, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "nianbao.cli", "up"], env=environment(home.path, DAY), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,  # type: ignore[call-overload]
    )  # fmt: skip


def test_up_crawls_and_reads_what_is_due_and_ends_in_good_order(home: Home) -> None:
    let_rest_but(home, "jiyuan")
    log: list[str] = []
    with begin_up(home) as process:
        assert process.stdout is not None
        reading = threading.Thread(target=log.extend, args=(process.stdout,), daemon=True)
        reading.start()
        wait_until(lambda: any("1 portal assessed again (jiyuan)" in line for line in log))
        (run,) = Observations(home).runs()
        assert (run.portal, run.outcome) == ("jiyuan", "ok")
        again = nianbao("up", archive=home.path, now=DAY, code=3)
        assert f"another scheduler is working on this archive: process {process.pid} " in again.out + again.err
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        reading.join(10)
    shown = nianbao("schedule", "show", "济源市", archive=home.path, now=DAY)
    assert (shown.code, "the second look after the due date 31 January 2026" in shown.out) == (0, True), shown


@pytest.mark.parametrize("moment", ["up: begun", "look at"])
def test_ctrl_c_ends_up_at_any_moment_and_no_crawl_begins_after_it(home: Home, moment: str) -> None:
    log, before = list[str](), tuple[Run, ...]()
    with begin_up(home, start_new_session=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if moment in line and not any(moment in former for former in log):
                os.killpg(process.pid, signal.SIGSTOP)  # on a busy machine it is further than what it said
                before = Observations(home).runs()
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
                os.killpg(process.pid, signal.SIGCONT)
            log.append(line)
            if "up: stopped" in line:
                process.wait(PATIENCE)
    wait_until(lambda: not find_processes(session=process.pid))
    assert process.returncode == 0
    assert "Traceback" not in "".join(log)
    assert log[-1].endswith(" up: stopped; everything fetched and read so far is kept\n")
    assert sum("up: stopped" in line for line in log) == 1
    runs = Observations(home).runs()
    # one portal of the imitation is down on that day
    assert {run.outcome for run in runs if run.finished} <= {"stopped", "ok", "attention", "unreachable"}
    assert moment != "up: begun" or len(runs) == len(before)
    assert moment != "look at" or any(Observations(home).looks(run.portal) for run in runs)  # what was fetched is kept
