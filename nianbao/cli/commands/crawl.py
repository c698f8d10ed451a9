"""``nianbao crawl`` and ``nianbao relook``.

What fetches or reads is imported by the functions that need it.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.errors import CrawlError
from crawler.imitation_clock import set_instant
from nianbao.cli import common
from nianbao.cli.output import Column, chosen, emit, say
from storage.clock import NOW
from storage.home import Home

if TYPE_CHECKING:
    from crawler.operations.runs import RunReport

_AGO = timedelta(days=2)  # no crawl takes so long
Slugs = Annotated[list[str] | None, typer.Argument(show_default=False)]


def crawl(
    slugs: Slugs = None,
    everything: Annotated[bool, typer.Option("--all")] = False,
    visit_all: Annotated[bool, typer.Option("--visit-all")] = False,
    read: Annotated[bool, typer.Option("--read/--no-read")] = True,
    log_json: Annotated[bool, typer.Option("--log-json")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Look at the listings of portals, fetch the reports, keep every byte, and read them."""
    if everything == bool(slugs):
        common.fail("name portals or give --all (nianbao portal list shows them)")
    from archive.projection.update import update
    from archive.queries.review import unbound
    from archive.queries.vitals import shrunk_in

    with common.opened(archive) as home:
        reports = _crawl(home, None if everything else slugs, visit_all, log_json)
        unwritable = next((report.unwritable for report in reports if report.unwritable), "")
        clock = next((report.clock for report in reports if report.clock), "")
        read_report, nobodys, shrunk = None, 0, dict[str, int]()
        if read and not unwritable:
            names = [report.portal for report in reports]
            read_report = update(home, names, progress=common.progress_line("reading"))
            nobodys = unbound(home, names)
            shrunk = shrunk_in(home, {report.run for report in reports if report.run}, home.clock.now() - _AGO)
    rows: list[dict[str, object]] = [
        {
            "portal": r.portal,
            "outcome": r.outcome,
            "visits": r.visits,
            "sentence": r.sentence,
            "looks": r.looks,
            "run": r.run,
        }
        for r in reports
    ]
    keys = ("portal", "outcome", "sentence")
    emit(rows, tuple(Column(key, key, wrap=key == "sentence") for key in keys), chosen(as_json, False))
    if unwritable:
        common.fail(unwritable, common.UNFINISHED)
    if read_report is not None and not as_json:
        say(
            f"read {read_report.documents_read} documents; {read_report.editions} editions held, "
            f"{read_report.duties} duties judged"
        )
        if read_report.naming:
            say(read_report.naming)
        if nobodys:
            say(f"{nobodys} more reports were read, and whose they are, or on which year, is not known: nianbao review")
        for listing, lost in shrunk.items():
            lacks = f"{listing} lacks {lost} entries that it had"
            say(f"{lacks}, and proves no absence until that is settled: nianbao review")
        for problem in read_report.problems:
            typer.echo(f"nianbao: {problem}", err=True)
    if clock:
        common.fail(f"{clock}. What was fetched until then is kept", common.UNFINISHED)
    doubtful = read_report is not None and (read_report.problems or (nobodys and not read_report.editions))
    common.attention(any(not r.ok for r in reports) or doubtful)


def _crawl(home: Home, slugs: list[str] | None, visit_all: bool, log_json: bool) -> list[RunReport]:
    from crawler.processes import start_server

    start_server()  # while this program imports Scrapy, so does the server of its crawls
    from crawler.operations.progress import shown
    from crawler.operations.runs import crawl as crawl_portals

    if home.simulated and NOW in os.environ:
        set_instant(home.path, home.clock.now())  # the imitation portals live on the same day as their visitor
    try:
        with shown(home, as_json=log_json) as progress:
            return crawl_portals(home, slugs, visit_all=visit_all, progress=progress)
    except CrawlError as error:
        common.fail(str(error))


def relook_command(slugs: Annotated[list[str], typer.Argument()], archive: common.ArchiveOption = None) -> None:
    """Take the links out of stored list pages again with today's spider; nothing is fetched, nothing replaced."""
    from archive.projection.update import update
    from crawler.operations.relook import relook

    with common.opened(archive) as home:
        try:
            for slug in slugs:
                say(f"{slug}: {relook(home, slug)} looks came out differently")
        except CrawlError as error:
            common.fail(str(error))
        update(home, slugs)
