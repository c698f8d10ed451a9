"""A second reader of WARC files, written from ISO 28500:2017 (WARC/1.1) with the standard library alone.

It shares nothing with :mod:`storage.warc_reader` and is stricter than readers in use: whatever the standard asks of a
writer is checked, and the first offence is raised with its place. Whole files are held in memory: it is for tests.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_ID = re.compile(r"<[a-zA-Z][a-zA-Z0-9+.-]*:[!-;=?-~]+>")
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[!-~]+")
_DIGEST = re.compile(r"(sha256):([0-9a-f]{64})")
_STATUS = re.compile(rb"HTTP/\d\.\d \d{3} [^\r\n]*")
_REQUEST = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/\d\.\d")
_MANDATORY = {"warc-record-id", "content-length", "warc-date", "warc-type"}
_TYPES = {"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"}
_WITH_URI = {"response", "resource", "request", "revisit", "conversion", "continuation"}
_PROFILES = {
    "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
}


class NotWarcError(ValueError):
    """What the standard forbids, with file and offset."""


@dataclass(frozen=True)
class Record:
    """One record: its named fields in lower case, its block, and where it lies."""

    kind: str
    fields: dict[str, str]
    block: bytes
    offset: int
    length: int

    @property
    def payload(self) -> bytes:
        """The entity body of an HTTP message, else the block."""
        if self.fields.get("content-type", "").startswith("application/http"):
            return self.block.partition(b"\r\n\r\n")[2]
        return self.block


def read(path: Path) -> list[Record]:
    """Every record of a file. Raises :class:`NotWarcError` for the first thing that is not as the standard says."""
    data, offset, found = path.read_bytes(), 0, []
    seen: set[str] = set()
    while offset < len(data):
        place = f"{path.name}:{offset}"
        engine = zlib.decompressobj(31)
        try:
            content = engine.decompress(data[offset:])
        except zlib.error as error:
            raise NotWarcError(f"{place}: no gzip member ({error})") from error
        _ask(engine.eof, place, "a gzip member that does not end")
        length = len(data) - offset - len(engine.unused_data)
        record = _record(content, offset, length, place)
        identity = record.fields["warc-record-id"]
        _ask(identity not in seen, place, f"{identity} stands twice")
        seen.add(identity)
        found.append(record)
        offset += length
    _ask(bool(found), path.name, "no record")
    _ask(found[0].kind == "warcinfo", path.name, "does not begin with warcinfo")
    _ask(found[0].fields.get("warc-filename") == path.name, path.name, "its first record names another file")
    return found


def _ask(holds: bool, place: str, otherwise: str) -> None:
    if not holds:
        raise NotWarcError(f"{place}: {otherwise}")


def _record(content: bytes, offset: int, length: int, place: str) -> Record:
    head, ends, rest = content.partition(b"\r\n\r\n")
    _ask(bool(ends), place, "a head that does not end")
    first, *lines = head.split(b"\r\n")
    _ask(first == b"WARC/1.1", place, f"version line {first[:20]!r}")
    fields = _fields(lines, place)
    _ask(fields.keys() >= _MANDATORY, place, f"lacks {_MANDATORY - fields.keys()}")
    _ask(fields["content-length"].isdecimal(), place, "Content-Length is no number")
    size = int(fields["content-length"])
    _ask(rest[size:] == b"\r\n\r\n", place, "block and Content-Length differ, or the two line ends are missing")
    record = Record(fields["warc-type"], fields, rest[:size], offset, length)
    _named(record, place)
    _digests(record, place)
    if fields.get("content-type", "").startswith("application/http"):
        _http(record, place)
    return record


def _fields(lines: list[bytes], place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        _ask(bool(colon) and _TOKEN.fullmatch(name) is not None, place, f"field line {line[:40]!r}")
        _ask(not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value), place, f"control characters in {name!r}")
        key = name.decode("ascii").lower()
        _ask(key not in found or key == "warc-concurrent-to", place, f"{key} stands twice")
        found[key] = value.decode("utf-8").strip()
    return found


def _named(record: Record, place: str) -> None:
    fields, kind = record.fields, record.kind
    _ask(kind in _TYPES, place, f"type {kind!r}")
    _ask(_DATE.fullmatch(fields["warc-date"]) is not None, place, f"date {fields['warc-date']!r}")
    for name in ("warc-record-id", "warc-concurrent-to", "warc-refers-to", "warc-warcinfo-id"):
        _ask(name not in fields or _ID.fullmatch(fields[name]) is not None, place, f"{name} is no <URI>")
    if kind in _WITH_URI:
        _ask("warc-target-uri" in fields, place, f"{kind} without WARC-Target-URI")
    for name in ("warc-target-uri", "warc-refers-to-target-uri"):
        _ask(name not in fields or _URI.fullmatch(fields[name]) is not None, place, f"{name} is no URI")
    _ask(record.block == b"" or "content-type" in fields, place, "a block without Content-Type")
    if kind == "warcinfo":
        _ask("warc-target-uri" not in fields, place, "warcinfo with WARC-Target-URI")
        _ask(fields["content-type"] == "application/warc-fields", place, "warcinfo is not warc-fields")
    _ask(("warc-filename" in fields) <= (kind == "warcinfo"), place, "WARC-Filename outside warcinfo")
    if fields.get("content-type") == "application/warc-fields":
        _ask(record.block.endswith(b"\r\n"), place, "warc-fields do not end their line")
        _fields(record.block[:-2].split(b"\r\n"), place)
    if kind == "revisit":
        _ask(fields.get("warc-profile") in _PROFILES, place, f"revisit of profile {fields.get('warc-profile')!r}")
        for name in ("warc-refers-to-target-uri", "warc-refers-to-date", "warc-payload-digest"):
            _ask(name in fields, place, f"revisit without {name}")
        _ask(_DATE.fullmatch(fields["warc-refers-to-date"]) is not None, place, "WARC-Refers-To-Date is no date")
        _ask(fields["warc-refers-to-date"] <= fields["warc-date"], place, "a revisit of what came later")
    else:
        _ask("warc-profile" not in fields, place, f"WARC-Profile on {kind}")


def _digests(record: Record, place: str) -> None:
    claims = [("warc-block-digest", record.block)]
    if record.kind != "revisit":  # there it is that of the record referred to
        claims.append(("warc-payload-digest", record.payload))
    for name, content in claims:
        if name in record.fields:
            match = _DIGEST.fullmatch(record.fields[name])
            _ask(match is not None, place, f"{name} is not of the form sha256:hex")
            _ask(record.fields[name] == f"sha256:{hashlib.sha256(content).hexdigest()}", place, f"{name} is wrong")
    _ask("warc-block-digest" in record.fields, place, "no WARC-Block-Digest")


def _http(record: Record, place: str) -> None:
    head, ends, body = record.block.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    _ask(bool(ends), place, "an HTTP head that does not end")
    form = _REQUEST if record.kind == "request" else _STATUS
    _ask(form.fullmatch(first) is not None, place, f"HTTP first line {first[:60]!r}")
    for line in lines:
        _ask(_TOKEN.fullmatch(line.partition(b":")[0]) is not None, place, f"HTTP header {line[:40]!r}")
    lengths = [line.partition(b":")[2].strip() for line in lines if line.lower().startswith(b"content-length:")]
    if record.kind == "response" and b" 304 " not in first:
        _ask(lengths == [str(len(body)).encode()], place, f"HTTP Content-Length {lengths!r} of {len(body)}")
    if record.kind == "revisit":
        _ask(body == b"", place, "a revisit that holds a payload")
