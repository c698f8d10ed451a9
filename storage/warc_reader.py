"""Read WARC records, ours and those of other archives: gzip members at known offsets, or one after another.

Digests are computed again, so that reading checks what was written. A record is unpacked only as far as its own head
says, and a block longer than ``RECORD_MAX_BYTES`` is refused: no damaged or hostile file can take more memory.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import BinaryIO

from storage import warc_fields
from storage.blobs import Blobs
from storage.errors import StorageError, note_of
from storage.exchange import Headers, decode_body, without_chunks
from storage.records import LARGEST_BODY, Capture, Note, WarcPlace
from storage.warc_fields import split_http, urn

HEAD_MAX_BYTES = 1 << 20  # of a WARC or HTTP head
RECORD_MAX_BYTES = LARGEST_BODY + HEAD_MAX_BYTES  # of a block; we never write a longer one
_SKIPPED_MAX_BYTES = 1 << 30  # unpacked bytes of a record that is skipped; longer ones end the reading of a file
_CHUNK_BYTES = 1 << 17  # read at once
_HEAD_END = b"\r\n\r\n"
_ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha512"})  # of digests in records of other archives


class BrokenRecordError(Exception):
    """There is no complete record at ``offset``; ``note`` says what is there."""

    def __init__(self, offset: int, note: Note) -> None:
        super().__init__(str(note))
        self.offset = offset
        self.note = note


@dataclass(frozen=True, kw_only=True)
class RecordHead:
    """The heads of a record: WARC fields (lower-case names, the first of each) and ``message_head``, the bytes of an
    HTTP message up to its body. ``payload_size``: of the rest of its block.
    """

    fields: Mapping[str, str]
    message_head: bytes = b""
    payload_size: int

    @property
    def first_line(self) -> str:
        """Return the first line of the HTTP message, "" if there is none."""
        return split_http(self.message_head)[0]

    @cached_property
    def headers(self) -> Headers:
        """Return the headers of the HTTP message."""
        return split_http(self.message_head)[1]

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
    def target(self) -> str:
        """Return the address that was asked for; writers of WARC 1.0 put it in angle brackets."""
        return self.fields.get("warc-target-uri", "").removeprefix("<").removesuffix(">")

    @property
    def status(self) -> int:
        """Return the status of an HTTP response, 0 if its first line has none."""
        text = "".join(self.first_line.split(" ")[1:2])
        return int(text) if re.fullmatch(r"[0-9]{3}", text) else 0

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

    ``payload``: the body of an HTTP message, else the whole block.
    """

    offset: int
    length: int
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
        decoded = decode_body(self.payload, self.headers)
        if decoded is self.payload:
            return self.payload_digest
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
    return _read_heads(offset, io.BufferedReader(_Member(file, offset)))


def read_record(file: BinaryIO, offset: int) -> WarcRecord:
    """Read the record at ``offset`` to its end. Raises :class:`BrokenRecordError`."""
    member = _Member(file, offset)
    content = io.BufferedReader(member)
    head = _read_heads(offset, content)
    payload, end = content.read(head.payload_size), content.read(len(_HEAD_END) + 1)
    if len(payload) < head.payload_size:
        raise BrokenRecordError(offset, Note("record_shorter"))
    if end != _HEAD_END:
        raise BrokenRecordError(offset, Note("record_longer"))
    return WarcRecord(
        fields=head.fields,
        message_head=head.message_head,
        payload_size=head.payload_size,
        offset=offset,
        length=member.length,
        payload=payload,
    )


def read_request(file: BinaryIO, offset: int, answer_id: str) -> WarcRecord:
    """Read the request record at ``offset`` of the record ``answer_id`` (hex). Raises :class:`BrokenRecordError`."""
    request = read_record(file, offset)
    if not answer_id or request.kind != "request" or request.fields.get("warc-concurrent-to") != urn(answer_id):
        raise BrokenRecordError(offset, Note("record_of_other_kind", {"kind": request.kind}))
    return request


def read_records(file: BinaryIO, places: Sequence[int] = ()) -> Iterator[WarcRecord | BrokenRecordError]:
    """Yield the records of an open file in order. Where there is no complete record, yield the error and continue: at
    the next of ``places`` (sorted offsets of records), else behind the gzip member, if that can be unpacked.
    """
    offset, size = 0, file.seek(0, os.SEEK_END)
    while offset < size:
        try:
            record = read_record(file, offset)
        except BrokenRecordError as broken:
            yield broken
            following = bisect_right(places, offset)
            try:
                offset = places[following] if following < len(places) else _end_of_member(file, offset)
            except BrokenRecordError:
                return
        else:
            yield record
            offset = record.end


def whole_records(file: BinaryIO) -> Iterator[WarcRecord]:
    """Yield the complete records of an open file in order, up to the first incomplete one."""
    for record in read_records(file):
        if isinstance(record, BrokenRecordError):
            return
        yield record


def stored_record(blobs: Blobs, place: WarcPlace) -> WarcRecord:
    """Return the record at ``place``. Raises StorageError if it cannot be read."""
    with _open_record(blobs, place) as file:
        record = read_record(file, place.offset)
        if record.length != place.length:
            note = Note("record_length_differs", {"length": record.length, "row": place.length})
            raise BrokenRecordError(place.offset, note)
        return record


def payload_pieces(blobs: Blobs, place: WarcPlace) -> Iterator[bytes]:
    """Yield the payload of the record at ``place`` as it was sent, or what there is of it. Raises StorageError."""
    with _open_record(blobs, place) as file:
        content = io.BufferedReader(_Member(file, place.offset))
        size = _read_heads(place.offset, content).payload_size
        while piece := content.read(min(size, _CHUNK_BYTES)):
            yield piece
            size -= len(piece)


