"""Make WARC/1.1 records: each is a gzip member of its own, with SHA-256 digests in hex.

What a portal sent reaches a field only as :mod:`storage.warc_fields` gives it. HTTP heads are written byte for byte.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.exchange import Exchange, Given
from storage.records import Capture
from storage.warc_fields import (
    CAPTURE_FIELD,
    address,
    capture_note,
    message_head,
    one_line,
    request_line,
    split_http,
    target_uri,
    urn,
    warc_date,
)

IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

Members = tuple[bytes, bytes]  # the gzip members of a record and of the one that belongs to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """What a revisit record refers to: the first capture of the same payload."""

    profile: str
    record_id: str
    url: str
    fetched_at: datetime


def exchange_members(exchange: Exchange, capture: Capture, revisit: Revisit | None = None) -> Members:
    """The ``response`` or ``revisit`` record of a capture's exchange, and its ``request`` record."""
    uri = target_uri(exchange.url)
    digest = capture.payload_digest or hashlib.sha256(exchange.body).hexdigest()
    fields = _fields("response", capture.id, exchange.fetched_at, uri, revisit)
    if exchange.ip is not None and (ip := address(exchange.ip)):
        fields["WARC-IP-Address"] = ip
    fields |= {"WARC-Payload-Digest": f"sha256:{digest}", "Content-Type": "application/http; msgtype=response"}
    head = _response_head(exchange, is_304=revisit is not None and revisit.profile == NOT_MODIFIED)
    answer = _member(fields, head=head, payload=exchange.body if revisit is None else b"", note=capture)
    fields = _fields("request", uuid.uuid4().hex, exchange.fetched_at, uri)
    fields |= {"WARC-Concurrent-To": urn(capture.id), "WARC-Payload-Digest": _digest(exchange.request_body)}
    fields["Content-Type"] = "application/http; msgtype=request"
    head = message_head(request_line(exchange.method, exchange.url), exchange.request_headers)
    return answer, _member(fields, head=head, payload=exchange.request_body)


def given_members(given: Given, capture: Capture, revisit: Revisit | None = None) -> Members:
    """The ``resource`` (or ``revisit``) record of a document that was not fetched, and a ``metadata`` record of what is
    known about it, empty where nothing is.
    """
    uri = target_uri(given.target or given.url)
    fields = _fields("resource", capture.id, given.at, uri, revisit)
    fields |= {"WARC-Payload-Digest": _digest(given.body)}
    fields["Content-Type"] = _encodable(given.mime) or "application/octet-stream"
    first = _member(fields, payload=given.body if revisit is None else b"", note=capture)
    block = _warc_fields(given.about)
    if not block:
        return first, b""
    fields = _fields("metadata", uuid.uuid4().hex, given.at, uri)
    fields |= {"WARC-Refers-To": urn(capture.id), "WARC-Payload-Digest": _digest(block)}
    return first, _member(fields | {"Content-Type": "application/warc-fields"}, payload=block)


def warcinfo_member(name: str, info: Mapping[str, str], now: datetime) -> bytes:
    """The ``warcinfo`` record that begins the file ``name``."""
    fields = _fields("warcinfo", uuid.uuid4().hex, now)
    fields |= {"WARC-Filename": name, "Content-Type": "application/warc-fields"}
    return _member(fields, payload=_warc_fields(info))


def _fields(kind: str, record_id: str, at: datetime, uri: str = "", revisit: Revisit | None = None) -> dict[str, str]:
    """The fields by which a record is known; of a revisit also what it refers to."""
    made = {"WARC-Type": kind if revisit is None else "revisit", "WARC-Record-ID": urn(record_id)}
    made["WARC-Date"] = warc_date(at)
    if uri:
        made["WARC-Target-URI"] = uri
    if revisit is not None:
        made |= {"WARC-Refers-To": urn(revisit.record_id), "WARC-Profile": revisit.profile}
        made["WARC-Refers-To-Target-URI"] = target_uri(revisit.url)
        made["WARC-Refers-To-Date"] = warc_date(revisit.fetched_at)
    return made


def _member(fields: dict[str, str], *, head: bytes = b"", payload: bytes, note: Capture | None = None) -> bytes:
    """A record as a gzip member, at the usual level of compression."""
    size = len(head) + len(payload)
    if note is not None:
        readable = {name.lower(): value for name, value in fields.items()} | {"content-length": str(size)}
        first_line, headers, _ = split_http(head) if head else ("", [], b"")
        fields[CAPTURE_FIELD] = capture_note(note, readable, first_line, headers)
    fields |= {"WARC-Block-Digest": _digest(head, payload), "Content-Length": str(size)}
    lines = "\r\n".join(["WARC/1.1", *(f"{name}: {value}" for name, value in fields.items())])
    engine = zlib.compressobj(wbits=31)
    parts = (lines.encode(), b"\r\n\r\n", head, payload, b"\r\n\r\n")
    return b"".join([*map(engine.compress, parts), engine.flush()])


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return f"sha256:{digest.hexdigest()}"


def _response_head(exchange: Exchange, *, is_304: bool) -> bytes:
    """The head of the answer, whose Content-Length is that of the body as it is kept (a 304 keeps its own)."""
    dropped = {"transfer-encoding"} if is_304 else {"transfer-encoding", "content-length"}
    headers = [entry for entry in exchange.response_headers if entry[0].lower() not in dropped]
    if not is_304:
        headers.append(("Content-Length", str(len(exchange.body))))
    return message_head(f"HTTP/1.1 {exchange.status:03} {exchange.reason_phrase}", headers)


def _warc_fields(info: Mapping[str, str]) -> bytes:
    return "".join(f"{key}: {_encodable(value)}\r\n" for key, value in info.items() if value).encode()


def _encodable(text: str) -> str:
    """``text`` on one line, without what UTF-8 cannot hold."""
    return one_line(text).encode("utf-8", "replace").decode()
