"""The fields of our WARC records: HTTP heads, names, and the note from which the row of a record can be restored.

The field ``Nianbao-Capture`` is a JSON object with the members of the row that differ from what the record shows
(:func:`_row_of_record`); a missing ``requested`` equals ``url``, a missing ``document`` equals ``payload_digest``. A
note with the member ``id`` is a whole row without members at their default, as in files up to November 2026.

Revisit records up to November 2026 have the field ``Nianbao-Request`` instead of a request record: ``{}`` if the
request was equal, byte for byte, to that of the record in ``WARC-Refers-To``; else ``at``, ``drop`` and ``put``: at
header number ``at`` of that request (from 0) the next ``drop`` headers are replaced by the headers ``put``, a list of
[name, value]. Such a request is always a GET of the same address without a body.

docs/keeping.md describes this file format. Never change how a field is read: use a new field instead, or existing
files would get another meaning.
"""

from __future__ import annotations

import ipaddress
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from storage import mapping
from storage.column_types import clean, is_hex
from storage.exchange import Headers, header, mime_of, server_date
from storage.records import Capture, CaptureOutcome

#: begin the names of records of what a browser made of a page, before its address: the DOM, a picture
SHOWN_DOM, SHOWN_PICTURE = "urn:dom:", "urn:view:"
_TOKEN = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_AUTHORITY = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?]*")


def one_line(text: str) -> str:
    """Return ``text`` with line breaks and other control characters replaced by spaces."""
    return _CONTROL.sub(" ", text)


def request_line(method: str, url: str) -> str:
    """Return the first line of a request for ``url``."""
    path = _AUTHORITY.sub("", target_uri(url).partition("#")[0])
    path = path if path.startswith("/") else f"/{path}"
    return f"{_TOKEN.sub('', method) or 'GET'} {path} HTTP/1.1"


def message_head(first_line: str, headers: Headers) -> bytes:
    """Return the head of an HTTP message as bytes; no header text can break its form."""
    lines = [_header_bytes(first_line.rstrip())]
    lines += [_header_bytes(_TOKEN.sub("_", name) or "_") + b": " + _header_bytes(value) for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _header_bytes(text: str) -> bytes:
    """Return header text as bytes without line breaks, so that nothing from a portal can end a header early."""
    text = one_line(text)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def urn(record_id: str) -> str:
    """Return a hex UUID in the form in which WARC fields name records."""
    return f"<urn:uuid:{uuid.UUID(hex=record_id)}>"


def hex_id(name: str) -> str:
    """Return the hex UUID in a record name made by :func:`urn`, "" if it is not one."""
    name = name.removeprefix("<urn:uuid:").removesuffix(">").replace("-", "")
    return name if is_hex(name, 32) else ""


def address(ip: str) -> str | None:
    """Return an IP address in its usual form, None for any other text."""
    try:
        return str(ipaddress.ip_address(ip))
    except ValueError:
        return None


def warc_date(at: datetime) -> str:
    """Return an instant as WARC/1.1 writes it, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def target_uri(url: str) -> str:
    """Return a URL for a WARC field: ASCII without blanks and control characters, which are percent-encoded."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~", errors="replace")


def split_http(block: bytes) -> tuple[str, Headers, bytes]:
    """Return first line, headers and body of an HTTP message written by :func:`message_head`."""
    head, _, body = block.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    return lines[0], headers, body


CAPTURE_FIELD = "Nianbao-Capture"
_TEXT_MAX = 1_000
_LOCATION_MAX = 8_192
_DEFAULTS: Mapping[str, Any] = {one.name: one.default for one in fields(Capture) if one.default is not MISSING}
_SAME_AS = {"requested": "url", "document": "payload_digest"}  # member → the member that it usually equals


def of_answer(headers: Headers) -> dict[str, Any]:
    """Return the members of a capture that come from the headers of an answer."""
    return {
        "mime": _shorten(mime_of(headers), 100),
        "etag": _shorten(header(headers, "etag"), _TEXT_MAX),
        "last_modified": _shorten(header(headers, "last-modified"), _TEXT_MAX),
        "server_date": server_date(headers),
        "location": _shorten(header(headers, "location"), _LOCATION_MAX),
    }


