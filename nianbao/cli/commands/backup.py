"""``backup``, ``restore`` and ``copy``: a copy that is whole at every moment, and an archive made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nianbao.cli import common
from nianbao.cli.command_functions import archive_command, output_of
from nianbao.cli.output import Output, tell, values_of
from nianbao.sentences import sentence
from storage.backup import backup as back_up
from storage.backup import missing_files
from storage.backup import restore as bring_back
from storage.home import Home, open_home
from storage.sealing import manifest


@archive_command("json", whole=True)
def backup(home: Home, out: Output, folder: Path) -> None:
    """Copy the archive while it is crawled; an earlier copy is brought up to date. The copy is an archive itself."""
    result = back_up(home, folder)
    _tell_lacking(result.lacking)
    row = values_of(result, "warc_files", "warc_new", "warc_bytes", "rows") | {"lacking": list(result.lacking)}
    if not out.record({"folder": str(folder), **row}):
        tell(
            "backup.done", folder=folder, files=result.warc_files, new=result.warc_new, bytes=f"{result.warc_bytes:,}",
            rows=f"{sum(result.rows.values()):,}", check=_how_to_check(folder, folder),
        )  # fmt: skip
    common.attention(result.lacking)


def restore(source: Path, folder: Path) -> None:
    """Make an archive from a copy, on this machine or another. What the copy lacks is told."""
    with bring_back(source, folder) as home:
        tell("backup.restored", path=home.path, folder=folder, check=_how_to_check(home.path, folder))
        missing = missing_files(home)
        _tell_lacking(missing)
        common.attention(missing)


def _how_to_check(path: Path, folder: Path) -> str:
    """How a copy is checked against its seals; that there is none yet."""
    seals = path / manifest.FOLDER
    key = "backup.sealed" if seals.is_dir() and manifest.paths(seals) else "backup.unsealed"
    return sentence(key, folder=folder)


def _tell_lacking(missing: Sequence[str]) -> None:
    for name in missing:
        common.write_error(sentence("backup.lacking", file=name))


def copy(
    source: Annotated[Path, typer.Argument(metavar="FROM")],
    target: Annotated[Path, typer.Argument(metavar="TO")],
    *,
    database: str | None = None,
    blobs: str | None = None,
    blobs_endpoint: str | None = None,
    as_json: bool = False,
) -> None:
    """Copy an archive between SQLite with a folder and PostgreSQL with an object store, both ways, each row and file
    compared. Cut short, the same command goes on.
    """
    from storage.transfer import transfer

    options = {"database_url": database, "blobs": blobs, "blobs_endpoint": blobs_endpoint}
    places = {name: value for name, value in options.items() if value is not None}
    with open_home(source) as home:
        result = transfer(home, target, places, common.progress_line(sentence("copy.label")))
    for name in result.lost_files:
        common.write_error(sentence("copy.gone", file=name, source=source))
    row = {"folder": str(target), **values_of(result, "files", "files_there", "bytes", "rows")}
    row["gone"] = result.lost_files
    if not output_of({"as_json": as_json}).record(row):
        tell("copy.done", **{name: f"{count:,}" for name, count in row.items() if isinstance(count, int)})
        tell("copy.next", command=f"nianbao reread --archive {target}")
    common.attention(result.lost_files)
