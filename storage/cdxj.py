"""Write the index of the WARC files: CDXJ lines ``key timestamp {json}`` in byte order. It can be rebuilt at any time.

One line per record that has a row, filled from the record's own headers: ``url``, ``mime`` (``warc/revisit`` of a
revisit), ``status``, ``digest`` (of the payload), ``length``, ``offset``, ``filename`` (below the WARC folder), all as
text, as pywb and cdxj-indexer write them; for a POST also ``method`` and ``requestBody``, which are then also part of
the key, in the form of those two programs.

The key is a SURT (sort-friendly URI reordering transform). Replay tools find a page by computing its key, so it must
equal theirs exactly: the rules are those of the Internet Archive's canonicaliser, as pywb and cdxj-indexer apply them:
``http://www.example.gov.cn/A/?b=2&a=1`` → ``cn,gov,example)/a?a=1&b=2``. Percent-escapes are decoded until none is left
and encoded again; scheme, user, fragment, "www.", default port and trailing slash are removed; parameters are sorted;
all is lower case. No report is at an address with a session id or an IPv6 host, so the rules for these are left out.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_plus, unquote_to_bytes

from sqlalchemy import select

from storage.atomic_files import write_whole
from storage.capture_store import captures_in_file
from storage.errors import StorageError, note_of
from storage.exchange import header
from storage.home import Home
from storage.records import Capture, Note, WarcPlace
from storage.tables import RUNS, WARC_FILES
from storage.warc_reader import BrokenRecordError, read_head, read_request

FOLDER = "indexes"
NOT_MODIFIED = "304"  # has no body: a replay tool that finds it in an index shows an empty page
_BODY_MAX = 4096  # characters of a request's body in a key
_RESPONSES = frozenset({"response", "revisit", "resource"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """The result of indexing. ``left_out``: records excluded on request; ``problems``: notes about records that cannot
    be read (``nianbao warc check`` says more).
    """

    path: Path
    lines: int
    left_out: int
    problems: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One line of an index. ``request``: method and body, unless it was a GET; ``place``: where the record is."""

    key: str
    timestamp: str
    values: Mapping[str, str]
    request: Mapping[str, str]
    place: WarcPlace

    @property
    def status(self) -> str:
        """Return the HTTP status, "-" if there is none."""
        return self.values["status"]

    def line(self, place: WarcPlace | None = None) -> bytes:
        """Return the line without its line break; ``place``: where a copy of the record is."""
        place = place or self.place
        where = {"length": str(place.length), "offset": str(place.offset), "filename": place.file}
        return f"{self.key} {self.timestamp} {json.dumps({**self.values, **where, **self.request})}".encode()


def write_index(home: Home, portal: str, *, leave_out: Callable[[Capture], bool] | None = None) -> Indexed:
    """Write ``indexes/<portal>.cdxj`` anew for replay programs; it replaces the old one when it is complete.

    ``leave_out``: returns True for captures to exclude. Raises StorageError if the file cannot be written.
    """
    name = "".join(letter if letter.isalnum() or letter in "_-" else "_" for letter in portal)
    path = home.path / FOLDER / f"{name}.cdxj"
    lines, problems, left_out = list[bytes](), list[Note](), 0
    for capture, entry in entries(home, portal):
        if leave_out is not None and leave_out(capture):
            left_out += 1
        elif isinstance(entry, Note):
            problems.append(entry)
        else:
            lines.append(entry.line() + b"\n")
    try:
        path.parent.mkdir(exist_ok=True)
        write_whole(path, b"".join(sorted(lines)))
    except OSError as error:
        raise StorageError(code="index.unwritten", path=path, cause=error.strerror) from error
    return Indexed(path=path, lines=len(lines), left_out=left_out, problems=tuple(problems))


def entries(home: Home, portal: str) -> Iterator[tuple[Capture, IndexEntry | Note]]:
    """Yield each capture of a portal that has a record, file by file, with its entry or a note why it is unreadable."""
    files = select(WARC_FILES.c.no, WARC_FILES.c.name).join(RUNS, WARC_FILES.c.run == RUNS.c.id)
    for number, name in home.truth.rows(files.where(RUNS.c.portal == portal).order_by(WARC_FILES.c.name)):
        captures = captures_in_file(home, portal, number).values()
        try:
            file = home.blobs.open(name)
        except OSError as error:
            unread = Note("record_unread", {"where": name, "why": note_of(error).as_json})
            yield from ((capture, unread) for capture in captures)
            continue
        with file:
            for capture in captures:
                yield capture, read_entry(file, capture)


