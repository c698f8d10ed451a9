"""The commands ``crawl``, ``relook`` and ``up``, and for archives with a queue of jobs ``worker`` and ``runs jobs``.

Functions import the modules that fetch or read only when they need them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.exports.plain_values import fields_of
from crawler.imitation_clock import set_instant
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.output import Printer, print_sentence
from nianbao.cli.screens import show
from nianbao.messages import messages
from nianbao.sentences import look_reason, note_sentence, notes_sentence, sentence, word
from storage.clock import NOW
from storage.home import Home
from storage.records import Note, Run, RunOutcome

if TYPE_CHECKING:
    from archive.projection.update import UpdateReport
    from archive.queries.freshness import ListCount
    from crawler.operations.progress import ProgressEvent


_RECENTLY = timedelta(days=2)  # longer than any crawl takes


@archive_command("json")
def crawl(
    home: Home,
    printer: Printer,
    slugs: list[str] | None = None,
    *,
    all_portals: bool = False,
    visit_everything: bool = False,
    read: bool = True,
    log_json: bool = False,
) -> None:
    """Look at the listings of portals, fetch the reports (``visit_everything``: known ones again, too, before they are
    due for it), keep every byte, and with ``read`` read them.
    """
    if all_portals == bool(slugs):
        common.fail(sentence("crawl.choose"))
    from archive.projection.update import update
    from crawler.operations.runs import OUR_CLOCK, hindrance_of

    runs = _crawl(home, None if all_portals else slugs, visit_everything, log_json)
    hindrances = [note for note in map(hindrance_of, runs) if note is not None]
    unwritable = next((note for note in hindrances if note.code != OUR_CLOCK), None)  # such as a full disk
    reading = None
    if read and not unwritable:
        progress = common.progress_line(sentence("progress.reading"))
        reading = update(home, [run.portal for run in runs], progress=progress)
    few = _with_few_agencies(home, runs) if reading is not None else {}
    rows: list[dict[str, object]] = [
        {"portal": one.portal, "outcome": _outcome(one, few), "visits": one.counts.get("visits", 0)}
        | {"sentence": notes_sentence(one.notes), "notes": [note.as_json for note in one.notes]}
        | {"looks": one.looks, "run": one.id or None}
        for one in runs
    ]
    printer.table("crawls", rows)
    if unwritable:
        common.fail(note_sentence(unwritable), common.UNFINISHED)
    is_doubtful = reading is not None and _tell_reading(home, reading, runs, [*few.values()], printer)
    if hindrances:
        common.fail(sentence("crawl.clock", clock=note_sentence(hindrances[0])), common.UNFINISHED)
    common.attention(is_doubtful or any(one.outcome != RunOutcome.OK for one in runs))


def _crawl(home: Home, slugs: list[str] | None, visit_everything: bool, log_json: bool) -> list[Run]:
    """Crawl portals (``slugs`` None: all; flags as in :func:`crawl`), with progress on stderr; return their runs."""
    from crawler.processes import start_server

    start_server()  # first, so that the server of crawls imports Scrapy while this process imports it too
    from crawler.operations.progress import ProgressLines
    from crawler.operations.runs import crawl as crawl_portals

    set_portal_clocks(home)
    lines = ProgressLines(sys.stderr, as_json=log_json, says=event_text, dated=False)
    return crawl_portals(home, slugs, visit_everything=visit_everything, progress=lines.write_event)


def set_portal_clocks(home: Home) -> None:
    """Make imitation portals show the archive's present time, if the environment sets that (NIANBAO_NOW)."""
    if home.simulated and NOW in os.environ:
        set_instant(home.path, home.clock.now())


def _with_few_agencies(home: Home, runs: list[Run]) -> dict[str, ListCount]:
    """Return the crawled portals that show the reports of fewer agencies than expected: lists are probably lacking."""
    from archive.queries.freshness import list_counts

    counts = list_counts(home, {run.portal for run in runs})
    return {name: one for name, one in counts.items() if one.expected and one.expected.verdict == "below"}


def _outcome(run: Run, few: Mapping[str, ListCount]) -> str | None:
    """Return how a crawl ended: one that read all lists of a portal in ``few`` is not called complete."""
    return RunOutcome.ATTENTION if run.outcome == RunOutcome.OK and run.portal in few else run.outcome


