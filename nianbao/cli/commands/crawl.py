"""``nianbao crawl`` and ``nianbao relook``.

What fetches or reads is imported by the functions that need it.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.errors import CrawlError
from crawler.imitation_clock import set_instant
from nianbao.cli import common
from nianbao.cli.archive_command import archive_command
from nianbao.cli.output import Output, say, tell
from nianbao.cli.texts.crawl_text import event_text
from nianbao.sentences import note_sentence, notes_sentence, sentence
from storage.clock import NOW
from storage.home import Home

if TYPE_CHECKING:
    from archive.projection.update import UpdateReport
    from crawler.operations.runs import RunReport

_RECENTLY = timedelta(days=2)  # no crawl takes so long


@archive_command("json")
def crawl(
    home: Home,
    out: Output,
    slugs: Annotated[list[str] | None, typer.Argument(show_default=False)] = None,
    all_portals: Annotated[bool, typer.Option("--all")] = False,
    visit_everything: Annotated[bool, typer.Option("--visit-all")] = False,
    read: Annotated[bool, typer.Option("--read/--no-read")] = True,
    log_json: Annotated[bool, typer.Option("--log-json")] = False,
) -> None:
    """Look at the listings of portals, fetch the reports, keep every byte, and read them."""
    if all_portals == bool(slugs):
        common.fail(sentence("crawl.choose"))
    from archive.projection.update import update

    reports = _crawl(home, None if all_portals else slugs, visit_everything, log_json)
    hindered = [report for report in reports if report.hindrance]
    unwritable = next((report.hindrance for report in hindered if not report.is_clock_off), None)
    reading = None
    if read and not unwritable:
        names = [report.portal for report in reports]
        reading = update(home, names, progress=common.progress_line(sentence("progress.reading")))
    rows: list[dict[str, object]] = [
        {"portal": one.portal, "outcome": one.outcome, "visits": one.visits, "sentence": notes_sentence(one.notes)}
        | {"notes": [note.plain for note in one.notes], "looks": one.looks, "run": one.run}
        for one in reports
    ]
    out.table("crawls", rows)
    if unwritable:
        common.fail(note_sentence(unwritable), common.UNFINISHED)
    is_doubtful = reading is not None and _tell_reading(home, reading, reports, out)
    if clock := next((report.hindrance for report in hindered if report.is_clock_off), None):
        common.fail(sentence("crawl.clock", clock=note_sentence(clock)), common.UNFINISHED)
    common.attention(is_doubtful or any(not one.ok for one in reports))


def _crawl(home: Home, slugs: list[str] | None, visit_everything: bool, log_json: bool) -> list[RunReport]:
    from crawler.processes import start_server

    start_server()  # while this program imports Scrapy, so does the server of its crawls
    from crawler.operations.progress import Lines
    from crawler.operations.runs import crawl as crawl_portals

    share_the_day(home)
    lines = Lines(sys.stderr, as_json=log_json, says=event_text, dated=False)
    with common.wrong_usage_where(CrawlError):
        return crawl_portals(home, slugs, visit_everything=visit_everything, progress=lines.said)


def share_the_day(home: Home) -> None:
    """Let imitation portals live on the same day as their visitor, where that is set."""
    if home.simulated and NOW in os.environ:
        set_instant(home.path, home.clock.now())


def _tell_reading(home: Home, reading: UpdateReport, reports: list[RunReport], out: Output) -> bool:
    """Tell people what was read of a crawl; whether that is doubtful."""
    from archive.queries.recent_outcomes import shrunk_in
    from archive.queries.review import unbound

    nobodys = unbound(home, [report.portal for report in reports])
    if out.is_for_people:
        counts = {"documents": reading.documents_read, "editions": reading.editions, "duties": reading.duties}
        tell("crawl.read", **counts)
        if reading.naming:
            say(note_sentence(reading.naming))
        if nobodys:
            tell("crawl.nobodys", number=nobodys)
        runs = {report.run for report in reports if report.run}
        for listing, lost in shrunk_in(home, runs, home.clock.now() - _RECENTLY).items():
            tell("crawl.shrunk", listing=listing, number=lost)
        for problem in reading.problems:
            common.write_error(note_sentence(problem))
    return bool(reading.problems or (nobodys and not reading.editions))


@archive_command()
def relook_command(home: Home, slugs: Annotated[list[str], typer.Argument()]) -> None:
    """Take the links out of stored list pages again with today's spider; nothing is fetched, nothing replaced."""
    from archive.projection.update import update
    from crawler.operations.relook import relook

    with common.wrong_usage_where(CrawlError):
        for slug in slugs:
            tell("crawl.relooked", portal=slug, number=relook(home, slug))
    update(home, slugs)
