"""``nianbao copy``: an archive from where it is kept to somewhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nianbao.cli import common, exit_codes
from nianbao.cli.output import Column, chosen, emit, say
from nianbao.sentences import sentence
from storage.home import HomeError, UnusableError, open_home


def copy(
    source: Annotated[Path, typer.Argument(metavar="FROM")],
    target: Annotated[Path, typer.Argument(metavar="TO")],
    database: Annotated[
        str | None,
        typer.Option("--database"),
    ] = None,
    blobs: Annotated[str | None, typer.Option("--blobs")] = None,
    blobs_endpoint: Annotated[str | None, typer.Option("--blobs-endpoint")] = None,
    as_json: common.JsonOption = False,
) -> None:
    """Copy an archive between SQLite with a folder and PostgreSQL with an object store, both ways, each row and file
    compared. Cut short, the same command goes on; given an earlier copy, it brings it up to date.
    """
    from storage.transfer import transfer

    options = {"database_url": database, "blobs": blobs, "blobs_endpoint": blobs_endpoint}
    places = {name: value for name, value in options.items() if value is not None}
    show = common.progress_line(sentence("copy.label"))
    try:
        with open_home(source) as home:
            done = transfer(home, target, places, lambda _, number, total: show(number, total))
    except HomeError as error:
        common.fail_of(error, common.UNFINISHED if isinstance(error, UnusableError) else common.USAGE)
    row: dict[str, object] = {
        "folder": str(target),
        "files": done.files,
        "files_there": done.files_there,
        "bytes": done.bytes,
        "rows": done.rows,
        "rows_there": done.rows_there,
        "gone": done.gone,
    }
    for name in done.gone:
        exit_codes.write(sentence("copy.gone", file=name, source=source))
    if as_json:
        emit([row], tuple(Column(key, key) for key in row), chosen(True, False))
    else:
        counts = {name: f"{count:,}" for name, count in row.items() if isinstance(count, int)}
        say(sentence("copy.done", **counts))
        say(sentence("copy.next", command=f"nianbao reread --archive {target}"))
    common.attention(done.gone)
