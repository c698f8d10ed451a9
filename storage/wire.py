"""HTTP heads and WARC field values as text and bytes: nothing a portal sends may break out of its line."""

from __future__ import annotations

import ipaddress
import re
import uuid
from datetime import UTC, datetime
from urllib.parse import quote

from storage.exchange import Headers

_TOKEN = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_AUTHORITY = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?]*")


def one_line(text: str) -> str:
    """``text`` without line breaks and other controls."""
    return _CONTROL.sub(" ", text)


def request_line(method: str, url: str) -> str:
    """The first line of a request for ``url``."""
    path = _AUTHORITY.sub("", target_uri(url).partition("#")[0])
    path = path if path.startswith("/") else f"/{path}"
    return f"{_TOKEN.sub('', method) or 'GET'} {path} HTTP/1.1"


def message_head(first: str, headers: Headers) -> bytes:
    """The head of an HTTP message as bytes, whatever the headers hold."""
    lines = [_wire(first.rstrip())]
    lines += [_wire(_TOKEN.sub("_", name) or "_") + b": " + _wire(value) for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _wire(text: str) -> bytes:
    """Header text as bytes without line breaks: nothing a portal sends may end a header early."""
    text = one_line(text)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def urn(record_id: str) -> str:
    """A hex UUID as WARC fields name records."""
    return f"<urn:uuid:{uuid.UUID(hex=record_id)}>"


def hex_id(name: str) -> str:
    """The hex UUID of a record's name as :func:`urn` gives it; "" where it is none."""
    name = name.removeprefix("<urn:uuid:").removesuffix(">").replace("-", "")
    return name if len(name) == 32 and all(letter in "0123456789abcdef" for letter in name) else ""


def address(ip: str) -> str | None:
    """An IP address in its usual form, None for anything else."""
    try:
        return str(ipaddress.ip_address(ip))
    except ValueError:
        return None


def warc_date(at: datetime) -> str:
    """An instant as WARC/1.1 writes it, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def target_uri(url: str) -> str:
    """A URL as a WARC field may hold it: ASCII, no blanks or controls; anything else percent-encoded."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~", errors="replace")


def split_http(block: bytes) -> tuple[str, Headers, bytes]:
    """First line, headers and body of an HTTP message as :func:`message_head` writes it."""
    head, _, body = block.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    return lines[0], headers, body
