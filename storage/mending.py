"""Repair what a killed process leaves behind: complete WARC files, and record the end of runs.

A run holds the lock ``run-<id>`` (:mod:`storage.locks`) from before its row is stored until its end is recorded; if
its process dies, the lock is released. So a run without an end whose lock nobody holds was cut short.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from platform import python_version
from typing import Any, BinaryIO

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from storage import capture_rows, mapping
from storage.atomic_files import locked, sync_to_disk
from storage.errors import DiskError, StorageError, note_of
from storage.home import Home
from storage.locks import Holder, run_lock
from storage.records import Capture, Note, Run, WarcPlace
from storage.statements import among, batches
from storage.tables import CAPTURES, LOOKS, RUNS, WARC_FILES
from storage.warc import BIRTH, SUFFIX
from storage.warc_reader import WarcRecord, whole_records

version = cache(metadata.version)  # of a package; cached, because each call parses metadata
log = logging.getLogger(__name__)
_BATCH = 500


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
    """Mend every WARC file that is neither sealed nor locked by a living process. Anybody may call it at any time.

    A torn tail is moved into a ``.torn`` file; complete records without a row are adopted; then the file is sealed.
    A sealed file whose length differs from the recorded one is reported and not changed.

    With an object store, local files that are not uploaded yet are uploaded first. ``thorough``: also adopt records
    in the store whose machine was lost before their rows were committed.
    """
    result = MendResult()
    local_files = {path.relative_to(home.warc_dir).as_posix(): path for path in home.warc_files(SUFFIX)}
    closed_sizes = _closed_sizes(home, local_files if home.blobs.is_remote else None)
    for name, path in sorted(local_files.items()):
        try:
            if closed_sizes.get(name) is not None and not home.blobs.is_remote:
                _compare_size(name, path.stat().st_size, closed_sizes[name], result)
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
    if thorough and home.blobs.is_remote:
        _adopt_objects(home, result)
    result.problems += [Note("warc_gone", {"file": name}) for name in sorted(closed_sizes.keys() - local_files.keys())]
    for unfinished in home.warc_files(BIRTH):  # its writer was killed before renaming it; it is empty
        with suppress(FileNotFoundError), locked(unfinished) as handle:
            if handle is not None:
                unfinished.unlink()
    for problem in result.problems:
        log.warning("%s", problem)
    return result


def _closed_sizes(home: Home, names: Collection[str] | None) -> dict[str, int | None]:
    """Return the sizes of sealed files (None: still open) by name: of these names, or of all files with rows."""
    query = select(WARC_FILES.c.name, WARC_FILES.c.size)
    queries = [query] if names is None else [query.where(among(WARC_FILES.c.name, batch)) for batch in batches(names)]
    with home.truth.read() as connection:
        return {name: size for statement in queries for name, size in connection.execute(statement)}


def _compare_size(name: str, size: int, closed: int | None, result: MendResult) -> None:
    if closed is not None and size != closed:
        code = "warc_shorter" if size < closed else "warc_longer"
        result.problems.append(Note(code, {"file": name, "number": abs(closed - size), "size": closed}))


def _mend_file(home: Home, handle: int, path: Path, name: str, result: MendResult) -> None:
    """Mend a file that we have locked. One with a problem is not sealed, so that the next call looks again."""
    size = os.fstat(handle).st_size
    closed = _closed_sizes(home, [name]).get(name)
    if closed is not None:  # its writer or another process sealed it meanwhile
        problems = len(result.problems)
        _compare_size(name, size, closed, result)
        if len(result.problems) == problems:
            home.blobs.keep(name)
            home.blobs.settle(name)
        return
    with path.open("rb") as file:
        measured = _read_run_and_end(home, file, name)
        if isinstance(measured, Note):
            result.problems.append(measured)
            return
        run, end = measured
        with home.truth.read() as connection:
            ends = select(func.max(CAPTURES.c.warc_offset + CAPTURES.c.warc_length)).join(WARC_FILES)
            rows_end = connection.execute(ends.where(WARC_FILES.c.name == name)).scalar() or 0
        if rows_end > end:
            result.problems.append(Note("warc_damaged", {"file": name, "number": end}))
            return
        if end < size:
            result.torn.append(_move_torn_tail(handle, path, end, size))
        home.blobs.keep(name)
        if _adopt_records(home, file, name, run, result):
            _seal_file(home, name, end)
            home.blobs.settle(name)


def _adopt_objects(home: Home, result: MendResult) -> None:
    """Adopt the records of objects that have no row, unless the run that wrote them is still alive."""
    sizes = home.blobs.sizes(SUFFIX)
    for name in sorted(sizes.keys() - _closed_sizes(home, sizes).keys()):
        if (home.warc_dir / name).exists():
            continue  # a local file, mended already
        with home.blobs.open(name) as file:
            measured = _read_run_and_end(home, file, name)
            if isinstance(measured, Note) or home.locks.holder(run_lock(measured[0].id)) is not None:
                continue
            if _adopt_records(home, file, name, measured[0], result) and measured[1] == sizes[name]:
                _seal_file(home, name, measured[1])


def _seal_file(home: Home, name: str, size: int) -> None:
    with home.truth.begin() as connection:
        capture_rows.seal(connection, name, size)


def _read_run_and_end(home: Home, file: BinaryIO, name: str) -> tuple[Run, int] | Note:
    """Return a file's run and the end of its complete records, or a note why it does not belong to this archive."""
    run, end = None, 0
    for record in whole_records(file):
        if run is None:
            run = run_of_record(record)
            if run is None:
                break
            if (record.info.get("simulated") == "true") != home.simulated:
                return Note("warc_real" if home.simulated else "warc_simulated", {"file": name})
        end = record.end
    return Note("warc_not_ours", {"file": name}) if run is None else (run, end)


