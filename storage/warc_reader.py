"""Read WARC records: gzip members at known offsets, or one after another.

Digests are computed again, so that reading checks what was written. A record is unpacked only as far as its own head
says, and a block longer than ``RECORD_MAX_BYTES`` is refused: no damaged or hostile file can take more memory.
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
RECORD_MAX_BYTES = LARGEST_BODY + HEAD_MAX_BYTES  # of a block; we never write a longer one
_CHUNK_BYTES = 1 << 17  # read at once
_END = b"\r\n\r\n"


class BrokenRecordError(Exception):
    """There is no complete record at ``offset``; ``note`` says what is there."""

    def __init__(self, offset: int, note: Note) -> None:
        super().__init__(str(note))
        self.offset = offset
        self.note = note


@dataclass(frozen=True, kw_only=True)
class RecordHead:
    """The heads of a record: WARC fields (lower-case names, the first of each) and of an HTTP message in it."""

    fields: Mapping[str, str]
    first_line: str = ""
    headers: Headers = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Return the record type."""
        return self.fields.get("warc-type", "")

    @property
    def id(self) -> str:
        """Return the hex UUID of the record, "" if it has none."""
        return warc_fields.hex_id(self.fields.get("warc-record-id", ""))

    @property
    def is_http(self) -> bool:
        """Return whether the block is an HTTP message."""
        return self.fields.get("content-type", "").lower().startswith("application/http")

    @property
    def has_note(self) -> bool:
        """Return whether the record belongs to a capture: it then has a note for its row."""
        return warc_fields.CAPTURE_FIELD.lower() in self.fields

    @property
    def has_request(self) -> bool:
        """Return whether a request record must follow; older revisits have a field instead, copied records nothing."""
        without = (warc_fields.REQUEST_FIELD.lower(), warc_fields.SOURCE_FIELD.lower())
        return self.is_http and not any(name in self.fields for name in without)

    def capture(self, *, run: str, portal: str) -> Capture:
        """Return the row that the record describes, without its place; ``run``, ``portal``: from the file's warcinfo.

        Raises ValueError, KeyError or TypeError if it does not describe one.
        """
        return warc_fields.capture_of_note(self.fields, self.first_line, self.headers, run=run, portal=portal)


@dataclass(frozen=True, kw_only=True)
class WarcRecord(RecordHead):
    """A complete record. Digests are SHA-256 in hex, computed from the file, whatever its fields claim.

    ``payload``: the body of an HTTP message, else the whole block; ``message_head``: what precedes it in the block.
    """

    offset: int
    length: int
    message_head: bytes
    payload: bytes

    @property
    def end(self) -> int:
        """Return the offset of the next record."""
        return self.offset + self.length

    @cached_property
    def block_digest(self) -> str:
        """Return the digest of message head and payload."""
        digest = hashlib.sha256(self.message_head)
        digest.update(self.payload)
        return digest.hexdigest()

    @property
    def has_its_block(self) -> bool:
        """Return whether the block has the digest that the record states."""
        return self.fields.get("warc-block-digest") == f"sha256:{self.block_digest}"

    @cached_property
    def payload_digest(self) -> str:
        """Return the digest of the payload as it was sent."""
        return hashlib.sha256(self.payload).hexdigest()

    @cached_property
    def document(self) -> str | None:
        """Return the digest of the payload with its Content-Encoding undone, None if that fails."""
        if not is_coded(self.headers):
            return self.payload_digest
        decoded = decode(self.payload, self.headers)
        return None if decoded is None else hashlib.sha256(decoded).hexdigest()

    @property
    def info(self) -> Mapping[str, str]:
        """Return the fields of an ``application/warc-fields`` block, {} for other blocks."""
        if not self.fields.get("content-type", "").lower().startswith("application/warc-fields"):
            return {}
        lines = (line.partition(":") for line in self.payload.decode("utf-8", "replace").splitlines())
        return {name: value.strip() for name, _, value in lines}


# --------------------------------------------------------------------------------------------------- in an open file


def read_head(file: BinaryIO, offset: int) -> RecordHead:
    """Read the heads of the record at ``offset``, and hardly more. Raises :class:`BrokenRecordError`."""
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


def read_request(file: BinaryIO, offset: int, answer_id: str) -> WarcRecord:
    """Read the request record at ``offset`` of the record ``answer_id`` (hex). Raises :class:`BrokenRecordError`."""
    request = read_record(file, offset)
    if not answer_id or request.kind != "request" or request.fields.get("warc-concurrent-to") != urn(answer_id):
        raise BrokenRecordError(offset, Note("record_of_other_kind", {"kind": request.kind}))
    return request


