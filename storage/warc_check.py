"""Compare the WARC files with the database, in both directions: every value must be equal.

Each file is read once to its end. Each capture's record describes its own row, which must be in the database with that
place; digests are computed again; an answer's request must follow it; what a revisit repeats must exist. Rows without a
record are reported. After a damaged record reading continues at the place of the next row. A file that a living process
is writing is compared as far as it has rows.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from io import UnsupportedOperation
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Row, select

from storage.capture_store import captures_by_id, captures_in_file
from storage.home import Home
from storage.mending import run_holder, run_of_record
from storage.records import Capture, Note
from storage.tables import RUNS, WARC_FILES
from storage.warc import SUFFIX
from storage.warc_fields import target_uri, urn, warc_date
from storage.warc_reader import BrokenRecordError, RecordHead, WarcRecord, read_records, read_request, whole_records

Fault = tuple[str, Note]
#: what to do → codes of mismatches
_TODO = {
    "todo_file_from_copy": (
        *("file_missing", "size_differs", "record_damaged", "record_missing", "digest_differs"),
        "request_missing",
    ),
    "todo_who_changed_it": ("not_its_run", "record_differs", "original_differs"),
    "todo_disk": ("file_unreadable",),
    "todo_take_in_or_out": ("file_unknown",),
    "todo_database_from_copy": ("row_missing", "original_missing"),
    "todo_take_out": ("row_elsewhere",),
    "todo_mended_later": ("file_unsealed", "tail_torn"),  # not faults
}
#: code of a mismatch → what to do about it
TODO: Mapping[str, Note] = {code: Note(todo) for todo, codes in _TODO.items() for code in codes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A difference, described by ``note``. ``offset`` and ``capture`` are None if it concerns a whole file."""

    code: str
    file: str
    offset: int | None = None
    capture: str | None = None
    note: Note

    @property
    def is_fault(self) -> bool:
        """Return whether something is wrong; otherwise it is only information."""
        return self.code not in _TODO["todo_mended_later"]

    @property
    def todo(self) -> Note:
        """Return what to do about it."""
        return TODO[self.code]


@dataclass(slots=True)
class WarcCheckCounts:
    """How much was compared, and how many faults there were. ``live``: files that are being written."""

    files: int = 0
    bytes: int = 0
    records: int = 0
    rows: int = 0
    revisits: int = 0
    live: int = 0
    faults: int = 0


# ------------------------------------------------------------------------------------------------ one record


def differences(capture: Capture, record: WarcRecord, *, owner: tuple[str, str] | None = None) -> Iterator[Fault]:
    """Yield (code, note) for each difference between a record and its row. A revisit's original is not checked.

    ``owner``: run and portal of the file if known; otherwise those of the row are used.
    """
    run, portal = owner or (capture.run, capture.portal)
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


def repeated_faults(home: Home, capture: Capture, head: RecordHead) -> Iterator[Fault]:
    """Yield what is wrong with the row of a revisit's original, or with what the revisit says about it. The original's
    record is compared with its row by itself.
    """
    name = capture.revisit_of or ""
    original = captures_by_id(home, [name]).get(name)
    if original is None or original.warc is None or original.revisit_of is not None:
        yield "original_missing", Note("repeated_without_record", {"capture": name})
        return
    expected = {
        "warc-refers-to": urn(name),
        "warc-refers-to-date": warc_date(original.fetched_at),
        "warc-payload-digest": f"sha256:{original.payload_digest}",
    }
    if head.is_http and "\ufffd" not in original.url:  # else the row does not have the record's exact address
        expected["warc-refers-to-target-uri"] = target_uri(original.url)
    wrong = [field for field, value in expected.items() if head.fields.get(field) != value]
    if (capture.payload_digest, capture.document) != (original.payload_digest, original.document):
        wrong.append("document")
    if wrong:
        yield "original_differs", Note("repeated_differs", {"capture": name, "fields": ", ".join(wrong)})


# ------------------------------------------------------------------------------------------------ all files


