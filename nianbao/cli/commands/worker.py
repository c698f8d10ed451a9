"""``nianbao worker``, ``nianbao runs jobs``, ``runs add`` and ``runs retry``: an archive whose jobs lie in a queue."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated

import typer

from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.cli.output import Column, chosen, emit, say
from storage.home import Home

_QUEUES = ("crawl", "read")
_TASKS = ("crawl_portal", "visit_reports", "read_documents", "judge_portal")


def worker(
    queues: Annotated[
        str, typer.Option("--queues", help="What it works on: crawl,read, or one of them.")
    ] = "crawl,read",
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Jobs of each queue at once.")] = 4,
    readers: Annotated[int, typer.Option("--readers", min=1, max=64, help="Reading processes of one job.")] = 1,
    plan: Annotated[
        bool, typer.Option("--plan/--no-plan", help="Put what is due into the queue, as every worker does.")
    ] = True,
    log_json: Annotated[bool, typer.Option("--log-json", help="The log as JSON lines.")] = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Crawl and read what is due together with other workers, on this machine and others, until asked to end (Ctrl-C,
    SIGTERM). For an archive in PostgreSQL.
    """
    chosen_queues = list(dict.fromkeys(name.strip() for name in queues.split(",") if name.strip()))
    if not chosen_queues or not set(chosen_queues) <= set(_QUEUES):
        common.fail(f"--queues {queues}: it is crawl,read or one of them")
    with common.opened(archive) as home:
        _needs_queue(home)
        from crawler.operations.up.lines import Lines
        from crawler.operations.worker import run_worker

        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        lines = Lines(sys.stderr, as_json=log_json)
        try:
            chosen_jobs = dict.fromkeys(chosen_queues, jobs)
            listen = home.config.listen
            run_worker(home, lines.said, stop, queues=chosen_jobs, readers=readers, plans=plan, listen=listen)
        except CrawlError as error:
            common.fail(str(error), common.UNFINISHED)


def jobs_command(
    given_up: Annotated[bool, typer.Option("--given-up", help="Only those that were given up.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Jobs at most.")] = 200,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Jobs of the queue: what waits, what is under way, and what was given up with its reason."""
    from crawler.operations.job_queue import GIVEN_UP, UNDER_WAY, WAITING, jobs

    with common.opened(archive) as home:
        _needs_queue(home)
        listed = jobs(home, (GIVEN_UP,) if given_up else (WAITING, UNDER_WAY, GIVEN_UP), limit)
    words = {WAITING: "waiting", UNDER_WAY: "under way", GIVEN_UP: "given up"}
    rows: list[dict[str, object]] = [
        {
            "job": one.id,
            "task": one.task,
            "portal": one.portal,
            "status": words.get(one.status, one.status),
            "priority": one.priority,
            "attempts": one.attempts,
            "not_before": one.not_before,
            "changed": one.changed_at,
            "reason": one.reason,
        }
        for one in listed
    ]
    keys = ("job", "task", "portal", "status", "priority", "attempts", "changed", "reason")
    emit(rows, tuple(Column(key, key, wrap=key == "reason") for key in keys), chosen(as_json, as_csv))
    common.attention(any(one.status == GIVEN_UP for one in listed))


def add_command(
    task: Annotated[str, typer.Argument(help="crawl_portal, visit_reports, read_documents or judge_portal.")],
    slugs: Annotated[list[str], typer.Argument(help="Names of portals.")],
    archive: common.ArchiveOption = None,
) -> None:
    """Put jobs into the queue, before those that are due."""
    if task not in _TASKS:
        common.fail(f"{task} is no job; there are: {', '.join(_TASKS)}")
    with common.opened(archive) as home:
        _needs_queue(home)
        from crawler import portals
        from crawler.operations.job_plans import crawl_job, machine_of, read_job
        from crawler.operations.jobs import Queue

        known = portals.classes(home.path)
        try:
            for slug in slugs:
                portals.find(slug, home.path, known)
        except CrawlError as error:
            common.fail(str(error))
        locks = machine_of(known)
        with Queue(home) as queue:
            for slug in slugs:
                is_crawl = task in ("crawl_portal", "visit_reports")
                job = crawl_job(slug, locks[slug], 100, task=task) if is_crawl else read_job(slug, 100, task=task)
                say(f"{slug}: {task} {'waits now' if queue.put(job) else 'waits already'}")


def retry_command(
    numbers: Annotated[list[int], typer.Argument(help="Jobs, as nianbao runs jobs names them.")],
    archive: common.ArchiveOption = None,
) -> None:
    """Put jobs that were given up into the queue again."""
    from crawler.operations.job_queue import give_back

    with common.opened(archive) as home:
        _needs_queue(home)
        try:
            for number in numbers:
                job = give_back(home, number)
                say(f"{job.portal}: {job.task} waits again")
        except CrawlError as error:
            common.fail(str(error))


def _needs_queue(home: Home) -> None:
    if home.truth.is_sqlite:
        common.fail(
            "this archive lies in SQLite, and nianbao up does its jobs; a queue and workers need PostgreSQL "
            "(nianbao copy moves an archive there)"
        )
    try:
        import procrastinate  # noqa: F401
    except ImportError:
        common.fail("workers need the Python package procrastinate; install nianbao with its extra: nianbao[cluster]")
