"""The WARC files against the database, both ways: what the one says of the other must hold to the byte.

Each file is read once, from end to end, in bounded memory. Each record of a capture says its row itself, and the
database must hold that row, with that place; digests are computed anew; the request of an answer follows it; what a
revisit repeats is there. Rows whose record was not met are told. A damaged record costs itself: reading goes on at the
place of the next row. A file that a living process writes is compared as far as its rows go.
"""

from __future__ import annotations

import fcntl
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

from sqlalchemy import select

from storage.capture_store import captures_by_id
from storage.errors import note_of
from storage.home import Home
from storage.locks import run_lock
from storage.mending import run_of_file, run_of_record
from storage.records import Capture, Note
from storage.tables import CAPTURES, RUNS, WARC_FILES
from storage.warc import SUFFIX
from storage.warc_fields import urn
from storage.warc_reader import BrokenRecordError, RecordHead, WarcRecord, read_head, read_record, read_request

Fault = tuple[str, Note]
_BATCH = 400
#: field of a revisit → the field of its original that it repeats
_REPEATED = {
    "warc-refers-to-target-uri": "warc-target-uri",
    "warc-refers-to-date": "warc-date",
    "warc-payload-digest": "warc-payload-digest",
}
#: what to do → codes of what does not agree
_TODO = {
    "todo_file_from_copy": (
        *("file_missing", "size_differs", "record_damaged", "record_missing", "digest_differs"),
        *("request_missing", "original_missing"),
    ),
    "todo_who_changed_it": ("not_its_run", "record_differs", "original_differs"),
    "todo_disk": ("file_unreadable",),
    "todo_take_in_or_out": ("file_unknown",),
    "todo_database_from_copy": ("row_missing",),
    "todo_take_out": ("row_elsewhere",),
    "todo_mended_later": ("file_unsealed", "tail_torn"),  # no faults
}
#: code → what to do about it
TODO: Mapping[str, Note] = {code: Note(todo) for todo, codes in _TODO.items() for code in codes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """What does not agree, as ``note`` says. ``offset`` and ``capture`` are None where it concerns a whole file."""

    code: str
    file: str
    offset: int | None = None
    capture: str | None = None
    note: Note

    @property
    def is_fault(self) -> bool:
        """Whether something is wrong; else it is only worth knowing."""
        return self.code not in _TODO["todo_mended_later"]

    @property
    def todo(self) -> Note:
        """What to do about it."""
        return TODO[self.code]


@dataclass(slots=True)
class WarcCheckCounts:
    """What was compared."""

    files: int = 0
    bytes: int = 0
    records: int = 0
    rows: int = 0
    revisits: int = 0
    live: int = 0
    faults: int = 0


# ------------------------------------------------------------------------------------------------ one record


def differences(capture: Capture, record: WarcRecord, *, of: tuple[str, str] | None = None) -> Iterator[Fault]:
    """What of a record is not as its row says: (code, note) each. The original of a revisit is not asked for.

    ``of``: the run and portal of its file, where they are known; else those of the row are believed.
    """
    run, portal = of or (capture.run, capture.portal)
    try:
        described = replace(record.capture(run=run, portal=portal), warc=capture.warc)
    except (ValueError, TypeError, KeyError):
        yield "record_differs", Note("own_account_unread")
        return
    wrong = [one.name for one in fields(Capture) if getattr(described, one.name) != getattr(capture, one.name)]
    if capture.warc is not None and capture.warc.length != record.length:
        wrong.append("length")
    if wrong:
        yield "record_differs", Note("own_account_differs", {"fields": ", ".join(wrong)})
    if record.kind == "revisit":
        return
    payload = record.payload_digest
    if record.fields.get("warc-payload-digest") != f"sha256:{payload}" or capture.payload_digest not in {None, payload}:
        yield "digest_differs", Note("payload_not_of_digest")
    elif capture.document not in {None, record.document, payload}:
        yield "digest_differs", Note("document_not_of_row", {"row": capture.document})


def _has_request(handle: int, record: WarcRecord) -> bool:
    """Whether the request of an answer follows its record."""
    try:
        request, _ = read_request(handle, record.end, record.id)
    except BrokenRecordError:
        return False
    return all(request.fields.get(name) == record.fields.get(name) for name in ("warc-target-uri", "warc-date"))


class Originals:
    """What revisits repeat: rows and heads of their originals, the latest remembered."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._original = lru_cache(maxsize=4096)(self._read)

    def faults(self, capture: Capture, head: RecordHead) -> Iterator[Fault]:
        """What is wrong with what a revisit repeats, and with what the revisit says of it."""
        original_or_note = self._original(capture.revisit_of or "")
        if isinstance(original_or_note, Note):
            yield "original_missing", original_or_note
            return
        original, repeated = original_or_note
        wrong = [name for name, other in _REPEATED.items() if head.fields.get(name) != repeated.get(other)]
        if "\ufffd" in original.url:  # its row could not hold the address, and the revisit was made from the row
            wrong = [name for name in wrong if name != "warc-refers-to-target-uri"]
        if (capture.payload_digest, capture.document) != (original.payload_digest, original.document):
            wrong.append("document")
        if wrong:
            yield "original_differs", Note("repeated_differs", {"capture": original.id, "fields": ", ".join(wrong)})

    def _read(self, name: str) -> tuple[Capture, Mapping[str, str]] | Note:
        """Row and WARC fields of an original, or what is wrong with it."""
        original = captures_by_id(self.home, [name]).get(name)
        if original is not None and original.warc is not None and original.revisit_of is None:
            try:
                with self.home.blobs.open(original.warc.file) as file:
                    fields = read_head(file.fileno(), original.warc.offset).fields
            except (BrokenRecordError, OSError) as error:
                return Note("repeated_unread", {"capture": name, "why": note_of(error).plain})
            if fields.get("warc-record-id") == urn(name):
                return original, fields
        return Note("repeated_without_record", {"capture": name})


# ------------------------------------------------------------------------------------------------ all files


def check(
    home: Home,
    tell: Callable[[Mismatch], None],
    *,
    portal: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> WarcCheckCounts:
    """Compare all WARC files of the archive (or of one portal) with the database; each mismatch goes to ``tell``.

    ``progress``: bytes read, and of how many. Raises nothing for what is wrong with a file.
    """
    sizes = home.blobs.sizes(SUFFIX)
    query = select(WARC_FILES.c.no, WARC_FILES.c.name, WARC_FILES.c.run, RUNS.c.portal)
    files = home.truth.rows(query.join(RUNS, WARC_FILES.c.run == RUNS.c.id).order_by(RUNS.c.portal, WARC_FILES.c.name))
    strange = sizes.keys() - {row.name for row in files}
    if portal is not None:
        files = [row for row in files if row.portal == portal]
        strange = {name for name in strange if name.startswith(f"{portal}/")}
    total = sum(sizes.get(name, 0) for name in (*(row.name for row in files), *strange))
    checked = _WarcCheck(home, tell)
    for of, rows in groupby(files, key=attrgetter("portal")):
        places = _places(home, of)
        for row in rows:
            checked.check_file(_File(row.no, row.name, (row.run, of), places.get(row.no, {})))
            if checked.done.bytes < total:
                progress(checked.done.bytes, total)
    for name in sorted(strange):
        checked.check_strange_file(name)
    progress(total, total)
    return checked.done


def _places(home: Home, portal: str) -> dict[int, dict[int, list[str]]]:
    """By file and offset the captures of a portal whose rows point there, in order."""
    query = select(CAPTURES.c.warc_file, CAPTURES.c.warc_offset, CAPTURES.c.id).where(CAPTURES.c.portal == portal)
    query = query.where(CAPTURES.c.warc_file.is_not(None)).order_by(CAPTURES.c.warc_offset, CAPTURES.c.id)
    captures_by_place: dict[int, dict[int, list[str]]] = {}
    for number, offset, capture in home.truth.rows(query):
        captures_by_place.setdefault(number, {}).setdefault(offset, []).append(capture)
    return captures_by_place


def _is_held(handle: int) -> bool:
    """Whether a living process on this machine writes the file (or mends it)."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


@dataclass(slots=True)
class _File:
    """A file by its row. ``missing``: offset → captures whose rows point there and whose record was not met yet."""

    number: int
    name: str
    of: tuple[str, str]
    missing: dict[int, list[str]]
    sealed: int | None = None
    is_live: bool = False


class _WarcCheck:
    """What was compared so far; each mismatch is counted and told."""

    def __init__(self, home: Home, tell: Callable[[Mismatch], None]) -> None:
        self.home, self._tell = home, tell
        self.done = WarcCheckCounts()
        self._originals = Originals(home)

    def tell(self, file: str, code: str, note: Note, offset: int | None = None, capture: str | None = None) -> None:
        mismatch = Mismatch(code=code, file=file, offset=offset, capture=capture, note=note)
        self.done.faults += mismatch.is_fault
        self._tell(mismatch)

    def check_strange_file(self, name: str) -> None:
        """A file without a row: its writer lives, was killed before its first row, or it is not ours."""
        try:
            with self.home.blobs.open(name) as file:
                run = run_of_file(Path(file.name)) if self.home.blobs.is_remote else None
                if run is None:
                    is_written = _is_held(file.fileno())
                else:
                    is_written = self.home.locks.holder(run_lock(run.id)) is not None
        except OSError as error:
            self.tell(name, "file_unreadable", Note("file_unread", {"cause": error.strerror}))
            return
        if not is_written:
            self.tell(name, "file_unknown", Note("file_not_known"))

    def check_file(self, file: _File) -> None:
        rows = sum(map(len, file.missing.values()))
        try:
            with self.home.blobs.open(file.name) as opened:
                self._check_opened(file, opened.fileno())
                self.done.rows += rows
        except FileNotFoundError:
            self.tell(file.name, "file_missing", Note("file_gone", {"number": rows}))
        except OSError as error:
            self.tell(file.name, "file_unreadable", Note("file_unread", {"cause": error.strerror}))

    def _check_opened(self, file: _File, handle: int) -> None:
        file.is_live = _is_held(handle)
        # after the lock: a writer seals, then lets go
        (file.sealed,) = self.home.truth.scalars(select(WARC_FILES.c.size).where(WARC_FILES.c.no == file.number))
        size = os.fstat(handle).st_size
        if file.sealed is not None and file.sealed != size:
            self.tell(file.name, "size_differs", Note("file_resized", {"size": size, "sealed": file.sealed}))
        elif file.sealed is None and not file.is_live:
            self.tell(file.name, "file_unsealed", Note("file_not_closed"))
        self.done.files += 1
        self.done.live += file.is_live
        records = self._whole_records(file, handle, size)
        while batch := [*islice(records, _BATCH)]:
            self.done.records += len(batch)
            if batch[0].offset == 0:
                self._check_start(file, batch[0])
            for record in batch:
                if not record.has_its_block:
                    self.tell(file.name, "digest_differs", Note("block_not_of_digest"), record.offset)
            self._check_rows(file, handle, [record for record in batch if record.has_note])
        for offset, captures in file.missing.items():
            for capture in captures:
                self.tell(file.name, "record_missing", Note("no_record_there"), offset, capture)
        self.done.bytes += size

    def _whole_records(self, file: _File, handle: int, size: int) -> Iterator[WarcRecord]:
        """The records of the file; behind a damaged one it goes on at the place of the next row."""
        offsets, position = list(file.missing), 0
        while position < size:
            try:
                record = read_record(handle, position)
            except BrokenRecordError as broken:
                following = bisect_right(offsets, position)
                self._tell_broken(file, position, broken.note, is_tail=following == len(offsets))
                if following == len(offsets):
                    return
                position = offsets[following]
            else:
                yield record
                position = record.end

    def _tell_broken(self, file: _File, position: int, why: Note, *, is_tail: bool) -> None:
        captures: list[str | None] = [*file.missing.pop(position, [])]
        note = Note("no_whole_record", {"why": why.plain})
        if captures or file.sealed is not None or not is_tail:
            for capture in captures or [None]:
                self.tell(file.name, "record_damaged", note, position, capture)
        elif not file.is_live:  # else it is being written
            self.tell(file.name, "tail_torn", note, position)

    def _check_start(self, file: _File, record: WarcRecord) -> None:
        """The first record must be warcinfo of this file and of the run that its row names."""
        run_in_record = run_of_record(record)
        name, run = record.fields.get("warc-filename", ""), "" if run_in_record is None else run_in_record.id
        if (name, run) != (Path(file.name).name, file.of[0]):
            note = Note("names_other_run", {"name": name, "run": run, "row": file.of[0]})
            self.tell(file.name, "not_its_run", note, 0)
        elif (record.info.get("simulated") == "true") != self.home.simulated:
            note = Note("file_real" if self.home.simulated else "file_simulated")
            self.tell(file.name, "not_its_run", note, 0)

    def _check_rows(self, file: _File, handle: int, records: list[WarcRecord]) -> None:
        rows = captures_by_id(self.home, [record.id for record in records if record.id])
        for record in records:
            for code, note in self._faults(file, handle, record, rows.get(record.id)):
                self.tell(file.name, code, note, record.offset, record.id or None)

    def _faults(self, file: _File, handle: int, record: WarcRecord, row: Capture | None) -> Iterator[Fault]:
        """What of a record does not agree with its row."""
        if row is None:
            if file.sealed is not None:
                yield "row_missing", Note("no_row_of_record")
            return
        place = (row.warc.file, row.warc.offset) if row.warc is not None else ("", 0)
        if place != (file.name, record.offset):
            yield "row_elsewhere", Note("row_of_other_place", {"where": f"{place[0]}:{place[1]}"})
            return
        file.missing[record.offset] = [one for one in file.missing.get(record.offset, ()) if one != row.id]
        yield from differences(row, record, of=file.of)
        if record.kind == "revisit":
            self.done.revisits += 1
            yield from self._originals.faults(row, record)
        if record.has_request and not _has_request(handle, record):
            yield "request_missing", Note("request_does_not_follow")
