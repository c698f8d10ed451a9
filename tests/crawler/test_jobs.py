"""Jobs in a queue: what is due and how urgent, done once at a time per machine, given back where it was cut short."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archive.projection.update import waiting
from crawler.operations.due_crawls import NextCrawl
from crawler.operations.job_queue import WAITING, jobs, make_queue, put_jobs
from crawler.operations.planner import Job, due_crawls
from crawler.operations.progress import ProgressEvent
from crawler.operations.worker import run_worker
from imitation.play import on
from imitation.registry import register_agencies
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.operator_records import Schedules
from storage.records import Schedule
from tests.crash.small import ADDRESSED, COLUMNS, Web, scenario
from tests.patience import wait_until
from tests.played import nianbao

NOW = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)


def state(name: str, why: str, at: datetime) -> Any:
    return SimpleNamespace(name=name, due=NextCrawl(at, why))


def test_looks_that_prove_an_absence_come_first_and_what_is_late_before_what_is_not() -> None:
    day = timedelta(days=1)
    found = [
        state("weekly", "regular", NOW - timedelta(hours=1)),
        state("proof", "proof", NOW - timedelta(hours=1)),
        state("season", "season", NOW),
        state("late", "regular", NOW - 9 * day),
        state("later", "proof", NOW + day),
        SimpleNamespace(name="paused", due=None),
    ]
    locks = {one.name: f"machine:{one.name}" for one in found}
    assert [job.portal for job in due_crawls(found, locks, NOW)] == ["late", "proof", "season", "weekly"]


@pytest.fixture
def queued(tmp_path: Path, postgresql_url: str) -> Iterator[tuple[Home, Web]]:
    """An archive in PostgreSQL with two small portals that are served; all others rest."""
    with Web(tmp_path / "web") as web, pytest.MonkeyPatch.context() as patch:
        folder = tmp_path / "archive"
        init_home(folder, simulated=True, database_url=postgresql_url).close()
        web.serve(folder)
        patch.setenv("NIANBAO_DELAY", "0.02")
        patch.setenv("NIANBAO_WORKER_SILENCE", "3")  # so often is asked what is due
        with on(web.day), open_home(folder) as home:
            register_agencies(home, scenario())
            for name in (None, COLUMNS, ADDRESSED):
                settings = {"paused": "no" if name else "yes"}
                Schedules(home).put(Schedule(portal=name, settings=settings, by="me", recorded_at=home.clock.now()))
            yield home, web


@contextmanager
def working(home: Home, told: list[ProgressEvent], **queues: int) -> Iterator[None]:
    """A worker in this process, asked to end when the block does."""
    stop = threading.Event()
    arguments = {"queues": queues or {"crawl": 2, "read": 1}}
    worker = threading.Thread(target=run_worker, args=(home, told.append, stop), kwargs=arguments)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def test_workers_crawl_and_read_what_is_due_and_a_job_waits_once(queued: tuple[Home, Web]) -> None:
    home, _ = queued
    told: list[ProgressEvent] = []
    make_queue(home)
    due = [Job(task="crawl", portal=name, lock=f"machine:{name}") for name in (COLUMNS, ADDRESSED)]
    for _ in range(2):
        put_jobs(home, lambda: due)
    shown = nianbao("runs", "jobs", "--json", archive=home.path)
    assert [(row["task"], row["status"]) for row in json.loads(shown.out)] == [("crawl", "waiting")] * 2
    with working(home, told):
        wait_until(lambda: len(Observations(home).runs()) == 2 and not jobs(home) and not waiting(home))
    assert {run.portal: run.outcome for run in Observations(home).runs()} == {COLUMNS: "ok", ADDRESSED: "ok"}
    duties = nianbao("export", "duties", "--format", "jsonl", archive=home.path).rows()
    assert sum(bool(row["editions"]) for row in duties) > 10


def test_a_worker_asked_to_end_gives_its_jobs_back(queued: tuple[Home, Web]) -> None:
    home, _ = queued
    told: list[ProgressEvent] = []
    with working(home, told, crawl=1):
        wait_until(lambda: any(one.event == "run" for one in told))
    statuses = {one.portal: one.status for one in jobs(home) if one.task == "crawl"}
    (first,) = Observations(home).runs()
    assert statuses[first.portal] == WAITING
    assert first.outcome == "stopped", first.notes
    with working(home, [], crawl=1):
        wait_until(lambda: not [one for one in jobs(home) if one.task == "crawl"])
    assert {run.outcome for run in Observations(home).runs(first.portal)[1:]} == {"ok"}


def test_a_worker_needs_a_queue(tmp_path: Path) -> None:
    init_home(tmp_path / "a", simulated=True).close()
    for words in (("worker",), ("runs", "jobs")):
        told = nianbao(*words, archive=tmp_path / "a")
        assert (told.code, "PostgreSQL" in told.err) == (2, True), told.err
    assert nianbao("worker", "--queues", "cook", archive=tmp_path / "a").code == 2
