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
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from storage import codec, rows
from storage.home import Home
from storage.records import Capture, Run
from storage.request_delta import FIELD, decode_request_delta
from storage.tables import CaptureRow, RunRow, WarcFileRow
from storage.warc import SUFFIX
from storage.warc_reader import BrokenRecordError, RecordHead, WarcRecord, read_head, read_record
from storage.warc_records import IDENTICAL, NOT_MODIFIED
from storage.wire import hex_id, target_uri, urn, warc_date

_BATCH = 400
_COPY = "bring the file back from a copy (nianbao restore); nothing else can mend it"
_LATER = "nothing: nianbao doctor, or the next crawl or import, mends what a killed process left behind"
_ASK = "find out who changed the database or the file, and bring both back from the same copy"

#: code → what to do about it. Codes in :data:`NOTES` are no faults.
TODO: Mapping[str, str] = {
    "file_missing": _COPY,
    "file_unreadable": "see to its permissions and to the disk, then check again",
    "file_unknown": "if it is this archive's, nianbao doctor takes it in; else take it out of the folder",
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
    "row_missing": "bring the database back from a copy; docs/keeping.md says what can be made again without one",
    "row_elsewhere": "take the copy out of the folder: each record lies once in an archive",
}
NOTES = frozenset({"file_unsealed", "tail_torn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """What does not agree. ``offset`` and ``capture`` are None where it concerns a whole file."""

    code: str
    file: str
    offset: int | None = None
    capture: str | None = None
    said: str

    @property
    def is_fault(self) -> bool:
        """Whether something is wrong; else it is only worth knowing."""
        return self.code not in NOTES

    @property
    def todo(self) -> str:
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
Places = Sequence[tuple[int, str]]  # offset and id of the rows of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    number: int
    name: str
    run: str
    portal: str
    size: int | None


def check(
    home: Home, tell: Tell, *, portal: str | None = None, progress: Callable[[int, int], None] | None = None
) -> Checked:
    """Compare all WARC files of the archive (or of one portal) with the database; each mismatch goes to ``tell``.

    ``progress``: bytes read, and of how many. Raises nothing for what is wrong with a file.
    """
    present = _present(home)
    names = {path.as_posix(): size for path, size in present.items()}
    with home.truth.read() as connection:
        query = select(RunRow.portal, WarcFileRow.name).join(RunRow, WarcFileRow.run == RunRow.id)
        owners: dict[str, str] = {name: of for of, name in connection.execute(query)}
    chosen = sorted(name for name, of in owners.items() if portal in (None, of))
    strange = sorted(name for name in names.keys() - owners.keys() if portal is None or name.startswith(f"{portal}/"))
    total = sum(names.get(name, 0) for name in (*chosen, *strange))
    done = Checked()

    def counted(mismatch: Mismatch) -> None:
        done.faults += mismatch.is_fault
        tell(mismatch)

    originals = _Originals(home)
    for of in sorted({owners[name] for name in chosen}):
        for file, places in _files_of(home, of):
            _FileCheck(home, file, places, counted, done, originals).run()
            if progress is not None and done.bytes < total:
                progress(done.bytes, total)
    for name in strange:
        _strange(home, name, counted)
    if progress is not None:
        progress(total, total)
    return done


def _present(home: Home) -> dict[Path, int]:
    found = {}
    for path in home.warc_dir.rglob(f"*{SUFFIX}"):
        if path.is_file():
            found[path.relative_to(home.warc_dir)] = path.stat().st_size
    return found


def _files_of(home: Home, portal: str) -> list[tuple[_File, Places]]:
    """The files of a portal with the places of their rows, in order: one state of the database."""
    with home.truth.read() as connection:
        query = select(WarcFileRow).join(RunRow, WarcFileRow.run == RunRow.id).where(RunRow.portal == portal)
        table = rows.table(WarcFileRow).c
        chosen = query.with_only_columns(table.no.label("number"), table.name, table.run, table.size)
        listed = connection.execute(chosen).mappings()
        files = [_File(portal=portal, **row) for row in listed]
        numbers = {file.number for file in files}
        held: dict[int, list[tuple[int, str]]] = {}
        where = (CaptureRow.portal == portal, CaptureRow.warc_file.is_not(None))
        for number, offset, capture in connection.execute(
            select(CaptureRow.warc_file, CaptureRow.warc_offset, CaptureRow.id).where(*where)
        ):
            if number in numbers and offset is not None and number is not None:
                held.setdefault(number, []).append((offset, capture))
    return [(file, sorted(held.get(file.number, ()))) for file in sorted(files, key=lambda one: one.name)]


def _strange(home: Home, name: str, tell: Tell) -> None:
    """A file without a row: its writer lives, was killed before its first row, or it is not ours."""
    try:
        handle = os.open(home.warc_dir / name, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        tell(Mismatch(code="file_unreadable", file=name, said=f"it cannot be opened ({error.strerror})"))
        return
    try:
        if not _is_held(handle):
            tell(Mismatch(code="file_unknown", file=name, said="the database does not know this file"))
    finally:
        os.close(handle)


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

    def __init__(
        self, home: Home, file: _File, places: Places, tell: Tell, done: Checked, originals: _Originals
    ) -> None:
        self.home, self.file, self.places = home, file, places
        self._tell, self.done, self.originals = tell, done, originals
        self.live = False
        self.sealed = file.size
        self._rows = _Rows(home, places)
        self._next = 0  # of the places, the first that was not met
        self._asks: tuple[Capture, WarcRecord] | None = None  # whose request must come next
        self._orphans: list[WarcRecord] = []

    def run(self) -> None:
        path = self.home.warc_dir / self.file.name
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            self.tell("file_missing", f"it is gone, and with it the bytes of {len(self.places)} captures")
            return
        except OSError as error:
            self.tell("file_unreadable", f"it cannot be opened ({error.strerror})")
            return
        try:
            self._read(handle)
        except OSError as error:
            self.tell("file_unreadable", f"it cannot be read to its end ({error.strerror})")
        finally:
            os.close(handle)

    def tell(self, code: str, said: str, offset: int | None = None, capture: str | None = None) -> None:
        self._tell(Mismatch(code=code, file=self.file.name, offset=offset, capture=capture, said=said))

    def _read(self, handle: int) -> None:
        self.live = _is_held(handle)
        with self.home.truth.read() as connection:  # after the lock: a writer seals, then lets go
            query = select(WarcFileRow.size).where(WarcFileRow.no == self.file.number)
            self.sealed = connection.execute(query).scalar_one_or_none()
        size = os.fstat(handle).st_size
        if self.sealed is not None and self.sealed != size:
            self.tell("size_differs", f"it has {size} bytes and was sealed with {self.sealed}")
        elif self.sealed is None and not self.live:
            self.tell("file_unsealed", "it was never closed: whoever wrote it was killed")
        self.done.files += 1
        self.done.live += self.live
        self._records(handle, size)
        self._settle_orphans()
        self.done.bytes += size

    def _records(self, handle: int, size: int) -> None:
        position, first = 0, True
        while position < size:
            try:
                record = read_record(handle, position)
            except BrokenRecordError as broken:
                self._broken(position, broken)
                later = bisect_right(self.places, (position, "\U0010ffff"))
                if later == len(self.places):
                    break
                self._asks, position, first = None, self.places[later][0], False
                continue
            if first:
                self._begins(record)
                first = False
            self._meet(record)
            position = record.offset + record.length
        self._no_request()
        self._missed(None)

    def _broken(self, position: int, broken: BrokenRecordError) -> None:
        self._missed(position)
        at: list[str | None] = []
        while self._next < len(self.places) and self.places[self._next][0] == position:
            at.append(self.places[self._next][1])
            self._next += 1
        if not at and self.sealed is None and self._next == len(self.places):
            if not self.live:  # else it is being written
                self.tell("tail_torn", f"what follows is no whole record: {broken}", position)
            return
        for capture in at or [None]:
            self.tell("record_damaged", f"no whole record stands there: {broken}", position, capture)
        self.done.rows += len(at)

    def _missed(self, position: int | None) -> None:
        """The rows whose place lies before ``position`` (None: all that are left), and no record began there."""
        while self._next < len(self.places) and (position is None or self.places[self._next][0] < position):
            offset, capture = self.places[self._next]
            self.tell("record_missing", "no record begins where its row says", offset, capture)
            self._next += 1
            self.done.rows += 1

    def _begins(self, record: WarcRecord) -> None:
        """The first record must be warcinfo of this file and of the run that its row names."""
        given = record.fields
        if given.get("warc-type") != "warcinfo":
            self.tell("no_warcinfo", "it does not begin with a warcinfo record", record.offset)
            return
        info = record.info
        try:
            run = codec.from_json(Run, info["nianbao-run"]).id
        except (KeyError, ValueError, TypeError):
            run = ""
        own = Path(self.file.name).name
        for differs, said in (
            (given.get("warc-filename") != own, f"its first record names the file {given.get('warc-filename')!r}"),
            (run != self.file.run, f"its first record names the run {run!r}, its row {self.file.run!r}"),
            ((info.get("simulated") == "true") != self.home.simulated, "it is simulated and the archive real, or not"),
        ):
            if differs:
                self.tell("not_its_run", said, record.offset)

    def _meet(self, record: WarcRecord) -> None:
        self.done.records += 1
        self._missed(record.offset)
        request_of = record.fields.get("warc-concurrent-to") if record.kind == "request" else None
        self._request(record, request_of)
        claimed = record.fields.get("warc-block-digest")
        if claimed != f"sha256:{record.block_digest}":
            self.tell("digest_differs", "its block is not what its WARC-Block-Digest says", record.offset)
        if self._next < len(self.places) and self.places[self._next][0] == record.offset:
            while self._next < len(self.places) and self.places[self._next][0] == record.offset:
                self._compare(self._rows.at(self._next), record)
                self._next += 1
        elif record.has_note:
            self._orphans.append(record)
            self._asks = None

    def _request(self, record: WarcRecord, request_of: str | None) -> None:
        asks, self._asks = self._asks, None
        if asks is None:
            return
        capture, response = asks
        head, other = record.fields, response.fields
        same = ("warc-target-uri", "warc-date")
        if request_of != other.get("warc-record-id") or any(head.get(name) != other.get(name) for name in same):
            self.tell("request_missing", "its request does not follow it", response.offset, capture.id)

    def _no_request(self) -> None:
        if self._asks is not None:
            capture, response = self._asks
            if not (self.sealed is None and self.live):
                self.tell("request_missing", "its request does not follow it", response.offset, capture.id)
            self._asks = None

    def _compare(self, capture: Capture, record: WarcRecord) -> None:
        self.done.rows += 1
        assert capture.warc is not None
        if capture.warc.length != record.length:
            said = f"the record takes {record.length} bytes, its row says {capture.warc.length}"
            self.tell("record_differs", said, record.offset, capture.id)
        for code, said in differences(capture, record, of=(self.file.run, self.file.portal)):
            self.tell(code, said, record.offset, capture.id)
        has_delta = FIELD.lower() in record.fields
        if record.kind == "revisit":
            self.done.revisits += 1
            found = self.originals.fault(capture, record)
            if found is not None:
                self.tell(found[0], found[1], record.offset, capture.id)
        elif has_delta:
            said = f"{FIELD} stands in a {record.kind} record, which repeats none"
            self.tell("record_differs", said, record.offset, capture.id)
        if record.is_http and not has_delta:
            self._asks = capture, record

    def _settle_orphans(self) -> None:
        """Records that had no row when the check began: of a file still written they may have one by now."""
        for start in range(0, len(self._orphans), _BATCH):
            some = self._orphans[start : start + _BATCH]
            ids = {record.offset: hex_id(record.fields.get("warc-record-id", "")) for record in some}
            found = {one.id: one for one in _captures(self.home, [name for name in ids.values() if name])}
            for record in some:
                self._settle(record, ids[record.offset], found)

    def _settle(self, record: WarcRecord, name: str, found: Mapping[str, Capture]) -> None:
        capture = found.get(name)
        if capture is None:
            if self.sealed is not None:
                self.tell("row_missing", "no row speaks of this record", record.offset, name or None)
            return
        place = capture.warc
        if place is None or (place.file, place.offset) != (self.file.name, record.offset):
            where = f"{place.file}:{place.offset}" if place else "nowhere"
            self.tell("row_elsewhere", f"its row points to {where}", record.offset, name)
            return
        for code, said in differences(capture, record, of=(self.file.run, self.file.portal)):
            self.tell(code, said, record.offset, name)


def differences(
    capture: Capture, record: WarcRecord, *, of: tuple[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """What of a record is not as its row says: (code, sentence) each. The original of a revisit is not asked for.

    ``of``: the run and portal of its file, where they are known; else those of the row are believed.
    """
    given = record.fields
    for name, value in _expected(capture).items():
        if given.get(name) != value:
            yield "record_differs", f"{name} is {_short(given.get(name))}, by the row {value}"
    yield from _address(capture, given)
    yield from _own_account(capture, record, of or (capture.run, capture.portal))
    first = record.first_line
    if record.is_http and first.split(" ")[1:2] != [f"{capture.status:03}"]:
        yield "record_differs", f"the answer begins {_short(first)}, by the row its status is {capture.status}"
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


def _address(capture: Capture, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if "\ufffd" in capture.url:  # a row cannot hold what the address held
        return
    target, uri = given.get("warc-target-uri", ""), target_uri(capture.url)
    made = capture.status is None and target.startswith("urn:") and target.endswith(f":{uri}")
    if target != uri and not made:
        yield "record_differs", f"its address is {_short(target)}, by the row {_short(uri)}"


def _own_account(capture: Capture, heads: RecordHead, of: tuple[str, str]) -> Iterator[tuple[str, str]]:
    try:
        said = heads.capture(run=of[0], portal=of[1])
    except (ValueError, TypeError, KeyError):
        yield "record_differs", "what it says of its row cannot be read"
        return
    names = (one.name for one in fields(Capture) if one.name != "warc")
    differ = [name for name in names if getattr(said, name) != getattr(capture, name)]
    if differ:
        yield "record_differs", f"it says otherwise than its row of: {', '.join(differ)}"


def _payload(capture: Capture, record: WarcRecord) -> Iterator[tuple[str, str]]:
    if record.kind == "revisit":
        if record.payload_size:
            yield "record_differs", f"a revisit that holds a payload of {record.payload_size} bytes"
        return
    claimed = record.fields.get("warc-payload-digest")
    if claimed != f"sha256:{record.payload_digest}":
        yield "digest_differs", "its payload is not what its WARC-Payload-Digest says"
    if capture.payload_digest is None:
        return
    if capture.payload_digest != record.payload_digest:
        said = f"its payload has the digest {record.payload_digest}, by the row {capture.payload_digest}"
        yield "digest_differs", said
    if capture.document not in (record.document, record.payload_digest):
        yield "digest_differs", f"its document is not {capture.document}, as the row says"
    if capture.size != record.payload_size:
        yield "record_differs", f"its payload has {record.payload_size} bytes, by the row {capture.size}"


def original_fault(home: Home, capture: Capture, heads: RecordHead) -> str:
    """What is wrong with the original that a revisit repeats; "" where nothing is."""
    found = _Originals(home).fault(capture, heads)
    return "" if found is None else found[1]


def request_heads(handle: int, capture: Capture) -> RecordHead | None:
    """The heads of the request record that follows a capture's record in its open file; None where none does."""
    assert capture.warc is not None
    try:
        heads = read_head(handle, capture.warc.offset + capture.warc.length)
    except BrokenRecordError:
        return None
    return heads if heads.kind == "request" and heads.fields.get("warc-concurrent-to") == urn(capture.id) else None


class _Originals:
    """The heads of what revisits repeat and of its requests, the latest remembered."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._heads = lru_cache(maxsize=4096)(self._look)

    def fault(self, capture: Capture, heads: RecordHead) -> tuple[str, str] | None:
        """What is wrong with the original of a revisit: (code, sentence)."""
        found = self._heads(capture.revisit_of or "")
        if isinstance(found, str):
            return "original_missing", f"it repeats {capture.revisit_of}, and {found}"
        original, head, request = found
        given = heads.fields
        for name, value in (
            ("warc-refers-to-target-uri", head.fields.get("warc-target-uri")),
            ("warc-refers-to-date", head.fields.get("warc-date")),
            ("warc-payload-digest", head.fields.get("warc-payload-digest")),
        ):
            if name == "warc-refers-to-target-uri" and "\ufffd" in original.url:
                continue  # its row could not hold what the address held, and the revisit was made from the row
            if given.get(name) != value:
                said = f"its {name} is {_short(given.get(name))}, of what it repeats {_short(value)}"
                return "original_differs", said
        if (capture.payload_digest, capture.document) != (original.payload_digest, original.document):
            return "original_differs", f"its row names another document than that of {original.id}, which it repeats"
        if (delta := given.get(FIELD.lower())) is None:
            return None
        if request is None:
            return "request_missing", f"its request is that of {original.id}, which does not follow its record"
        try:
            decode_request_delta(delta, request.headers)
        except ValueError as error:
            return "record_differs", f"its {FIELD} cannot be read ({error})"
        return None

    def _look(self, name: str) -> tuple[Capture, RecordHead, RecordHead | None] | str:
        original = next(iter(_captures(self.home, [name])), None)
        if original is None or original.warc is None:
            return "that has no record"
        if original.revisit_of is not None:
            return "that is a revisit itself"
        try:
            handle = os.open(self.home.warc_dir / original.warc.file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            return f"its file {original.warc.file} cannot be opened ({error.strerror})"
        try:
            heads = read_head(handle, original.warc.offset)
            request = request_heads(handle, original) if heads.is_http else None
        except (BrokenRecordError, OSError) as error:
            return f"its record at {original.warc.file}:{original.warc.offset} cannot be read ({error})"
        finally:
            os.close(handle)
        if heads.fields.get("warc-record-id") != urn(original.id):
            return f"another record stands at {original.warc.file}:{original.warc.offset}"
        return original, heads, request


class _Rows:
    """The rows of a file by their number in its order; some at a time, for they are asked for in that order."""

    def __init__(self, home: Home, places: Places) -> None:
        self.home, self.places = home, places
        self._from, self._held = 0, dict[str, Capture]()

    def at(self, number: int) -> Capture:
        if not self._from <= number < self._from + _BATCH or not self._held:
            self._from = number
            found = _captures(self.home, [name for _, name in self.places[number : number + _BATCH]])
            self._held = {capture.id: capture for capture in found}
        return self._held[self.places[number][1]]


def _captures(home: Home, names: Sequence[str]) -> list[Capture]:
    with home.truth.read() as connection:
        found = connection.execute(rows.captures_query().where(CaptureRow.id.in_(names))).mappings()
        return [rows.capture_of(row) for row in found]


def _short(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= 120 else text[:119] + "…")
