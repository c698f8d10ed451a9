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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from storage import mapping
from storage.errors import note_of
from storage.home import Home
from storage.locks import run_lock
from storage.mending import run_of_file
from storage.records import Capture, Note, Run, WarcPlace
from storage.references import captures_by_id
from storage.tables import CAPTURES, RUNS, WARC_FILES
from storage.warc import SUFFIX
from storage.warc_fields import REQUEST_FIELD, hex_id, urn
from storage.warc_reader import BrokenRecordError, RecordHead, WarcRecord, read_head, read_record, read_request

Fault = tuple[str, Note]
_BATCH = 400
#: field of a revisit → the field of its original that it repeats
_REPEATED = {
    "warc-refers-to-target-uri": "warc-target-uri",
    "warc-refers-to-date": "warc-date",
    "warc-payload-digest": "warc-payload-digest",
}
_COPY = Note("todo_file_from_copy")
_LATER = Note("todo_mended_later")
_ASK = Note("todo_who_changed_it")

#: code → what to do about it. Codes in :data:`NOTES` are no faults.
TODO: Mapping[str, Note] = {
    "file_missing": _COPY,
    "file_unreadable": Note("todo_disk"),
    "file_unknown": Note("todo_take_in_or_out"),
    "file_unsealed": _LATER,
    "size_differs": _COPY,
    "not_its_run": _ASK,
    "tail_torn": _LATER,
    "record_damaged": _COPY,
    "record_missing": _COPY,
    "record_differs": _ASK,
    "digest_differs": _COPY,
    "request_missing": _COPY,
    "original_missing": _COPY,
    "original_differs": _ASK,
    "row_missing": Note("todo_database_from_copy"),
    "row_elsewhere": Note("todo_take_out"),
}
NOTES = frozenset({"file_unsealed", "tail_torn"})


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
        return self.code not in NOTES

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


Tell = Callable[[Mismatch], None]

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


def _request_faults(handle: int, record: WarcRecord) -> Iterator[Fault]:
    """What is wrong with the request record that must follow that of an answer."""
    try:
        request, _ = read_request(handle, record.offset + record.length, hex_id(record.fields["warc-record-id"]))
        same = all(request.fields.get(name) == record.fields.get(name) for name in ("warc-target-uri", "warc-date"))
    except (BrokenRecordError, KeyError, ValueError):
        same = False
    if not same:
        yield "request_missing", Note("request_does_not_follow")


class Originals:
    """What revisits repeat: rows and heads of their originals, the latest remembered."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._original = lru_cache(maxsize=4096)(self._read)

    def faults(self, capture: Capture, head: RecordHead) -> Iterator[Fault]:
        """What is wrong with what a revisit repeats, and with what the revisit says of it."""
        found = self._original(capture.revisit_of or "")
        if isinstance(found, Note):
            yield "original_missing", found
            return
        original, repeated = found
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
        if original is None or original.warc is None or original.revisit_of is not None:
            return Note("repeated_without_record", {"capture": name})
        try:
            with self.home.blobs.open(original.warc.file) as file:
                held = read_head(file.fileno(), original.warc.offset).fields
        except (BrokenRecordError, OSError) as error:
            return Note("repeated_unread", {"capture": name, "why": note_of(error).plain})
        return (
            (original, held)
            if held.get("warc-record-id") == urn(name)
            else Note("repeated_without_record", {"capture": name})
        )


# ------------------------------------------------------------------------------------------------ all files


def check(
    home: Home, tell: Tell, *, portal: str | None = None, progress: Callable[[int, int], None] | None = None
) -> WarcCheckCounts:
    """Compare all WARC files of the archive (or of one portal) with the database; each mismatch goes to ``tell``.

    ``progress``: bytes read, and of how many. Raises nothing for what is wrong with a file.
    """
    sizes = home.blobs.sizes(SUFFIX)
    with home.truth.read() as connection:
        query = select(WARC_FILES.c.name, RUNS.c.portal).join(RUNS, WARC_FILES.c.run == RUNS.c.id)
        owners = {row.name: row.portal for row in connection.execute(query.order_by(WARC_FILES.c.name))}
    chosen = [name for name, of in owners.items() if portal in (None, of)]
    strange = sorted(name for name in sizes.keys() - owners.keys() if portal is None or name.startswith(f"{portal}/"))
    total = sum(sizes.get(name, 0) for name in (*chosen, *strange))
    done = WarcCheckCounts()

    def counted(mismatch: Mismatch) -> None:
        done.faults += mismatch.is_fault
        tell(mismatch)

    originals = Originals(home)
    for of in sorted({owners[name] for name in chosen}):
        for file in _files_of(home, of):
            _FileCheck(home, file, counted, done, originals).run()
            if progress is not None and done.bytes < total:
                progress(done.bytes, total)
    for name in strange:
        _check_strange_file(home, name, counted)
    if progress is not None:
        progress(total, total)
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A WARC file by its row. ``places``: offset → ids of the captures whose rows point there, in order."""

    number: int
    name: str
    run: str
    portal: str
    places: dict[int, list[str]]


