"""WARC files: writing under a lock, reading, and finding where one was torn.

WARC/1.1, one gzip member per record. A capture is a ``response`` (or ``revisit``) followed by its ``request``; what was
brought in or made is a ``resource`` (or ``revisit``), followed by ``metadata`` that says how it came to be. The field
``Nianbao-Capture`` of the first adds what the record does not say itself (:mod:`storage.notes`), so that rows can be
made again. Older revisits may have no ``request`` but a field that describes it (:mod:`storage.request_delta`).
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import secrets
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from storage import notes
from storage.errors import StorageError, cannot_write
from storage.exchange import Exchange, Given, Headers
from storage.records import Capture, WarcPlace
from storage.warc_records import Members, Revisit, exchange_members, given_members, warcinfo_member
from storage.wire import one_line, split_http, urn

NOTE = notes.FIELD
SUFFIX = ".warc.gz"
BIRTH = ".new"  # a file that has not got its name yet
_CHUNK = 1 << 18
_SAID = 300  # characters told of what a reader says about a file that is none
_WARCIO = logging.getLogger("warcio.recordloader")
_SIMULATED = re.compile(rb"simulated:\s*true", re.IGNORECASE)  # a line of a warcinfo record


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord:
    """A record as it lies in a file. ``fields`` are its WARC headers, lower-cased; ``block`` its content."""

    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    block: bytes
    offset: int
    length: int

    @property
    def note(self) -> str | None:
        """What the record adds to itself for its row, as JSON; None for requests, metadata and warcinfo."""
        return self.fields.get(NOTE.lower())

    def capture(self, *, run: str, portal: str) -> Capture:
        """The row that the record says, without its place; ``run`` and ``portal`` are those of the file's warcinfo.

        Raises ValueError, KeyError or TypeError where it says none.
        """
        http = self.fields.get("content-type", "").startswith("application/http")
        line, headers, _ = split_http(self.block) if http else ("", [], b"")
        return notes.noted(self.fields, line, headers, run=run, portal=portal)


class WarcWriter:
    """Appends to one WARC file at a time, which it holds under a lock until :meth:`rotate` or :meth:`close`.

    Files are named ``<prefix>-<time>-<number>.warc.gz`` below ``folder`` (``prefix`` may hold one "/") and begin with a
    warcinfo record of ``info``. Nothing is safe before :meth:`sync` has returned.
    """

    def __init__(self, folder: Path, prefix: str, max_bytes: int, info: Mapping[str, str]) -> None:
        self.folder = folder
        self.prefix = prefix
        self.max_bytes = max_bytes
        self.info = dict(info)
        self.file = ""
        self.size = 0
        self._handle: int | None = None
        self._unsafe: StorageError | None = None
        self._number = 0

    @property
    def is_open(self) -> bool:
        """Whether a file is being written."""
        return self._handle is not None

    @property
    def full(self) -> bool:
        """Whether the file has reached its size; what follows belongs into the next."""
        return self.is_open and self.size >= self.max_bytes

    def write(
        self,
        exchange: Exchange,
        *,
        record_id: str | None = None,
        note: Capture | str = "",
        payload_digest: str | None = None,
        revisit: Revisit | None = None,
    ) -> WarcPlace:
        """Append response (or revisit) and request; the place is that of the first. Not yet synced.

        ``record_id``: hex UUID. ``note``: the capture, or the text of the note as it is. A write that fails (disk full)
        leaves the file as it was and raises StorageError.
        """
        record_id = record_id or uuid.uuid4().hex
        members = exchange_members(exchange, record_id, note=note, payload_digest=payload_digest, revisit=revisit)
        return self._append(members, exchange.fetched_at)

    def keep(self, given: Given, *, record_id: str, note: Capture | str, revisit: Revisit | None = None) -> WarcPlace:
        """Append a ``resource`` record: bytes that were brought in or made, not fetched; or a ``revisit`` of an earlier
        one with the same bytes; then what is known about it as ``metadata``. Otherwise as :meth:`write`.
        """
        return self._append(given_members(given, record_id, note=note, revisit=revisit), given.at)

    def sync(self) -> None:
        """Wait until everything written is on the disk.

        Raises DiskError where that cannot be had. From then on it always does: a second attempt may succeed although
        what the first could not write is gone (fsync(2)), so this writer acknowledges nothing more.
        """
        if self._unsafe is not None:
            raise self._unsafe
        if self._handle is None:
            return
        try:
            os.fsync(self._handle)
        except OSError as error:
            self._unsafe = cannot_write(self.folder / self.file, error)
            raise self._unsafe from error

    def rotate(self) -> tuple[str, int] | None:
        """Sync and close the file, giving up its lock: its name and size. The next write begins another."""
        if self._handle is None:
            return None
        try:
            self.sync()
        finally:
            os.close(self._handle)
            self._handle = None
        return self.file, self.size

    close = rotate

    def _open(self, now: datetime) -> int:
        """The file being written, or else a new one."""
        if self._unsafe is not None:
            raise self._unsafe
        if self._handle is None:
            target = self.folder / self.prefix
            try:
                self._handle = self._open_next(target, now)
            except OSError as error:
                self._unsafe = cannot_write(target.parent, error)
                raise self._unsafe from error
        return self._handle

    def _open_next(self, target: Path, now: datetime) -> int:
        target.parent.mkdir(parents=True, exist_ok=True)
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        handle = None
        while handle is None:
            self._number += 1
            name = f"{target.name}-{stamp}-{self._number:03}{SUFFIX}"
            handle = _born_locked(target.parent / name, warcinfo_member(name, self.info, now))
        self.file = (target.parent / name).relative_to(self.folder).as_posix()
        self.size = os.fstat(handle).st_size
        sync_folder(target.parent)
        sync_folder(self.folder)
        return handle

    def _append(self, members: Members, at: datetime) -> WarcPlace:
        """Append both members in one write, so that a killed process seldom leaves the first without the second."""
        handle = self._open(at)
        place = WarcPlace(file=self.file, offset=self.size, length=len(members[0]))
        data, done = b"".join(members), 0
        try:
            while done < len(data):
                done += os.pwrite(handle, memoryview(data)[done:], self.size + done)
        except BaseException as error:
            told = cannot_write(self.folder / self.file, error) if isinstance(error, OSError) else None
            try:
                os.ftruncate(handle, self.size)  # an interrupt must not leave half a record either
            except OSError as worse:  # what is torn stays at the end, and the next run puts it aside
                self._unsafe = told = cannot_write(self.folder / self.file, worse)
            if told is None:
                raise
            raise told from error
        self.size += len(data)
        return place


def _born_locked(path: Path, first: bytes) -> int | None:
    """Make a file that is whole and locked from the moment it has its name; None if the name is taken."""
    birth = path.with_name(f".{path.name}.{secrets.token_hex(4)}{BIRTH}")
    handle = os.open(birth, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = 0
        while done < len(first):  # on a disk that is almost full only a part is taken
            done += os.write(handle, memoryview(first)[done:])
        os.fsync(handle)
        os.link(birth, path)
    except BaseException as error:
        os.close(handle)
        if isinstance(error, (FileExistsError, FileNotFoundError)):  # taken, or tidied away before it was locked
            return None
        raise
    finally:
        birth.unlink(missing_ok=True)
    return handle


def sync_folder(folder: Path) -> None:
    """Make names just created in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ------------------------------------------------------------------------------------------------- reading records


