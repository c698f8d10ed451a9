"""A copy of an archive that is whole at every moment: while it is crawled, and if the copying is cut short.

The copy is an archive itself, on SQLite whatever the original keeps its truth in, so it can be opened, asked and
verified where it lies. First a snapshot of the truth is taken aside, then files are copied (of WARC files only what is
new: they grow and never change), and last the snapshot takes its place. So the rows of a copy never name bytes that it
does not hold; bytes it holds beyond its rows are adopted when it is opened for crawling, like those of a killed run.

The snapshots of the last copyings are kept beside it (``archive.sqlite.1`` is the one before): rows that went wrong
without being damaged are still right in one of them, and the files only grow.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from storage.atomic_files import alone, sync_folder, write_whole
from storage.blobs import Blobs
from storage.capture_store import is_hex
from storage.config import FILE, resolve_url
from storage.database import Database, frozen_uri
from storage.errors import HomeError, StorageError, cause_of, is_damaged
from storage.home import COPY, PRIVATE, RESTORING, Home, init_home, open_home
from storage.old_readings import FILE as FORMER
from storage.sealing.contents import files
from storage.sealing.manifest import FOLDER as SEALS
from storage.tables import ARCHIVE, CAPTURES, LOOKS, METADATA, RULINGS, RUNS
from storage.warc import BIRTH

log = logging.getLogger(__name__)

TRUTH = "archive.sqlite"
EARLIER = 3  #: snapshots of the truth that a copy keeps beside its own
_CHUNK = 1 << 20
_TAIL = 1 << 16  # bytes compared where a file that was copied before is continued
_BATCH = 1_000
_LOCK = ".backup.lock"
PLACES = ("database", "projection_url", "blobs")  # settings that say where things are kept: a copy keeps its own


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupResult:
    """What a backup did: WARC files in the copy, how many of them are new or have grown, bytes copied of them, and
    rows of the truth by table. ``lacking``: WARC files that are gone or lack acknowledged bytes, in the archive itself.
    ``earlier``: how many earlier snapshots of the truth it keeps.
    """

    warc_files: int
    warc_new: int
    warc_bytes: int
    rows: dict[str, int]
    lacking: tuple[str, ...] = ()
    earlier: int = 0


def backup(home: Home, target: Path, *, earlier: int = EARLIER) -> BackupResult:
    """Copy an archive into ``target``: a new folder, or an earlier copy of it, which is brought up to date and keeps
    ``earlier`` of its snapshots of the truth.

    Raises :class:`HomeError` where ``target`` is something else, StorageError where a file there is not what was copied
    or cannot be written; the earlier copy is then as good as it was.
    """
    target = target.absolute()
    _fit(home, target)
    try:
        target.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        with alone(target / _LOCK, StorageError(code="backup.busy", target=target)):
            return _copy(home, target, earlier)
    except OSError as error:
        path, cause = error.filename or target, error.strerror or str(error)
        raise StorageError(code="backup.unfinished", path=path, cause=cause) from error


def restore(source: Path, target: Path, *, database_url: str | None = None, earlier: int = 0) -> Home:
    """Make an archive in the new folder ``target`` from a copy, also one that an older version made; its truth goes to
    ``database_url`` if given. Cut short it is told by the folder, and goes on where it stood when it is called again.
    ``earlier``: how many copyings ago the snapshot of the truth was made that is taken; 0: the last one.

    Raises :class:`HomeError` where ``source`` is no archive or keeps no such snapshot, or ``target`` or the database is
    not empty.
    """
    source, target = source.absolute(), target.absolute()
    begun = (target / RESTORING).exists()
    if not begun and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise HomeError(code="restore.not_empty", target=target)
    if not (source / FILE).exists():
        raise HomeError(code="restore.no_copy", source=source)
    kept = sorted(_snapshots(source))
    if earlier and earlier not in kept:
        numbers = ", ".join(map(str, kept))
        code = "restore.other_snapshots" if kept else "restore.no_snapshot"
        raise HomeError(code=code, source=source, kept=numbers, earlier=earlier)
    snapshot = f"sqlite:///{TRUTH}.{earlier}" if earlier else None
    with open_home(source, older=(source / COPY).exists(), database_url=snapshot) as home:
        done = begun and (target / FILE).exists() and not (target / COPY).exists()  # killed at the very end
        if not done:
            _restore(home, target, database_url, begun=begun)
            (target / COPY).unlink()  # from now on it is an archive of its own
        (target / RESTORING).unlink()
        sync_folder(target)
        return init_home(target, simulated=home.simulated)


def _restore(home: Home, target: Path, database_url: str | None, *, begun: bool) -> None:
    if database_url is None:
        _begin(home, target, "")
        backup(home, target)
        return
    with closing(Database(resolve_url(database_url, target))) as made:
        try:
            made.migrate()
            empty = _is_empty(made)
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise HomeError(code="restore.database", cause=cause) from error
        if not empty and not begun:
            raise HomeError(code="restore.database_full")
        _begin(home, target, database_url)  # what was begun had found this database empty
        backup(home, target)
        with closing(Database(f"sqlite:///{target / TRUTH}")) as copy:
            if empty:
                copy_truth(copy, made)
            elif not _same(copy, made):
                raise HomeError(code="restore.database_other")
    quoted = database_url.replace("\\", "\\\\").replace('"', '\\"')
    settings = (target / FILE).read_text(encoding="utf-8") + f'database_url = "{quoted}"\n'
    (target / FILE).chmod(0o600)  # the URL may hold a password
    write_whole(target / FILE, settings.encode())
    for path in target.glob(f"{TRUTH}*"):
        path.unlink()
    for path in target.glob("projections*"):  # they belong to the database; made again by nianbao reread
        path.unlink()


def _begin(home: Home, target: Path, database_url: str) -> None:
    """Leave a mark in the folder until it is restored: the command, and what is restored into which database."""
    database = hashlib.sha256(database_url.encode()).hexdigest()[:16]  # the URL may hold a password
    what = f"archive made at {_born(home.truth).isoformat()}, database {database}\n"
    command = f"nianbao restore {home.path} {target}{' --database URL' if database_url else ''}\n"
    mark = target / RESTORING
    try:
        target.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        if mark.exists() and mark.read_text(encoding="utf-8").partition("\n")[2] not in {"", what}:
            raise HomeError(code="restore.begun_otherwise", target=target)
        write_whole(mark, (command + what).encode())
    except OSError as error:
        raise StorageError(code="restore.unwritable", target=target, cause=error.strerror) from error


def _is_empty(database: Database) -> bool:
    with database.read() as connection:
        return not any(_counts(connection).values())


def _same(one: Database, other: Database) -> bool:
    with one.read() as here, other.read() as there:
        return _born(one) == _born(other) and _counts(here) == _counts(there)


def _fit(home: Home, target: Path) -> None:
    if target == home.path or home.path in target.parents:
        raise HomeError(code="backup.within", target=target)
    if target.exists() and not target.is_dir():
        raise HomeError(code="backup.is_file", target=target)
    if not target.exists() or not any(path.name not in {_LOCK, RESTORING} for path in target.iterdir()):
        return
    if not (target / COPY).exists():
        raise HomeError(code="backup.not_empty", target=target)
    truth = target / TRUTH
    if not truth.exists():
        return
    with closing(Database(f"sqlite:///{truth}")) as copy:
        if _born(copy) != _born(home.truth):
            raise HomeError(code="backup.of_another", target=target)
        if _newest(copy) - _present_ids(home.truth, _newest(copy)):
            raise HomeError(code="backup.of_later", target=target, archive=home.path)


def _born(database: Database) -> datetime:
    with database.read() as connection:
        born: datetime = connection.execute(select(ARCHIVE.c.created_at)).scalar_one()
    return born


#: kinds of rows that only grow, each with what tells its newest
_GROWING = ((RUNS, RUNS.c.started), (LOOKS, LOOKS.c.started), (RULINGS, RULINGS.c.made_at),
            (CAPTURES, CAPTURES.c.fetched_at))  # fmt: skip


def _newest(database: Database) -> set[str]:
    """Ids of the newest rows of each kind."""
    with database.read() as connection:
        return {
            one for kind, time in _GROWING
            for one in connection.execute(select(kind.c.id).order_by(time.desc(), kind.c.id).limit(50)).scalars()
        }  # fmt: skip


def _present_ids(database: Database, ids: set[str]) -> set[str]:
    """Which of these ids are there."""
    with database.read() as connection:
        found: set[str] = set()
        for kind, _ in _GROWING:
            wanted = [one for one in ids if kind is not CAPTURES or is_hex(one, 32)]
            found.update(connection.execute(select(kind.c.id).where(kind.c.id.in_(wanted))).scalars())
        return found


def _copy(home: Home, target: Path, earlier: int) -> BackupResult:
    settings = (home.path / FILE).read_text(encoding="utf-8")
    kept = [line for line in settings.splitlines() if not line.lstrip().startswith(PLACES)]
    mark = f"a copy of the archive made at {_born(home.truth).isoformat()}, by nianbao backup\n"
    write_whole(target / COPY, mark.encode())
    write_whole(target / FILE, ("\n".join(kept) + "\n").encode())
    aside = target / f"{TRUTH}.part"
    _snapshot(home.truth, aside)
    with closing(Database(f"sqlite:///{aside}")) as taken:
        if damage := taken.damage(thorough=True):
            code = "backup.damaged_kept" if (target / TRUTH).exists() else "backup.damaged"
            raise StorageError(code=code, archive=home.path, damage=damage, target=target)
        taken.migrate()  # a copy that an older version made is restored to this one
    with closing(Database(f"sqlite:///{aside}")) as taken, taken.read() as connection:
        count, new, size = _files(home, target, files(connection))
        counts = _counts(connection)
        lacking = tuple(name for name, size in sorted(files(connection).items()) if _size(target, name) < size)
    _settle(aside)
    _turn(target, earlier)
    for suffix in ("-wal", "-shm"):
        (target / f"{TRUTH}{suffix}").unlink(missing_ok=True)
    aside.replace(target / TRUTH)
    sync_folder(target)
    return BackupResult(
        warc_files=count, warc_new=new, warc_bytes=size, rows=counts, lacking=lacking, earlier=len(_snapshots(target))
    )


def _snapshots(target: Path) -> dict[int, Path]:
    """The earlier snapshots that a copy keeps, by how many copyings ago each was made."""
    found = {path.suffix[1:]: path for path in target.glob(f"{TRUTH}.*")}
    return {int(number): path for number, path in found.items() if number.isascii() and number.isdigit()}


def _turn(target: Path, earlier: int) -> None:
    """Make the snapshot that is about to be replaced the first of the earlier ones; the oldest goes."""
    for number, path in sorted(_snapshots(target).items(), reverse=True):
        if number < earlier:
            path.replace(target / f"{TRUTH}.{number + 1}")
        else:
            path.unlink()
    now, before = target / TRUTH, target / f"{TRUTH}.1"
    if earlier and now.exists():
        try:
            before.hardlink_to(now)
        except OSError:  # a disk without links
            shutil.copyfile(now, before)


def missing_files(home: Home) -> tuple[str, ...]:
    """Give the WARC files that are gone from an archive, or lack acknowledged bytes."""
    with home.truth.read() as connection:
        closed = files(connection)
    present = home.blobs.sizes()
    return tuple(name for name, size in sorted(closed.items()) if present.get(name, -1) < size)


def _size(target: Path, name: str) -> int:
    path = target / "warc" / name
    return path.stat().st_size if path.is_file() else -1


def _counts(connection: Connection) -> dict[str, int]:
    tables = METADATA.sorted_tables
    return {one.name: int(connection.execute(select(func.count()).select_from(one)).scalar_one()) for one in tables}


# ------------------------------------------------------------------------------------------------- the truth


def _snapshot(truth: Database, path: Path) -> None:
    """The truth as it is now, in a SQLite file; writers are not kept waiting."""
    if truth.is_sqlite:
        _sqlite_copy(Path(make_url(truth.url).database or ""), path)
        return
    with closing(Database(f"sqlite:///{path}")) as made:
        made.migrate()
        copy_truth(truth, made)


def _sqlite_copy(source: Path, target: Path) -> None:
    try:
        uri = frozen_uri(str(source)) if not os.access(source.resolve().parent, os.W_OK) else source.as_uri()
        with closing(sqlite3.connect(uri, uri=True, timeout=60)) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)  # in one step: a snapshot
    except sqlite3.Error as error:
        raise StorageError(code="backup.database", path=source, cause=error) from error


def copy_truth(source: Database, target: Database) -> None:
    """Copy every row of the truth into a database of the same schema that holds none, in one transaction.

    Numbers of rows are kept, for captures and looks name each other by them.
    """
    with source.read() as reading, target.begin() as writing:
        target.lock(writing, "archive")
        for table in METADATA.sorted_tables:
            found = reading.execute(select(table).execution_options(yield_per=_BATCH)).mappings()
            for part in found.partitions(_BATCH):
                writing.execute(table.insert(), [dict(row) for row in part])
            if not target.is_sqlite and "no" in table.c:
                following = select(func.coalesce(func.max(table.c.no), 0) + 1).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, "no")
                writing.execute(select(func.setval(sequence, following, False)))


# ------------------------------------------------------------------------------------------------- the files


def _files(home: Home, target: Path, closed: Mapping[str, int]) -> tuple[int, int, int]:
    """Copy WARC files, then what else lies in the archive; how many there are, how many grew, by how many bytes.

    ``closed``: the sizes of those that have rows. Of an object store the others are not copied: they are not its own.
    """
    count = new = size = 0
    names = sorted(closed) if home.blobs.is_remote else sorted(home.blobs.sizes())
    for name in names:
        there = target / "warc" / name
        if name.endswith(BIRTH) or (home.blobs.is_remote and not _is_incomplete(there, closed[name])):
            count += not name.endswith(BIRTH)
            continue
        try:
            copied = _append_growth(home.blobs, name, there)
        except FileNotFoundError:  # it is told among what is lacking
            continue
        count, new, size = count + 1, new + bool(copied), size + copied
    (target / "warc").mkdir(exist_ok=True)
    for folder in (SEALS, "portals"):
        _tree(home.path / folder, target / folder)
    if (home.path / FORMER).exists():
        copy_beside(home.path / FORMER, target / FORMER)
    _projections(home, target)
    return count, new, size


def _is_incomplete(copy: Path, size: int) -> bool:
    """Whether the copy of a file that is closed, and so never changes, is not there to its end."""
    return not copy.is_file() or copy.stat().st_size != size


def _append_growth(blobs: Blobs, name: str, target: Path) -> int:
    """Bring the copy of a file that only grows up to date: how many bytes were added."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with blobs.open(name) as reading, target.open("a+b") as writing:
        done, size = os.fstat(writing.fileno()).st_size, os.fstat(reading.fileno()).st_size
        start = max(0, done - _TAIL)
        if done > size or os.pread(writing.fileno(), _TAIL, start) != os.pread(reading.fileno(), done - start, start):
            raise StorageError(code="backup.changed", path=target, origin=blobs.where(name))
        reading.seek(done)
        left = size - done
        while left and (chunk := reading.read(min(left, _CHUNK))):
            writing.write(chunk)
            left -= len(chunk)
        if size > done:
            writing.flush()
            os.fsync(writing.fileno())
    return size - done - left


