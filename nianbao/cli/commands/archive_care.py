"""``init``, ``reread``, ``rebuild``, ``rule``: commands that change an archive, by adding to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nianbao.cli import common
from nianbao.cli.texts.reread_text import tell_comparison
from nianbao.rulings import HELP, KINDS, RulingError, decided, rule_on
from storage.former import FormerReadings
from storage.home import Home, HomeError, UnusableError, init_home

if TYPE_CHECKING:
    from archive.projection.update import UpdateReport


def init(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the new archive; --archive does the same.")] = None,
    archive: common.ArchiveOption = None,
    imitation: Annotated[
        bool, typer.Option("--imitation", help="An archive of imitation portals on this machine; never of real ones.")
    ] = False,
    database: Annotated[
        str | None,
        typer.Option("--database", help="postgresql://… instead of a file in the folder.", show_default=False),
    ] = None,
) -> None:
    """Make an archive, or bring an existing one up to this version. Nothing in it is ever destroyed."""
    path = folder or archive
    if path is None:
        common.fail("name a folder: nianbao init DIR")
    try:
        home = init_home(path, simulated=imitation, database_url=database)
    except HomeError as error:
        common.fail(str(error), common.UNFINISHED if isinstance(error, UnusableError) else common.USAGE)
    sort = "imitation archive" if home.simulated else "archive"
    portals = f"python -m imitation.server {path} in another terminal, then " if home.simulated else ""
    typer.echo(f"{sort} ready in {home.path}; next: {portals}nianbao crawl --all --archive {path}")


def reread(
    archive: common.ArchiveOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Read everything again with today's reader, aside, and swap it in.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="With --all: only say what it would change; nothing is swapped in.")
    ] = False,
    forget: Annotated[
        str | None,
        typer.Option(
            "--forget", help="Delete the record of what this former version of the reader read.", show_default=False
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Reading processes.")] = 2,
    as_json: common.JsonOption = False,
) -> None:
    """Read what is unread (or everything), and judge again whose reports these are and what is late or missing.

    With --all, what changes is said by indicator, before and after; what former versions of the reader read is kept as
    a record (nianbao show --reader VERSION) until it is forgotten.
    """
    if compare and not everything:
        common.fail("--compare goes with --all: it reads everything aside and says what would change")
    from archive.projection.update import update as update_projection

    with common.opened(archive) as home:
        if forget is not None:
            typer.echo(f"{FormerReadings(home).prune(forget)} readings by reader {forget} forgotten")
        elif everything:
            _rebuild(home, workers, compare=True, adopt=not compare, as_json=as_json)
        else:
            report = update_projection(home, workers=workers, progress=common.progress_line("reading"))
            _tell(report)


def rebuild(
    archive: common.ArchiveOption = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Reading processes.")] = 2,
) -> None:
    """Make every projection again from the truth (captures, looks, rulings), aside, and swap it in."""
    with common.opened(archive) as home:
        _rebuild(home, workers)


def _rebuild(home: Home, workers: int, *, compare: bool = False, adopt: bool = True, as_json: bool = False) -> None:
    from archive.projection.update import rebuild as rebuild_projection

    report = rebuild_projection(
        home, workers=workers, progress=common.progress_line("reading"), compare=compare, adopt=adopt
    )
    if report.comparison is not None:
        tell_comparison(report.comparison, as_json=as_json)
    if not as_json:
        _tell(report, adopted=adopt)
    common.attention(report.documents_failed or report.problems)


def _tell(report: UpdateReport, *, adopted: bool = True) -> None:
    failed = f", {report.documents_failed} of them could not be read" if report.documents_failed else ""
    typer.echo(
        f"{report.documents_read} documents read{failed}; {report.editions} editions and {report.duties} duties "
        f"at {len(report.portals)} portals{'' if adopted else '; not adopted: what stood before stands'}"
    )
    if report.naming:
        typer.echo(report.naming)
    for problem in report.problems:
        typer.echo(f"nianbao: {problem}", err=True)
    common.attention(report.documents_failed or report.problems)


def rule(
    kind: Annotated[str, typer.Argument(help=f"What is decided about: {', '.join(KINDS)}.")],
    subject: Annotated[
        str, typer.Argument(help="AGENCY/YEAR for a duty, a look's id, a listing's id, an address or a digest.")
    ],
    decision: Annotated[list[str] | None, typer.Argument(help=f"key=value …: {HELP}", show_default=False)] = None,
    by: Annotated[str, typer.Option("--by", help="Who decides.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence that may be cited.")] = "",
    source: Annotated[str, typer.Option("--source", help="A document or address that says so.")] = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Write down what a person decided: it confirms or corrects, is kept for ever, and wins over our judgement."""
    from archive.projection.update import update as update_projection

    if not by.strip() or not reason.strip():
        common.fail("a ruling needs --by and --reason: it is cited with both")
    with common.opened(archive) as home:
        try:
            ruled = decided(home, kind, subject, decision or [])
        except RulingError as error:
            common.fail(str(error))
        ruling = rule_on(home, ruled, by=by, reason=reason, source=source)
        update_projection(home, portals=ruled.portals)
    words = " ".join(f"{key}={value}" for key, value in ruling.decision.items())
    typer.echo(f"ruled: {ruling.kind} {ruling.subject} {words}".rstrip() + f" (ruling {ruling.id})")