def read_member(folder: Path, place: WarcPlace) -> WarcRecord:
    """The record at ``place``. Raises StorageError where the file is gone or holds something else there."""
    path = folder / place.file
    try:
        with path.open("rb") as handle:
            handle.seek(place.offset)
            data = handle.read(place.length)
        return _parse(data, place.offset)
    except (OSError, ValueError, EOFError) as error:
        raise StorageError(
            f"the record at {path}:{place.offset} cannot be read ({error}); bring the file back from a copy."
        ) from error


def read_record(folder: Path, place: WarcPlace) -> tuple[str, Headers, bytes]:
    """Status line, HTTP headers and payload (as stored) of the response or revisit at ``place``.

    A resource record has neither line nor headers.
    """
    record = read_member(folder, place)
    return ("", [], record.block) if record.kind == "resource" else split_http(record.block)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRecord:
    """A response (or resource: status 200) of somebody else's WARC file; ``payload`` is as sent.

    ``fault``: why it is not to be believed (``torn``, ``digest_differs``, ``too_large``: then it is cut), or "".
    ``simulated``: the warcinfo before it says that it was got from an imitation.
    """

    url: str
    date: str
    record_id: str
    status: int
    headers: Headers
    payload: bytes
    fault: str
    simulated: bool = False


def foreign(path: Path, *, limit: int) -> Iterator[ForeignRecord]:
    """The web responses of somebody else's WARC file, in its order, payloads of at most ``limit`` bytes.

    Raises StorageError where the file is none or ends within a record's head; what came before has been given.
    """
    try:
        with path.open("rb") as handle:
            simulated = False
            records = iter(ArchiveIterator(handle, check_digests=True))
            while True:
                with _unheard():
                    record = next(records, None)
                    if record is None:
                        return
                    if record.rec_type == "warcinfo":
                        lines = record.content_stream().read(_CHUNK).splitlines()
                        simulated = any(_SIMULATED.fullmatch(line.strip()) for line in lines)
                    found = _foreign(record, limit) if record.rec_type in {"response", "resource"} else None
                if found is not None:
                    yield replace(found, simulated=simulated)
    except (ArchiveLoadFailed, OSError, ValueError, EOFError, zlib.error, AttributeError, OverflowError) as error:
        cause = one_line(f"{type(error).__name__}: {error}")[:_SAID]
        raise StorageError(f"{path} cannot be read as a WARC file ({cause})") from error


