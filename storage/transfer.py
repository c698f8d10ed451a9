"""An archive copied from where it is kept to somewhere else: SQLite and a folder, PostgreSQL and an object store.

First the WARC files, each compared by its SHA-256, then the rows, each read back and compared; so no row of the copy
names bytes that it does not hold. Whatever is there already is compared and left: cut short, it goes on where it stood,
and an earlier copy is brought up to date. Until it is whole the folder of the copy says so, and nobody opens it.
What keeps a copy from being made is found before anything is changed: a refusal leaves everything as it was.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, inspect, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from storage.atomic_files import sync_folder, write_whole
from storage.backup import PLACES, copy_beside
from storage.clock import clock_for
from storage.config import FILE, load_config, parse_config, resolve_url, set_in_environment
from storage.database import Database
from storage.errors import HomeError, StorageError, UnusableError, cannot_write, cause_of
from storage.home import PRIVATE, RESTORING, Home, init_home, unreachable
from storage.mending import mend
from storage.old_readings import FILE as FORMER
from storage.records import Note
from storage.sealing.contents import files
from storage.sealing.making import digest_of
from storage.tables import ARCHIVE, METADATA, RUNS, WARC_FILES

_BATCH = 500
_CHUNK = 1 << 20
#: Tables whose rows get their end later; all others are never changed.
_ENDED_LATER = frozenset({RUNS.name, WARC_FILES.name})
Progress = Callable[[str, int, int], None]  # what, done, of how many


@dataclass(slots=True)
class Transferred:
    """What was copied, and what was there already and is the same. ``gone``: WARC files that the source has lost."""

    files: int = 0
    files_there: int = 0
    bytes: int = 0
    rows: int = 0
    rows_there: int = 0
    gone: list[str] = field(default_factory=list)


def transfer(source: Home, target: Path, places: Mapping[str, str], progress: Progress | None = None) -> Transferred:
    """Copy an archive into the folder ``target``, a new one or an earlier copy. ``places``: settings of the copy that
    say where it is kept (``database_url``, ``blobs``, ``blobs_endpoint``); those left out are as for a new archive.

    Raises :class:`HomeError` where ``target`` is something else, StorageError where it cannot be finished, or where
    what is there is not what is copied; nothing that is there is overwritten.
    """
    target = target.absolute()
    done = Transferred()
    settings = _settings(source, target, places)
    problems = mend(source).problems
    home = Home(target, parse_config(settings, target), clock_for(source.simulated))
    try:
        with closing(home), source.truth.read() as reading:
            closed = _closed(reading, problems)
            _require_this_archive(source, home, reading)
            there = home.blobs.sizes()
            _prepare(source, target, places, settings)  # until here nothing was changed
            home.truth.migrate()
            _files(source, home, closed, there, done, progress)
            _beside(source, home)
            for table in METADATA.sorted_tables:
                _rows(reading, home.truth, table, done, progress)
            _number_on(home.truth)
    except SQLAlchemyError as error:
        cause = cause_of(getattr(error, "orig", None) or error)
        raise UnusableError(code="copy.unfinished", cause=cause) from error
    except OSError as error:
        raise cannot_write(error.filename or target, error) from error
    (target / RESTORING).unlink()
    sync_folder(target)
    init_home(target, simulated=source.simulated).close()
    return done


_AGAIN = "what was copied is kept, and the same command goes on where it stood."


def _settings(source: Home, target: Path, places: Mapping[str, str]) -> str:
    """What stands, or will stand, in the settings of the copy. Raises HomeError where its folder is none for it."""
    if target == source.path or source.path in target.parents or target in source.path.parents:
        raise HomeError(code="copy.within", target=target, source=source.path)
    if target.exists() and not target.is_dir():
        raise HomeError(code="backup.is_file", target=target)
    if variables := set_in_environment("database_url", "blobs"):
        raise HomeError(code="copy.in_environment", names=", ".join(variables), file=FILE)
    settings = target / FILE
    try:
        if settings.exists():
            _same_places(target, places)
            return settings.read_text(encoding="utf-8")
        if target.exists() and any(path.name != RESTORING for path in target.iterdir()):
            raise HomeError(code="copy.not_empty", target=target)
        kept = (source.path / FILE).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise cannot_write(error.filename or target, error) from error
    lines = [line for line in kept if not line.lstrip().startswith(PLACES)]
    lines += [f"{name} = {_quoted(value)}" for name, value in places.items()]
    return "\n".join(lines) + "\n"


def _prepare(source: Home, target: Path, places: Mapping[str, str], text: str) -> None:
    """Make the folder of the copy, with its settings and the mark that it is not whole."""
    settings, mark = target / FILE, target / RESTORING
    flags = "".join(f" --{name.removesuffix('_url').replace('_', '-')} …" for name in places)
    command = f"nianbao copy {source.path} {target}{flags}\n"
    target.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    write_whole(mark, command.encode())
    if not settings.exists():
        write_whole(settings, text.encode())
        settings.chmod(0o600)  # an address may hold a password
    for folder in ("warc", "portals"):
        (target / folder).mkdir(exist_ok=True)


def _same_places(target: Path, places: Mapping[str, str]) -> None:
    config = load_config(target)
    for name, value in places.items():
        present = str(getattr(config, name))
        if present != value and (name != "database_url" or resolve_url(present, target) != resolve_url(value, target)):
            raise HomeError(code="copy.other_place", file=target / FILE, name=name)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _require_this_archive(source: Home, target: Home, reading: Connection) -> None:
    """Raise HomeError where the target's database holds another archive, or cannot be used; StorageError where it has
    rows that the source (``reading``) has not.
    """
    if target.truth.is_sqlite and not Path(target.truth.engine.url.database or "").exists():
        return
    try:
        state = target.truth.state()
        with target.truth.read() as connection:
            tables = set(inspect(connection).get_table_names())
            mark = select(ARCHIVE.c.created_at, ARCHIVE.c.simulated)
            row = connection.execute(mark).first() if ARCHIVE.name in tables else None
            if row is not None and (row[0], row[1]) != (source.born, source.simulated):
                raise HomeError(code="copy.other_archive", target=target.path)
            if state == "ahead":
                raise HomeError(code="home.newer", path=target.path)
            for table in METADATA.sorted_tables:
                if table.name in tables:
                    _require_no_more(connection, reading, table)
    except SQLAlchemyError as error:
        raise unreachable(target, error) from error


def _require_no_more(connection: Connection, reading: Connection, table: Table) -> None:
    """Raise StorageError where the copy has rows of a table that the archive has not."""
    key = list(table.primary_key.columns)
    records = connection.execute(select(*key).execution_options(yield_per=_BATCH))
    for part in records.partitions(_BATCH):
        keys = {tuple(row) for row in part}
        if keys - {tuple(row) for row in reading.execute(select(*key).where(_among(table, keys)))}:
            raise _worked_on(table)


def _worked_on(table: Table) -> StorageError:
    return StorageError(code="copy.worked_on", table=table.name)


def _closed(connection: Connection, problems: Sequence[Note]) -> dict[str, int]:
    """The WARC files with their sizes. Raises StorageError where one is still being written, for it would grow here and
    not there, or was never closed, for one of ``problems``.
    """
    closed = files(connection, closed=True)
    open_ones = sorted(files(connection).keys() - closed.keys())
    for name in open_ones:
        for why in (one for one in problems if one.values.get("file") == name):
            raise StorageError(code="copy.not_closed", file=name, why=why.plain)
        raise StorageError(code="copy.still_written", file=name)
    return closed


# ------------------------------------------------------------------------------------------------- files


def _files(
    source: Home,
    target: Home,
    closed: Mapping[str, int],
    there: Mapping[str, int],
    transfer: Transferred,
    progress: Progress | None,
) -> None:
    """Copy WARC files; ``there``: those that the copy has, with their sizes."""
    for number, (name, size) in enumerate(sorted(closed.items()), start=1):
        try:
            digest = digest_of(source.blobs, name, size)
        except StorageError:
            if source.blobs.size(name) is not None:
                raise
            transfer.gone.append(name)  # its rows are copied all the same: they say what was fetched
            continue
        if (name in there and not (target.warc_dir / name).is_file()) or (name in there and not target.blobs.is_remote):
            _compare(target, name, size, digest)
            transfer.files_there += 1
        else:
            _copy(source, target, name)
            _compare(target, name, size, digest)
            target.blobs.keep(name)
            target.blobs.settle(name)
            transfer.files += 1
            transfer.bytes += size
        if progress is not None:
            progress("files", number, len(closed))


def _copy(source: Home, target: Home, name: str) -> None:
    path = target.warc_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with source.blobs.open(name) as reading, part.open("wb") as writing:
            shutil.copyfileobj(reading, writing, _CHUNK)
            writing.flush()
            os.fsync(writing.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def _compare(target: Home, name: str, size: int, digest: str) -> None:
    if digest_of(target.blobs, name, size) != digest or target.blobs.size(name) != size:
        where = target.blobs.where(name)
        raise StorageError(code="copy.other_bytes", where=where)


def _beside(source: Home, target: Home) -> None:
    """Copy what else lies in the archive's folder: seals, the operator's portals, readings of former versions."""
    for folder in ("seals", "portals"):
        for path in sorted((source.path / folder).rglob("*")) if (source.path / folder).is_dir() else ():
            there = target.path / path.relative_to(source.path)
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                there.parent.mkdir(parents=True, exist_ok=True)
                if not there.exists() or there.read_bytes() != path.read_bytes():
                    write_whole(there, path.read_bytes())
    if (source.path / FORMER).exists():
        copy_beside(source.path / FORMER, target.path / FORMER)


# ------------------------------------------------------------------------------------------------- rows


def _rows(
    reading: Connection, target: Database, table: Table, transfer: Transferred, progress: Progress | None
) -> None:
    """Copy the rows of a table that are not there, a batch in each transaction, and compare all of them."""
    key = list(table.primary_key.columns)
    total = int(reading.execute(select(func.count()).select_from(table)).scalar_one())
    records = reading.execute(select(table).order_by(*key).execution_options(yield_per=_BATCH)).mappings()
    number = 0
    for part in records.partitions(_BATCH):
        batch = {tuple(row[one.name] for one in key): dict(row) for row in part}
        with target.begin() as writing:
            present = _present(writing, table, batch)
            lacking = [row for name, row in batch.items() if name not in present]
            if lacking:
                writing.execute(table.insert(), lacking)
            for name, row in present.items():
                if row != _plain(batch[name]):
                    _end_later(writing, table, name, row, batch[name])
            if (written := _present(writing, table, batch)) != {name: _plain(row) for name, row in batch.items()}:
                raise _differs(table, next(name for name in batch if written.get(name) != _plain(batch[name])))
        transfer.rows += len(lacking)
        transfer.rows_there += len(present)
        number += len(batch)
        if progress is not None:
            progress(table.name, number, total)
    with target.read() as connection:
        there = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
    if there != total:
        raise _worked_on(table)


def _present(connection: Connection, table: Table, batch: Mapping[tuple[Any, ...], Any]) -> dict[tuple[Any, ...], Any]:
    """Which rows of a batch are there, by key."""
    key = list(table.primary_key.columns)
    records = connection.execute(select(table).where(_among(table, batch))).mappings()
    return {tuple(row[one.name] for one in key): _plain(dict(row)) for row in records}


def _among(table: Table, keys: Collection[tuple[Any, ...]]) -> ColumnElement[bool]:
    """The rows of a table with one of these keys."""
    columns = list(table.primary_key.columns)
    return columns[0].in_([key[0] for key in keys]) if len(columns) == 1 else tuple_(*columns).in_(list(keys))


def _end_later(
    connection: Connection, table: Table, name: tuple[Any, ...], present: Mapping[str, Any], row: Mapping[str, Any]
) -> None:
    """Give a row the end that it did not have when it was copied. Raises StorageError where it differs otherwise."""
    ending = {column: value for column, value in row.items() if present[column] != _plain({column: value})[column]}
    was_open = present.get("finished", present.get("size")) is None
    if table.name not in _ENDED_LATER or not was_open:
        raise _differs(table, name)
    key = zip(table.primary_key.columns, name, strict=True)
    connection.execute(table.update().where(*(column == value for column, value in key)).values(**ending))


def _differs(table: Table, name: tuple[Any, ...]) -> StorageError:
    return StorageError(code="copy.other_row", row=name[0], table=table.name)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as both databases give it: bytes are bytes, large ones by their digest."""
    return {
        name: hashlib.sha256(value).digest() if isinstance(value, (bytes, memoryview)) else value
        for name, value in row.items()
    }


def _number_on(target: Database) -> None:
    """Let PostgreSQL give the next numbers after those that were copied."""
    if target.is_sqlite:
        return
    with target.begin() as connection:
        for table in METADATA.sorted_tables:
            if "no" in table.c:
                following = select(func.coalesce(func.max(table.c.no), 0) + 1).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, "no")
                connection.execute(select(func.setval(sequence, following, False)))
