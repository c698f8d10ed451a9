"""``nianbao up`` and, of an archive whose jobs lie in a queue, ``nianbao worker`` and ``nianbao runs jobs``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.cli.output import Format, chosen, columns, emit, values_of
from nianbao.cli.texts.crawl_text import event_text
from nianbao.sentences import sentence, word
from storage.home import Home

_QUEUES = ("crawl", "read")
_STATUSES = {"todo": "waiting", "doing": "under way"}  # as programs read them


def worker(
    queues: Annotated[str, typer.Option("--queues")] = "crawl,read",
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64)] = 4,
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
        from crawler.operations.progress import Lines
        from crawler.operations.stopping import stop_on_signals
        from crawler.operations.worker import run_worker

        stop = stop_on_signals()
        lines = Lines(sys.stderr, as_json=log_json, says=event_text)
        chosen_jobs = dict.fromkeys(chosen_queues, jobs)
        run_worker(home, lines.said, stop, queues=chosen_jobs)


def jobs_command(
    limit: Annotated[int, typer.Option("--limit", min=1)] = 200,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Jobs of the queue: what is under way, and what waits."""
    from crawler.operations.job_queue import jobs

    with common.opened(archive) as home:
        _needs_queue(home)
        listed = jobs(home, limit)
    fmt = chosen(as_json, as_csv)
    rows: list[dict[str, object]] = [
        {"job": one.id, "task": one.task, "portal": one.portal}
        | {"status": word("queue", one.status) if fmt is Format.TABLE else _STATUSES[one.status]}
        | values_of(one, "priority", "not_before")
        | {"changed": one.changed_at}
        for one in listed
    ]
    emit(rows, columns("job", "task", "portal", "status", "priority", "changed"), fmt)


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
            says=event_text,
            closing=sentence("up.ended"),
        )
