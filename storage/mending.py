"""Repair what a killed process leaves behind: complete WARC files, and record the end of runs.

A run holds the lock ``run-<id>`` (:mod:`storage.locks`) from before its row is stored until its end is recorded; if
its process dies, the lock is released. So a run without an end whose lock nobody holds was cut short.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from platform import python_version
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import SQLAlchemyError

from storage import capture_rows, mapping
from storage.atomic_files import locked, whole_file
from storage.capture_store import captures_by_id
from storage.errors import DiskError, StorageError, note_of
from storage.home import Home
from storage.locks import Holder, run_lock
from storage.records import Capture, Note, Run, RunOutcome, WarcPlace
from storage.tables import CAPTURES, LOOKS, RUNS, WARC_FILES
from storage.warc import SUFFIX
from storage.warc_reader import WarcRecord, whole_records

version = cache(metadata.version)  # of a package; cached, because each call parses metadata
log = logging.getLogger(__name__)


@dataclass(slots=True)
class MendResult:
    """The result of mending: ids of adopted captures, files with torn tails, and problems that need a person."""

    adopted: list[str] = field(default_factory=list)
    torn: list[Path] = field(default_factory=list)
    problems: list[Note] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.adopted or self.torn or self.problems)


def warcinfo(home: Home, run: Run, about: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the fields of the warcinfo record of a run's files, from which the run's row can be restored.

    ``about``: fields to add or replace (``software``, how was requested …); named as in ISO 28500 §6.2 (warc-fields of
    warcinfo) and Heritrix.
    """
    return {
        "software": f"nianbao/{version('nianbao')} Python/{python_version()}",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "operator": home.config.contact,
        "robots": "obey",
        "isPartOf": run.portal,
        "simulated": "true" if home.simulated else "",
        "rotation": f"a file per run, and a further one beyond {home.config.warc_max_bytes} bytes",
        **(about or {}),
        "nianbao-run": mapping.to_json(run),
    }


def mend(home: Home, *, thorough: bool = False) -> MendResult:
    """Mend every WARC file that is neither sealed (its last size recorded) nor locked by a living process, at any time.
    A torn tail is moved into a ``.torn`` file; complete records without a row get one; then the file is sealed. A
    sealed file whose length differs from the recorded one is reported and not changed. With an object store, local
    files that are not uploaded yet are uploaded first. ``thorough``: also adopt records in the store whose machine was
    lost before their rows were committed.
    """
    result, is_remote = MendResult(), home.blobs.is_remote
    local_files = {path.relative_to(home.warc_dir).as_posix(): path for path in home.warc_files(SUFFIX)}
    closed_sizes = _closed_sizes(home)
    for name, path in sorted(local_files.items()):
        try:
            if closed_sizes.get(name) is not None and not is_remote:
                _has_size(name, path.stat().st_size, closed_sizes[name], result)
                continue
            with locked(path) as handle:  # a living writer holds its lock; or it was uploaded meanwhile
                if handle is not None and path.exists():
                    _mend_file(home, handle, path, name, result)
        except DiskError:
            raise
        except StorageError as error:
            result.problems.append(note_of(error))
        except OSError as error:
            if path.exists():
                result.problems.append(Note("warc_not_mended", {"file": name, "text": error.strerror}))
    if thorough and is_remote:
        _adopt_objects(home, result)
    missing_names = set() if is_remote else closed_sizes.keys() - local_files.keys()
    result.problems += [Note("warc_gone", {"file": name}) for name in sorted(missing_names)]
    for problem in result.problems:
        log.warning("%s", problem)
    return result


def _closed_sizes(home: Home, *conditions: ColumnElement[bool]) -> dict[str, int | None]:
    """Return the sizes of sealed files (None: still open), by name, of all files with rows that meet the conditions."""
    query = select(WARC_FILES.c.name, WARC_FILES.c.size).where(*conditions)
    return {row.name: row.size for row in home.truth.rows(query)}