def run_of_file(file: BinaryIO) -> Run | None:
    """Return the run that a WARC file names in its first record, None if it names none."""
    first_record = next(whole_records(file), None)
    return None if first_record is None else run_of_record(first_record)


def run_of_record(record: WarcRecord) -> Run | None:
    """Return the run that a file's first record names, None if it names none."""
    try:
        return mapping.from_json(Run, record.info["nianbao-run"]) if record.kind == "warcinfo" else None
    except (KeyError, ValueError, TypeError):
        return None


def _adopt_records(home: Home, file: BinaryIO, name: str, run: Run, result: MendResult) -> bool:
    """Insert a row for every complete record; return whether that succeeded for all."""
    problems, batch = len(result.problems), list[Capture]()
    for record in whole_records(file):
        if record.has_note:
            place = WarcPlace(file=name, offset=record.offset, length=record.length)
            try:
                batch.append(replace(record.capture(run=run.id, portal=run.portal), warc=place))
            except (ValueError, TypeError, KeyError) as error:
                values = {"file": name, "number": record.offset, "text": str(error)}
                result.problems.append(Note("warc_record_unsaid", values))
        if len(batch) >= _BATCH:
            _insert_rows(home, name, run, batch, result)
            batch = []
    _insert_rows(home, name, run, batch, result)
    return len(result.problems) == problems


def _insert_rows(home: Home, name: str, run: Run, batch: list[Capture], result: MendResult) -> None:
    """Insert rows for these captures; if that fails, insert them one by one and report those that fail."""
    try:
        with home.truth.begin() as connection:
            capture_rows.ensure_run(connection, run)
            number = capture_rows.warc_file_number(connection, name, run.id, run.started)
            stored_ids = select(CAPTURES.c.id).where(CAPTURES.c.id.in_([capture.id for capture in batch]))
            ids_with_row = set(connection.execute(stored_ids).scalars())
            capture_rows.insert_captures(connection, batch, {name: (number, run.id)})
        result.adopted += dict.fromkeys(capture.id for capture in batch if capture.id not in ids_with_row)
    except (SQLAlchemyError, ValueError) as error:
        if len(batch) <= 1:
            result.problems.append(Note("warc_record_without_row", {"file": name, "text": str(error)}))
            return
        for capture in batch:  # one bad record must not block the others
            _insert_rows(home, name, run, [capture], result)


def _move_torn_tail(handle: int, path: Path, end: int, size: int) -> Path:
    """Move the bytes after ``end`` into a file of their own, which is on disk before they are cut off."""
    torn = path.with_name(f"{path.name}.{end}.torn")
    with torn.open("wb") as out:
        position = end
        while position < size and (chunk := os.pread(handle, 1 << 20, position)):
            out.write(chunk)
            position += len(chunk)
        out.flush()
        os.fsync(out.fileno())
    sync_to_disk(path.parent)
    os.ftruncate(handle, end)
    os.fsync(handle)
    return torn


CUT = "cut"  # outcome of a run whose process was killed
STOPPED = "stopped"  # outcome of a run that a person ended
UNENDED = frozenset({CUT, STOPPED, "failed"})  # outcomes of runs that did not reach their end


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
        end: dict[str, Any] = {"outcome": CUT, "notes": (Note(CUT, values),), "counts": counts}
        return capture_rows.end_run(connection, run.id, finished=home.clock.now(), **end)
