"""Write WARC files: each locked while it is written, with complete records only; a full one is followed by the next.

WARC/1.1, one gzip member per record, SHA-256 digests in hex; HTTP heads are written byte for byte. A fetch is a
``response`` (or ``revisit``) record followed by its ``request``; an imported or generated document is a ``resource``
(or ``revisit``), followed by ``metadata`` about its origin. A field of the first record contains what that does not say
itself (:mod:`storage.warc_fields`), so that rows can be restored.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from storage.atomic_files import create_locked, sync_to_disk
from storage.errors import StorageError, cannot_write
from storage.exchange import Exchange, Resource
from storage.records import Capture, WarcPlace
from storage.warc_fields import (
    CAPTURE_FIELD,
    SOURCE_FIELD,
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
from storage.warc_reader import WarcRecord

SUFFIX = ".warc.gz"
_IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
Members = tuple[bytes, bytes]  # gzip members: a record, and the one that belongs to it


class WarcWriter:
    """Appends to one WARC file at a time and holds a lock on it until :meth:`close`; the next write opens another file.

    Files are named ``<prefix>-<time>-<number>.warc.gz`` below ``folder`` (``prefix`` may contain one "/") and begin
    with a warcinfo record of ``info``. What was appended is on disk only after :meth:`sync`.
    """

    def __init__(self, folder: Path, prefix: str, max_bytes: int, info: Mapping[str, str]) -> None:
        """Write nothing yet; ``prefix``: begins the names of files; ``info``: fields of each file's warcinfo record."""
        self.folder = folder
        self.prefix = prefix
        self.max_bytes = max_bytes
        self.info = dict(info)
        self.file = ""
        self.size = 0
        self._handle: int | None = None
        self._write_error: StorageError | None = None
        self._number = 0

    @property
    def is_open(self) -> bool:
        """Return whether a file is being written."""
        return self._handle is not None

    @property
    def full(self) -> bool:
        """Return whether the file has reached its maximum size, so that the next record needs a new one."""
        return self.is_open and self.size >= self.max_bytes

    def append(self, members: Members, at: datetime) -> WarcPlace:
        """Append a record and the one that belongs to it; return where the first is. It is not synced yet.

        Both are written at once, so that a killed process rarely leaves the first without the second. If writing fails
        (disk full), the file is restored and StorageError raised.
        """
        with self._final_errors():
            handle = self._handle = self._create_next(at) if self._handle is None else self._handle
        place = WarcPlace(file=self.file, offset=self.size, length=len(members[0]))
        data = b"".join(members)
        try:
            _write_at(handle, data, self.size)
        except BaseException as error:  # an interrupt must not leave half a record either
            with self._final_errors():
                os.ftruncate(handle, self.size)
            if isinstance(error, OSError):
                raise cannot_write(self.folder / self.file, error) from error
            raise
        self.size += len(data)
        return place

    def sync(self) -> None:
        """Wait until everything written is on disk. Raises DiskError if that fails."""
        with self._final_errors():
            if self._handle is not None:
                os.fsync(self._handle)

    def close(self) -> None:
        """Sync and close the file and release its lock."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        try:
            with self._final_errors():
                os.fsync(handle)
        finally:
            os.close(handle)

    @contextmanager
    def _final_errors(self) -> Iterator[None]:
        """Raise DiskError for an OSError in the block, and again at every later call: a second fsync may succeed
        although data was lost in the first (fsync(2)), so this writer must not acknowledge anything any more.
        """
        if self._write_error is not None:
            raise self._write_error
        try:
            yield
        except OSError as error:
            self._write_error = cannot_write(self.folder / self.file, error)
            raise self._write_error from error

    def _create_next(self, now: datetime) -> int:
        """Create the next file with its first record; return its handle, which is locked."""
        target = self.folder / self.prefix
        target.parent.mkdir(parents=True, exist_ok=True)
        stamp, handle = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"), None
        while handle is None:
            self._number += 1
            path = target.with_name(f"{target.name}-{stamp}-{self._number:03}{SUFFIX}")
            handle = create_locked(path)
        first_record = warcinfo_member(path.name, self.info, now)
        try:
            _write_at(handle, first_record, 0)
            os.fsync(handle)
        except BaseException:
            path.unlink()
            os.close(handle)
            raise
        self.file, self.size = path.relative_to(self.folder).as_posix(), len(first_record)
        sync_to_disk(target.parent)
        sync_to_disk(self.folder)
        return handle


def _write_at(handle: int, data: bytes, offset: int) -> None:
    """Write data into a file; an almost full disk accepts only a part at once."""
    written_bytes = 0
    while written_bytes < len(data):
        written_bytes += os.pwrite(handle, memoryview(data)[written_bytes:], offset + written_bytes)


# ------------------------------------------------------------------------------------------------------- records


def exchange_members(exchange: Exchange, capture: Capture, original: Capture | None) -> Members:
    """Return the gzip members of a capture: ``response`` (or ``revisit`` of ``original``), and ``request``."""
    uri = target_uri(exchange.url)
    digest = capture.payload_digest or hashlib.sha256(exchange.body).hexdigest()
    is_unmodified = original is not None and exchange.status == 304
    profile = _NOT_MODIFIED if is_unmodified else _IDENTICAL
    fields = _record_fields("response", capture.id, exchange.fetched_at, uri, original, profile)
    if exchange.ip is not None and (ip := address(exchange.ip)):
        fields["WARC-IP-Address"] = ip
    fields |= {"WARC-Payload-Digest": f"sha256:{digest}", "Content-Type": "application/http; msgtype=response"}
    head = _response_head(exchange, is_304=is_unmodified)
    answer = _gzip_record(fields, head=head, payload=exchange.body if original is None else b"", note=capture)
    fields = _record_fields("request", uuid.uuid4().hex, exchange.fetched_at, uri)
    fields |= {"WARC-Concurrent-To": urn(capture.id), "WARC-Payload-Digest": _digest(exchange.request_body)}
    fields["Content-Type"] = "application/http; msgtype=request"
    head = message_head(request_line(exchange.method, exchange.url), exchange.request_headers)
    return answer, _gzip_record(fields, head=head, payload=exchange.request_body)


def resource_members(resource: Resource, capture: Capture, original: Capture | None) -> Members:
    """Return the gzip members of a document that was not fetched: ``resource`` (or ``revisit`` of ``original``), and
    ``metadata`` about it, empty if nothing is known.
    """
    uri = target_uri(resource.target or resource.url)
    repeated = None if original is None else replace(original, url=resource.target or resource.url)
    fields = _record_fields("resource", capture.id, resource.at, uri, repeated)
    fields |= {"WARC-Payload-Digest": _digest(resource.body)}
    fields["Content-Type"] = _encodable(resource.mime) or "application/octet-stream"
    resource_record = _gzip_record(fields, payload=resource.body if original is None else b"", note=capture)
    block = _warc_fields(resource.about)
    if not block:
        return resource_record, b""
    fields = _record_fields("metadata", uuid.uuid4().hex, resource.at, uri)
    fields |= {"WARC-Refers-To": urn(capture.id), "WARC-Payload-Digest": _digest(block)}
    return resource_record, _gzip_record(fields | {"Content-Type": "application/warc-fields"}, payload=block)


def copied_members(record: WarcRecord, capture: Capture, source: Mapping[str, object]) -> Members:
    """Return the gzip member of a response that another archive made, and ``b""`` for that of a request: its block is
    copied byte for byte, with the original address and date. ``source``: the file that it was taken from.
    """
    names = {"WARC-Date": "warc-date", "WARC-Target-URI": "warc-target-uri", "Content-Type": "content-type"}
    fields = {"WARC-Type": "response", "WARC-Record-ID": urn(capture.id)}
    fields |= {name: _encodable(record.fields[key]) for name, key in names.items()}
    if ip := address(record.fields.get("warc-ip-address", "")):
        fields["WARC-IP-Address"] = ip
    fields |= {SOURCE_FIELD: json.dumps(source), "WARC-Payload-Digest": f"sha256:{record.payload_digest}"}
    return _gzip_record(fields, head=record.message_head, payload=record.payload, note=capture), b""


def warcinfo_member(name: str, info: Mapping[str, str], now: datetime) -> bytes:
    """Return the gzip member of the ``warcinfo`` record at the beginning of file ``name``."""
    fields = _record_fields("warcinfo", uuid.uuid4().hex, now)
    fields |= {"WARC-Filename": name, "Content-Type": "application/warc-fields"}
    return _gzip_record(fields, payload=_warc_fields(info))


def _record_fields(
    kind: str, record_id: str, at: datetime, uri: str = "", original: Capture | None = None, profile: str = _IDENTICAL
) -> dict[str, str]:
    """Return the fields that identify a record; for a revisit of ``original`` also those about that."""
    fields = {"WARC-Type": kind if original is None else "revisit", "WARC-Record-ID": urn(record_id)}
    fields["WARC-Date"] = warc_date(at)
    if uri:
        fields["WARC-Target-URI"] = uri
    if original is not None:
        fields |= {"WARC-Refers-To": urn(original.id), "WARC-Profile": profile}
        fields["WARC-Refers-To-Target-URI"] = target_uri(original.url)
        fields["WARC-Refers-To-Date"] = warc_date(original.fetched_at)
    return fields


def _gzip_record(fields: dict[str, str], *, head: bytes = b"", payload: bytes, note: Capture | None = None) -> bytes:
    """Return a record as a gzip member, and add to ``fields`` its digest, its length and, if ``note`` is given, the
    field that describes this capture. ``head``: the head of an HTTP message; ``payload``: the bytes after it.
    """
    size = len(head) + len(payload)
    if note is not None:
        readable = {name.lower(): value for name, value in fields.items()} | {"content-length": str(size)}
        first_line, headers, _ = split_http(head)
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
    """Return the head of an answer with the Content-Length of the body as stored (a 304 keeps its own)."""
    dropped = {"transfer-encoding"} if is_304 else {"transfer-encoding", "content-length"}
    headers = [entry for entry in exchange.response_headers if entry[0].lower() not in dropped]
    if not is_304:
        headers.append(("Content-Length", str(len(exchange.body))))
    return message_head(f"HTTP/1.1 {exchange.status:03} {exchange.reason_phrase}", headers)


def _warc_fields(info: Mapping[str, str]) -> bytes:
    return "".join(f"{key}: {_encodable(value)}\r\n" for key, value in info.items() if value).encode()


def _encodable(text: str) -> str:
    """Return ``text`` on one line, without characters that UTF-8 cannot encode."""
    return one_line(text).encode("utf-8", "replace").decode()