def _has_size(name: str, size: int, closed: int | None, result: MendResult) -> bool:
    """Return whether a sealed file still has the size ``closed`` at which it was sealed; report it if not."""
    if closed is not None and size != closed:
        code = "warc_shorter" if size < closed else "warc_longer"
        result.problems.append(Note(code, {"file": name, "number": abs(closed - size), "size": closed}))
    return size == closed


def _mend_file(home: Home, handle: int, path: Path, name: str, result: MendResult) -> None:
    """Mend a file that we have locked. One with a problem is not sealed, so that the next call looks again."""
    size = os.fstat(handle).st_size
    closed_sizes = _closed_sizes(home, WARC_FILES.c.name == name)
    closed = closed_sizes.get(name)
    if closed is not None:  # its writer or another process sealed it meanwhile
        if _has_size(name, size, closed, result):  # then upload it and delete it here, if there is an object store
            home.blobs.upload(name)
            home.blobs.drop_local_copy(name)
        return
    if not size and not closed_sizes:  # its writer was killed before the first record
        path.unlink()
        return
    with path.open("rb") as file:
        content = _read_content(home, file, name)
    if isinstance(content, Note):
        result.problems.append(content)
        return
    ends = select(func.max(CAPTURES.c.warc_offset + CAPTURES.c.warc_length)).join(WARC_FILES)
    (rows_end,) = home.truth.scalars(ends.where(WARC_FILES.c.name == name))
    if (rows_end or 0) > content.end:  # rows name bytes that cannot be read any more
        result.problems.append(Note("warc_damaged", {"file": name, "number": content.end}))
        return
    if content.end < size:
        result.torn.append(_move_torn_tail(handle, path, content.end))
    home.blobs.upload(name)
    if _adopt_records(home, name, content, result, is_whole=True):
        home.blobs.drop_local_copy(name)


def _adopt_objects(home: Home, result: MendResult) -> None:
    """Give rows to the records of objects that have none, unless the run that wrote them is still alive."""
    sizes = home.blobs.sizes(SUFFIX)
    for name in sorted(sizes.keys() - _closed_sizes(home).keys()):
        if (home.warc_dir / name).exists():
            continue  # a local file, mended already
        with home.blobs.open(name) as file:
            content = _read_content(home, file, name)
        if isinstance(content, FileContent) and run_holder(home, content.run.id) is None:
            _adopt_records(home, name, content, result, is_whole=content.end == sizes[name])


@dataclass(frozen=True, slots=True)
class FileContent:
    """What the complete records of a WARC file say: its run, where they end, their captures, and notes about records
    that do not describe their capture.
    """

    run: Run
    end: int
    captures: Sequence[Capture]
    problems: Sequence[Note]


def _read_content(home: Home, file: BinaryIO, name: str) -> FileContent | Note:
    """Read a file's complete records; return a note if it does not belong to this archive."""
    run, end, captures, problems = None, 0, list[Capture](), list[Note]()
    for record in whole_records(file):
        if run is None:
            run = run_of_record(record)
            if run is None:
                break
            if (record.info.get("simulated") == "true") != home.simulated:
                return Note("warc_real" if home.simulated else "warc_simulated", {"file": name})
        elif record.has_note:  # the row of a capture, or what of it the record itself does not show
            place = WarcPlace(file=name, offset=record.offset, length=record.length)
            try:
                captures.append(replace(record.capture(run=run.id, portal=run.portal), warc=place))
            except (ValueError, TypeError, KeyError) as error:
                values = {"file": name, "number": record.offset, "text": str(error)}
                problems.append(Note("warc_record_unsaid", values))
        end = record.end
    return Note("warc_not_ours", {"file": name}) if run is None else FileContent(run, end, captures, problems)


def run_of_record(record: WarcRecord) -> Run | None:
    """Return the run that a file's first record names, None if it names none."""
    try:
        return mapping.from_json(Run, record.info["nianbao-run"]) if record.kind == "warcinfo" else None
    except (KeyError, ValueError, TypeError):
        return None


