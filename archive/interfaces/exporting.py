"""``export duties`` and ``export leads`` on the command line; the shapes are in ``export.py``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TextIO

import typer

from archive.interfaces import common
from archive.interfaces.export import ExportFormat, export_duties, export_leads
from storage.home import Home

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
            common.fail(f"{output} could not be written: {error.strerror}", common.UNFINISHED)
