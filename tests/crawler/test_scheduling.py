"""When a portal is crawled: weekly, daily around the due dates, and at the instants that prove an absence.

Jobs in a queue: what is due and how urgent, done once at a time per machine, given back where it was cut short.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from loopback_web import let_rest_but

from archive.assessment.calendar import day_ends, local_day
from archive.projection.update import update, waiting
from crawler.errors import CrawlError
from crawler.operations.due_crawls import NextCrawl, complete_crawls, deadlines_of, find_gaps, next_due
from crawler.operations.job_queue import WAITING, jobs, make_queue, put_jobs
from crawler.operations.planner import Job, Planner, due_crawls, plan_of
from crawler.operations.progress import ProgressEvent
from crawler.operations.worker import run_worker
from crawler.portals import find, portal_record
from imitation.play import on
from imitation.registry import register_agencies
from nianbao.sentences import due_sentence
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.records import Run
from storage.registry import Registry
from tests.case_tables import read_cases
from tests.crash.rounds import ADDRESSED, COLUMNS, RoundPortals, scenario
from tests.patience import wait_until
from tests.played import nianbao
from tests.projection.small_archive import InProcess, at

DEPARTMENTS, GOVERNMENTS = date(2026, 1, 31), date(2026, 3, 31)
DAYS = deadlines_of("汶上县", date(2026, 1, 10))
LONG = timedelta(minutes=20)


def crawl(begun: datetime, how: str = "ok") -> Run:
    return Run(
        id=f"{begun}", portal="wenshang", purpose="crawl", started=begun, finished=begun + LONG, outcome=how,
        counts={f"look_{how}": 3},
    )  # fmt: skip


def year(
    how: Callable[[datetime], str] = lambda _: "ok", begin: str = "2026-01-10T03:00", end: str = "2026-05-01T00:00",
) -> list[tuple[NextCrawl, Run]]:  # fmt: skip
    """What the rule does with a portal that answers ``how``, if each crawl begins at once when it is due."""
    plan, now, done = plan_of({}), at(begin), list[tuple[NextCrawl, Run]]()
    while now < at(end):
        due = next_due("wenshang", plan, DAYS, [one for _, one in done], now)
        assert due is not None
        now = max(now, due.at)
        done.append((due, crawl(now, how(now))))
        now += LONG
    return done


def test_the_deadlines_are_those_of_the_law_and_of_the_place() -> None:
    assert [day for day in DAYS if day.year == 2026] == [DEPARTMENTS, GOVERNMENTS]
    assert date(2019, 3, 25) in deadlines_of("新野县", date(2019, 1, 1))
    assert date(2019, 3, 25) not in deadlines_of("汶上县", date(2019, 1, 1))


def test_a_portal_is_crawled_weekly_daily_around_a_due_date_and_three_times_to_prove_an_absence() -> None:
    done = year()
    spans = {due.why: crawl.started - before.started for (_, before), (due, crawl) in pairwise(done)}
    assert spans["regular"] == timedelta(days=7)
    assert spans["season"] == timedelta(days=1)
    assert sum(at("2026-01-24T00:00") <= one.started < at("2026-02-15T00:00") for _, one in done) in {21, 22, 23}
    assert not [one for _, one in done if at("2026-02-15T00:00") <= one.started < at("2026-02-20T00:00")]
    for deadline in (DEPARTMENTS, GOVERNMENTS):
        first, second, third = (
            next(one for due, one in done if due.why == why and due.deadline == deadline)
            for why in ("proof", "second", "third")
        )
        assert timedelta(hours=9) <= first.started - day_ends(deadline) < timedelta(hours=9, minutes=30)
        assert timedelta(hours=24) <= second.started - first.finished < timedelta(hours=36)
        assert timedelta(hours=168) <= third.started - first.finished < timedelta(hours=180)


def test_a_crawl_too_soon_after_the_first_proof_is_named_as_no_second_one() -> None:
    first, soon = crawl(at("2026-02-01T09:10")), crawl(at("2026-02-01T12:00"))
    due = next_due("wenshang", plan_of({}), DAYS, [first, soon], at("2026-02-01T13:00"))
    assert due is not None
    assert (due.why, due.deadline, due.early) == ("second", DEPARTMENTS, soon.started)
    assert "begun 1 February 2026, 12:00 came less than 24 hours after the first had" in due_sentence(due, None, "en")


def test_the_last_day_of_a_due_date_is_looked_at_whatever_the_hour_of_the_crawls() -> None:
    """What a look shows then was published in time, beyond doubt; the look of proof after it cannot say that."""
    for hour in range(0, 24, 4):
        done = year(begin=f"2026-01-27T{hour:02}:10", end="2026-02-03T00:00")
        assert [one for _, one in done if local_day(one.started) == DEPARTMENTS], hour


def test_a_portal_that_is_down_is_asked_through_the_day_then_each_morning_and_leaves_a_gap() -> None:
    up_again = at("2026-02-04T08:00")
    done = year(lambda now: "ok" if not day_ends(DEPARTMENTS) <= now < up_again else "unreachable")
    tries = [one.started for due, one in done if due.why == "proof" and one.started < up_again]
    assert [one.day for one in tries] == [1] * 7 + [2, 3]
    assert all(after - before >= timedelta(hours=2) for before, after in pairwise(tries))
    proof = next(one for due, one in done if due.why == "proof" and one.started >= up_again)
    assert proof.started.date() == date(2026, 2, 4)
    (gap,) = find_gaps(DAYS, [one for _, one in done], at("2026-05-01T00:00"))
    assert (gap.deadline, gap.tries, gap.filled) == (DEPARTMENTS, 7, proof.started)


@pytest.mark.parametrize("how", ["partial", "changed"])
def test_a_portal_that_never_shows_its_lists_whole_is_not_asked_for_them_hourly(how: str) -> None:
    done = year(lambda _: how)
    spans = [one.started - before.started for (_, before), (_, one) in pairwise(done)]
    assert min(spans[2:]) >= timedelta(hours=12)
    assert len(spans) <= len(year()) + 2  # no more often than one that is well
    assert find_gaps(DAYS, [one for _, one in done], at("2026-03-01T00:00"))  # and it is told


def test_a_pause_puts_off() -> None:
    now = at("2026-01-10T12:00")
    paused = next_due("a", plan_of({"paused": "2026-03-01"}), DAYS, [], now)
    assert paused == NextCrawl(at("2026-03-01T00:00"), "first")
    assert next_due("a", plan_of({"paused": "yes"}), DAYS, [], now) is None


def test_portals_do_not_begin_all_at_once() -> None:
    last, now = crawl(at("2026-01-31T09:00")), at("2026-01-31T10:00")
    found = {next_due(f"portal{n}", plan_of({}), DAYS, [last], now) for n in range(50)}
    assert len(found) == 50
    assert {due.why for due in found if due is not None} == {"proof"}
    assert next_due("portal7", plan_of({}), DAYS, [last], at("2026-02-01T08:00")) in found  # whenever it is asked


@pytest.mark.parametrize("outages", read_cases(__file__, "outages"))
def test_whatever_happens_a_portal_is_left_alone_between_crawls_and_seen_once_it_answers(
    outages: tuple[tuple[int, float, str], ...],
) -> None:
    down = [(at("2026-01-10T00:00") + timedelta(days=begin), timedelta(days=long), how) for begin, long, how in outages]

    def how(now: datetime) -> str:
        return next((outcome for begin, long, outcome in down if begin <= now < begin + long), "ok")

    done = [one for _, one in year(how)]
    for before, after in pairwise(done):
        assert after.started - before.finished >= timedelta(minutes=100)
        assert after.started - before.started <= timedelta(days=8, hours=12)
    for deadline in (DEPARTMENTS, GOVERNMENTS):
        up_again = max([day_ends(deadline), *(begin + long for begin, long, _ in down if begin <= day_ends(deadline))])
        good = [one.started for one in complete_crawls(done) if one.started >= day_ends(deadline)]
        assert good[0] <= up_again + timedelta(days=2, hours=12)


@pytest.mark.parametrize(("setting", "value"), read_cases(__file__, "settings"))
def test_a_setting_that_cannot_be_says_what_can(setting: str, value: str) -> None:
    with pytest.raises(CrawlError, match="pause" if setting == "paused" else setting):
        plan_of({setting: value})


def test_the_planner_names_what_is_due_until_it_is_done(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive", simulated=True) as home:
        Registry(home).put_portal(portal_record(find("yiyuan"), home.clock.now()))
        let_rest_but(home, "yiyuan")
        planner, observations = Planner(home), Observations(home)
        for _ in range(2):
            assert [job.once for job in planner.due_jobs()] == ["crawl:yiyuan", "read:yiyuan"]
        run = Run(id="r", portal="yiyuan", purpose="crawl", started=home.clock.now())
        observations.start_run(run)
        assert [job.once for job in planner.due_jobs()] == ["crawl:yiyuan"]
        observations.finish_run(run, finished=home.clock.now(), outcome="ok", counts={"look_ok": 4})
        assert [job.once for job in planner.due_jobs()] == ["read:yiyuan"]
        update(home, pool=InProcess())
        assert planner.due_jobs() == []


def state(name: str, why: str, at: datetime) -> Any:
    return SimpleNamespace(name=name, due=NextCrawl(at, why))


def test_looks_that_prove_an_absence_come_first_and_what_is_late_before_what_is_not() -> None:
    now = at("2026-02-01T09:00")
    day = timedelta(days=1)
    found = [
        state("weekly", "regular", now - timedelta(hours=1)),
        state("proof", "proof", now - timedelta(hours=1)),
        state("season", "season", now),
        state("late", "regular", now - 9 * day),
        state("later", "proof", now + day),
        SimpleNamespace(name="paused", due=None),
    ]
    locks = {one.name: f"machine:{one.name}" for one in found}
    assert [job.portal for job in due_crawls(found, locks, now)] == ["late", "proof", "season", "weekly"]


@pytest.fixture
def queued(tmp_path: Path, postgresql_url: str) -> Iterator[tuple[Home, RoundPortals]]:
    """An archive in PostgreSQL with two small portals that are served; all others rest."""
    with RoundPortals(tmp_path / "web") as web, pytest.MonkeyPatch.context() as patch:
        folder = tmp_path / "archive"
        init_home(folder, simulated=True, database_url=postgresql_url).close()
        web.serve(folder)
        patch.setenv("NIANBAO_DELAY", "0.02")
        patch.setenv("NIANBAO_WORKER_SILENCE", "3")  # so often is asked what is due
        with on(web.day), open_home(folder) as home:
            register_agencies(home, scenario())
            let_rest_but(home, COLUMNS, ADDRESSED)
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


def test_workers_crawl_and_read_what_is_due_and_a_job_waits_once(queued: tuple[Home, RoundPortals]) -> None:
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


def test_a_worker_asked_to_end_gives_its_jobs_back(queued: tuple[Home, RoundPortals]) -> None:
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