def capture_note(capture: Capture, record: Mapping[str, str], first_line: str, headers: Headers) -> str:
    """Return the note for a capture's record, as ASCII JSON: what its row says beyond the record's own fields.

    ``record``: the record's fields by lower-case name, with ``Content-Type`` and ``Content-Length``; ``first_line`` and
    ``headers``: the head of the HTTP message in it, empty if there is none.
    """
    record_row = _row_of_record(record, first_line, headers) | {"run": capture.run, "portal": capture.portal}
    row = {**_DEFAULTS, **mapping.to_json_value(capture), "fetched_at": capture.fetched_at.astimezone(UTC).isoformat()}
    row["warc"] = None  # a record cannot know its place
    note = {name: value for name, value in row.items() if name not in _SAME_AS and value != _member(record_row, name)}
    note |= {name: row[name] for name, equal_member in _SAME_AS.items() if row[name] != row[equal_member]}
    return json.dumps(note, ensure_ascii=True, separators=(",", ":"))


def capture_of_note(record: Mapping[str, str], first_line: str, headers: Headers, *, run: str, portal: str) -> Capture:
    """Restore the row of a capture from its record: from the WARC fields, by lower-case name, and from their note
    ``Nianbao-Capture``, JSON with the members that differ from what the record shows (with ``id``: an old, whole row).

    ``run``, ``portal``: from the warcinfo. Its place (``warc``: file and offset) is left out, as the caller knows it.

    Raises ValueError, KeyError or TypeError if they do not describe one.
    """
    note = json.loads(record.get(CAPTURE_FIELD.lower(), ""))
    if not isinstance(note, dict):
        raise TypeError("the note is no JSON object")
    if "id" in note:
        return mapping.from_json_value(Capture, note)
    row = _row_of_record(record, first_line, headers) | {"run": run, "portal": portal} | note
    for name, equal_member in _SAME_AS.items():
        row.setdefault(name, row[equal_member])
    return mapping.from_json_value(Capture, row)


def _row_of_record(record: Mapping[str, str], first_line: str, headers: Headers) -> dict[str, Any]:
    """Return the members of a capture's row that its WARC record shows, as :func:`storage.mapping.to_json_value` writes
    them. Only members that differ are noted in the record, so that the row can be restored. ``record``: its fields by
    lower-case name; ``first_line``, ``headers``: the head of the HTTP answer in it, empty if it has none.
    """
    revisits = record.get("warc-type") == "revisit"
    row: dict[str, Any] = {
        "id": hex_id(record.get("warc-record-id", "")),
        "url": record.get("warc-target-uri", ""),
        "fetched_at": datetime.fromisoformat(record.get("warc-date", "")).isoformat(),
        "outcome": str(CaptureOutcome.PAGE),
        "payload_digest": record.get("warc-payload-digest", "").removeprefix("sha256:") or None,
        "revisit_of": hex_id(record.get("warc-refers-to", "")) if revisits else None,
    }
    kind = record.get("content-type", "")
    if not kind.startswith("application/http"):
        size = None if revisits else int(record["content-length"])
        return row | {"mime": _shorten(mime_of([("Content-Type", kind)]), 100), "size": size}
    row |= of_answer(headers)
    date: datetime | None = row["server_date"]
    plain = date is not None and format_datetime(date, usegmt=True) == header(headers, "date")
    row["server_date"] = date.isoformat() if date is not None and plain else None  # other date formats go into the note
    word = first_line.split(" ")[1:2]
    row["status"] = int(word[0]) if word and word[0].isascii() and word[0].isdecimal() else None
    if row["status"] == 304:
        return row | {"outcome": str(CaptureOutcome.NOT_MODIFIED)}
    length = header(headers, "content-length") or ""
    return row | {"size": int(length) if length.isascii() and length.isdecimal() else None}


def _member(record: Mapping[str, Any], name: str) -> Any:
    return record.get(name, _DEFAULTS.get(name))


def _shorten(text: str | None, limit: int) -> str | None:
    return None if text is None else clean(text[:limit])


SOURCE_FIELD = "Nianbao-Source"  #: JSON: from which file of which archive a record was copied
REQUEST_FIELD = "Nianbao-Request"