def _adopt_records(home: Home, name: str, content: FileContent, result: MendResult, *, is_whole: bool) -> bool:
    """Insert the rows that a file's captures lack. If that succeeds for all, and ``is_whole`` says that nothing follows
    them, seal the file. Return whether it succeeded.
    """
    problems = list(content.problems)
    try:
        with_row = captures_by_id(home, [capture.id for capture in content.captures])
        without_row = [capture for capture in content.captures if capture.id not in with_row]
        with home.truth.begin() as connection:
            capture_rows.ensure_run(connection, content.run)
            number = capture_rows.warc_file_number(connection, name, content.run.id, content.run.started)
            capture_rows.insert_captures(connection, without_row, number, content.run.id)
            if is_whole and not problems:
                capture_rows.seal(connection, name, content.end)
        result.adopted += [capture.id for capture in without_row]
    except (SQLAlchemyError, ValueError) as error:  # a row that the database refuses: only a foreign hand writes one
        problems.append(Note("warc_record_without_row", {"file": name, "text": str(error)}))
    result.problems += problems
    return not problems


def _move_torn_tail(handle: int, path: Path, end: int) -> Path:
    """Move the bytes after ``end`` into a file of their own, which is on disk before they are cut off."""
    torn = path.with_name(f"{path.name}.{end}.torn")
    with path.open("rb") as file, whole_file(torn) as out:
        file.seek(end)
        shutil.copyfileobj(file, out)
    os.ftruncate(handle, end)
    os.fsync(handle)
    return torn


def run_holder(home: Home, run: str) -> Holder | None:
    """Return who works on a run, None if nobody does."""
    return home.locks.holder(run_lock(run))


@contextmanager
def claim_dead_run(home: Home, run: str) -> Iterator[bool]:
    """Yield whether no living process works on a run; if so, hold its lock in the block and delete it afterwards."""
    if not home.locks.try_take(run_lock(run)):
        yield False
        return
    try:
        yield True
    finally:
        home.locks.release(run_lock(run), forget=True)


def end_cut_runs(home: Home) -> tuple[Run, ...]:
    """Record the end of every run that was cut short: outcome ``cut``, a note of what is kept. Safe in parallel.

    Call it after mending, so that adopted captures are counted. The exact time of the cut is unknown: the recorded end
    is the time of this call.
    """
    query = select(RUNS).where(RUNS.c.finished.is_(None)).order_by(RUNS.c.started, RUNS.c.id)
    ended_runs = []
    for run in home.truth.records(Run, query):
        with claim_dead_run(home, run.id) as is_dead:
            if is_dead and (ended := _end_cut_run(home, run)) is not None:
                ended_runs.append(ended)
    return tuple(ended_runs)


def _end_cut_run(home: Home, run: Run) -> Run | None:
    """Record the end of a cut run and return it; None if it has an end by now."""
    fetched = select(func.count(), func.max(CAPTURES.c.fetched_at)).select_from(capture_rows.captures_from())
    fetched = fetched.where(CAPTURES.c.portal == run.portal, CAPTURES.c.fetched_at >= run.started)
    looks = select(func.count(), func.max(LOOKS.c.finished)).where(LOOKS.c.portal == run.portal, LOOKS.c.run == run.id)
    with home.truth.begin() as connection:
        capture_count, last_capture = connection.execute(fetched.where(capture_rows.run_of_capture() == run.id)).one()
        ended, last_ended = connection.execute(looks).one()
        counts = {"captures": capture_count, "looks": ended}
        last_sign = max(filter(None, (run.started, last_capture, last_ended)))
        values = {"purpose": run.purpose, "started": run.started.isoformat(), "last": last_sign.isoformat(), **counts}
        end: dict[str, Any] = {"outcome": RunOutcome.CUT, "notes": (Note("cut", values),), "counts": counts}
        return capture_rows.end_run(connection, run.id, finished=home.clock.now(), **end)