def _foreign(record: ArcWarcRecord, limit: int) -> ForeignRecord:
    fields, http = record.rec_headers, record.http_headers
    headers = [(str(name), str(value)) for name, value in http.headers] if http is not None else []
    status = http.get_statuscode() if http is not None else "200"
    pieces, room = [], limit + 1
    while room and (piece := record.raw_stream.read(min(room, _CHUNK))):
        pieces.append(piece)
        room -= len(piece)
    fault = "" if record.digest_checker.passed is not False else "digest_differs"
    fault = "torn" if record.raw_stream.limit else fault  # what the record promised and the file does not hold
    return ForeignRecord(
        url=fields.get_header("WARC-Target-URI") or "",
        date=fields.get_header("WARC-Date") or "",
        record_id=fields.get_header("WARC-Record-ID") or "",
        status=int(status) if status and status.isdecimal() else 0,
        headers=headers or [("Content-Type", fields.get_header("Content-Type") or "")],
        payload=b"".join(pieces),
        fault="too_large" if not room else fault,
    )


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep from the terminal what warcio says of a record: it repeats the file's bytes, control characters and all."""
    before = _WARCIO.disabled
    _WARCIO.disabled = True
    try:
        with redirect_stderr(StringIO()):
            yield
    finally:
        _WARCIO.disabled = before


def read_request(folder: Path, place: WarcPlace, of: str) -> bytes:
    """The block of the request record that follows the record at ``place``, whose id is ``of`` (hex).

    Raises StorageError where there is none: the file is damaged, or was torn there while its last record was written.
    """
    path, start = folder / place.file, place.offset + place.length
    try:
        with path.open("rb") as handle:
            handle.seek(start)
            engine, data = zlib.decompressobj(31), bytearray()
            while not engine.eof and (chunk := handle.read(1 << 14)):
                engine.decompress(chunk)
                data += chunk
        record = _parse(bytes(data[: len(data) - len(engine.unused_data)]), 0)
        if record.kind != "request" or record.fields.get("warc-concurrent-to") != urn(of):
            raise ValueError(f"a {record.kind} record stands there")
        return record.block
    except (OSError, ValueError, zlib.error) as error:
        raise StorageError(
            f"the request record at {path}:{start} cannot be read ({error}); it was torn as it was written (then what "
            "there was of it lies beside, in a .torn file), or the file is to be brought back from a copy."
        ) from error


def scan(path: Path, *, keep: int = 1 << 14) -> Iterator[WarcRecord]:
    """The whole records of a file in their order, up to the first that is not; of each block the head of a message and
    ``keep`` bytes at least.

    Where the last one ends (offset + length) short of the file's size, the rest is torn.
    """
    with path.open("rb") as handle:
        size = os.fstat(handle.fileno()).st_size
        for offset, length in _members(handle.fileno(), size):
            try:
                record = _parse(os.pread(handle.fileno(), length, offset), offset)
            except ValueError:
                return
            yield replace(record, block=record.block[: max(keep, record.block.find(b"\r\n\r\n") + 4)])


def _members(handle: int, size: int) -> Iterator[tuple[int, int]]:
    offset = 0
    while offset < size:
        engine, position = zlib.decompressobj(31), offset
        while not engine.eof:
            chunk = os.pread(handle, _CHUNK, position)
            if not chunk:
                return
            position += len(chunk)
            try:
                engine.decompress(chunk)
            except zlib.error:
                return
        length = position - len(engine.unused_data) - offset
        yield offset, length
        offset += length


def _parse(member: bytes, offset: int) -> WarcRecord:
    iterator = ArchiveIterator(BytesIO(member), no_record_parse=True)
    try:
        record = next(iterator)
        block = record.raw_stream.read()
        fields = {name.lower(): value for name, value in record.rec_headers.headers}
    except StopIteration:
        raise ValueError("no record") from None
    except Exception as error:  # warcio raises many kinds on damaged files
        raise ValueError(str(error) or type(error).__name__) from error
    if len(block) != int(fields.get("content-length", "-1")):
        raise ValueError("record is shorter than it says")
    return WarcRecord(kind=str(record.rec_type), fields=fields, block=block, offset=offset, length=len(member))
