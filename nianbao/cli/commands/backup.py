"""``backup`` and ``restore``: a copy that is whole at every moment, and an archive made from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nianbao.cli import common
from nianbao.cli.output import Column, chosen, emit
from storage.backup import EARLIER, lacking
from storage.backup import backup as back_up
from storage.backup import restore as bring_back
from storage.home import HomeError, UnusableError


def backup(
    folder: Annotated[Path, typer.Argument()],
    earlier: Annotated[int, typer.Option("--earlier", min=0, max=1000)] = EARLIER,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Copy the archive while it is crawled; an earlier copy is brought up to date. The copy is an archive itself."""
    with common.opened_whole(archive) as home:
        try:
            done = back_up(home, folder, earlier=earlier)
        except HomeError as error:
            common.fail(str(error), common.UNFINISHED if isinstance(error, UnusableError) else common.USAGE)
    row: dict[str, object] = {
        "folder": str(folder),
        "warc_files": done.warc_files,
        "warc_new": done.warc_new,
        "warc_bytes": done.warc_bytes,
        "rows": done.rows,
        "lacking": list(done.lacking),
        "earlier": done.earlier,
    }
    _tell(done.lacking)
    if as_json:
        emit([row], tuple(Column(key, key) for key in row), chosen(True, False))
        common.attention(done.lacking)
        return
    typer.echo(
        f"{folder} holds {done.warc_files} WARC files ({done.warc_new} new or grown, {done.warc_bytes:,} bytes copied) "
        f"and {sum(done.rows.values()):,} rows, and {done.earlier} earlier states of the database; "
        f"compare it with its seals: nianbao verify --archive {folder}"
    )
    common.attention(done.lacking)


def restore(
    source: Annotated[Path, typer.Argument()],
    folder: Annotated[Path, typer.Argument()],
    database: Annotated[
        str | None,
        typer.Option("--database", show_default=False),
    ] = None,
    earlier: Annotated[
        int,
        typer.Option("--earlier", min=0),
    ] = 0,
) -> None:
    """Make an archive from a copy, on this machine or another, on SQLite or PostgreSQL. What the copy lacks is told."""
    try:
        home = bring_back(source, folder, database_url=database, earlier=earlier)
    except HomeError as error:
        common.fail(str(error), common.UNFINISHED if isinstance(error, UnusableError) else common.USAGE)
    with home:
        again = "" if database is None else f"; next: nianbao reread --archive {folder}"
        typer.echo(f"restored to {home.path}; compare it with its seals: nianbao verify --archive {folder}{again}")
        gone = lacking(home)
        _tell(gone)
        common.attention(gone)


def _tell(gone: Sequence[str]) -> None:
    for name in gone:
        typer.echo(
            f"nianbao: the WARC file {name} is gone or lacks acknowledged bytes: see nianbao warc check", err=True
        )
