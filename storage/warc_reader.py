"""Read WARC records: gzip members at known places, or one after another.

Digests are computed anew, so that they are a check of what was written. Memory does not grow with a record, whatever a
damaged or hostile file says of itself, unless its payload is asked for
(:func:`read_payload`) or its Content-Encoding is to be undone, up to ``LARGEST_BODY`` bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from storage import warc_fields
from storage.blobs import Blobs
from storage.errors import StorageError, note_of
from storage.exchange import Headers, decode, is_coded
from storage.records import LARGEST_BODY, Capture, Note, WarcPlace
from storage.warc_fields import split_http, urn

HEAD_MAX = 1 << 20  # bytes of a WARC or HTTP head
_KEPT = 1 << 16  # bytes of a payload of warc-fields
_CHUNK = 1 << 17  # bytes read, and unpacked, at once
_END = b"\r\n\r\n"


class BrokenRecordError(Exception):
    """No whole record stands at ``offset``; ``note`` says what does."""

    def __init__(self, offset: int, note: Note) -> None:
        super().__init__(str(note))
        self.offset = offset
        self.note = note


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHead:
    """The heads of a record: WARC fields (names in lower case, the first of each) and, of a message, HTTP's."""

    fields: Mapping[str, str]
    first_line: str = ""
    headers: Headers = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The type of the record."""
        return self.fields.get("warc-type", "")

    @property
    def id(self) -> str:
        """The hex UUID of the record; "" where it has none."""
        return warc_fields.hex_id(self.fields.get("warc-record-id", ""))

    @property
    def is_http(self) -> bool:
        """Whether the block is an HTTP message."""
        return self.fields.get("content-type", "").lower().startswith("application/http")

    @property
    def has_note(self) -> bool:
        """Whether the record is that of a capture: it has a note for its row."""
        return warc_fields.CAPTURE_FIELD.lower() in self.fields

    @property
    def has_request(self) -> bool:
        """Whether a request record must follow: older revisits describe their request in a field instead."""
        return self.is_http and warc_fields.REQUEST_FIELD.lower() not in self.fields

    def capture(self, *, run: str, portal: str) -> Capture:
        """The row that the record describes, without its place; ``run``, ``portal``: those of the file's warcinfo.

        Raises ValueError, KeyError or TypeError where it describes none.
        """
        return warc_fields.capture_of_note(self.fields, self.first_line, self.headers, run=run, portal=portal)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord(RecordHead):
    """A whole record. Digests are SHA-256 in hex, of what the file holds, whatever its fields claim.

    The payload is the body of an HTTP message, else the block; ``document``: the digest of the payload with its
    Content-Encoding undone, None where it cannot be. ``info``: names and values of ``application/warc-fields``.
    """

    offset: int
    length: int
    block_digest: str
    payload_digest: str
    document: str | None
    info: Mapping[str, str] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.offset + self.length

    @property
    def has_its_block(self) -> bool:
        """Whether the block is the one of which the record gives the digest."""
        return self.fields.get("warc-block-digest") == f"sha256:{self.block_digest}"


def read_head(handle: int, offset: int) -> RecordHead:
    """Return the heads of the record at ``offset`` of an open file; of its content little more is unpacked than that.

    Raises :class:`BrokenRecordError`.
    """
    return _Content(handle, offset).head


def read_payload(handle: int, offset: int, length: int | None = None) -> tuple[RecordHead, bytes]:
    """Return heads and payload of the record at ``offset``, which takes ``length`` bytes (None: as many as it does).

    Raises :class:`BrokenRecordError`.
    """
    content = _Content(handle, offset)
    payload = b"".join(content.payload())
    if length not in (None, content.length):
        raise BrokenRecordError(offset, Note("record_length_differs", {"length": content.length, "row": length}))
    return content.head, payload


def read_request(handle: int, offset: int, of: str) -> tuple[RecordHead, bytes]:
    """Return heads and body of the request record at ``offset``, which must be that of the record ``of`` (hex).

    Raises :class:`BrokenRecordError`.
    """
    head, body = read_payload(handle, offset)
    if not of or head.kind != "request" or head.fields.get("warc-concurrent-to") != urn(of):
        raise BrokenRecordError(offset, Note("record_of_other_kind", {"kind": head.kind}))
    return head, body


def read_record(handle: int, offset: int) -> WarcRecord:
    """Read the record at ``offset`` of an open file, and digest it. Raises :class:`BrokenRecordError`."""
    content = _Content(handle, offset)
    head = content.head
    block, payload, size = hashlib.sha256(content.message_head), hashlib.sha256(), 0
    is_fields = head.fields.get("content-type", "").lower().startswith("application/warc-fields")
    buffer, most = bytearray(), LARGEST_BODY if is_coded(head.headers) else _KEPT if is_fields else 0
    for piece in content.payload():
        block.update(piece)
        payload.update(piece)
        size += len(piece)
        if len(buffer) < most:
            buffer += piece
    document: str | None = payload.hexdigest()
    if is_coded(head.headers):
        decoded = decode(bytes(buffer), head.headers) if size <= LARGEST_BODY else None
        document = None if decoded is None else hashlib.sha256(decoded).hexdigest()
    lines = (line.partition(":") for line in buffer.decode("utf-8", "replace").splitlines()) if is_fields else ()
    return WarcRecord(
        fields=head.fields,
        first_line=head.first_line,
        headers=head.headers,
        offset=offset,
        length=content.length,
        block_digest=block.hexdigest(),
        payload_digest=payload.hexdigest(),
        document=document,
        info={name: value.strip() for name, _, value in lines},
    )


def whole_records(path: Path) -> Iterator[WarcRecord]:
    """Give the whole records of a file in their order, up to the first that is not.

    Where the last one ends short of the file's size, the rest is torn.
    """
    with path.open("rb") as file:
        handle, offset = file.fileno(), 0
        while offset < os.fstat(handle).st_size:
            try:
                record = read_record(handle, offset)
            except BrokenRecordError:
                return
            yield record
            offset = record.end


# ---------------------------------------------------------------------------------------------------- of an archive


@contextmanager
def _opened(blobs: Blobs, name: str, offset: int, *, code: str = "warc.record_unread") -> Iterator[int]:
    """Give a handle of a WARC file. Raises StorageError where what is read in the block cannot be."""
    try:
        with blobs.open(name) as file:
            yield file.fileno()
    except (OSError, BrokenRecordError) as error:
        raise StorageError(code=code, where=f"{blobs.where(name)}:{offset}", why=note_of(error).plain) from error


def stored_payload(blobs: Blobs, place: WarcPlace) -> tuple[RecordHead, bytes]:
    """Return heads and payload, as stored, of the record at ``place``. Raises StorageError where none can be read."""
    with _opened(blobs, place.file, place.offset) as handle:
        return read_payload(handle, place.offset, place.length)


def stored_head(blobs: Blobs, place: WarcPlace) -> RecordHead:
    """Return the heads of the record at ``place``. Raises StorageError where none can be read."""
    with _opened(blobs, place.file, place.offset) as handle:
        return read_head(handle, place.offset)


def stored_pieces(blobs: Blobs, place: WarcPlace) -> Generator[bytes, None, None]:
    """Give the payload, as stored, of the record at ``place`` in pieces of bounded size.

    Raises StorageError where it cannot be read.
    """
    with _opened(blobs, place.file, place.offset) as handle:
        yield from _Content(handle, place.offset).payload()


def stored_request(blobs: Blobs, place: WarcPlace, of: str) -> tuple[RecordHead, bytes]:
    """Return heads and body of the request record that follows the record at ``place``, whose id is ``of`` (hex).

    Raises StorageError where there is none: the file is damaged, or was torn there while its last record was written.
    """
    start = place.offset + place.length
    with _opened(blobs, place.file, start, code="warc.request_unread") as handle:
        return read_request(handle, start, of)


# ------------------------------------------------------------------------------------------------------ one member


class _Member(io.RawIOBase):
    """What a gzip member unpacks to; each stretch of the file is read once."""

    def __init__(self, handle: int, offset: int) -> None:
        self._handle, self._offset, self._position = handle, offset, offset
        self._engine = zlib.decompressobj(31)

    @property
    def length(self) -> int:
        """Bytes that the member takes in the file, once it was read to its end."""
        return self._position - len(self._engine.unused_data) - self._offset

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # BufferedReader gives nothing else
        piece = b""
        while not piece and not self._engine.eof:
            data = self._engine.unconsumed_tail
            if not data:
                data = os.pread(self._handle, _CHUNK, self._position)
                self._position += len(data)
            if not data:
                raise BrokenRecordError(self._offset, Note("file_ends_in_record"))
            try:
                piece = self._engine.decompress(data, len(buffer))
            except zlib.error as error:
                raise BrokenRecordError(self._offset, Note("no_gzip_member", {"text": str(error)})) from error
        buffer[: len(piece)] = piece
        return len(piece)


class _Content:
    """A record while it is read: first its heads, then its payload in pieces."""

    def __init__(self, handle: int, offset: int) -> None:
        self._offset, self._member = offset, _Member(handle, offset)
        self._stream = io.BufferedReader(self._member, _CHUNK)
        fields = self._warc_fields()
        self._left = int(fields["content-length"])  # bytes of the block still to come
        self.message_head = b""
        self.head = RecordHead(fields=fields)
        if self.head.is_http:
            self.message_head = self._until_empty_line(min(self._left, HEAD_MAX))
            self._left -= len(self.message_head)
            if self._left and not self.message_head.endswith(_END):
                raise self._broken(Note("message_head_endless"))
            first_line, headers, _ = split_http(self.message_head)
            self.head = RecordHead(fields=fields, first_line=first_line, headers=headers)

    @property
    def length(self) -> int:
        """Bytes that the record takes in the file, once its payload was read."""
        return self._member.length

    def payload(self) -> Generator[bytes, None, None]:
        """Give what follows the heads, in pieces; the end of the record is read behind it."""
        while self._left:
            piece = self._stream.read(min(self._left, _CHUNK))
            if not piece:
                raise self._broken(Note("record_shorter"))
            self._left -= len(piece)
            yield piece
        if self._stream.read(len(_END) + 1) != _END:
            raise self._broken(Note("record_longer"))

    def _warc_fields(self) -> dict[str, str]:
        head = self._until_empty_line(HEAD_MAX)
        version, *lines = head.removesuffix(_END).decode("utf-8", "replace").split("\r\n")
        if version not in {"WARC/1.1", "WARC/1.0"}:
            raise self._broken(Note("no_record_begins", {"text": version[:20]}))
        if not head.endswith(_END):
            raise self._broken(Note("record_head_endless"))
        fields: dict[str, str] = {}
        for name, _, value in (line.partition(":") for line in lines):
            fields.setdefault(name.strip().lower(), value.strip())
        size = fields.get("content-length", "")
        if not (size.isascii() and size.isdecimal()):
            raise self._broken(Note("record_length_unsaid", {"text": size[:20]}))
        return fields

    def _until_empty_line(self, most: int) -> bytes:
        """Return what stands up to an empty line and with it; at most so many bytes."""
        lines = bytearray()
        while not lines.endswith(_END) and (line := self._stream.readline(most - len(lines))):
            lines += line
        return bytes(lines)

    def _broken(self, note: Note) -> BrokenRecordError:
        return BrokenRecordError(self._offset, note)