@contextmanager
def _open_record(blobs: Blobs, place: WarcPlace) -> Iterator[BinaryIO]:
    """Open the file of a record; say of errors of reading where they were, as StorageError."""
    try:
        with blobs.open(place.file) as file:
            yield file
    except (OSError, BrokenRecordError) as error:
        where = f"{blobs.where(place.file)}:{place.offset}"
        raise StorageError(code="warc.record_unread", where=where, why=note_of(error).as_json) from error


def digests_hold(record: WarcRecord, listed: str = "") -> bool:
    """Return whether a record has the digests that it states, and that of a list (``listed``, "" for none).

    Archives differ in whether the payload's digest is taken with the chunks of the transfer coding or without. Digests
    by algorithms that we do not have are not compared.
    """
    block = record.message_head + record.payload
    payloads = (record.payload, without_chunks(record.payload, record.headers) or b"")
    declared_digest = record.fields.get("warc-payload-digest", "")
    return (
        _has_digest(record.fields.get("warc-block-digest", ""), block)
        and _has_digest(declared_digest, *payloads)
        and _has_digest(listed, *payloads)
    )


def _has_digest(declared_digest: str, *contents: bytes) -> bool:
    """Return whether one of some contents has a digest as ``sha1:`` and base32 or hex, or bare as in CDX (SHA-1). True
    also if no digest is declared, or one that we cannot compute.
    """
    algorithm, _, value = declared_digest.rpartition(":")
    algorithm = algorithm.lower().replace("-", "") or "sha1"
    if value in {"", "-"} or algorithm not in _ALGORITHMS:
        return True
    digests = [hashlib.new(algorithm, content, usedforsecurity=False).digest() for content in contents]
    return any(value.upper() == base64.b32encode(one).decode() or value.lower() == one.hex() for one in digests)


# ------------------------------------------------------------------------------------------------------ one member


class _Member(io.RawIOBase):
    """A gzip member of a file, which is unpacked as it is read. Reading raises :class:`BrokenRecordError`."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self.offset = offset
        self._file, self._position = file, offset
        self._engine = zlib.decompressobj(31)

    @property
    def length(self) -> int:
        """Return the member's length in the file; valid once it is unpacked to its end."""
        return self._position - len(self._engine.unused_data) - self.offset

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # BufferedReader gives nothing else
        """Unpack the next bytes of the member into ``buffer``; return how many (0: its end)."""
        unpacked = b""
        while not unpacked and not self._engine.eof:
            try:
                unpacked = self._engine.decompress(self._engine.unconsumed_tail or self._read_chunk(), len(buffer))
            except zlib.error as error:
                raise BrokenRecordError(self.offset, Note("no_gzip_member", {"text": str(error)})) from error
        buffer[: len(unpacked)] = unpacked
        return len(unpacked)

    def _read_chunk(self) -> bytes:
        self._file.seek(self._position)
        data = self._file.read(_CHUNK_BYTES)
        if not data:
            raise BrokenRecordError(self.offset, Note("file_ends_in_record"))
        self._position += len(data)
        return data


def _end_of_member(file: BinaryIO, offset: int) -> int:
    """Unpack the member at ``offset`` to its end without keeping it; return the offset after it."""
    member, skipped = _Member(file, offset), 0
    content = io.BufferedReader(member)
    while piece := content.read(_CHUNK_BYTES):
        skipped += len(piece)
        if skipped > _SKIPPED_MAX_BYTES:
            raise BrokenRecordError(offset, Note("record_too_long", {"size": skipped}))
    return offset + member.length


def _read_heads(offset: int, content: BinaryIO) -> RecordHead:
    """Read the WARC fields of a record and, if it has one, the head of its HTTP message; ``content`` is left at the
    payload. ``offset``: of the record in its file, for errors. Raises BrokenRecordError.
    """
    head = _read_head(content, HEAD_MAX_BYTES)
    version, *lines = head.decode("utf-8", "replace").split("\r\n")
    if version not in {"WARC/1.1", "WARC/1.0"}:
        raise BrokenRecordError(offset, Note("no_record_begins", {"text": version[:20]}))
    if not head.endswith(_HEAD_END):
        raise BrokenRecordError(offset, Note("record_head_endless"))
    fields: dict[str, str] = {}
    for name, _, value in (line.partition(":") for line in lines[:-2]):
        fields.setdefault(name.strip().lower(), value.strip())
    text = fields.get("content-length", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise BrokenRecordError(offset, Note("record_length_unsaid", {"text": text[:20]}))
    size = int(text)
    record = RecordHead(fields=fields, payload_size=size)
    if size > RECORD_MAX_BYTES:
        raise BrokenRecordError(offset, Note("record_too_long", {"size": size}))
    if not record.is_http:
        return record
    message_head = _read_head(content, min(size, HEAD_MAX_BYTES))
    if not message_head.endswith(_HEAD_END) and len(message_head) < size:
        raise BrokenRecordError(offset, Note("message_head_endless"))
    return replace(record, message_head=message_head, payload_size=size - len(message_head))


def _read_head(content: BinaryIO, max_bytes: int) -> bytes:
    """Return the bytes up to the first empty line, or the first ``max_bytes`` if there is none in them."""
    head = bytearray()
    while not head.endswith(_HEAD_END) and (line := content.readline(max_bytes - len(head))):
        head += line
    return bytes(head)
