"""``nianbao up``: what is due is crawled and read, a part that dies is begun again, and all end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from imitation.registry import register_agencies
from imitation.server import ImitationPortals
from storage.home import Home, init_home
from storage.observations import Observations
from storage.operator_records import Schedules
from storage.records import Run, Schedule
from tests.crash.killing import find_processes
from tests.patience import PATIENCE, wait_until
from tests.played import nianbao

DAY = "2026-02-01T09:00:00+08:00"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with init_home(tmp_path / "archive", simulated=True) as home, ImitationPortals(home.path) as portals:
        register_agencies(home, portals.scenario)
        portals.set_now(DAY)
        yield home


def _environment(home: Home) -> dict[str, str]:
    environment = dict(os.environ, NIANBAO_ARCHIVE=str(home.path), NIANBAO_DELAY="0.01", NIANBAO_NOW=DAY)
    environment.pop("NIANBAO_CLOCK_OFFSET", None)
    return environment


def _nianbao(home: Home, *words: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "nianbao.cli", *words], env=_environment(home), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,  # type: ignore[call-overload]
    )  # fmt: skip


def _only(home: Home, portal: str) -> None:
    """Let all portals rest but one."""
    for name, paused in ((None, "yes"), (portal, "no")):
        Schedules(home).put(Schedule(portal=name, settings={"paused": paused}, by="me", recorded_at=home.clock.now()))


def test_up_crawls_and_reads_what_is_due_and_ends_in_good_order(home: Home) -> None:
    _only(home, "jiyuan")
    log: list[str] = []
    with _nianbao(home, "up") as process:
        assert process.stdout is not None
        reading = threading.Thread(target=log.extend, args=(process.stdout,), daemon=True)
        reading.start()
        wait_until(lambda: any("1 portal assessed again (jiyuan)" in line for line in log))
        (run,) = Observations(home).runs()
        assert (run.portal, run.outcome) == ("jiyuan", "ok")
        again = nianbao("up", archive=home.path, now=DAY)
        assert again.code == 3
        assert f"another scheduler is working on this archive: process {process.pid} " in again.out + again.err
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        reading.join(10)
    shown = nianbao("schedule", "show", "jiyuan", archive=home.path, now=DAY)
    assert (shown.code, "the second look after the due date 31 January 2026" in shown.out) == (0, True), shown


@pytest.mark.parametrize("moment", ["up: begun", "look at"])
def test_ctrl_c_ends_up_at_any_moment_and_no_crawl_begins_after_it(home: Home, moment: str) -> None:
    log, before = list[str](), tuple[Run, ...]()
    with _nianbao(home, "up", start_new_session=True) as process:
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
