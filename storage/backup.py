"""Copy an archive so that the copy is complete at every moment, even during a crawl or if copying is cut short.

The copy is an archive itself. It always uses SQLite, so it can be opened, queried and verified where it is. First a
snapshot of the truth is saved under another name, then files are copied (of WARC files only what is new: they grow and
never change), and last the snapshot takes its place. So the rows of a copy never name bytes that it lacks; bytes
without rows are adopted when it is opened for crawling, like those of a killed run.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url

from storage.atomic_files import sole_holder, sync_to_disk, write_if_changed, write_whole
from storage.blobs import Blobs
from storage.column_types import is_hex
from storage.config import FILE
from storage.database import Database, settle_file, sqlite_uri
from storage.errors import HomeError, StorageError, cause_of, is_damaged
from storage.generations import turn_link
from storage.home import COPY, FOLDER_MODE, RESTORING, Home, init_home, open_home
from storage.old_readings import FILE as FORMER
from storage.sealing.contents import files
from storage.sealing.manifest import FOLDER as SEALS
from storage.tables import ARCHIVE, CAPTURES, LOOKS, METADATA, RULINGS, RUNS

log = logging.getLogger(__name__)

TRUTH = "archive.sqlite"
_CHUNK_BYTES = 1 << 20
_TAIL_BYTES = 1 << 16  # bytes compared before a file copied earlier is continued
_LOCK = ".backup.lock"
PLACES = ("database", "projection_url", "blobs")  # prefixes of settings about where data is kept: not copied
#: tables whose rows are only ever added, each with the column that orders them by time
_GROWING = (
    (RUNS, RUNS.c.started),
    (LOOKS, LOOKS.c.started),
    (RULINGS, RULINGS.c.made_at),
    (CAPTURES, CAPTURES.c.fetched_at),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupResult:
    """What a backup did: WARC files in the copy, how many of them are new or longer, bytes copied for them, and rows
    of each table of the truth. ``lacking``: WARC files missing or too short, in the archive itself too.
    """

    warc_files: int
    warc_new: int
    warc_bytes: int
    rows: dict[str, int]
    lacking: tuple[str, ...] = ()


def backup(home: Home, target: Path) -> BackupResult:
    """Copy an archive into ``target``: a new folder, or an earlier copy of it, which is updated.

    Raises :class:`HomeError` if ``target`` is anything else, StorageError if a file in it differs from what was copied
    or cannot be written; the earlier copy stays usable.
    """
    target = target.absolute()
    _require_place(home, target)
    try:
        target.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with sole_holder(target / _LOCK, StorageError(code="backup.busy", target=target)):
            return _copy_archive(home, target)
    except OSError as error:
        path, cause = error.filename or target, error.strerror or str(error)
        raise StorageError(code="backup.unfinished", path=path, cause=cause) from error


def restore(source: Path, target: Path) -> Home:
    """Make an archive in the new folder ``target`` from a copy, which may be of an older version. If it is interrupted,
    a mark in the folder says so, and another call continues.

    Raises :class:`HomeError` if ``source`` is not an archive or ``target`` is not empty.
    """
    source, target = source.absolute(), target.absolute()
    begun = (target / RESTORING).exists()
    if not begun and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise HomeError(code="restore.not_empty", target=target)
    if not (source / FILE).exists():
        raise HomeError(code="restore.no_copy", source=source)
    with open_home(source, older=(source / COPY).exists()) as home:
        if not begun or not (target / FILE).exists() or (target / COPY).exists():  # else it was killed at the very end
            mark_unfinished(home, target, f"nianbao restore {home.path} {target}")
            backup(home, target)
            (target / COPY).unlink()  # from now on it is an archive of its own
        (target / RESTORING).unlink()
        sync_to_disk(target)
        return init_home(target, simulated=home.simulated)


def mark_unfinished(home: Home, target: Path, command: str) -> None:
    """Mark a folder as no complete archive yet, so that nobody opens it: the command to repeat, and the original.

    Raises :class:`HomeError` if the folder was begun from another archive.
    """
    mark, origin_line = target / RESTORING, f"archive made at {home.born.isoformat()}\n"
    try:
        target.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if mark.exists() and mark.read_text(encoding="utf-8").partition("\n")[2] not in {"", origin_line}:
            raise HomeError(code="restore.begun_otherwise", target=target)
        write_whole(mark, f"{command}\n{origin_line}".encode())
    except OSError as error:
        raise StorageError(code="restore.unwritable", target=target, cause=error.strerror) from error


def missing_files(home: Home) -> tuple[str, ...]:
    """Return the WARC files that are missing from an archive, or shorter than the database says."""
    with home.truth.read() as connection:
        closed = files(connection)
    sizes_present = home.blobs.sizes()
    return tuple(name for name, size in sorted(closed.items()) if sizes_present.get(name, -1) < size)


def _require_place(home: Home, target: Path) -> None:
    """Raise HomeError unless ``target`` is a new folder or an earlier copy of this archive."""
    if target == home.path or home.path in target.parents:
        raise HomeError(code="backup.within", target=target)
    if target.exists() and not target.is_dir():
        raise HomeError(code="backup.is_file", target=target)
    if not target.exists() or not any(path.name not in {_LOCK, RESTORING} for path in target.iterdir()):
        return
    if not (target / COPY).exists():
        raise HomeError(code="backup.not_empty", target=target)
    if not (target / TRUTH).exists():
        return
    with closing(Database(f"sqlite:///{target / TRUTH}")) as copy, copy.read() as copied, home.truth.read() as original:
        if copied.execute(select(ARCHIVE.c.created_at)).scalar_one() != home.born:
            raise HomeError(code="backup.of_another", target=target)
        for kind, time in _GROWING:  # rows that the archive lacks: the copy is newer, and updating it would lose them
            newest = copied.execute(select(kind.c.id).order_by(time.desc(), kind.c.id).limit(50)).scalars()
            ids = {capture_id for capture_id in newest if kind is not CAPTURES or is_hex(capture_id, 32)}
            if ids - {*original.execute(select(kind.c.id).where(kind.c.id.in_(ids))).scalars()}:
                raise HomeError(code="backup.of_later", target=target, archive=home.path)


def _copy_archive(home: Home, target: Path) -> BackupResult:
    """Copy settings, a snapshot of the truth, then files. The snapshot gets its name last, so its rows lack no file."""
    settings = (home.path / FILE).read_text(encoding="utf-8")
    setting_lines = [line for line in settings.splitlines() if not line.lstrip().startswith(PLACES)]
    mark = f"a copy of the archive made at {home.born.isoformat()}, by nianbao backup\n"
    write_if_changed(target / COPY, mark.encode())
    write_if_changed(target / FILE, ("\n".join(setting_lines) + "\n").encode())
    aside = target / f"{TRUTH}.part"
    _save_snapshot(home.truth, aside)
    with closing(Database(f"sqlite:///{aside}")) as copy:
        if damage := copy.damage(thorough=True):
            code = "backup.damaged_kept" if (target / TRUTH).exists() else "backup.damaged"
            raise StorageError(code=code, archive=home.path, damage=damage, target=target)
        copy.migrate()  # restoring a copy made by an older version
        with copy.read() as connection:
            sizes = files(connection)
            rows = {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in METADATA.sorted_tables
            }
    count, new, size = _copy_files(home, target, sizes)
    lacking = tuple(name for name, size in sorted(sizes.items()) if _size_of(target / "warc" / name) < size)
    settle_file(aside)
    for suffix in ("-wal", "-shm"):
        (target / f"{TRUTH}{suffix}").unlink(missing_ok=True)
    aside.replace(target / TRUTH)
    sync_to_disk(target)
    return BackupResult(warc_files=count, warc_new=new, warc_bytes=size, rows=rows, lacking=lacking)


# ------------------------------------------------------------------------------------------------- the truth


def _save_snapshot(truth: Database, path: Path) -> None:
    """Save the current truth as a SQLite file; writers do not have to wait."""
    if truth.is_sqlite:
        _copy_database(Path(make_url(truth.url).database or ""), path)
        return
    with closing(Database(f"sqlite:///{path}")) as snapshot:
        snapshot.migrate()
        with truth.read() as reading, snapshot.begin() as writing:
            copy_rows(reading, writing)


def copy_rows(reading: Connection, writing: Connection) -> int:
    """Copy all rows of the truth into an empty database of the same schema; return how many.

    Row numbers are kept, because captures and looks refer to each other by them.
    """
    count = 0
    for table in METADATA.sorted_tables:
        rows = reading.execute(select(table).execution_options(yield_per=1_000)).mappings()
        for part in rows.partitions():
            writing.execute(table.insert(), [dict(row) for row in part])
            count += len(part)
    return count


def _copy_database(source: Path, target: Path) -> None:
    try:
        uri = sqlite_uri(str(source), "mode=rw")
        with closing(sqlite3.connect(uri, uri=True, timeout=60)) as origin, closing(sqlite3.connect(target)) as copy:
            origin.backup(copy)  # in one step, so that it is a snapshot
    except sqlite3.Error as error:
        raise StorageError(code="backup.database", path=source, cause=error) from error


# ------------------------------------------------------------------------------------------------- the files


def _copy_files(home: Home, target: Path, closed: Mapping[str, int]) -> tuple[int, int, int]:
    """Copy the WARC files, then all other files; return how many there are, how many grew, and the bytes copied.

    ``closed``: the sizes of files with rows. From an object store only these are copied: others are not the archive's.
    """
    count = new = size = 0
    remote = home.blobs.is_remote
    for name in sorted(closed) if remote else sorted(home.blobs.sizes()):
        copy = target / "warc" / name
        try:
            is_whole = remote and _size_of(copy) == closed[name]
            copied = 0 if is_whole else _append_growth(home.blobs, name, copy)
        except FileNotFoundError:  # ``_copy_archive`` reports it in ``lacking``
            continue
        count, new, size = count + 1, new + bool(copied), size + copied
    (target / "warc").mkdir(exist_ok=True)
    copy_beside(home, target)
    _copy_projections(home, target)
    return count, new, size


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _append_growth(blobs: Blobs, name: str, target: Path) -> int:
    """Append to a copy what its file grew by; return the bytes. Raises StorageError if its last 64 KiB differ."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with blobs.open(name) as reading, target.open("a+b") as writing:
        size_of_copy, size = writing.seek(0, os.SEEK_END), reading.seek(0, os.SEEK_END)
        start = max(0, size_of_copy - _TAIL_BYTES)
        reading.seek(start)
        writing.seek(start)
        if size_of_copy > size or writing.read(_TAIL_BYTES) != reading.read(size_of_copy - start):
            raise StorageError(code="backup.changed", path=target, origin=blobs.where(name))
        remaining = size - size_of_copy
        while remaining and (chunk := reading.read(min(remaining, _CHUNK_BYTES))):
            writing.write(chunk)
            remaining -= len(chunk)
        if size > size_of_copy:
            writing.flush()
            os.fsync(writing.fileno())
    return size - size_of_copy - remaining