def check(
    home: Home,
    tell: Callable[[Mismatch], None],
    *,
    portal: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> WarcCheckCounts:
    """Compare all WARC files of the archive (or of one portal) with the database; report each mismatch with ``tell``.

    ``progress`` is called with bytes read and bytes in total. Faults of a file raise nothing.
    """
    sizes = home.blobs.sizes(SUFFIX)
    query = select(WARC_FILES.c.no, WARC_FILES.c.name, WARC_FILES.c.run, RUNS.c.portal)
    files = home.truth.rows(query.join(RUNS, WARC_FILES.c.run == RUNS.c.id).order_by(RUNS.c.portal, WARC_FILES.c.name))
    strange = sizes.keys() - {row.name for row in files}
    if portal is not None:
        files = [row for row in files if row.portal == portal]
        strange = {name for name in strange if name.startswith(f"{portal}/")}
    total = sum(sizes.get(name, 0) for name in (*(row.name for row in files), *strange))
    counts = WarcCheckCounts()
    known_files = (_FileCheck(home, row, counts).mismatches() for row in files)
    for mismatches_of_file in chain(known_files, (_strange_file(home, name) for name in sorted(strange))):
        for mismatch in mismatches_of_file:
            counts.faults += mismatch.is_fault
            tell(mismatch)
        progress(counts.bytes, total)
    progress(total, total)
    return counts


def _strange_file(home: Home, name: str) -> Iterator[Mismatch]:
    """Yield a mismatch for a file without a row unless a living process writes it; it may be unfinished or not ours."""
    try:
        with home.blobs.open(name) as file:
            first_record = next(whole_records(file), None) if home.blobs.is_remote else None
            run = None if first_record is None else run_of_record(first_record)
            is_written = _is_held(file) if run is None else run_holder(home, run.id) is not None
    except OSError as error:
        yield Mismatch(code="file_unreadable", file=name, note=Note("file_unread", {"cause": error.strerror}))
        return
    if not is_written:
        yield Mismatch(code="file_unknown", file=name, note=Note("file_not_known"))


def _is_held(file: BinaryIO) -> bool:
    """Return whether a living process on this machine writes or mends the file; False for an object."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except UnsupportedOperation:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


class _FileCheck:
    """Compares one file with its row and its captures' rows; ``row`` has its number, name, run and portal."""

    def __init__(self, home: Home, row: Row[tuple[int, str, str, str]], counts: WarcCheckCounts) -> None:
        self.home, self.row, self._counts = home, row, counts
        self._captures: dict[str, Capture] = {}
        self._missing: dict[str, int] = {}  # captures whose record has not been found yet, with the offset in their row
        self._sealed: int | None = None

    def mismatches(self) -> Iterator[Mismatch]:
        """Read the file to its end; yield where it differs from its rows, or that it is missing or unreadable."""
        self._captures = captures_in_file(self.home, self.row.portal, self.row.no)
        self._missing = {one.id: one.warc.offset for one in self._captures.values() if one.warc is not None}
        try:
            with self.home.blobs.open(self.row.name) as opened:
                yield from self._mismatches_in(opened)
                self._counts.rows += len(self._captures)
        except FileNotFoundError:
            yield self._mismatch("file_missing", Note("file_gone", {"number": len(self._captures)}))
        except OSError as error:
            yield self._mismatch("file_unreadable", Note("file_unread", {"cause": error.strerror}))

    def _mismatch(self, code: str, note: Note, offset: int | None = None, capture: str | None = None) -> Mismatch:
        """Return a fault of the file (``offset``: of a record, ``capture``: of the row that it concerns, if any)."""
        return Mismatch(code=code, file=self.row.name, offset=offset, capture=capture, note=note)

    def _mismatches_in(self, file: BinaryIO) -> Iterator[Mismatch]:
        """Read the open file once to its end, count what was compared, and yield what differs from its row and from the
        rows of its captures. A file that a living process writes need not be sealed (have its last size in its row).
        """
        is_live = _is_held(file)
        # read after testing the lock: a writer seals, then releases it
        (self._sealed,) = self.home.truth.scalars(select(WARC_FILES.c.size).where(WARC_FILES.c.no == self.row.no))
        size = file.seek(0, os.SEEK_END)
        if self._sealed is not None and self._sealed != size:
            yield self._mismatch("size_differs", Note("file_resized", {"size": size, "sealed": self._sealed}))
        elif self._sealed is None and not is_live:
            yield self._mismatch("file_unsealed", Note("file_not_closed"))
        self._counts.files += 1
        self._counts.live += is_live
        offsets = sorted(self._missing.values())
        for record in read_records(file, offsets):
            if isinstance(record, BrokenRecordError):
                yield from self._broken(record, is_live=is_live)
                continue
            self._counts.records += 1
            capture = record.id if record.has_note and record.id else None
            for code, note in self._faults_of(file, record):
                yield self._mismatch(code, note, record.offset, capture)
        for capture, offset in self._missing.items():
            yield self._mismatch("record_missing", Note("no_record_there"), offset, capture)
        self._counts.bytes += size

    def _broken(self, broken: BrokenRecordError, *, is_live: bool) -> Iterator[Mismatch]:
        """Yield mismatches of a place without a whole record; none at the end of a file still written (``is_live``)."""
        note = Note("no_whole_record", {"why": broken.note.as_json})
        of_place = [capture for capture, offset in self._missing.items() if offset == broken.offset]
        for capture in of_place:
            del self._missing[capture]
            yield self._mismatch("record_damaged", note, broken.offset, capture)
        has_rows_behind = any(offset > broken.offset for offset in self._missing.values())
        if not of_place and (self._sealed is not None or has_rows_behind):
            yield self._mismatch("record_damaged", note, broken.offset)
        elif not of_place and not is_live:
            yield self._mismatch("tail_torn", note, broken.offset)

    def _faults_of(self, file: BinaryIO, record: WarcRecord) -> Iterator[Fault]:
        """Yield (code, note) for each difference between a record and its file, its own fields and its row. Counts
        revisits; a capture whose record was found at its place is missing no longer.
        """
        if record.offset == 0:
            yield from self._faults_of_first(record)
        if not record.has_its_block:
            yield "digest_differs", Note("block_not_of_digest")
        if not record.has_note:
            return
        row = self._captures.get(record.id) or captures_by_id(self.home, [record.id or "0" * 32]).get(record.id)
        if row is None:
            if self._sealed is not None:
                yield "row_missing", Note("no_row_of_record")
            return
        place = (row.warc.file, row.warc.offset) if row.warc is not None else ("", 0)
        if place != (self.row.name, record.offset):
            yield "row_elsewhere", Note("row_of_other_place", {"where": f"{place[0]}:{place[1]}"})
            return
        self._missing.pop(row.id, None)
        yield from differences(row, record, owner=(self.row.run, self.row.portal))
        if record.kind == "revisit":
            self._counts.revisits += 1
            yield from repeated_faults(self.home, row, record)
        if record.has_request and not _has_request(file, record):
            yield "request_missing", Note("request_does_not_follow")

    def _faults_of_first(self, record: WarcRecord) -> Iterator[Fault]:
        """Yield a fault unless the file's first record is a warcinfo that names the file and the run as the file's row
        does, and tells rightly whether the archive is one of imitation portals (``simulated``).
        """
        run_in_record = run_of_record(record)
        name, run = record.fields.get("warc-filename", ""), "" if run_in_record is None else run_in_record.id
        if (name, run) != (Path(self.row.name).name, self.row.run):
            yield "not_its_run", Note("names_other_run", {"name": name, "run": run, "row": self.row.run})
        elif (record.info.get("simulated") == "true") != self.home.simulated:
            yield "not_its_run", Note("file_real" if self.home.simulated else "file_simulated")


def _has_request(file: BinaryIO, record: WarcRecord) -> bool:
    """Return whether the request of an answer follows its record."""
    try:
        request = read_request(file, record.end, record.id)
    except BrokenRecordError:
        return False
    return all(request.fields.get(name) == record.fields.get(name) for name in ("warc-target-uri", "warc-date"))
