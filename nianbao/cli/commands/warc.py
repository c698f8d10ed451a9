"""``nianbao warc``: the WARC files checked against the database, and indexed for other programs."""

from __future__ import annotations

import typer

from archive.queries.hidden import hidden
from nianbao.cli import common
from nianbao.cli.options import portal_of
from nianbao.cli.output import Column, Format, chosen, emit, say
from storage.cdxj import write_index
from storage.errors import StorageError
from storage.registry import Registry
from storage.warc_check import Mismatch, check

warc = typer.Typer(no_args_is_help=True)

_COLUMNS = (
    Column("place", "place"),
    Column("code", "code", wrap=False),
    Column("said", "what does not agree"),
    Column("todo", "what to do"),
    Column("capture", "capture", wrap=False, spare=True),
)


@warc.command("check", epilog=common.example("nianbao warc check"))
def check_command(
    portal: common.PortalOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Compare every digest, length and offset with the database, both ways; nothing is changed."""
    found: list[Mismatch] = []
    fmt = chosen(as_json, as_csv)
    with common.opened_whole(archive) as home:
        done = check(
            home, found.append, portal=portal_of(home, portal), progress=common.progress_line("checking bytes")
        )
    rows = [
        {
            "code": one.code,
            "fault": one.is_fault,
            "place": one.file if one.offset is None else f"{one.file}:{one.offset}",
            "file": one.file,
            "offset": one.offset,
            "capture": one.capture,
            "said": one.said,
            "todo": one.todo,
        }
        for one in found
    ]
    if rows or fmt is not Format.TABLE:
        emit(rows, _COLUMNS, fmt)
    if fmt is Format.TABLE:
        live = f", {done.live} of them being written" if done.live else ""
        say(
            f"{done.files} files{live}, {done.bytes} bytes: {done.records} records and {done.rows} rows compared, "
            f"{done.revisits} of them revisits; {f'{done.faults} faults' if done.faults else 'all agree'}"
        )
    common.attention(done.faults)


@warc.command("index", epilog=common.example("nianbao warc index --portal wenshang"))
def index_command(portal: common.PortalOption = None, archive: common.ArchiveOption = None) -> None:
    """Write the CDXJ index of the WARC files anew: one sorted file per portal, for pywb and its like."""
    troubled = False
    with common.opened(archive) as home:
        only = portal_of(home, portal)
        for name in [only] if only else sorted(one.name for one in Registry(home).portals()):
            try:
                made = write_index(home, name, leave_out=hidden(home, name).hides)
            except StorageError as error:
                common.fail(str(error), common.UNFINISHED)
            left = f"; {made.left_out} left out, withheld by a ruling or naming what is" if made.left_out else ""
            say(f"{made.path}: {made.lines} records{left}")
            for problem in made.problems:
                typer.echo(f"nianbao: {problem}", err=True)
            troubled = troubled or bool(made.problems)
    common.attention(troubled)