def _files_of(home: Home, portal: str) -> list[_File]:
    """The files of a portal, in order, with their captures: one state of the database."""
    files = select(WARC_FILES.c.no, WARC_FILES.c.name, WARC_FILES.c.run).join(RUNS, WARC_FILES.c.run == RUNS.c.id)
    rows = select(CAPTURES.c.warc_file, CAPTURES.c.warc_offset, CAPTURES.c.id).where(CAPTURES.c.portal == portal)
    rows = rows.where(CAPTURES.c.warc_file.is_not(None)).order_by(CAPTURES.c.warc_offset, CAPTURES.c.id)
    places: dict[int, dict[int, list[str]]] = {}
    with home.truth.read() as connection:
        listed = connection.execute(files.where(RUNS.c.portal == portal).order_by(WARC_FILES.c.name)).all()
        for number, offset, capture in connection.execute(rows):
            places.setdefault(number, {}).setdefault(offset, []).append(capture)
    return [
        _File(number=number, name=name, run=run, portal=portal, places=places.get(number, {}))
        for number, name, run in listed
    ]


def _check_strange_file(home: Home, name: str, tell: Tell) -> None:
    """A file without a row: its writer lives, was killed before its first row, or it is not ours."""
    try:
        with home.blobs.open(name) as file:
            run = run_of_file(Path(file.name)) if home.blobs.is_remote else None
            is_written = _is_held(file.fileno()) if run is None else home.locks.holder(run_lock(run.id)) is not None
            if not is_written:
                tell(Mismatch(code="file_unknown", file=name, note=Note("file_not_known")))
    except OSError as error:
        tell(Mismatch(code="file_unreadable", file=name, note=Note("file_unread", {"cause": error.strerror})))


