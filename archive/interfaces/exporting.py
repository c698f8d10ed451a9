"""``export duties``, ``leads`` and ``wacz`` on the command line; the shapes of rows are in ``export.py``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, TextIO

import typer

from archive.interfaces import common
from archive.interfaces.export import ExportFormat, export_duties, export_leads
from archive.interfaces.output import say
from archive.interfaces.package import write_package
from archive.queries.where import NotKnownError
from storage.errors import StorageError
from storage.home import Home
from storage.wacz import SUFFIX

export = typer.Typer(help="Everything, a line each, for other programs.", no_args_is_help=True)

FormatOption = Annotated[
    ExportFormat, typer.Option("--format", help="jsonl: one JSON object a line; csv: for spreadsheets.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", help="File to write; standard output if none.", show_default=False)
]


@export.command("duties", epilog=common.example("nianbao export duties --format jsonl"))
def duties(
    fmt: FormatOption = ExportFormat.JSONL, output: OutputOption = None, archive: common.ArchiveOption = None
) -> None:
    """Each duty with its status, its evidence, every address it was seen at, its editions and findings."""
    _write(export_duties, fmt, output, archive)


@export.command("leads", epilog=common.example("nianbao export leads --format csv"))
def leads(
    fmt: FormatOption = ExportFormat.JSONL, output: OutputOption = None, archive: common.ArchiveOption = None
) -> None:
    """Each link on a listing that was judged: is it a report, whose, for which year."""
    _write(export_leads, fmt, output, archive)


@export.command("wacz", epilog=common.example("nianbao export wacz --portal jiyuan --year 2025"))
def wacz(
    portal: Annotated[str, typer.Option("--portal", help="Name of the portal.")],
    year: Annotated[int, typer.Option("--year", help="The year that the reports are on.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", help="File to write; <archive>/exports/PORTAL-YEAR.wacz if none.", show_default=False),
    ] = None,
    archive: common.ArchiveOption = None,
) -> None:
    """The evidence for the reports of a portal on a year, in one file that replay tools open: records, index, pages."""
    with common.opened(archive) as home:
        path = output or home.path / "exports" / f"{portal}-{year}{SUFFIX}"
        if path.suffix != SUFFIX:
            common.fail(f"{path} must end in {SUFFIX}: tools know such a package by it")
        try:
            packing, packed = write_package(home, portal, year, path)
        except NotKnownError as error:
            common.fail(str(error))
        except StorageError as error:
            common.fail(str(error), common.UNFINISHED)
    failed = f"; {packing.failures} failed fetches that belong to it have no record" if packing.failures else ""
    say(
        f"{packed.path}: {packed.captures} captures ({packed.records} records, {packed.size} bytes), "
        f"{len(packing.pages)} editions, {len(packing.lists)} list pages{failed}"
    )
    say(f"datapackage.json  sha256 {packed.digest}: note it elsewhere, it speaks for every file of the package")
    if packing.left_out:
        documents = len(packing.withheld)
        say(f"left out: {len(packing.left_out)} captures of {documents} documents that a ruling withholds")
    if packing.naming:
        say(
            f"left out: {len(packing.naming)} captures of pages that name a withheld report; datapackage.json tells "
            "each with its digest"
        )
    for problem in packed.problems:
        typer.echo(f"nianbao: {problem}", err=True)
    common.attention(packed.problems)


def _write(
    write: Callable[[Home, ExportFormat, TextIO], None], fmt: ExportFormat, output: Path | None, archive: Path | None
) -> None:
    with common.opened(archive) as home:
        if output is None:
            write(home, fmt, sys.stdout)
            return
        aside = output.with_name(output.name + ".part")
        try:
            with aside.open("w", encoding="utf-8", newline="") as stream:
                write(home, fmt, stream)
            aside.replace(output)  # a reader never meets half a file
        except OSError as error:
            _remove(aside)
            common.fail(
                f"{output} could not be written ({error.strerror}); nothing was left there: make room, or name another "
                "file",
                common.UNFINISHED,
            )
        except BaseException:
            _remove(aside)
            raise


def _remove(aside: Path) -> None:
    with suppress(OSError):  # what kept it from being written may keep it from being there
        aside.unlink()
