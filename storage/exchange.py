"""One HTTP exchange as it was sent, and what its headers say. Uses the standard library only (brotli is optional)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from storage.records import LARGEST_BODY

try:
    import brotli  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ImportError:  # a smaller installation: the crawler does not ask for br then
    brotli = None
if not hasattr(getattr(brotli, "Decompressor", None), "can_accept_more_data"):  # before 1.2 output cannot be limited
    brotli = None

Headers = list[tuple[str, str]]
_PIECE_BYTES = 1 << 20  # bytes of output at a time
_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r\n")  # its size in hex, in chunked coding


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its response. ``body`` is as sent (Content-Encoding kept, Transfer-Encoding undone);
    ``request_body`` is what a POST sent.

    Header strings are the bytes as sent, decoded as Latin-1. ``ip``: the address that answered, if known. ``tls``: what
    is wrong with the server's certificate, as in :class:`~storage.records.Capture`.
    """

    url: str
    method: str = "GET"
    request_headers: Headers
    request_body: bytes = b""
    status: int
    reason_phrase: str = ""
    response_headers: Headers
    body: bytes
    ip: str | None = None
    tls: str | None = None
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A document of ``url`` that its server did not send: a person imported it, or a browser made it from a page.

    ``at``: when it came in. ``target``: the name in its WARC record, if not ``url``. ``about``: how it was made (name →
    one line), stored beside it as a ``metadata`` record.
    """

    url: str
    mime: str
    body: bytes
    at: datetime
    target: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first header called ``name`` (in any case), stripped; None if there is none."""
    lower_name = name.lower()
    return next((value.strip() for key, value in headers if key.lower() == lower_name), None)


def mime_of(headers: Headers) -> str | None:
    """Return the media type that the headers declare, in lower case without parameters, None if there is none."""
    value = (header(headers, "content-type") or "").partition(";")[0].strip().lower()
    return value[:100] or None


def server_date(headers: Headers) -> datetime | None:
    """Return the server's ``Date``, None if missing or unreadable."""
    value = header(headers, "date")
    if value is None or len(value) > 100:
        return None
    try:
        parsed = parsedate_to_datetime(value)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def without_chunks(body: bytes, headers: Headers) -> bytes | None:
    """Return a body with chunked Transfer-Encoding undone, None if its chunks are damaged.

    We never store chunks, other archives may. Common Crawl undoes them; a body without chunks is returned as it is.
    """
    pieces, position = list[bytes](), 0
    if "chunked" not in (header(headers, "transfer-encoding") or "").lower():
        return body
    while head := _CHUNK_HEAD.match(body, position):
        size, start = int(head[1], 16), head.end()
        if not size:
            return b"".join(pieces)
        if start + size > len(body):
            break
        pieces.append(body[start : start + size])
        position = start + size + 2
    return None if pieces else body


class BodyTooLongError(ValueError):
    """A body unpacks to more bytes than allowed."""


def decode_body(body: bytes, headers: Headers, *, limit: int = LARGEST_BODY) -> bytes | None:
    """Return ``body`` as :func:`undo_codings` does; None also if it unpacks to more than ``limit`` bytes."""
    try:
        return undo_codings(body, headers, limit)
    except BodyTooLongError:
        return None


def undo_codings(body: bytes, headers: Headers, limit: int) -> bytes | None:
    """Return ``body`` with its chunks and its Content-Encoding (gzip, deflate, br, several in a row) undone; without
    any of them ``body`` itself. Raises :class:`BodyTooLongError` beyond ``limit`` bytes.

    None if that fails: damaged, truncated, unknown coding, more than three codings.
    """
    declared = ",".join(value for key, value in headers if key.lower() == "content-encoding")
    codings = [coding for part in declared.split(",") if (coding := part.strip().lower()) not in {"", "identity"}]
    if len(codings) > 3:
        return None
    result = without_chunks(body, headers)
    for coding in reversed(codings):
        if not result:
            return result
        if coding in {"gzip", "x-gzip"}:
            result = _inflate(result, 31, limit)
        elif coding == "deflate":
            wrapped = _inflate(result, 15, limit)
            result = _inflate(result, -15, limit) if wrapped is None else wrapped  # many servers send it raw
        elif coding == "br":
            result = _unbrotli(result, limit)
        else:
            return None
    return result


def _inflate(data: bytes, wbits: int, limit: int) -> bytes | None:
    """Return gzip or deflate data unpacked, None if it is damaged or incomplete. Raises :class:`BodyTooLongError`.

    ``wbits`` is zlib's code of the format: 31 is gzip, 15 zlib, -15 raw deflate.
    """
    out = bytearray()
    while True:
        engine = zlib.decompressobj(wbits)
        try:
            out += engine.decompress(data, limit - len(out) + 1)
        except zlib.error:
            return None
        if len(out) > limit:
            raise BodyTooLongError
        if not engine.eof:
            return None
        data = engine.unused_data
        if wbits != 31 or not data.startswith(b"\x1f\x8b"):  # bytes after the last stream do not belong to it
            return bytes(out)


def _unbrotli(data: bytes, limit: int) -> bytes | None:
    """Return Brotli data unpacked, None if damaged, cut short, or the library is missing. Raises BodyTooLongError."""
    if brotli is None:
        return None
    engine = brotli.Decompressor()
    out = bytearray()
    try:
        while not engine.is_finished():
            piece = engine.process(data, output_buffer_limit=_PIECE_BYTES)
            data = b""
            out += piece
            if len(out) > limit:
                raise BodyTooLongError
            if not piece and engine.can_accept_more_data():  # cut short
                return None
    except brotli.error:
        return None
    return bytes(out)