def _is_held(handle: int) -> bool:
    """Whether a living process on this machine writes the file (or mends it)."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


# ------------------------------------------------------------------------------------------------ one file


class _FileCheck:
    """One file and its rows."""

    def __init__(self, home: Home, file: _File, tell: Tell, done: WarcCheckCounts, originals: Originals) -> None:
        self.home, self.file = home, file
        self._tell, self.done, self.originals = tell, done, originals
        self._offsets, self._left = list(file.places), dict(file.places)
        self.is_live = False
        self.sealed: int | None = None

    def run(self) -> None:
        try:
            with self.home.blobs.open(self.file.name) as file:
                self._read(file.fileno())
        except FileNotFoundError:
            number = sum(map(len, self.file.places.values()))
            self.tell("file_missing", Note("file_gone", {"number": number}))
        except OSError as error:
            self.tell("file_unreadable", Note("file_unread", {"cause": error.strerror}))

    def tell(self, code: str, note: Note, offset: int | None = None, capture: str | None = None) -> None:
        self._tell(Mismatch(code=code, file=self.file.name, offset=offset, capture=capture, note=note))

    def _read(self, handle: int) -> None:
        self.is_live = _is_held(handle)
        with self.home.truth.read() as connection:  # after the lock: a writer seals, then lets go
            query = select(WARC_FILES.c.size).where(WARC_FILES.c.no == self.file.number)
            self.sealed = connection.execute(query).scalar_one_or_none()
        size = os.fstat(handle).st_size
        if self.sealed is not None and self.sealed != size:
            self.tell("size_differs", Note("file_resized", {"size": size, "sealed": self.sealed}))
        elif self.sealed is None and not self.is_live:
            self.tell("file_unsealed", Note("file_not_closed"))
        self.done.files += 1
        self.done.live += self.is_live
        held: list[WarcRecord] = []
        for record in self._whole_records(handle, size):
            self.done.records += 1
            if record.offset == 0:
                self._compare_start(record)
            if record.fields.get("warc-block-digest") != f"sha256:{record.block_digest}":
                self.tell("digest_differs", Note("block_not_of_digest"), record.offset)
            if record.has_note:
                held.append(record)
            if len(held) >= _BATCH:
                self._compare_rows(handle, held)
                held.clear()
        self._compare_rows(handle, held)
        for offset, captures in self._left.items():
            for capture in captures:
                self.tell("record_missing", Note("no_record_there"), offset, capture)
        self.done.rows += sum(map(len, self.file.places.values()))
        self.done.bytes += size

    def _whole_records(self, handle: int, size: int) -> Iterator[WarcRecord]:
        """The records of the file; behind a damaged one it goes on at the place of the next row."""
        position = 0
        while position < size:
            try:
                record = read_record(handle, position)
            except BrokenRecordError as broken:
                following = bisect_right(self._offsets, position)
                self._tell_broken(position, broken, is_tail=following == len(self._offsets))
                if following == len(self._offsets):
                    return
                position = self._offsets[following]
            else:
                yield record
                position += record.length

    def _tell_broken(self, position: int, broken: BrokenRecordError, *, is_tail: bool) -> None:
        captures: Sequence[str | None] = self._left.pop(position, [])
        note = Note("no_whole_record", {"why": broken.note.plain})
        if captures or self.sealed is not None or not is_tail:
            for capture in captures or [None]:
                self.tell("record_damaged", note, position, capture)
        elif not self.is_live:  # else it is being written
            self.tell("tail_torn", note, position)

    def _compare_start(self, record: WarcRecord) -> None:
        """The first record must be warcinfo of this file and of the run that its row names."""
        try:
            run = mapping.from_json(Run, record.info["nianbao-run"]).id
        except (KeyError, ValueError, TypeError):
            run = ""
        name = record.fields.get("warc-filename", "")
        if (name, run) != (Path(self.file.name).name, self.file.run):
            self.tell("not_its_run", Note("names_other_run", {"name": name, "run": run, "row": self.file.run}), 0)
        elif (record.info.get("simulated") == "true") != self.home.simulated:
            self.tell("not_its_run", Note("file_real" if self.home.simulated else "file_simulated"), 0)

    def _compare_rows(self, handle: int, records: list[WarcRecord]) -> None:
        names = [hex_id(record.fields.get("warc-record-id", "")) for record in records]
        rows = captures_by_id(self.home, [name for name in names if name])
        for name, record in zip(names, records, strict=True):
            self._compare_row(handle, record, name, rows.get(name))

    def _compare_row(self, handle: int, record: WarcRecord, name: str, row: Capture | None) -> None:
        if row is None:
            if self.sealed is not None:
                self.tell("row_missing", Note("no_row_of_record"), record.offset, name or None)
            return
        place = row.warc or WarcPlace(file="", offset=0, length=0)
        if (place.file, place.offset) != (self.file.name, record.offset):
            where = f"{place.file}:{place.offset}"
            self.tell("row_elsewhere", Note("row_of_other_place", {"where": where}), record.offset, name)
            return
        self._left[record.offset] = [one for one in self._left.get(record.offset, ()) if one != name]
        faults = list(differences(row, record, of=(self.file.run, self.file.portal)))
        if record.kind == "revisit":
            self.done.revisits += 1
            faults += self.originals.faults(row, record)
        if record.is_http and REQUEST_FIELD.lower() not in record.fields:
            faults += _request_faults(handle, record)
        for code, note in faults:
            self.tell(code, note, record.offset, name)
