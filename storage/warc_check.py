"""The WARC files against the database, both ways: what the one says of the other must hold to the byte.

Each row → at its place lies one whole record of its id, kind, address and instant, whose digests are right and are the
row's, and whose own account of the row says the same; its request follows (or, of older revisits, that of what it
repeats); what a revisit repeats is there, with the same payload. Each record → its row. Each file → its row, its size
when it was sealed, the run that it names.

Files are read once, from end to end, in bounded memory. A damaged one costs its own records: reading goes on at the
next row's place. A file that a living process writes is compared as far as its rows go.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from storage import capture_rows, mapping
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.mending import run_lives, run_of_file
from storage.records import Capture, Note, Run
from storage.tables import CAPTURES, RUNS, WARC_FILES
from storage.warc import SUFFIX
from storage.warc_fields import REQUEST_FIELD, decode_request_delta, hex_id, target_uri, urn, warc_date
from storage.warc_reader import (
    BrokenRecordError,
    RecordHead,
    WarcRecord,
    read_head,
    read_record,
    read_request,
    stored_request,
)
from storage.warc_records import IDENTICAL, NOT_MODIFIED

Fault = tuple[str, Note]
#: field of a revisit → the field of its original that it repeats
_REPEATED = {
    "warc-refers-to-target-uri": "warc-target-uri",
    "warc-refers-to-date": "warc-date",
    "warc-payload-digest": "warc-payload-digest",
}


def differences(capture: Capture, record: WarcRecord, *, of: tuple[str, str] | None = None) -> Iterator[Fault]:
    """What of a record is not as its row says: (code, note) each. The original of a revisit is not asked for.

    ``of``: the run and portal of its file, where they are known; else those of the row are believed.
    """
    given = record.fields
    for name, value in _expected(capture).items():
        if given.get(name) != value:
            yield "record_differs", _field_differs(name, given.get(name), value)
    yield from _address(capture, given)
    yield from _own_account(capture, record, of or (capture.run, capture.portal))
    first = record.first_line
    if record.is_http and first.split(" ")[1:2] != [f"{capture.status:03}"]:
        yield "record_differs", Note("status_not_of_row", {"line": _short(first), "status": capture.status})
    yield from _payload(capture, record)


def _expected(capture: Capture) -> dict[str, str]:
    kind = "revisit" if capture.revisit_of else "resource" if capture.status is None else "response"
    made = {"warc-type": kind, "warc-record-id": urn(capture.id), "warc-date": warc_date(capture.fetched_at)}
    if kind == "revisit":
        made["warc-profile"] = NOT_MODIFIED if capture.status == 304 else IDENTICAL
        made["warc-refers-to"] = urn(capture.revisit_of or "")
    if capture.payload_digest is not None:
        made["warc-payload-digest"] = f"sha256:{capture.payload_digest}"
    return made


def _address(capture: Capture, given: Mapping[str, str]) -> Iterator[Fault]:
    if "\ufffd" in capture.url:  # a row cannot hold what the address held
        return
    target, uri = given.get("warc-target-uri", ""), target_uri(capture.url)
    made = capture.status is None and target.startswith("urn:") and target.endswith(f":{uri}")
    if target != uri and not made:
        yield "record_differs", _field_differs("warc-target-uri", target, uri)


def _field_differs(name: str, given: str | None, row: str) -> Note:
    return Note("record_field_not_of_row", {"field": name, "given": _short(given), "row": _short(row)})


def _own_account(capture: Capture, head: RecordHead, of: tuple[str, str]) -> Iterator[Fault]:
    try:
        described = head.capture(run=of[0], portal=of[1])
    except (ValueError, TypeError, KeyError):
        yield "record_differs", Note("own_account_unread")
        return
    names = (one.name for one in fields(Capture) if one.name != "warc")
    differ = [name for name in names if getattr(described, name) != getattr(capture, name)]
    if differ:
        yield "record_differs", Note("own_account_differs", {"fields": ", ".join(differ)})


def _payload(capture: Capture, record: WarcRecord) -> Iterator[Fault]:
    if record.kind == "revisit":
        if record.payload_size:
            yield "record_differs", Note("revisit_with_payload", {"size": record.payload_size})
        return
    claimed = record.fields.get("warc-payload-digest")
    if claimed != f"sha256:{record.payload_digest}":
        yield "digest_differs", Note("payload_not_of_digest")
    if capture.payload_digest is None:
        return
    if capture.payload_digest != record.payload_digest:
        digests = {"digest": record.payload_digest, "row": capture.payload_digest}
        yield "digest_differs", Note("payload_not_of_row", digests)
    if capture.document not in (record.document, record.payload_digest):
        yield "digest_differs", Note("document_not_of_row", {"row": capture.document})
    if capture.size != record.payload_size:
        yield "record_differs", Note("size_not_of_row", {"size": record.payload_size, "row": capture.size})


def request_faults(handle: int, record: WarcRecord) -> Iterator[Fault]:
    """What is wrong with the request record that must follow that of an answer."""
    try:
        request, _ = read_request(handle, record.offset + record.length, hex_id(record.fields["warc-record-id"]))
    except (BrokenRecordError, KeyError, ValueError):
        yield "request_missing", Note("request_does_not_follow")
        return
    for name in ("warc-target-uri", "warc-date"):
        if request.fields.get(name) != record.fields.get(name):
            yield "request_missing", Note("request_field_differs", {"field": name})


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
        for name, other in _REPEATED.items():
            value, expected = head.fields.get(name), repeated.get(other)
            if name == "warc-refers-to-target-uri" and "\ufffd" in original.url:
                continue  # its row could not hold what the address held, and the revisit was made from the row
            if value != expected:
                values = {"field": name, "given": _short(value), "expected": _short(expected)}
                yield "original_differs", Note("repeated_field_differs", values)
        if (capture.payload_digest, capture.document) != (original.payload_digest, original.document):
            yield "original_differs", Note("repeated_document_differs", {"capture": original.id})
        if (delta := head.fields.get(REQUEST_FIELD.lower())) is not None:
            yield from self._delta_faults(original, delta)

    def _delta_faults(self, original: Capture, delta: str) -> Iterator[Fault]:
        """What is wrong with the request of an older revisit."""
        assert original.warc is not None
        try:
            request, _ = stored_request(self.home.blobs, original.warc, original.id)
            decode_request_delta(delta, request.headers)
        except StorageError:
            yield "request_missing", Note("repeated_request_does_not_follow", {"capture": original.id})
        except ValueError as error:
            yield "record_differs", Note("request_delta_unread", {"field": REQUEST_FIELD, "text": str(error)})

    def _read(self, name: str) -> tuple[Capture, Mapping[str, str]] | Note:
        """Row and WARC fields of an original, or what is wrong with it."""
        original = next(iter(captures_of(self.home, [name])), None)
        if original is None or original.warc is None:
            return Note("repeated_without_record", {"capture": name})
        if original.revisit_of is not None:
            return Note("repeated_is_revisit", {"capture": name})
        place = original.warc
        where = f"{place.file}:{place.offset}"
        try:
            with self.home.blobs.open(place.file) as file:
                fields = read_head(file.fileno(), place.offset).fields
        except (BrokenRecordError, OSError) as error:
            return Note("repeated_unread", {"capture": name, "where": where, "why": note_of(error).plain})
        if fields.get("warc-record-id") != urn(original.id):
            return Note("repeated_by_other_record", {"capture": name, "where": where})
        return original, fields


def captures_of(home: Home, names: Sequence[str]) -> list[Capture]:
    """The captures of these ids, those that there are."""
    with home.truth.read() as connection:
        found = connection.execute(capture_rows.captures_query().where(CAPTURES.c.id.in_(names))).mappings()
        return [capture_rows.capture_of(row) for row in found]


def _short(value: str | None) -> str:
    """What a record holds, for a sentence; "" where it holds none."""
    text = value or ""
    return text if len(text) <= 120 else text[:119] + "…"


_BATCH = 400
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
    "no_warcinfo": _COPY,
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
class Checked:
    """What was compared."""

    files: int = 0
    bytes: int = 0
    records: int = 0
    rows: int = 0
    revisits: int = 0
    live: int = 0
    faults: int = 0


Tell = Callable[[Mismatch], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A WARC file by its row, and the ids of the captures whose rows point into it, in the order of their places."""

    number: int
    name: str
    run: str
    portal: str
    captures: Sequence[str]


