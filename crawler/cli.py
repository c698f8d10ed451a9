"""``nianbao`` starts here: the commands that fetch, and those of the archive mounted beside them.

What fetches or reads is imported by the commands that do: a question is answered without Scrapy, twice as fast.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from archive.forms.loader import FormError, load_forms
from archive.interfaces import common
from archive.interfaces.cli import mount
from archive.interfaces.output import Column, chosen, emit, say
from archive.queries.nearest import NotKnownError
from archive.queries.stored import opened
from crawler.errors import CrawlError
from crawler.health.commands import health
from crawler.imitation.instant import set_instant
from crawler.operating.commands import up
from crawler.portal_commands import classes, portal
from crawler.run_commands import runs
from crawler.scheduling.commands import schedule
from storage.clock import NOW
from storage.errors import StorageError, cannot_write, is_damaged, is_of_the_disk
from storage.home import Home, HomeError, UnusableError, is_full
from storage.records import Binding, CaptureRole
from storage.sealing.returning import Returned, bring_back

if TYPE_CHECKING:
    from crawler.importing import Imported
    from crawler.runs import RunReport

app = typer.Typer(
    name="nianbao",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(portal, name="portal")
app.add_typer(runs, name="runs")
app.add_typer(schedule, name="schedule")
app.command("up", epilog=common.example("nianbao up --help"))(up)
app.command("health", epilog=common.example("nianbao health"))(health)

Slugs = Annotated[list[str] | None, typer.Argument(help="Names of portals: wenshang yiyuan …", show_default=False)]


def _version(wanted: bool) -> None:
    if wanted:
        say(f"nianbao {version('nianbao')}")
        raise typer.Exit


@app.callback()
def nianbao(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version, and nothing else.")
    ] = False,
) -> None:
    """The archive of China's annual open-government reports (政府信息公开工作年度报告): find, keep, read, answer."""


