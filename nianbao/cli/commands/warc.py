"""``nianbao warc``: the WARC files checked against the database, and indexed for other programs."""

from __future__ import annotations

import typer

from archive.queries.withheld_content import hidden
from nianbao.cli import common, exit_codes
from nianbao.cli.options import portal_of
from nianbao.cli.output import Column, Format, chosen, emit, say, values_of
from nianbao.sentences import note_sentence, sentence, word
from storage.cdxj import write_index
from storage.registry import Registry
from storage.warc_check import Mismatch, check

warc = typer.Typer(no_args_is_help=True)


@warc.command("check", epilog="nianbao warc check")
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
            home,
            found.append,
            portal=portal_of(home, portal),
            progress=common.progress_line(sentence("progress.checking")),
        )
    rows = [
        {"code": one.code, "fault": one.is_fault}
        | {"place": one.file if one.offset is None else f"{one.file}:{one.offset}"}
        | values_of(one, "file", "offset", "capture")
        | {"said": note_sentence(one.note), "note": one.note.plain, "todo": note_sentence(one.todo)}
        for one in found
    ]
    if rows or fmt is not Format.TABLE:
        emit(rows, _columns(), fmt)
    if fmt is Format.TABLE:
        say(
            sentence(
                "warc.compared", files=done.files, live=done.live, bytes=f"{done.bytes:,}", records=done.records,
                rows=done.rows, revisits=done.revisits,
                verdict=sentence("warc.faults", number=done.faults) if done.faults else sentence("warc.agree"),
            )
        )  # fmt: skip
    common.attention(done.faults)


def _columns() -> tuple[Column, ...]:
    return (
        Column("place", word("column", "where")),
        Column("code", word("column", "code"), wrap=False),
        Column("said", word("column", "mismatch")),
        Column("todo", word("column", "todo")),
        Column("capture", word("column", "capture"), wrap=False, spare=True),
    )


@warc.command("index", epilog="nianbao warc index --portal wenshang")
def index_command(portal: common.PortalOption = None, archive: common.ArchiveOption = None) -> None:
    """Write the CDXJ index of the WARC files anew: one sorted file per portal, for pywb and its like."""
    troubled = False
    with common.opened(archive) as home:
        only = portal_of(home, portal)
        for name in [only] if only else sorted(one.name for one in Registry(home).portals()):
            made = write_index(home, name, leave_out=hidden(home, name).hides)
            key = "warc.index_left" if made.left_out else "warc.index"
            say(sentence(key, path=made.path, records=made.lines, left=made.left_out))
            for problem in made.problems:
                exit_codes.write(note_sentence(problem))
            troubled = troubled or bool(made.problems)
    common.attention(troubled)
