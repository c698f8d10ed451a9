"""Copy an archive to another kind of storage: between SQLite and folder, and PostgreSQL and object store.

First the WARC files are copied, each compared by SHA-256, then the rows in one transaction, each read back and
compared; so no row of the copy names bytes that it lacks. If it was interrupted, files already copied are only
compared. Until it is complete, a mark in the copy's folder prevents opening it. Reasons against copying are found
before anything is changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from storage.atomic_files import sync_to_disk, whole_file, write_whole
from storage.backup import PLACES, copy_beside, copy_rows, mark_unfinished
from storage.clock import clock_for
from storage.column_types import Clean
from storage.config import FILE, parse_config, set_in_environment, toml_text
from storage.errors import HomeError, StorageError, UnusableError, cannot_write, cause_of
from storage.home import RESTORING, Home, init_home, unreachable
from storage.mending import mend
from storage.records import Note
from storage.sealing.contents import files
from storage.sealing.making import digest_of
from storage.tables import ARCHIVE, METADATA

_BATCH = 500
_CHUNK_BYTES = 1 << 20
Progress = Callable[[int, int], None]  # WARC files copied, and in total


@dataclass(slots=True)
class Transfer:
    """What was copied. ``files_there``: equal files that were there; ``lost_files``: WARC files the source lacks."""

    files: int = 0
    files_there: int = 0
    bytes: int = 0
    rows: int = 0
    lost_files: list[str] = field(default_factory=list)


def transfer(source: Home, target: Path, places: Mapping[str, str], progress: Progress | None = None) -> Transfer:
    """Copy an archive, after mending its files, into the new folder ``target``, or continue a copy that was cut short.
    ``places``: settings of the copy about its storage (``database_url``, ``blobs``, ``blobs_endpoint``); others have a
    new archive's defaults. ``progress``: (files done, all).

    Raises :class:`HomeError` if the target is not empty, StorageError if copying fails or a file already there differs
    from the source's; nothing there is overwritten.
    """
    target = target.absolute()
    _require_usable(source, target)
    settings = _settings_text(source, target, places)
    problems = mend(source).problems
    home = Home(target, parse_config(settings, target), clock_for(source.simulated))
    result = Transfer()
    try:
        with closing(home), source.truth.read() as reading:
            closed = _closed_file_sizes(reading, problems)
            has_rows = _holds_rows(source, home)
            sizes_there = home.blobs.sizes()
            flags = "".join(f" --{name.removesuffix('_url').replace('_', '-')} …" for name in places)
            mark_unfinished(source, target, f"nianbao copy {source.path} {target}{flags}")  # nothing was changed before
            write_whole(target / FILE, settings.encode(), mode=0o600)  # an address may hold a password
            home.truth.migrate()
            for number, (name, size) in enumerate(sorted(closed.items()), start=1):
                _copy_file(source, home, name, size, sizes_there, result)
                if progress is not None:
                    progress(number, len(closed))
            copy_beside(source, target)
            with home.truth.begin() as writing:
                result.rows = 0 if has_rows else copy_rows(reading, writing)
                for table in METADATA.sorted_tables:
                    _compare_rows(reading, writing, table)
                _continue_numbers(writing)
    except SQLAlchemyError as error:
        cause = cause_of(getattr(error, "orig", None) or error)
        raise UnusableError(code="copy.unfinished", cause=cause) from error
    except OSError as error:
        raise cannot_write(error.filename or target, error) from error
    (target / RESTORING).unlink()
    sync_to_disk(target)
    init_home(target, simulated=source.simulated).close()
    return result


def _require_usable(source: Home, target: Path) -> None:
    """Raise HomeError if ``target`` cannot be used for a copy of ``source``: one that was cut short there can."""
    if target.is_relative_to(source.path) or source.path.is_relative_to(target):
        raise HomeError(code="copy.within", target=target, source=source.path)
    if target.exists() and not target.is_dir():
        raise HomeError(code="backup.is_file", target=target)
    if variables := set_in_environment("database_url", "blobs"):
        raise HomeError(code="copy.in_environment", names=", ".join(variables), file=FILE)
    if target.exists() and not (target / RESTORING).exists() and any(target.iterdir()):
        raise HomeError(code="copy.not_empty", target=target)


def _settings_text(source: Home, target: Path, places: Mapping[str, str]) -> str:
    """Return the text of the copy's settings file: ``places`` in place of the source's settings about its storage."""
    try:
        source_lines = (source.path / FILE).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise cannot_write(error.filename or target, error) from error
    lines = [line for line in source_lines if not line.lstrip().startswith(PLACES)]
    lines += [f"{name} = {toml_text(value)}" for name, value in places.items()]
    return "\n".join(lines) + "\n"


def _holds_rows(source: Home, target: Home) -> bool:
    """Return whether an interrupted copy had already completed the database. Raises HomeError if that contains another
    archive, or this one without our mark in the folder, or cannot be used.
    """
    if target.truth.is_sqlite and not Path(target.truth.engine.url.database or "").exists():
        return False
    try:
        with target.truth.engine.connect() as connection:
            has_archive_table = inspect(connection).has_table(ARCHIVE.name)
            born = connection.execute(select(ARCHIVE.c.created_at)).scalar_one_or_none() if has_archive_table else None
    except SQLAlchemyError as error:
        raise unreachable(target, error) from error
    if born is not None and (born != source.born or not (target.path / RESTORING).exists()):
        raise HomeError(code="copy.database_full", target=target.path)
    return born is not None


def _closed_file_sizes(connection: Connection, problems: Sequence[Note]) -> dict[str, int]:
    """Return the sizes of the WARC files by name. Raises StorageError if one is still being written, because it would
    grow only here, or could not be closed because of one of ``problems``.
    """
    closed = files(connection, closed=True)
    for name in sorted(files(connection).keys() - closed.keys()):
        for why in (note for note in problems if note.values.get("file") == name):
            raise StorageError(code="copy.not_closed", file=name, why=why.as_json)
        raise StorageError(code="copy.still_written", file=name)
    return closed


def _copy_file(
    source: Home, target: Home, name: str, size: int, copied_sizes: Mapping[str, int], result: Transfer
) -> None:
    """Copy a WARC file, compare it, count it in ``result``; ``copied_sizes``: of files that the copy has already."""
    try:
        digest = digest_of(source.blobs, name, size)
    except StorageError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        result.lost_files.append(name)  # its rows are copied anyway: they say what was fetched
        return
    # a local file beside an object store is what an interrupted copy has not uploaded
    is_kept = name in copied_sizes and not (target.blobs.is_remote and (target.warc_dir / name).is_file())
    if not is_kept:
        (target.warc_dir / name).parent.mkdir(parents=True, exist_ok=True)
        with source.blobs.open(name) as reading, whole_file(target.warc_dir / name) as out:
            shutil.copyfileobj(reading, out, _CHUNK_BYTES)
    if digest_of(target.blobs, name, size) != digest or copied_sizes.get(name, size) != size:
        raise StorageError(code="copy.other_bytes", where=target.blobs.where(name))
    if is_kept:
        result.files_there += 1
        return
    target.blobs.upload(name)
    target.blobs.drop_local_copy(name)
    result.files += 1
    result.bytes += size


def _compare_rows(source: Connection, copy: Connection, table: Table) -> None:
    """Raise StorageError if a table's rows differ between two databases."""
    for source_row, copied_row in zip_longest(_sorted_rows(source, table), _sorted_rows(copy, table)):
        if source_row != copied_row:
            raise StorageError(code="copy.other_row", row=(source_row or copied_row or [""])[0], table=table.name)


def _sorted_rows(connection: Connection, table: Table) -> Iterator[list[Any]]:
    plain = connection.dialect.name == "postgresql"  # SQLite sorts texts by their bytes
    keys = (key.collate("C") if plain and isinstance(key.type, Clean) else key for key in table.primary_key.columns)
    for row in connection.execute(select(table).order_by(*keys).execution_options(yield_per=_BATCH)):
        yield [bytes(value) if isinstance(value, memoryview) else value for value in row]


def _continue_numbers(connection: Connection) -> None:
    """Make PostgreSQL continue row numbers after the copied ones."""
    for table in METADATA.sorted_tables if connection.dialect.name == "postgresql" else ():
        if "no" in table.c:
            following = select(func.coalesce(func.max(table.c.no), 0) + 1).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "no")
            connection.execute(select(func.setval(sequence, following, False)))
