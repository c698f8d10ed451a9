"""Make WARC/1.1 records with warcio's writer: each is a gzip member of its own, with SHA-256 digests in hex.

What a portal sent reaches a field only as :mod:`storage.warc_fields` gives it. HTTP heads are written byte for byte.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from storage import warc_fields
from storage.exchange import Exchange, Given
from storage.records import Capture
from storage.warc_fields import address, message_head, one_line, request_line, split_http, target_uri, urn, warc_date

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


def exchange_members(
    exchange: Exchange,
    record_id: str,
    *,
    note: Capture | str = "",
    payload_digest: str | None = None,
    revisit: Revisit | None = None,
) -> Members:
    """The ``response`` or ``revisit`` record of an exchange, and its ``request`` record.

    ``note``: the capture, or the text of the note as it is; ``payload_digest``: SHA-256 of what the answer stands for,
    by default of its body.
    """
    writer = _RecordWriter()
    fields = _record_fields(record_id, exchange.fetched_at)
    if exchange.ip is not None and (ip := address(exchange.ip)):
        fields["WARC-IP-Address"] = ip
    digest = payload_digest or hashlib.sha256(exchange.body).hexdigest()
    head = _response_head(exchange, is_304=revisit is not None and revisit.profile == NOT_MODIFIED)
    uri = target_uri(exchange.url)
    if revisit is None:
        fields["WARC-Payload-Digest"] = f"sha256:{digest}"
        record = writer.record("response", uri, fields, head=head, payload=exchange.body)
    else:
        record = writer.revisit(uri, fields, revisit, digest, head=head)
    answer = writer.member(record, note)
    fields = _record_fields(uuid.uuid4().hex, exchange.fetched_at) | {"WARC-Concurrent-To": urn(record_id)}
    head = _HttpHead(message_head(request_line(exchange.method, exchange.url), exchange.request_headers))
    request = writer.record("request", uri, fields, head=head, payload=exchange.request_body)
    return answer, writer.member(request)


def given_members(given: Given, record_id: str, *, note: Capture | str, revisit: Revisit | None = None) -> Members:
    """The ``resource`` (or ``revisit``) record of a document that was not fetched, and a ``metadata`` record of what is
    known about it, empty where nothing is.
    """
    writer = _RecordWriter()
    uri, mime = target_uri(given.target or given.url), _encodable(given.mime) or "application/octet-stream"
    fields = _record_fields(record_id, given.at) | {"Content-Type": mime}
    if revisit is None:
        record = writer.record("resource", uri, fields, payload=given.body)
    else:
        record = writer.revisit(uri, fields, revisit, hashlib.sha256(given.body).hexdigest())
    first = writer.member(record, note)
    block = _warc_fields(given.about)
    if not block:
        return first, b""
    fields = _record_fields(uuid.uuid4().hex, given.at) | {"WARC-Refers-To": urn(record_id)}
    return first, writer.member(writer.record("metadata", uri, fields, payload=block))


def warcinfo_member(name: str, info: Mapping[str, str], now: datetime) -> bytes:
    """The ``warcinfo`` record that begins the file ``name``."""
    writer = _RecordWriter()
    fields = _record_fields(uuid.uuid4().hex, now) | {"WARC-Filename": name}
    return writer.member(writer.record("warcinfo", "", fields, payload=_warc_fields(info)))


class _RecordWriter(WARCWriter):  # type: ignore[misc]
    """warcio's writer, whose digests are SHA-256 in hex and whose output is one gzip member per record."""

    def __init__(self) -> None:
        super().__init__(None, gzip=False, warc_version="1.1")

    @staticmethod
    def _create_digester() -> Digester:
        return _Sha256()

    def record(
        self,
        kind: str,
        uri: str,
        fields: Mapping[str, str],
        *,
        head: _HttpHead | None = None,
        payload: bytes,
    ) -> ArcWarcRecord:
        return self.create_warc_record(
            uri,
            kind,
            payload=BytesIO(payload),
            length=len(payload),
            warc_headers_dict={"WARC-Type": kind, **fields},
            http_headers=head,
        )

    def revisit(
        self, uri: str, fields: Mapping[str, str], of: Revisit, digest: str, *, head: _HttpHead | None = None
    ) -> ArcWarcRecord:
        record = self.create_revisit_record(
            uri,
            f"sha256:{digest}",
            target_uri(of.url),
            warc_date(of.fetched_at),
            http_headers=head,
            warc_headers_dict={"WARC-Type": "revisit", **fields, "WARC-Refers-To": urn(of.record_id)},
        )
        record.rec_headers.replace_header("WARC-Profile", of.profile)
        return record

    def member(self, record: ArcWarcRecord, note: Capture | str = "") -> bytes:
        """The record as a gzip member, with the note of its capture."""
        if isinstance(note, Capture):
            note = warc_fields.capture_note(note, *_readable(record))
        if note:
            record.rec_headers.add_header(warc_fields.CAPTURE_FIELD, note)
        self.out = _GzipMember()
        self.write_record(record)
        return self.out.content()


