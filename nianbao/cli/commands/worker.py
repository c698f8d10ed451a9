"""``nianbao worker``, ``nianbao runs jobs``, ``runs add`` and ``runs retry``: an archive whose jobs lie in a queue."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.cli.output import Format, chosen, columns, emit, say, values_of
from nianbao.cli.texts.crawl_text import wording
from nianbao.sentences import listed, notes_sentence, sentence, word
from storage.home import Home

_QUEUES = ("crawl", "read")
_STATUSES = {"todo": "waiting", "doing": "under way", "failed": "given up"}  # as programs read them


def worker(
    queues: Annotated[str, typer.Option("--queues")] = "crawl,read",
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64)] = 4,
    readers: Annotated[int, typer.Option("--readers", min=1, max=64)] = 1,
    plan: Annotated[bool, typer.Option("--plan/--no-plan")] = True,
    log_json: Annotated[bool, typer.Option("--log-json")] = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Crawl and read what is due together with other workers, on this machine and others, until asked to end (Ctrl-C,
    SIGTERM). For an archive in PostgreSQL.
    """
    chosen_queues = list(dict.fromkeys(name.strip() for name in queues.split(",") if name.strip()))
    if not chosen_queues or not set(chosen_queues) <= set(_QUEUES):
        common.fail(sentence("queue.queues", value=queues))
    with common.opened(archive) as home:
        _needs_queue(home)
        from crawler.operations.log_lines import Lines
        from crawler.operations.stopping import stop_on_signals
        from crawler.operations.worker import run_worker

        stop = stop_on_signals()
        lines = Lines(sys.stderr, as_json=log_json, says=wording().event)
        chosen_jobs = dict.fromkeys(chosen_queues, jobs)
        listen = home.config.listen
        run_worker(home, lines.said, stop, queues=chosen_jobs, readers=readers, plans=plan, listen=listen)


def jobs_command(
    given_up: Annotated[bool, typer.Option("--given-up")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 200,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Jobs of the queue: what waits, what is under way, and what was given up with its reason."""
    from crawler.operations.job_queue import GIVEN_UP, UNDER_WAY, WAITING, jobs

    with common.opened(archive) as home:
        _needs_queue(home)
        listed = jobs(home, (GIVEN_UP,) if given_up else (UNDER_WAY, WAITING, GIVEN_UP), limit)
    fmt = chosen(as_json, as_csv)
    rows: list[dict[str, object]] = [
        {"job": one.id, "task": one.task, "portal": one.portal}
        | {"status": word("queue", one.status) if fmt is Format.TABLE else _STATUSES.get(one.status, one.status)}
        | values_of(one, "priority", "attempts", "not_before")
        | {"changed": one.changed_at, "reason": notes_sentence(one.notes)}
        | {"notes": [note.plain for note in one.notes]}
        for one in listed
    ]
    keys = ("job", "task", "portal", "status", "priority", "attempts", "changed", "reason")
    emit(rows, columns(*keys, wrap={"reason"}), fmt)
    common.attention(any(one.status == GIVEN_UP for one in listed))


def add_command(
    task: Annotated[str, typer.Argument(show_default=False)],
    slugs: Annotated[list[str], typer.Argument(show_default=False)],
    archive: common.ArchiveOption = None,
) -> None:
    """Put jobs into the queue, before those that are due."""
    from crawler.operations.planner import CRAWL, TASKS, crawl_job, machine_locks, queue_of, read_job

    if task not in TASKS:
        common.fail(sentence("queue.no_task", task=task, tasks=listed(TASKS)))
    with common.opened(archive) as home:
        _needs_queue(home)
        from crawler import portals
        from crawler.operations.worker import Queue

        known = portals.classes(home.path)
        with common.Refusal(CrawlError):
            for slug in slugs:
                portals.find(slug, home.path, known)
        locks, is_crawl = machine_locks(known), queue_of(task) == CRAWL
        with Queue(home) as queue:
            for slug in slugs:
                job = crawl_job(slug, locks[slug], 100, task=task) if is_crawl else read_job(slug, 100, task=task)
                say(sentence("queue.added" if queue.put(job) else "queue.waits", portal=slug, task=task))


def retry_command(
    numbers: Annotated[list[int], typer.Argument(show_default=False)], archive: common.ArchiveOption = None
) -> None:
    """Put jobs that were given up into the queue again."""
    from crawler.operations.job_queue import give_back

    with common.opened(archive) as home:
        _needs_queue(home)
        with common.Refusal(CrawlError):
            for number in numbers:
                job = give_back(home, number)
                say(sentence("queue.again", portal=job.portal, task=job.task))


def _needs_queue(home: Home) -> None:
    if home.truth.is_sqlite:
        common.fail(sentence("queue.sqlite"))
    try:
        import procrastinate  # noqa: F401
    except ImportError:
        common.fail(sentence("queue.package"))


def up(
    read: Annotated[bool, typer.Option("--read/--no-read")] = True,
    side_by_side: Annotated[int, typer.Option("--side-by-side", min=1, max=64)] = 12,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64)] = 2,
    log_json: Annotated[bool, typer.Option("--log-json")] = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Crawl what is due and read it, until asked to end (Ctrl-C, SIGTERM). One per archive."""
    from crawler.operations.stopping import start_server_apart

    start_server_apart()  # while this program imports what it needs, so does the server of its crawls
    from crawler.operations.planner import states
    from crawler.operations.up import up as run

    with common.opened(archive) as home:
        with common.Refusal(CrawlError):
            states(home)  # a setting that is wrong is told now, before anything is begun
        run(
            home,
            read=read,
            side_by_side=side_by_side,
            workers=workers,
            as_json=log_json,
            wording=wording().event,
            closing=sentence("up.ended"),
        )
