"""``backup``, ``restore`` and ``copy``: a copy that is whole at every moment, and an archive made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nianbao.cli import common, exit_codes
from nianbao.cli.output import Column, chosen, emit, say, values_of
from nianbao.sentences import sentence
from storage.backup import backup as back_up
from storage.backup import missing_files
from storage.backup import restore as bring_back
from storage.home import open_home
from storage.sealing import manifest


def backup(
    folder: Annotated[Path, typer.Argument()],
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Copy the archive while it is crawled; an earlier copy is brought up to date. The copy is an archive itself."""
    with common.opened_whole(archive) as home:
        done = back_up(home, folder)
    row: dict[str, object] = {
        "folder": str(folder),
        **values_of(done, "warc_files", "warc_new", "warc_bytes", "rows"),
        "lacking": list(done.lacking),
    }
    _tell(done.lacking)
    if as_json:
        emit([row], (), chosen(True, False))
        common.attention(done.lacking)
        return
    say(
        sentence(
            "backup.done", folder=folder, files=done.warc_files, new=done.warc_new, bytes=f"{done.warc_bytes:,}",
            rows=f"{sum(done.rows.values()):,}", check=_check(folder, folder),
        )
    )  # fmt: skip
    common.attention(done.lacking)


def restore(
    source: Annotated[Path, typer.Argument()],
    folder: Annotated[Path, typer.Argument()],
) -> None:
    """Make an archive from a copy, on this machine or another. What the copy lacks is told."""
    with bring_back(source, folder) as home:
        say(sentence("backup.restored", path=home.path, folder=folder, check=_check(home.path, folder)))
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


def copy(
    source: Annotated[Path, typer.Argument(metavar="FROM")],
    target: Annotated[Path, typer.Argument(metavar="TO")],
    database: Annotated[str | None, typer.Option("--database")] = None,
    blobs: Annotated[str | None, typer.Option("--blobs")] = None,
    blobs_endpoint: Annotated[str | None, typer.Option("--blobs-endpoint")] = None,
    as_json: common.JsonOption = False,
) -> None:
    """Copy an archive between SQLite with a folder and PostgreSQL with an object store, both ways, each row and file
    compared. Cut short, the same command goes on.
    """
    from storage.transfer import transfer

    options = {"database_url": database, "blobs": blobs, "blobs_endpoint": blobs_endpoint}
    places = {name: value for name, value in options.items() if value is not None}
    show = common.progress_line(sentence("copy.label"))
    with open_home(source) as home:
        done = transfer(home, target, places, show)
    row: dict[str, object] = {
        "folder": str(target),
        **values_of(done, "files", "files_there", "bytes", "rows", "gone"),
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