def copy_beside(home: Home, target: Path) -> None:
    """Copy all but databases and WARC files: seals, portals, operator's files (due dates, alerts), former readings."""
    small_files = [path for folder in (SEALS, "portals") for path in sorted((home.path / folder).rglob("*"))]
    small_files += [path for path in sorted(home.path.glob("*.toml")) if path.name != FILE]
    for path in small_files:
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            write_if_changed(target / path.relative_to(home.path), path.read_bytes())
    if (home.path / FORMER).exists():
        _copy_sqlite_file(home.path / FORMER, target / FORMER)


def _copy_sqlite_file(source: Path, target: Path) -> None:
    """Copy a SQLite file to which others may be writing."""
    aside = target.with_name(f"{target.name}.part")
    _copy_database(source, aside)
    settle_file(aside)
    aside.replace(target)


def _copy_projections(home: Home, target: Path) -> None:
    """Copy the projections (derived tables) if they are an undamaged SQLite file; else the copy has to rebuild them."""
    link = Path(make_url(home.projection_url).database or "")
    if make_url(home.projection_url).get_backend_name() != "sqlite" or not link.exists():
        return
    name = f"projections-{secrets.token_hex(6)}.sqlite"
    try:
        _copy_sqlite_file(link.resolve(), target / name)
    except (sqlite3.DatabaseError, UnicodeDecodeError, StorageError) as error:
        cause = error.__cause__ if isinstance(error, StorageError) else error
        if not isinstance(cause, UnicodeDecodeError) and not is_damaged(cause):
            raise
        for torn_copy in target.glob(f"{name}*"):
            torn_copy.unlink()
        log.warning(
            f"the projections are damaged and left out of the copy ({cause_of(cause)}): nianbao rebuild makes them "
            "again from what was captured"
        )
        return
    turn_link(target / "projections.sqlite", target / name, keep_former=False)
