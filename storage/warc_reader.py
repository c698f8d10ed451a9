"""Read WARC records: gzip members at known places, or one after another.

Digests are computed anew, so that they are a check of what was written. A record is unpacked only as far as its own
head says, and one that says more than ``RECORD_MAX_BYTES`` is refused: no file, damaged or hostile, takes more memory.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

from storage import warc_fields
from storage.blobs import Blobs
from storage.errors import StorageError, note_of
from storage.exchange import Headers, decode, is_coded
from storage.records import LARGEST_BODY, Capture, Note, WarcPlace
from storage.warc_fields import split_http, urn

HEAD_MAX_BYTES = 1 << 20  # of a WARC or HTTP head
RECORD_MAX_BYTES = LARGEST_BODY + HEAD_MAX_BYTES  # of a block: we write none that is longer
_CHUNK_BYTES = 1 << 17  # read at once
_END = b"\r\n\r\n"


class BrokenRecordError(Exception):
    """No whole record stands at ``offset``; ``note`` says what does."""

    def __init__(self, offset: int, note: Note) -> None:
        super().__init__(str(note))
        self.offset = offset
        self.note = note


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
class WarcRecord(RecordHead):
    """A whole record. Digests are SHA-256 in hex, of what the file holds, whatever its fields claim.

    The payload is the body of an HTTP message, else the block; ``message_head`` is what stands before it.
    """

    offset: int
    length: int
    message_head: bytes
    payload: bytes

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.offset + self.length

    @cached_property
    def block_digest(self) -> str:
        """The digest of message head and payload."""
        digest = hashlib.sha256(self.message_head)
        digest.update(self.payload)
        return digest.hexdigest()

    @property
    def has_its_block(self) -> bool:
        """Whether the block is the one of which the record gives the digest."""
        return self.fields.get("warc-block-digest") == f"sha256:{self.block_digest}"

    @cached_property
    def payload_digest(self) -> str:
        """The digest of the payload as it was sent."""
        return hashlib.sha256(self.payload).hexdigest()

    @cached_property
    def document(self) -> str | None:
        """The digest of the payload with its Content-Encoding undone, None where it cannot be."""
        if not is_coded(self.headers):
            return self.payload_digest
        decoded = decode(self.payload, self.headers)
        return None if decoded is None else hashlib.sha256(decoded).hexdigest()

    @property
    def info(self) -> Mapping[str, str]:
        """Names and values of ``application/warc-fields``."""
        if not self.fields.get("content-type", "").lower().startswith("application/warc-fields"):
            return {}
        lines = (line.partition(":") for line in self.payload.decode("utf-8", "replace").splitlines())
        return {name: value.strip() for name, _, value in lines}


# ------------------------------------------------------------------------------------------------- of an open file


def read_head(file: BinaryIO, offset: int) -> RecordHead:
    """Return the heads of the record at ``offset``; of its content little more is unpacked than that.

    Raises :class:`BrokenRecordError`.
    """
    return _Member(file, offset).read_heads()


def read_record(file: BinaryIO, offset: int) -> WarcRecord:
    """Read the record at ``offset`` to its end. Raises :class:`BrokenRecordError`."""
    member = _Member(file, offset)
    head = member.read_heads()
    end = member.block_start + member.block_size
    content = member.unpack(end + len(_END) + 1)
    if len(content) < end:
        raise BrokenRecordError(offset, Note("record_shorter"))
    if content[end:] != _END:
        raise BrokenRecordError(offset, Note("record_longer"))
    return WarcRecord(
        fields=head.fields,
        first_line=head.first_line,
        headers=head.headers,
        offset=offset,
        length=member.length,
        message_head=bytes(content[member.block_start : member.payload_start]),
        payload=bytes(content[member.payload_start : end]),
    )


def read_request(file: BinaryIO, offset: int, of: str) -> WarcRecord:
    """Read the request record at ``offset``, which must be that of the record ``of`` (hex).

    Raises :class:`BrokenRecordError`.
    """
    request = read_record(file, offset)
    if not of or request.kind != "request" or request.fields.get("warc-concurrent-to") != urn(of):
        raise BrokenRecordError(offset, Note("record_of_other_kind", {"kind": request.kind}))
    return request


def whole_records(file: BinaryIO) -> Iterator[WarcRecord]:
    """Give the whole records of an open file in their order, up to the first that is not.

    Where the last one ends short of the file's size, the rest is torn.
    """
    offset = 0
    with suppress(BrokenRecordError):
        while True:
            record = read_record(file, offset)
            yield record
            offset = record.end


# ---------------------------------------------------------------------------------------------------- of an archive


@contextmanager
def _opened(blobs: Blobs, name: str, offset: int, *, code: str) -> Iterator[BinaryIO]:
    """Open a WARC file. Raises StorageError where what is read in the block cannot be."""
    try:
        with blobs.open(name) as file:
            yield file
    except (OSError, BrokenRecordError) as error:
        raise StorageError(code=code, where=f"{blobs.where(name)}:{offset}", why=note_of(error).plain) from error


def stored_record(blobs: Blobs, place: WarcPlace) -> WarcRecord:
    """Return the record at ``place``. Raises StorageError where none can be read."""
    with _opened(blobs, place.file, place.offset, code="warc.record_unread") as file:
        record = read_record(file, place.offset)
        if record.length != place.length:
            note = Note("record_length_differs", {"length": record.length, "row": place.length})
            raise BrokenRecordError(place.offset, note)
        return record


def stored_request(blobs: Blobs, place: WarcPlace, of: str) -> WarcRecord:
    """Return the request record that follows the record at ``place``, whose id is ``of`` (hex).

    Raises StorageError where there is none: the file is damaged, or was torn there while its last record was written.
    """
    start = place.offset + place.length
    with _opened(blobs, place.file, start, code="warc.request_unread") as file:
        return read_request(file, start, of)


# ------------------------------------------------------------------------------------------------------ one member


class _Member:
    """A gzip member of a file while it is unpacked. Once its heads are read it is known where the block begins, where
    the payload does, and how many bytes the block has.
    """

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file, self._offset, self._position = file, offset, offset
        self._engine = zlib.decompressobj(31)
        self._content = bytearray()
        self.block_start = self.payload_start = self.block_size = 0

    @property
    def length(self) -> int:
        """Bytes that the member takes in the file, once it was unpacked to its end."""
        return self._position - len(self._engine.unused_data) - self._offset

    def unpack(self, size: int) -> bytearray:
        """Return the first ``size`` bytes of the content; fewer where the member ends before."""
        while len(self._content) < size and not self._engine.eof:
            data = self._engine.unconsumed_tail or self._read()
            try:
                self._content += self._engine.decompress(data, size - len(self._content))
            except zlib.error as error:
                raise self._broken(Note("no_gzip_member", {"text": str(error)})) from error
        return self._content

    def _read(self) -> bytes:
        self._file.seek(self._position)
        data = self._file.read(_CHUNK_BYTES)
        if not data:
            raise self._broken(Note("file_ends_in_record"))
        self._position += len(data)
        return data

    def read_heads(self) -> RecordHead:
        """Read the fields of the record and, where its block is an HTTP message, the head of that."""
        self.block_start = self.payload_start = self._after_empty_line(0, HEAD_MAX_BYTES)
        version, *lines = self._content[: self.block_start or 100].decode("utf-8", "replace").split("\r\n")
        if version not in {"WARC/1.1", "WARC/1.0"}:
            raise self._broken(Note("no_record_begins", {"text": version[:20]}))
        if not self.block_start:
            raise self._broken(Note("record_head_endless"))
        fields: dict[str, str] = {}
        for name, _, value in (line.partition(":") for line in lines[:-2]):
            fields.setdefault(name.strip().lower(), value.strip())
        size = fields.get("content-length", "")
        if not (size.isascii() and size.isdecimal() and len(size) < 20):
            raise self._broken(Note("record_length_unsaid", {"text": size[:20]}))
        self.block_size = int(size)
        if self.block_size > RECORD_MAX_BYTES:
            raise self._broken(Note("record_too_long", {"size": self.block_size}))
        head = RecordHead(fields=fields)
        if not head.is_http:
            return head
        self.payload_start = self._after_empty_line(self.block_start, min(self.block_size, HEAD_MAX_BYTES))
        if not self.payload_start:
            if self.block_size > HEAD_MAX_BYTES or len(self._content) < self.block_start + self.block_size:
                raise self._broken(Note("message_head_endless"))
            self.payload_start = self.block_start + self.block_size
        first_line, headers, _ = split_http(bytes(self._content[self.block_start : self.payload_start]))
        return RecordHead(fields=fields, first_line=first_line, headers=headers)

    def _after_empty_line(self, start: int, most: int) -> int:
        """Return where the content goes on behind the first empty line after ``start``; 0 where there is none within
        ``most`` bytes.
        """
        size = min(1 << 12, most)
        while (at := self.unpack(start + size).find(_END, start, start + most)) < 0:
            if size == most or len(self._content) < start + size:
                return 0
            size = min(2 * size, most)
        return at + len(_END)

    def _broken(self, note: Note) -> BrokenRecordError:
        return BrokenRecordError(self._offset, note)