def end_of_member(file: BinaryIO, offset: int, limit: int) -> int:
    """Return where the gzip member at ``offset`` ends. Raises :class:`BrokenRecordError`, also if it unpacks to more
    than ``limit`` bytes. Nothing of it is kept in memory.
    """
    return _Member(file, offset).skip(limit)


def whole_records(file: BinaryIO) -> Iterator[WarcRecord]:
    """Yield the complete records of an open file in order, up to the first incomplete one.

    If the last one ends before the end of the file, the rest is torn.
    """
    offset = 0
    with suppress(BrokenRecordError):
        while True:
            record = read_record(file, offset)
            yield record
            offset = record.end


# ----------------------------------------------------------------------------------------------------- in an archive


@contextmanager
def _open_file(blobs: Blobs, name: str, offset: int, *, code: str) -> Iterator[BinaryIO]:
    """Open a WARC file for the block. Raises StorageError if the file or a record in it cannot be read."""
    try:
        with blobs.open(name) as file:
            yield file
    except (OSError, BrokenRecordError) as error:
        raise StorageError(code=code, where=f"{blobs.where(name)}:{offset}", why=note_of(error).as_json) from error


def stored_record(blobs: Blobs, place: WarcPlace) -> WarcRecord:
    """Return the record at ``place``. Raises StorageError if it cannot be read."""
    with _open_file(blobs, place.file, place.offset, code="warc.record_unread") as file:
        record = read_record(file, place.offset)
        if record.length != place.length:
            note = Note("record_length_differs", {"length": record.length, "row": place.length})
            raise BrokenRecordError(place.offset, note)
        return record


def stored_request(blobs: Blobs, place: WarcPlace, answer_id: str) -> WarcRecord:
    """Return the request record after the record at ``place``, whose id is ``answer_id`` (hex).

    Raises StorageError if there is none: the file is damaged, or was torn while its last record was written.
    """
    start = place.offset + place.length
    with _open_file(blobs, place.file, start, code="warc.request_unread") as file:
        return read_request(file, start, answer_id)


# ------------------------------------------------------------------------------------------------------ one member


class _Member:
    """A gzip member of a file that is being unpacked. Reading the heads sets ``block_start``, ``payload_start`` and
    ``block_size``, which count bytes of the unpacked content.
    """

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file, self._offset, self._position = file, offset, offset
        self._engine = zlib.decompressobj(31)
        self._content = bytearray()
        self.block_start = self.payload_start = self.block_size = 0

    @property
    def length(self) -> int:
        """Return the member's length in the file; valid once it is unpacked to its end."""
        return self._position - len(self._engine.unused_data) - self._offset

    def unpack(self, size: int) -> bytearray:
        """Return the first ``size`` bytes of the content, fewer if the member ends before."""
        while len(self._content) < size and not self._engine.eof:
            data = self._engine.unconsumed_tail or self._read_chunk()
            try:
                self._content += self._engine.decompress(data, size - len(self._content))
            except zlib.error as error:
                raise self._broken(Note("no_gzip_member", {"text": str(error)})) from error
        return self._content

    def skip(self, limit: int) -> int:
        """Unpack the member to its end without keeping it; return the offset after it."""
        skipped = 0
        while not self._engine.eof:
            self._content.clear()
            skipped += len(self.unpack(_CHUNK_BYTES))
            if skipped > limit:
                raise self._broken(Note("record_too_long", {"size": skipped}))
        return self._offset + self.length

    def _read_chunk(self) -> bytes:
        self._file.seek(self._position)
        data = self._file.read(_CHUNK_BYTES)
        if not data:
            raise self._broken(Note("file_ends_in_record"))
        self._position += len(data)
        return data

    def read_heads(self) -> RecordHead:
        """Read the fields of the record and, if its block is an HTTP message, the head of that."""
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

    def _after_empty_line(self, start: int, max_bytes: int) -> int:
        """Return the offset after the first empty line that follows ``start``, 0 if none is in ``max_bytes`` bytes."""
        size = min(1 << 12, max_bytes)
        while (index := self.unpack(start + size).find(_END, start, start + max_bytes)) < 0:
            if size == max_bytes or len(self._content) < start + size:
                return 0
            size = min(2 * size, max_bytes)
        return index + len(_END)

    def _broken(self, note: Note) -> BrokenRecordError:
        return BrokenRecordError(self._offset, note)