def check(
    home: Home, tell: Tell, *, portal: str | None = None, progress: Callable[[int, int], None] | None = None
) -> Checked:
    """Compare all WARC files of the archive (or of one portal) with the database; each mismatch goes to ``tell``.

    ``progress``: bytes read, and of how many. Raises nothing for what is wrong with a file.
    """
    sizes = _sizes(home)
    with home.truth.read() as connection:
        query = select(WARC_FILES.c.name, RUNS.c.portal).join(RUNS, WARC_FILES.c.run == RUNS.c.id)
        owners: dict[str, str] = {name: of for name, of in connection.execute(query)}  # noqa: C416 - typed so
    chosen = [name for name, of in owners.items() if portal in (None, of)]
    strange = sorted(name for name in sizes.keys() - owners.keys() if portal is None or name.startswith(f"{portal}/"))
    total = sum(sizes.get(name, 0) for name in (*chosen, *strange))
    done = Checked()

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
        _strange(home, name, counted)
    if progress is not None:
        progress(total, total)
    return done


def _sizes(home: Home) -> dict[str, int]:
    return home.blobs.sizes(SUFFIX)


def _files_of(home: Home, portal: str) -> list[_File]:
    """The files of a portal, in order, with their captures: one state of the database."""
    files = select(WARC_FILES.c.no, WARC_FILES.c.name, WARC_FILES.c.run).join(RUNS, WARC_FILES.c.run == RUNS.c.id)
    places = select(CAPTURES.c.warc_file, CAPTURES.c.id).where(CAPTURES.c.portal == portal)
    places = places.where(CAPTURES.c.warc_file.is_not(None)).order_by(CAPTURES.c.warc_offset, CAPTURES.c.id)
    captures: dict[int | None, list[str]] = {}
    with home.truth.read() as connection:
        listed = connection.execute(files.where(RUNS.c.portal == portal).order_by(WARC_FILES.c.name)).all()
        for number, capture in connection.execute(places):
            captures.setdefault(number, []).append(capture)
    return [
        _File(number=number, name=name, run=run, portal=portal, captures=captures.get(number, ()))
        for number, name, run in listed
    ]