class _GzipMember:
    """A gzip member in memory, at the usual level of compression; warcio's own takes twice the time for 1 % less."""

    def __init__(self) -> None:
        self._engine, self._parts = zlib.compressobj(wbits=31), list[bytes]()

    def write(self, data: bytes) -> None:
        self._parts.append(self._engine.compress(data))

    def flush(self) -> None:
        self._parts.append(self._engine.flush())

    def content(self) -> bytes:
        return b"".join(self._parts)


class _Sha256(Digester):  # type: ignore[misc]
    """SHA-256 in hex; warcio writes base32."""

    def __init__(self) -> None:
        super().__init__("sha256")

    def __str__(self) -> str:
        return f"sha256:{self.digester.hexdigest()}"


class _HttpHead(StatusAndHeaders):  # type: ignore[misc]
    """An HTTP head that is written as its bytes are; warcio would percent-encode what is not ASCII."""

    def __init__(self, head: bytes) -> None:
        first_line, headers, _ = split_http(head)
        super().__init__(first_line, headers)
        self._head = head

    def to_ascii_bytes(self, _header_filter: object = None) -> bytes:
        return self._head


def _record_fields(record_id: str, at: datetime) -> dict[str, str]:
    return {"WARC-Record-ID": urn(record_id), "WARC-Date": warc_date(at)}


def _response_head(exchange: Exchange, *, is_304: bool) -> _HttpHead:
    """The head of the answer, whose Content-Length is that of the body as it is kept (a 304 keeps its own)."""
    dropped = {"transfer-encoding"} if is_304 else {"transfer-encoding", "content-length"}
    headers = [entry for entry in exchange.response_headers if entry[0].lower() not in dropped]
    if not is_304:
        headers.append(("Content-Length", str(len(exchange.body))))
    return _HttpHead(message_head(f"HTTP/1.1 {exchange.status:03} {exchange.reason_phrase}", headers))


def _readable(record: ArcWarcRecord) -> tuple[dict[str, str], str, list[tuple[str, str]]]:
    """The fields and the HTTP head of a record about to be written, as a reader will find them in it."""
    fields = {name.lower(): value for name, value in record.rec_headers.headers}
    fields |= {"content-type": record.content_type, "content-length": str(record.length)}
    head = record.http_headers
    return (fields, head.statusline, head.headers) if head is not None else (fields, "", [])


def _warc_fields(info: Mapping[str, str]) -> bytes:
    return "".join(f"{key}: {_encodable(value)}\r\n" for key, value in info.items() if value).encode()


def _encodable(text: str) -> str:
    """``text`` on one line, without what UTF-8 cannot hold."""
    return one_line(text).encode("utf-8", "replace").decode()
