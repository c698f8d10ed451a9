"""``backup`` and ``restore``: a copy that is whole at every moment, and an archive made from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nianbao.cli import common, exit_codes
from nianbao.cli.output import chosen, emit, say
from nianbao.sentences import sentence
from storage.backup import EARLIER, missing_files
from storage.backup import backup as back_up
from storage.backup import restore as bring_back
from storage.home import HomeError
from storage.sealing import manifest


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
            common.fail_as(error)
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
        emit([row], (), chosen(True, False))
        common.attention(done.lacking)
        return
    say(
        sentence(
            "backup.done", folder=folder, files=done.warc_files, new=done.warc_new, bytes=f"{done.warc_bytes:,}",
            rows=f"{sum(done.rows.values()):,}", earlier=done.earlier, check=_check(folder, folder),
        )
    )  # fmt: skip
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
        common.fail_as(error)
    with home:
        key = "backup.restored" if database is None else "backup.restored_elsewhere"
        say(sentence(key, path=home.path, folder=folder, check=_check(home.path, folder)))
        gone = missing_files(home)
        _tell(gone)
        common.attention(gone)


def _check(path: Path, folder: Path) -> str:
    """How a copy is checked against its seals; that there is none yet."""
    seals = path / manifest.FOLDER
    key = "backup.sealed" if seals.is_dir() and manifest.paths(seals) else "backup.unsealed"
    return sentence(key, folder=folder)


def _tell(gone: Sequence[str]) -> None:
    for name in gone:
        exit_codes.write(sentence("backup.lacking", file=name))
