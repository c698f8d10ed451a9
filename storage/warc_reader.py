"""Read WARC records: gzip members at known places, or one after another.

Digests are computed anew, so that they are a check of what was written. Memory does not grow with a record, whatever a
damaged or hostile file says of itself, unless its payload is asked for
(:func:`read_payload`) or its Content-Encoding is to be undone, up to ``LARGEST_BODY`` bytes.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from storage import warc_fields
from storage.blobs import Blobs
from storage.errors import StorageError, note_of
from storage.exchange import Headers, decode
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
    def is_http(self) -> bool:
        """Whether the block is an HTTP message."""
        return self.fields.get("content-type", "").lower().startswith("application/http")

    @property
    def has_note(self) -> bool:
        """Whether the record is that of a capture: it has a note for its row."""
        return warc_fields.CAPTURE_FIELD.lower() in self.fields

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
    payload_size: int
    payload_digest: str
    document: str | None
    info: Mapping[str, str] = field(default_factory=dict)


def read_head(handle: int, offset: int) -> RecordHead:
    """The heads of the record at ``offset`` of an open file; of its content little more is unpacked than that.

    Raises :class:`BrokenRecordError`.
    """
    return _Content(handle, offset).head


def read_payload(handle: int, offset: int, length: int | None = None) -> tuple[RecordHead, bytes]:
    """The heads and the payload of the record at ``offset``, which takes ``length`` bytes (None: as many as it does).

    Raises :class:`BrokenRecordError`.
    """
    content = _Content(handle, offset)
    payload = b"".join(content.payload())
    if length not in (None, content.length):
        raise BrokenRecordError(offset, Note("record_length_differs", {"length": content.length, "row": length}))
    return content.head, payload


def read_request(handle: int, offset: int, of: str) -> tuple[RecordHead, bytes]:
    """The heads and the body of the request record at ``offset``, which must be that of the record ``of`` (hex).

    Raises :class:`BrokenRecordError`.
    """
    head, body = read_payload(handle, offset)
    if head.kind != "request" or head.fields.get("warc-concurrent-to") != urn(of):
        raise BrokenRecordError(offset, Note("record_of_other_kind", {"kind": head.kind}))
    return head, body


def read_record(handle: int, offset: int) -> WarcRecord:
    """Read the record at ``offset`` of an open file, and digest it. Raises :class:`BrokenRecordError`."""
    content = _Content(handle, offset)
    head = content.head
    block, payload, size = hashlib.sha256(content.message_head), hashlib.sha256(), 0
    is_coded = has_content_coding(head.headers)
    is_fields = head.fields.get("content-type", "").lower().startswith("application/warc-fields")
    kept, most = bytearray(), LARGEST_BODY if is_coded else _KEPT if is_fields else 0
    for piece in content.payload():
        block.update(piece)
        payload.update(piece)
        size += len(piece)
        if len(kept) < most:
            kept += piece
    document: str | None = payload.hexdigest()
    if is_coded:
        decoded = decode(bytes(kept), head.headers) if size <= LARGEST_BODY else None
        document = None if decoded is None else hashlib.sha256(decoded).hexdigest()
    return WarcRecord(
        fields=head.fields,
        first_line=head.first_line,
        headers=head.headers,
        offset=offset,
        length=content.length,
        block_digest=block.hexdigest(),
        payload_size=size,
        payload_digest=payload.hexdigest(),
        document=document,
        info=_info(kept) if is_fields else {},
    )


def whole_records(path: Path) -> Iterator[WarcRecord]:
    """The whole records of a file in their order, up to the first that is not.

    Where the last one ends (offset + length) short of the file's size, the rest is torn.
    """
    with path.open("rb") as file:
        handle, offset = file.fileno(), 0
        while offset < os.fstat(handle).st_size:
            try:
                record = read_record(handle, offset)
            except BrokenRecordError:
                return
            yield record
            offset += record.length


@contextmanager
def _opened(blobs: Blobs, name: str, offset: int, *, is_request: bool = False) -> Iterator[int]:
    """A handle of a WARC file. Raises StorageError where what is read in the block cannot be."""
    try:
        with blobs.open(name) as file:
            yield file.fileno()
    except (OSError, BrokenRecordError) as error:
        code = "warc.request_unread" if is_request else "warc.record_unread"
        raise StorageError(code=code, where=f"{blobs.where(name)}:{offset}", why=note_of(error).plain) from error


def stored_payload(blobs: Blobs, place: WarcPlace) -> tuple[RecordHead, bytes]:
    """The heads and the payload, as stored, of the record at ``place``. Raises StorageError where none can be read."""
    with _opened(blobs, place.file, place.offset) as handle:
        return read_payload(handle, place.offset, place.length)


def stored_payload_pieces(blobs: Blobs, place: WarcPlace) -> Generator[bytes, None, None]:
    """Give the payload, as stored, of the record at ``place`` in pieces of bounded size.

    Raises StorageError where it cannot be read.
    """
    with _opened(blobs, place.file, place.offset) as handle:
        yield from _Content(handle, place.offset).payload()


def stored_head(blobs: Blobs, place: WarcPlace) -> RecordHead:
    """The heads of the record at ``place``. Raises StorageError where none can be read."""
    with _opened(blobs, place.file, place.offset) as handle:
        return read_head(handle, place.offset)


def stored_request(blobs: Blobs, place: WarcPlace, of: str) -> tuple[RecordHead, bytes]:
    """The heads and the body of the request record that follows the record at ``place``, whose id is ``of`` (hex).

    Raises StorageError where there is none: the file is damaged, or was torn there while its last record was written.
    """
    start = place.offset + place.length
    with _opened(blobs, place.file, start, is_request=True) as handle:
        return read_request(handle, start, of)


class _Content:
    """The content of one gzip member, unpacked step by step; each stretch of the file is read once."""

    def __init__(self, handle: int, offset: int) -> None:
        self._handle, self._offset, self._position = handle, offset, offset
        self._engine = zlib.decompressobj(31)
        self._held = b""  # unpacked and not yet taken
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
        """Bytes that the member takes in the file, once its payload was read."""
        return self._position - len(self._engine.unused_data) - self._offset

    def payload(self) -> Iterator[bytes]:
        """What follows the heads, in pieces, and the end of the record behind it."""
        while self._left:
            piece = self._read(self._left)
            if not piece:
                raise self._broken(Note("record_shorter"))
            self._left -= len(piece)
            yield piece
        end = b""
        while len(end) <= len(_END) and (piece := self._read(len(_END) + 1 - len(end))):
            end += piece
        if end != _END:
            raise self._broken(Note("record_longer"))

    def _warc_fields(self) -> dict[str, str]:
        head = self._until_empty_line(HEAD_MAX)
        version, *lines = head.removesuffix(_END).decode("utf-8", "replace").split("\r\n")
        if version not in {"WARC/1.1", "WARC/1.0"}:
            raise self._broken(Note("no_record_begins", {"text": version[:20]}))
        if not head.endswith(_END):
            raise self._broken(Note("record_head_endless"))
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields.setdefault(name.strip().lower(), value.strip())
        size = fields.get("content-length", "")
        if not (size.isascii() and size.isdecimal()):
            raise self._broken(Note("record_length_unsaid", {"text": size[:20]}))
        return fields

    def _until_empty_line(self, most: int) -> bytes:
        """Content up to an empty line and with it; at most so many bytes."""
        found = bytearray()
        while len(found) < most and (piece := self._read(most - len(found))):
            start = max(len(found) - len(_END) + 1, 0)
            found += piece
            if (end := found.find(_END, start)) >= 0:
                end += len(_END)
                self._held = bytes(found[end:]) + self._held
                return bytes(found[:end])
        return bytes(found)

    def _read(self, most: int) -> bytes:
        """Some more content, at most so many bytes; nothing at the end of the member."""
        while not self._held and not self._engine.eof:
            data = self._engine.unconsumed_tail or os.pread(self._handle, _CHUNK, self._position)
            if not data:
                raise self._broken(Note("file_ends_in_record"))
            if not self._engine.unconsumed_tail:
                self._position += len(data)
            try:
                self._held = self._engine.decompress(data, _CHUNK)
            except zlib.error as error:
                raise self._broken(Note("no_gzip_member", {"text": str(error)})) from error
        piece, self._held = self._held[:most], self._held[most:]
        return piece

    def _broken(self, note: Note) -> BrokenRecordError:
        return BrokenRecordError(self._offset, note)


def has_content_coding(headers: Headers) -> bool:
    """Whether a Content-Encoding is to be undone."""
    codings = (value.strip().lower() for name, value in headers if name.lower() == "content-encoding")
    return any(coding not in {"", "identity"} for coding in codings)


def _info(block: bytes | bytearray) -> dict[str, str]:
    lines = (line.partition(":") for line in block.decode("utf-8", "replace").splitlines())
    return {name: value.strip() for name, _, value in lines}