def read_entry(file: BinaryIO, capture: Capture) -> IndexEntry | Note:
    """Return the entry of a capture's record in an open file, or a note why it cannot be read."""
    place, request_values, request_text = capture.warc, dict[str, str](), ""
    assert place is not None
    location = f"{place.file}:{place.offset}"
    try:
        head = read_head(file, place.offset)
        if head.kind not in _RESPONSES:
            return Note("record_is_no_answer", {"where": location, "kind": head.kind})
        if head.has_request:
            request = read_request(file, place.offset + place.length, head.id)
            method = request.first_line.partition(" ")[0]
            if method not in {"GET", ""}:  # pywb looks for method and body in the key
                body = posted_text(request.payload, header(request.headers, "content-type") or "")
                request_values = {"method": method, "requestBody": body}
                request_text = f"__wb_method={method}&{body}".removesuffix("&")
    except (OSError, BrokenRecordError) as error:
        return Note("record_unread", {"where": location, "why": note_of(error).as_json})
    url = head.fields.get("warc-target-uri", "")
    declared = header(head.headers, "content-type") if head.is_http else head.fields.get("content-type")
    mime = "warc/revisit" if head.kind == "revisit" else "".join((declared or "").replace(";", " ").split()[:1])
    values = {
        "url": url,
        "mime": mime or "unk",
        "status": str(head.status or "-"),
        "digest": head.fields.get("warc-payload-digest", "-"),
    }
    key = surt(f"{url}{'&' if '?' in url else '?'}{request_text}" if request_text else url)
    timestamp = "".join(letter for letter in head.fields.get("warc-date", "")[:19] if letter.isdigit())
    return IndexEntry(key, timestamp, values, request_values, place)


def posted_text(body: bytes, mime: str) -> str:
    """Return a request body as pywb appends it to the address, cut if too long: a form's text, all else as base64."""
    if mime.startswith("application/x-www-form-urlencoded"):
        try:
            return unquote_plus(body.decode("utf-8"))[:_BODY_MAX]
        except UnicodeDecodeError:
            pass
    return f"__wb_post_data={base64.b64encode(body).decode()}"[:_BODY_MAX] if body else ""


_SCHEME = re.compile(r"^(https?|ftp):/*", re.IGNORECASE)
_OPAQUE = re.compile(r"^[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_WWW = re.compile(r"^www\d*\.")
_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_UNESCAPES = 64  # levels of escaped escapes that are decoded


def surt(url: str) -> str:
    """Return the index key of an address: ``cn,gov)/a`` for ``http://www.gov.cn/A#b``; ``urn:…`` only in lower case."""
    url = re.sub(r"[\t\r\n]", "", url.strip())
    scheme = _SCHEME.match(url)
    if scheme is None and _OPAQUE.match(url):
        return url.lower().replace(" ", "%20")
    without_scheme = url[scheme.end() :] if scheme else url.lstrip("/")
    without_scheme = without_scheme.partition("#")[0]
    location, question_mark, query = without_scheme.partition("?")
    authority, slash, path = location.partition("/")
    key = f"{_host_key(authority, scheme[1].lower() if scheme else 'http')}){_path_key(slash + path)}"
    if question_mark and (sorted_query := _query_key(query)):
        key += f"?{sorted_query}"
    return key


def _host_key(authority: str, scheme: str) -> str:
    """Return host and port as a key has them: labels reversed, without "www." and default port."""
    host, _, port = authority.rpartition("@")[2].partition(":")
    text = _unescaped(host).decode("utf-8", "surrogateescape")
    try:
        text = _escaped(text.encode("idna"))
    except UnicodeError:
        text = _escaped(text.encode("utf-8", "surrogateescape"))
    labels = [label for label in text.lower().split(".") if label]
    plain = _WWW.sub("", ".".join(labels))
    reversed_labels = ",".join(reversed(plain.split(".")))
    port = _escaped(_unescaped(port)).lower().lstrip("0")
    return reversed_labels if port in ("", _PORTS[scheme]) else f"{reversed_labels}:{port}"


def _path_key(path: str) -> str:
    """Return the path as a key has it: ``..`` resolved, no empty steps, lower case."""
    steps: list[bytes] = []
    for step in _unescaped(path).split(b"/"):
        if step == b".." and len(steps) > 1 and steps[-1] != b"..":
            steps.pop()
        elif step != b".":
            steps.append(step)  # an empty one too: ".." may remove it
    return "/" + _escaped(b"/".join(step for step in steps if step)).lower()


def _query_key(query: str) -> str:
    """Return the query as a key has it: lower case, parameters sorted."""
    text = _escaped(_unescaped(query)).lower()
    return "&".join(sorted(text.split("&"), key=lambda pair: pair.partition("=")))


def _unescaped(text: str) -> bytes:
    """Return a text with its percent escapes undone, several times if they were escaped again."""
    data = text.encode("utf-8", "replace")
    for _ in range(_UNESCAPES):
        undone = unquote_to_bytes(data)
        if undone == data:
            break
        data = undone
    return data


def _escaped(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte not in b"#%" else f"%{byte:02X}" for byte in data)