def _tell_reading(home: Home, reading: UpdateReport, crawls: list[Run], few: list[ListCount], printer: Printer) -> bool:
    """Print what was read after a crawl; return True if something needs attention."""
    from archive.queries.coverage_of_answer import count_unnamed
    from archive.queries.look_answers import shrunk_in
    from archive.queries.stored import open_projections
    from nianbao.answer_metadata import words_on_law

    # reports of agencies that we do not know, lists that lost entries, and portals that show too few agencies
    nobodys = count_unnamed(home, open_projections(home), [run.portal for run in crawls])
    if printer.is_for_people:
        runs = {run.id for run in crawls if run.id}
        shrunk = shrunk_in(home, runs, home.clock.now() - _RECENTLY)
        by_law = words_on_law(home, reading.portals, reading.duties)
        show("crawled", reading=reading, by_law=by_law, nobodys=nobodys, shrunk=shrunk, few=few)
        for problem in reading.problems:
            common.write_error(note_sentence(problem))
    return bool(reading.problems or few or (nobodys and not reading.editions))


@archive_command()
def relook_command(home: Home, slugs: list[str]) -> None:
    """Judge stored looks again with today's engine; nothing is fetched or replaced."""
    from archive.projection.update import update
    from crawler.operations.relook import relook

    for slug in slugs:
        print_sentence("crawl.relooked", portal=slug, number=relook(home, slug))
    update(home, slugs)


# ---------------------------------------------------------------------------------------------- progress of a crawl


def event_text(event: ProgressEvent) -> str:
    """Return an event of a crawl as one line of text."""
    code, values = event.note.code, dict[str, Any](event.note.values)
    if code == "ended":
        return notes_sentence([Note.of(one) for one in values["notes"]])
    if code == "look":
        outcome, reason = values["outcome"], values.get("reason", "")
        why = f" ({look_reason(reason)})" if reason and outcome != "ok" else ""
        return sentence("progress.look", url=values["url"], outcome=word("outcome", outcome), why=why)
    if code == "failed":
        values["reason"] = look_reason(values["reason"])
    is_progress = f"progress.{code}" in messages("cli")
    return sentence(f"progress.{code}", **values) if is_progress else note_sentence(event.note)


# ---------------------------------------------------------------------------------------------- up and workers

_QUEUES = ("crawl", "read")
_STATUSES = {"todo": "waiting", "doing": "under way"}  # status in the queue → status for programs


@archive_command()
def worker(home: Home, *, queues: str = "crawl,read", jobs: int = 4, log_json: bool = False) -> None:
    """Crawl and read what is due, together with other workers on this and other machines, until asked to end."""
    names = [name.strip() for name in queues.split(",") if name.strip()]
    if not names or not set(names) <= set(_QUEUES):
        common.fail(sentence("queue.queues", value=queues))
    _require_queue(home)
    from crawler.operations.progress import ProgressLines
    from crawler.operations.worker import run_worker
    from crawler.processes import stop_on_signals

    lines = ProgressLines(sys.stderr, as_json=log_json, says=event_text)
    run_worker(home, lines.write_event, stop_on_signals(), queues=dict.fromkeys(names, jobs))


@archive_command("json", "csv")
def jobs_command(home: Home, printer: Printer, *, limit: int = 200) -> None:
    """Print at most ``limit`` jobs of the queue: those under way, and those that wait."""
    _require_queue(home)
    from crawler.operations.job_queue import jobs

    rows: list[dict[str, object]] = [
        {"job": one.id, "task": one.task, "portal": one.portal}
        | {"status": one.status if printer.is_for_people else _STATUSES[one.status]}
        | fields_of(one, "priority", "not_before")
        | {"changed": one.changed_at}
        for one in jobs(home, limit)
    ]
    printer.table("jobs", rows)


def _require_queue(home: Home) -> None:
    """End with an error if this archive cannot have a queue, or the package for it is missing."""
    if home.truth.is_sqlite:
        common.fail(sentence("queue.sqlite"))
    try:
        import procrastinate  # noqa: F401
    except ImportError:
        common.fail(sentence("queue.package"))


def up(
    *, read: bool = True, side_by_side: int = 12, workers: int = 2, log_json: bool = False, archive: Path | None = None
) -> None:
    """Crawl what is due and read it, until asked to end (Ctrl-C, SIGTERM). One per archive."""
    from crawler.processes import start_server

    start_server()  # first, so that the server of crawls imports Scrapy while this process imports the rest
    from crawler.operations.planner import states
    from crawler.operations.up import up as run

    with common.opened(archive) as home:
        states(home)  # a wrong setting ends the command here, before anything starts
        run(
            home, read=read, side_by_side=side_by_side, workers=workers, as_json=log_json, says=event_text,
            closing=sentence("up.ended"),
        )  # fmt: skip
