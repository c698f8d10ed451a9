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
from nianbao.cli import common, exit_codes
from nianbao.cli.output import chosen, columns, emit, say
from nianbao.cli.texts.crawl_text import event_text
from nianbao.sentences import note_sentence, notes_sentence, sentence, word
from storage.clock import NOW
from storage.home import Home

if TYPE_CHECKING:
    from crawler.operations.runs import RunReport

_AGO = timedelta(days=2)  # no crawl takes so long
Slugs = Annotated[list[str] | None, typer.Argument(show_default=False)]


def crawl(
    slugs: Slugs = None,
    all_portals: Annotated[bool, typer.Option("--all")] = False,
    visit_everything: Annotated[bool, typer.Option("--visit-all")] = False,
    read: Annotated[bool, typer.Option("--read/--no-read")] = True,
    log_json: Annotated[bool, typer.Option("--log-json")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Look at the listings of portals, fetch the reports, keep every byte, and read them."""
    if all_portals == bool(slugs):
        common.fail(sentence("crawl.choose"))
    from archive.projection.update import update
    from archive.queries.recent_outcomes import shrunk_in
    from archive.queries.review import unbound

    with common.opened(archive) as home:
        reports = _crawl(home, None if all_portals else slugs, visit_everything, log_json)
        hindered = [report for report in reports if report.hindrance]
        unwritable = next((report.hindrance for report in hindered if not report.is_clock_off), None)
        clock = next((report.hindrance for report in hindered if report.is_clock_off), None)
        read_report, nobodys, shrunk = None, 0, dict[str, int]()
        if read and not unwritable:
            names = [report.portal for report in reports]
            read_report = update(home, names, progress=common.progress_line(sentence("progress.reading")))
            nobodys = unbound(home, names)
            shrunk = shrunk_in(home, {report.run for report in reports if report.run}, home.clock.now() - _AGO)
    rows: list[dict[str, object]] = [
        {"portal": r.portal, "outcome": r.outcome if as_json else word("outcome", r.outcome), "visits": r.visits}
        | {"sentence": notes_sentence(r.notes), "notes": [note.plain for note in r.notes]}
        | {"looks": r.looks, "run": r.run}
        for r in reports
    ]
    emit(rows, columns("portal", "outcome", "sentence", wrap={"sentence"}), chosen(as_json, False))
    if unwritable:
        common.fail(note_sentence(unwritable), common.UNFINISHED)
    if read_report is not None and not as_json:
        say(
            sentence(
                "crawl.read", documents=read_report.documents_read, editions=read_report.editions,
                duties=read_report.duties,
            )
        )  # fmt: skip
        if read_report.naming:
            say(note_sentence(read_report.naming))
        if nobodys:
            say(sentence("crawl.nobodys", number=nobodys))
        for listing, lost in shrunk.items():
            say(sentence("crawl.shrunk", listing=listing, number=lost))
        for problem in read_report.problems:
            exit_codes.write(note_sentence(problem))
    if clock:
        common.fail(sentence("crawl.clock", clock=note_sentence(clock)), common.UNFINISHED)
    doubtful = read_report is not None and (read_report.problems or (nobodys and not read_report.editions))
    common.attention(any(not r.ok for r in reports) or doubtful)


def _crawl(home: Home, slugs: list[str] | None, visit_everything: bool, log_json: bool) -> list[RunReport]:
    from crawler.processes import start_server

    start_server()  # while this program imports Scrapy, so does the server of its crawls
    from crawler.operations.progress import Lines
    from crawler.operations.runs import crawl as crawl_portals

    if home.simulated and NOW in os.environ:
        set_instant(home.path, home.clock.now())  # the imitation portals live on the same day as their visitor
    lines = Lines(sys.stderr, as_json=log_json, says=event_text, dated=False)
    with common.Refusal(CrawlError):
        return crawl_portals(home, slugs, visit_everything=visit_everything, progress=lines.said)


def relook_command(slugs: Annotated[list[str], typer.Argument()], archive: common.ArchiveOption = None) -> None:
    """Take the links out of stored list pages again with today's spider; nothing is fetched, nothing replaced."""
    from archive.projection.update import update
    from crawler.operations.relook import relook

    with common.opened(archive) as home:
        with common.Refusal(CrawlError):
            for slug in slugs:
                say(sentence("crawl.relooked", portal=slug, number=relook(home, slug)))
        update(home, slugs)