@app.command(epilog=common.example("nianbao crawl wenshang yiyuan"))
def crawl(
    slugs: Slugs = None,
    everything: Annotated[bool, typer.Option("--all", help="All portals.")] = False,
    visit_all: Annotated[
        bool, typer.Option("--visit-all", help="Fetch every known report again, whatever its age.")
    ] = False,
    read: Annotated[bool, typer.Option("--read/--no-read", help="Read what was fetched.")] = True,
    log_json: Annotated[bool, typer.Option("--log-json", help="The log as JSON lines.")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Look at the listings of portals, fetch the reports, keep every byte, and read them."""
    if everything == bool(slugs):
        common.fail("name portals or give --all (nianbao portal list shows them)")
    from archive.projection.update import update
    from archive.queries.review import unbound

    with common.opened(archive) as home:
        reports = _crawl(home, None if everything else slugs, visit_all, log_json)
        unwritable = next((report.unwritable for report in reports if report.unwritable), "")
        read_report, nobodys = None, 0
        if read and not unwritable:
            names = [report.portal for report in reports]
            read_report = update(home, names, progress=common.progress_line("reading"))
            nobodys = unbound(home, names)
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
        if nobodys:
            say(f"{nobodys} more reports were read, and whose they are, or on which year, is not known: nianbao review")
        for problem in read_report.problems:
            typer.echo(f"nianbao: {problem}", err=True)
    doubtful = read_report is not None and (read_report.problems or (nobodys and not read_report.editions))
    common.attention(any(not r.ok for r in reports) or doubtful)


def _crawl(home: Home, slugs: list[str] | None, visit_all: bool, log_json: bool) -> list[RunReport]:
    from crawler.progress import shown
    from crawler.runs import crawl as crawl_portals

    if home.simulated and NOW in os.environ:
        set_instant(home.path, home.clock.now())  # the imitation portals live on the same day as their visitor
    try:
        with shown(home, as_json=log_json) as progress:
            return crawl_portals(home, slugs, visit_all=visit_all, progress=progress)
    except CrawlError as error:
        common.fail(str(error))


@app.command("relook", epilog=common.example("nianbao relook wenshang"))
def relook_command(
    slugs: Annotated[list[str], typer.Argument(help="Names of portals.")], archive: common.ArchiveOption = None
) -> None:
    """Take the links out of stored list pages again with today's spider; nothing is fetched, nothing replaced."""
    from archive.projection.update import update
    from crawler.relook import relook

    with common.opened(archive) as home:
        try:
            for slug in slugs:
                say(f"{slug}: {relook(home, slug)} looks came out differently")
        except CrawlError as error:
            common.fail(str(error))
        update(home, slugs)


_IMPORT = "nianbao import tests/readings/lines.txt --url http://www.wenshang.gov.cn/a.txt --by me"


@app.command("import", epilog=common.example(f"{_IMPORT} --fetched 2026-02-03T10:00+08:00"))
def import_command(
    files: Annotated[list[Path], typer.Argument(help="Pages and files as saved, MHTML, or WARC files.")],
    by: Annotated[str, typer.Option("--by", help="Who saved it.")],
    url: Annotated[
        str | None, typer.Option("--url", help="The address it was saved from, where the file does not say it.")
    ] = None,
    fetched: Annotated[
        str | None, typer.Option("--fetched", help="When, likewise: an ISO instant with its offset.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="How it came here.")] = "",
    role: Annotated[CaptureRole, typer.Option("--as", help="What it is.")] = CaptureRole.REPORT,
    portal_name: common.PortalOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Take in what a person saved from a portal that blocks us: it proves that a report exists, never since when."""
    from archive.projection.update import update
    from crawler.importing import import_documents, is_warc, read_files

    at = _instant(fetched)
    with common.opened(archive) as home:
        returned = {path: back for path in files if is_warc(path) and (back := bring_back(home, path)) is not None}
        files = [path for path in files if path not in returned]
        try:
            documents = read_files(files, url, at, now=home.clock.now())
            done = import_documents(home, documents, by=by, note=note, role=role, portal=portal_name)
        except CrawlError as error:
            common.fail(str(error))
        portals = {one.portal for one in done if one.portal}
        update(home, sorted(portals | {back.name.partition("/")[0] for back in returned.values()}))
        read_as = _read_as(home, done) if role is CaptureRole.REPORT else {}
    rows: list[dict[str, object]] = [
        {"url": back.name, "portal": back.name.partition("/")[0], "capture": None, "document": None, "refused": "",
         "held": not back.put_back, "doubt": "", "said": _came_back(back)}
        for back in returned.values()
    ]  # fmt: skip
    rows += [
        {"url": one.url, "portal": one.portal, "capture": one.capture.id if one.capture else None,
         "document": one.capture.document if one.capture else None, "refused": one.refused, "held": one.held,
         "doubt": one.doubt,
         "said": one.refused or "; ".join(filter(None, ("held already" if one.held else "", _doubted(one.doubt),
                                                        read_as.get(one.url, ""))))}
        for one in done
    ]  # fmt: skip
    keys = ("url", "portal", "capture", "said")
    emit(rows, tuple(Column(key, key, wrap=key == "url") for key in keys), chosen(as_json, False))
    common.attention(not rows or any(one.refused or one.doubt for one in done))


def _came_back(back: Returned) -> str:
    """What became of a WARC file of this archive."""
    how = "put back in its place" if back.put_back else "here already"
    return f"a file of this archive, as its seal says: {how}; {back.adopted} captures adopted"


def _read_as(home: Home, done: Sequence[Imported]) -> dict[str, str]:
    """What each document that was kept is taken for, by its address: whose report, on which year."""
    said: dict[str, str] = {}
    with opened(home) as store:
        for name in sorted({one.portal for one in done if one.portal}):
            bound = {(one.document, one.url): one for one in store.bindings(name)}
            for one in done:
                if one.portal == name and one.capture is not None:
                    binding = bound.get((one.capture.document or "", one.url))
                    said[one.url] = _bound_to(binding) if binding is not None else "not read: see nianbao review"
    return said


def _bound_to(binding: Binding) -> str:
    """Whose report, on which year, or what is not known of it."""
    if not binding.is_report:
        return f"not taken for a report ({binding.reason})"
    whose, year = binding.agency_name or binding.agency, binding.year
    known = f"the report of {whose or 'an unknown body'} on {year or 'an unknown year'}"
    return known if binding.agency and year else f"{known}; not bound to a duty: see nianbao review"


def _doubted(why: str) -> str:
    return f"kept, but hardly a report ({why})" if why else ""


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        common.fail(f"--fetched {text!r} is no instant; write 2026-02-03T10:00+08:00")
    if at.tzinfo is None:
        common.fail(f"--fetched {text!r} has no offset; write 2026-02-03T10:00+08:00")
    return at


mount(app)
common.spiders_of = classes


def main() -> None:
    """Run a command; what could not be finished is said in one sentence, with what was kept."""
    try:
        load_forms()  # a form file that does not hold together is told before anything is done with it
        app()
    except NotKnownError as error:
        typer.echo(f"nianbao: {error}", err=True)
        sys.exit(common.USAGE)
    except FormError as error:
        typer.echo(f"nianbao: {error}", err=True)
        sys.exit(common.USAGE)
    except (StorageError, CrawlError) as error:
        typer.echo(f"nianbao: {error}", err=True)
        wrong = isinstance(error, HomeError) and not isinstance(error, UnusableError)
        sys.exit(common.USAGE if wrong else common.UNFINISHED)
    except SQLAlchemyError as error:
        orig = getattr(error, "orig", None)
        cause = str(orig or error).splitlines()[0]
        todo = ". First see that there is room and that the disk is sound, then run it again" if is_full(orig) else ""
        if is_damaged(orig):
            todo = (
                "; a database file is damaged. What was read and judged is made again by: nianbao rebuild. If that "
                "ends like this too, archive.sqlite is the damaged one: bring it back from a copy (nianbao restore)"
            )
        typer.echo(
            f"nianbao: the database could not do its work ({cause}); what was stored before is kept{todo}", err=True
        )
        sys.exit(common.UNFINISHED)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # the reader of a pipe has seen enough; that is no fault of anybody's
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(common.DONE)
        if not is_of_the_disk(error):
            raise
        typer.echo(f"nianbao: {cannot_write(error.filename or 'the disk', error)}", err=True)
        sys.exit(common.UNFINISHED)
    except KeyboardInterrupt:
        typer.echo("nianbao: stopped; what was fetched and committed until now is kept", err=True)
        sys.exit(common.UNFINISHED)


if __name__ == "__main__":
    main()
