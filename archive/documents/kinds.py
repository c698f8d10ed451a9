"""Recognise the format of bytes with the table in ``kinds.toml``, and open them with the module of that format."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from itertools import islice

from archive.documents.model import Document, Limits, UnreadableError
from archive.documents.packages import open_zip
from archive.findings import finding

_TABLE = tomllib.loads(files("archive.documents").joinpath("kinds.toml").read_text("utf-8"))
OPENERS: dict[str, str] = _TABLE["openers"]
_BEGINNINGS = [
    (re.compile(one["pattern"].encode(), re.DOTALL | re.IGNORECASE), one["kind"]) for one in _TABLE["beginnings"]
]
_MEMBERS = [(re.compile(one["pattern"]), one["kind"]) for one in _TABLE["members"]]
_HTML = re.compile(
    rb"<\s{0,4}(?:!doctype\s{1,9}html|html|head|body|meta|title|table|div|p|span|br|h[1-6]|td|tr|ul|font|script|style)\b",
    re.I,
)
_VALUE = rb'(?:"[\d., %/-]{0,20}"|[\d. %/-]{0,12})'
_SEPARATED = re.compile(rb'(?:[^\d.,\s](?:,%b){3,20}|"(?:\t%b){3,20})\r?$' % (_VALUE, _VALUE), re.MULTILINE)
_CONTROL = bytes((*range(9), *range(14, 27), *range(28, 32)))  # control characters that text never contains
_HEAD_BYTES = 1 << 16
#: Kinds of pages, data and text, and of what no rule recognises; an error page instead of a file has one of these.
TEXTUAL_KINDS = frozenset({"html", "json", "text", "unknown"})


def sniff(data: bytes) -> str:
    """Return the format of a document, judged by its content alone: a key of ``OPENERS``."""
    if not data.strip(b"\0 \t\r\n\x0c\xef\xbb\xbf"):
        return "empty"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_kind(data)
    head = data[:_HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    kind = next((kind for begin, kind in _BEGINNINGS if begin.match(head)), "")
    return kind or _text_kind(head)


def _zip_kind(data: bytes) -> str:
    """Return the format of a ZIP file by the names of its members; "zip" if they tell none."""
    try:
        names = open_zip(data).namelist()
    except UnreadableError:
        return "zip"
    lower = "\n".join(sorted(name.replace("\\", "/").lower() for name in names))
    return next((kind for pattern, kind in _MEMBERS if pattern.search(lower)), "zip")


def _ole_kind(data: bytes) -> str:
    """Return the format of an OLE compound file, judged by the stream names anywhere in its bytes."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") + b"\0\0" in data

    if holds("EncryptedPackage"):
        return "docx"  # that module reports it as encrypted
    if holds("WordDocument"):
        return "wps" if any(name.encode("utf-16-le") in data for name in ("WpsCustomData", "KSO", "wps")) else "doc"
    return "xls" if holds("Workbook") or holds("Book") else "ole"


def _text_kind(head: bytes) -> str:
    """Return the format of what no beginning tells: ``html``, ``csv``, ``text``, or ``unknown`` if it is binary."""
    if len(head) - len(head.translate(None, _CONTROL)) > max(8, len(head) // 50):
        return "unknown"
    tags = len(list(islice(_HTML.finditer(head), 3)))
    if tags >= 3 or (tags and head.lstrip().startswith(b"<")):
        return "html"
    return "csv" if len(_SEPARATED.findall(head)) >= 3 else "text"


def open_document(data: bytes, limits: Limits | None = None, kind: str = "") -> Document:
    """Open bytes of a format ("": recognised). Never raises: damage is reported in ``unreadable`` or findings."""
    limits = limits or Limits()
    if len(data) > limits.bytes:
        return Document("unknown", unreadable="too_large")
    kind = kind or sniff(data)
    module, _, function = OPENERS[kind].partition(":")
    if not function:
        return Document(kind, unreadable=module)
    try:
        document: Document = getattr(import_module(f"archive.documents.{module}"), function)(data, limits)
        return document if document.kind == "scan" else replace(document, kind=kind)
    except UnreadableError as error:
        return Document(kind, unreadable=error.reason)
    except Exception as error:  # noqa: BLE001 - no input may stop the caller; the finding keeps the reason
        name, message = type(error).__name__, str(error)[:200]
        failed = finding("reader_failed", case="kind", found=name, kind=kind, message=message)
        return Document(kind, findings=(failed,), unreadable="reader_failed")
