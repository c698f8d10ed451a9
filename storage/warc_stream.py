"""WARC records as they stream by: heads are kept, contents only weighed and digested. Standard library only.

For checking and indexing: memory does not grow with a record, whatever a damaged or hostile file says of itself; only a
body whose Content-Encoding is to be undone is held, up to ``DECODED_MAX`` bytes. :mod:`storage.warc` writes the files
and reads single records; that this module shares nothing with it is what makes it a check.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.exchange import DECODED_MAX, Headers, decode
from storage.wire import split_http

HEAD_MAX = 1 << 20  # bytes of a WARC or HTTP head
_KEPT = 1 << 16  # bytes of a block of warc-fields
_CHUNK = 1 << 17
_STEP = 1 << 20  # bytes unpacked at once
_END = b"\r\n\r\n"


class BrokenRecordError(Exception):
    """No whole record stands at ``offset``. ``torn``: the file ends within it."""

    def __init__(self, offset: int, why: str, *, torn: bool = False) -> None:
        super().__init__(why)
        self.offset, self.torn = offset, torn


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """A whole record. Digests are SHA-256 in hex, of what the file holds, whatever its fields claim.

    ``payload``: the body of an HTTP message, else the block; ``document``: it with its Content-Encoding undone,
    None where it cannot be. ``block``: the content where it is ``application/warc-fields``, else empty.
    """

    offset: int
    length: int
    heads: Heads
    block_size: int
    block_digest: str
    payload_size: int
    payload_digest: str
    document: str | None
    block: bytes = b""


def read_heads(handle: int, offset: int) -> Heads:
    """The heads of the record at ``offset`` of an open file; of its content no more is unpacked than that takes.

    Raises :class:`BrokenRecordError`.
    """
    member = _Member(handle, offset, os.fstat(handle).st_size)
    parser = _Parser(offset)
    while not parser.heads_read and (piece := member.read()):
        parser.feed(piece)
    if not parser.heads_read:
        raise BrokenRecordError(offset, "the record ends within its head")
    return parser.heads()


def read_record(handle: int, offset: int, size: int) -> Streamed:
    """Read the record at ``offset`` of an open file of ``size`` bytes. Raises :class:`BrokenRecordError`."""
    member = _Member(handle, offset, size)
    parser = _Parser(offset)
    while piece := member.read():
        parser.feed(piece)
    return parser.result(member.length)


class _Member:
    """One gzip member, unpacked in steps; each stretch of the file is read once."""

    def __init__(self, handle: int, offset: int, size: int) -> None:
        self._handle, self._offset, self._size = handle, offset, size
        self._position, self._waiting = offset, b""
        self._engine = zlib.decompressobj(31)

    @property
    def length(self) -> int:
        """Bytes the member takes in the file, once it was read to its end."""
        return self._position - len(self._engine.unused_data) - self._offset

    def read(self) -> bytes:
        """Some more content; nothing at the end of the member."""
        while not self._engine.eof:
            if not self._waiting:
                self._waiting = os.pread(self._handle, min(_CHUNK, max(self._size - self._position, 0)), self._position)
                self._position += len(self._waiting)
                if not self._waiting:
                    raise BrokenRecordError(self._offset, "the file ends within the record", torn=True)
            try:
                piece = self._engine.decompress(self._waiting, _STEP)
            except zlib.error as error:
                raise BrokenRecordError(self._offset, f"what stands there is no gzip member ({error})") from error
            self._waiting = self._engine.unconsumed_tail
            if piece:
                return piece
        return b""


class _Parser:
    """Bytes of a record → heads and digests."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._head = bytearray()  # of the record; then of the message
        self._fields: dict[str, str] | None = None
        self._left = 0  # bytes of the block still to come
        self._tail = b""
        self._http: tuple[str, Headers] | None = None
        self._in_http = False
        self._block, self._payload = hashlib.sha256(), hashlib.sha256()
        self._block_size = self._payload_size = 0
        self._encoded: bytearray | None = None  # a body whose coding is to be undone
        self._kept: bytearray | None = None  # warc-fields

    @property
    def heads_read(self) -> bool:
        return self._fields is not None and not self._in_http

    def heads(self) -> Heads:
        first, headers = self._http or ("", [])
        return Heads(fields=self._fields or {}, first_line=first, headers=headers)

    def feed(self, piece: bytes) -> None:
        if self._fields is None:
            self._head += piece
            if (end := self._head.find(_END)) < 0:
                if len(self._head) > HEAD_MAX:
                    raise BrokenRecordError(self._offset, "its head does not end")
                return
            rest = bytes(self._head[end + len(_END) :])
            self._begin(bytes(self._head[:end]))
            self._head.clear()
            piece = rest
        content, after = piece[: self._left], piece[self._left :]
        self._left -= len(content)
        if content:
            self._content(content)
        if self._left == 0 and self._in_http:
            self._message(bytes(self._head), b"")  # a message that is all head
        self._tail += after[: len(_END) + 1]
        if len(self._tail) > len(_END) or not _END.startswith(self._tail):
            raise BrokenRecordError(self._offset, "its content is longer than it says, or does not end as it must")

    def result(self, length: int) -> Streamed:
        if self._fields is None or self._left or self._tail != _END:
            raise BrokenRecordError(self._offset, "its content is shorter than it says")
        heads = self.heads()
        payload = self._payload.hexdigest()
        document: str | None = payload
        if self._encoded is not None:
            undone = decode(bytes(self._encoded), heads.headers) if len(self._encoded) <= DECODED_MAX else None
            document = None if undone is None else hashlib.sha256(undone).hexdigest()
        return Streamed(
            offset=self._offset,
            length=length,
            heads=heads,
            block_size=self._block_size,
            block_digest=self._block.hexdigest(),
            payload_size=self._payload_size,
            payload_digest=payload,
            document=document,
            block=bytes(self._kept or b""),
        )

    def _begin(self, head: bytes) -> None:
        version, *lines = head.decode("utf-8", "replace").split("\r\n")
        if version not in {"WARC/1.1", "WARC/1.0"}:
            raise BrokenRecordError(self._offset, f"it does not begin as a WARC record does ({version[:20]!r})")
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields.setdefault(name.strip().lower(), value.strip())
        size = fields.get("content-length", "")
        if not (size.isascii() and size.isdecimal()):
            raise BrokenRecordError(self._offset, f"its Content-Length is no number ({size[:20]!r})")
        self._fields, self._left = fields, int(size)
        kind = fields.get("content-type", "").lower()
        self._in_http = kind.startswith("application/http")
        self._kept = bytearray() if kind.startswith("application/warc-fields") else None

    def _content(self, content: bytes) -> None:
        self._block.update(content)
        self._block_size += len(content)
        if self._in_http:
            self._head += content
            if (end := self._head.find(_END)) >= 0:
                self._message(bytes(self._head[:end]), bytes(self._head[end + len(_END) :]))
            elif len(self._head) > HEAD_MAX:
                raise BrokenRecordError(self._offset, "the head of its message does not end")
            return
        if self._kept is not None:
            self._kept += content[: _KEPT - len(self._kept)]
        self._body(content)

    def _message(self, head: bytes, body: bytes) -> None:
        self._in_http = False
        first, headers, _ = split_http(head + _END)
        self._http = first, headers
        codings = (value.strip().lower() for name, value in headers if name.lower() == "content-encoding")
        if any(coding not in {"", "identity"} for coding in codings):
            self._encoded = bytearray()
        self._head.clear()
        self._body(body)

    def _body(self, body: bytes) -> None:
        self._payload.update(body)
        self._payload_size += len(body)
        if self._encoded is not None and len(self._encoded) <= DECODED_MAX:
            self._encoded += body