def _strange(home: Home, name: str, tell: Tell) -> None:
    """A file without a row: its writer lives, was killed before its first row, or it is not ours."""
    try:
        with home.blobs.open(name) as file:
            run = run_of_file(Path(file.name)) if home.blobs.is_remote else None
            is_written = run_lives(home, run.id) if run is not None else _is_held(file.fileno())
            if not is_written:
                tell(Mismatch(code="file_unknown", file=name, note=Note("file_not_known")))
    except OSError as error:
        note = Note("file_unopened", {"cause": error.strerror})
        tell(Mismatch(code="file_unreadable", file=name, note=note))


def _is_held(handle: int) -> bool:
    """Whether a living process on this machine writes the file (or mends it)."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


class _FileCheck:
    """One file and its rows."""

    def __init__(self, home: Home, file: _File, tell: Tell, done: Checked, originals: Originals) -> None:
        self.home, self.file = home, file
        self._tell, self.done, self.originals = tell, done, originals
        self.rows = _Rows(home, file.captures)
        self.is_live = False
        self.sealed: int | None = None

    def run(self) -> None:
        try:
            with self.home.blobs.open(self.file.name) as file:
                self._read(file.fileno())
        except FileNotFoundError:
            self.tell("file_missing", Note("file_gone", {"number": len(self.file.captures)}))
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
        self._records(handle, size)
        self.done.bytes += size

    def _records(self, handle: int, size: int) -> None:
        position: int | None = 0
        while position is not None and position < size:
            self._missed(self.rows.before(position))
            at = list(self.rows.before(position + 1))
            self.done.rows += len(at)
            try:
                record = read_record(handle, position)
            except BrokenRecordError as broken:
                self._broken(position, at, broken)
                position = self.rows.next_offset
                continue
            self._meet(handle, record, at)
            position += record.length
        self._missed(self.rows.before(None))

    def _missed(self, captures: Iterable[Capture]) -> None:
        for capture in captures:
            self.tell("record_missing", Note("no_record_there"), _offset(capture), capture.id)
            self.done.rows += 1

    def _broken(self, position: int, at: Sequence[Capture], broken: BrokenRecordError) -> None:
        if not at and self.sealed is None and self.rows.next_offset is None:
            if not self.is_live:  # else it is being written
                self.tell("tail_torn", Note("no_whole_record_follows", {"why": broken.note.plain}), position)
            return
        captures: Sequence[str | None] = [one.id for one in at] or [None]
        for capture in captures:
            self.tell("record_damaged", Note("no_whole_record", {"why": broken.note.plain}), position, capture)

    def _meet(self, handle: int, record: WarcRecord, at: Sequence[Capture]) -> None:
        self.done.records += 1
        if record.offset == 0:
            self._begins(record)
        if record.fields.get("warc-block-digest") != f"sha256:{record.block_digest}":
            self.tell("digest_differs", Note("block_not_of_digest"), record.offset)
        for capture in at:
            self._compare(handle, capture, record)
        if not at and record.has_note:
            self._without_row(record)

    def _begins(self, record: WarcRecord) -> None:
        """The first record must be warcinfo of this file and of the run that its row names."""
        if record.kind != "warcinfo":
            self.tell("no_warcinfo", Note("begins_without_warcinfo"), record.offset)
            return
        try:
            run = mapping.from_json(Run, record.info["nianbao-run"]).id
        except (KeyError, ValueError, TypeError):
            run = ""
        name = record.fields.get("warc-filename", "")
        is_simulated = record.info.get("simulated") == "true"
        sort = Note("file_real") if self.home.simulated else Note("file_simulated")
        for differs, note in (
            (name != Path(self.file.name).name, Note("names_other_file", {"name": name})),
            (run != self.file.run, Note("names_other_run", {"run": run, "row": self.file.run})),
            (is_simulated != self.home.simulated, sort),
        ):
            if differs:
                self.tell("not_its_run", note, record.offset)

    def _compare(self, handle: int, capture: Capture, record: WarcRecord) -> None:
        faults = list(differences(capture, record, of=(self.file.run, self.file.portal)))
        if capture.warc is not None and capture.warc.length != record.length:
            lengths = {"length": record.length, "row": capture.warc.length}
            faults.append(("record_differs", Note("record_length_differs", lengths)))
        if record.kind == "revisit":
            self.done.revisits += 1
            faults += self.originals.faults(capture, record)
        elif REQUEST_FIELD.lower() in record.fields:
            faults.append(
                ("record_differs", Note("request_delta_misplaced", {"field": REQUEST_FIELD, "kind": record.kind}))
            )
        if record.is_http and REQUEST_FIELD.lower() not in record.fields:
            faults += request_faults(handle, record)
        for code, note in faults:
            self.tell(code, note, record.offset, capture.id)

    def _without_row(self, record: WarcRecord) -> None:
        """A record that had no row when the check began: of a file still written it may have one by now."""
        name = hex_id(record.fields.get("warc-record-id", ""))
        capture = next(iter(captures_of(self.home, [name])), None)
        if capture is None:
            if self.sealed is not None:
                self.tell("row_missing", Note("no_row_of_record"), record.offset, name or None)
            return
        place = capture.warc
        if place is None or (place.file, place.offset) != (self.file.name, record.offset):
            note = Note("row_without_place")
            if place is not None:
                note = Note("row_of_other_place", {"where": f"{place.file}:{place.offset}"})
            self.tell("row_elsewhere", note, record.offset, name)
            return
        for code, note in differences(capture, record, of=(self.file.run, self.file.portal)):
            self.tell(code, note, record.offset, name)


class _Rows:
    """The rows of a file in the order of their places, taken one after another; some at a time are in memory."""

    def __init__(self, home: Home, names: Sequence[str]) -> None:
        self._rows = self._read(home, names)
        self._next = next(self._rows, None)

    @property
    def next_offset(self) -> int | None:
        """Where the record of the next row should begin; None where no row is left."""
        return None if self._next is None else _offset(self._next)

    def before(self, position: int | None) -> Iterator[Capture]:
        """Take the rows whose place lies before ``position`` (None: all that are left)."""
        while self._next is not None and (position is None or _offset(self._next) < position):
            taken, self._next = self._next, next(self._rows, None)
            yield taken

    @staticmethod
    def _read(home: Home, names: Sequence[str]) -> Iterator[Capture]:
        for start in range(0, len(names), _BATCH):
            yield from sorted(captures_of(home, names[start : start + _BATCH]), key=_offset)


def _offset(capture: Capture) -> int:
    assert capture.warc is not None
    return capture.warc.offset