def _tree(source: Path, target: Path) -> None:
    """Copy a folder of small files that are written once; what changed is replaced."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        there = target / path.relative_to(source)
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        if not there.exists() or there.read_bytes() != path.read_bytes():
            write_whole(there, path.read_bytes())


def copy_beside(source: Path, target: Path) -> None:
    """Copy a SQLite file that may be written to meanwhile."""
    aside = target.with_name(f"{target.name}.part")
    _sqlite_copy(source, aside)
    _settle(aside)
    aside.replace(target)


def _projections(home: Home, target: Path) -> None:
    """Copy the current generation where it is a file of the archive; any other is made again."""
    link = Path(make_url(home.projection_url).database or "")
    if make_url(home.projection_url).get_backend_name() != "sqlite" or not link.exists():
        return
    name = f"projections-{secrets.token_hex(6)}.sqlite"
    try:
        copy_beside(link.resolve(), target / name)
    except (sqlite3.DatabaseError, UnicodeDecodeError, StorageError) as error:
        cause = error.__cause__ if isinstance(error, StorageError) else error
        if not isinstance(cause, UnicodeDecodeError) and not is_damaged(cause):
            raise
        for left in target.glob(f"{name}*"):
            left.unlink()
        log.warning(
            f"the projections are damaged and left out of the copy ({cause_of(cause)}): nianbao rebuild makes them "
            "again from what was captured"
        )
        return
    turned = target / ".projections.turned"
    turned.unlink(missing_ok=True)
    turned.symlink_to(name)
    turned.replace(target / "projections.sqlite")
    for path in target.glob("projections-*.sqlite*"):
        if not path.name.startswith(name):
            path.unlink()


def _settle(path: Path) -> None:
    """Everything of a SQLite file in the one file, on the disk."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
