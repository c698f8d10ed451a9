"""The one table of document kinds: how bytes of a kind begin, and which function opens them.

File name endings do not matter. A new format is one module with ``open_…(data, limits) -> Document`` and one row in
``OPENERS``; if its beginning is one of its own, also one row in ``BEGINNINGS``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import cast

from archive.documents.model import Document, Limits, UnreadableError
from archive.documents.packages import open_zip
from archive.findings import finding

Open = Callable[[bytes, Limits], Document]

#: kind → "module:function" in this package, imported when first needed, or the reason why the kind is not read
OPENERS: dict[str, str] = {
    "html": "html:open_html",
    "text": "text:open_text",
    "docx": "docx:open_docx",
    "doc": "doc:open_doc",
    "wps": "doc:open_doc",
    "xls": "sheet:open_sheet",
    "xlsx": "sheet:open_sheet",
    "rtf": "rtf:open_rtf",
    "pdf": "pdf:open_pdf",
    "ofd": "ofd:open_ofd",
    "scan": "ocr:open_scan",
    "zip": "archive_files:open_archive",
    "mhtml": "archive_files:open_mhtml",
    "rar": "rar_unreadable",
    "7z": "7z_unreadable",
    "csv": "csv_unreadable",
    "json": "kind_unsupported",
    "office_xml": "kind_unsupported",
    "ole": "damaged",
    "empty": "empty",
    "unknown": "kind_unsupported",
}

BEGINNINGS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(begin, re.DOTALL | re.IGNORECASE), kind)
    for begin, kind in (
        (rb".{0,1000}?%PDF-", "pdf"),
        (rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8|II\*\0|MM\0\*|RIFF.{4}WEBP", "scan"),
        (rb"BM.{4}\0{4}.{4}[\x28\x0c\x6c\x7c]\0{3}", "scan"),
        (rb"Rar!\x1a\x07", "rar"),
        (rb"7z\xbc\xaf\x27\x1c", "7z"),
        (rb"\s*\{\\rtf", "rtf"),
        (rb"[\w-]{2,40}[ \t]?:[^\n](?=.{0,8000}mime-version:)(?=.{0,8000}(?:multipart/|text/html))", "mhtml"),
        (rb"(?:/\*\*/)?\s{0,20}(?:[\w.$]{1,80}\(\s{0,20})?[\[{]\s{0,200}[\[{\"]", "json"),
        # Word and Excel of 2003, OpenDocument, UOF
        (rb"<(?=.{0,8000}(?:com:office:spreadsheet|/2003/wordml|/2006/xmlPackage|<office:document|uof\.org/cn/))",
         "office_xml"),
    )
)  # fmt: skip
_ZIP_PARTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"word/|(?:\w{1,40}/)?document\d{0,3}\.xml$"), "docx"),
    (re.compile(r"xl/"), "xlsx"),
)
_OFD_ROOT = re.compile(r"(?:.{0,80}/)?ofd\.xml$")
_HTML = re.compile(
    rb"<\s{0,4}(?:!doctype\s{1,9}html|html|head|body|meta|title|table|div|p|span|br|h[1-6]|td|tr|ul|font|script|style)\b",
    re.I,
)
_LOCAL_NAME = re.compile(rb"PK\x03\x04.{26}([\w./\[\]-]{3,80}?(?:\.xml|\.rels|\.bin))", re.DOTALL)
_VALUE = rb'(?:"[\d., %/-]{0,20}"|[\d. %/-]{0,12})'
_SEPARATED = re.compile(rb'(?:[^\d.,\s](?:,%b){3,20}|"(?:\t%b){3,20})\r?$' % (_VALUE, _VALUE), re.MULTILINE)
_CONTROL = bytes((*range(9), *range(14, 27), *range(28, 32)))  # no text has them
_HEAD_BYTES = 1 << 16


def sniff(data: bytes) -> str:
    """Return the kind of a document by its content alone: a key of ``OPENERS``."""
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
    kind = next((kind for begin, kind in BEGINNINGS if begin.match(head)), "")
    return kind or _text_kind(head)


def _zip_kind(data: bytes) -> str:
    try:
        names, torn = open_zip(data).namelist(), False
    except UnreadableError:
        names, torn = [name.decode("utf-8", "replace") for name in _LOCAL_NAME.findall(data)], True
    lower = [name.replace("\\", "/").lower() for name in names]
    if any(map(_OFD_ROOT.match, lower)):
        return "ofd"
    is_package = torn or "[content_types].xml" in lower
    return next((kind for part, kind in _ZIP_PARTS if is_package and any(map(part.match, lower))), "zip")


def _ole_kind(data: bytes) -> str:
    """Return the kind of a compound file by the names in its directory."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") + b"\0\0" in data

    if holds("EncryptedPackage"):
        return "docx"  # its module says that it is encrypted
    if holds("WordDocument"):
        return "wps" if any(name.encode("utf-16-le") in data for name in ("WpsCustomData", "KSO", "wps")) else "doc"
    return "xls" if holds("Workbook") or holds("Book") else "ole"


def _text_kind(head: bytes) -> str:
    if len(head) - len(head.translate(None, _CONTROL)) > max(8, len(head) // 50):
        return "unknown"
    tags = len(_HTML.findall(head))
    if tags >= 3 or (tags and head.lstrip().startswith(b"<")):
        return "html"
    return "csv" if len(_SEPARATED.findall(head)) >= 3 else "text"


def open_document(data: bytes, limits: Limits | None = None, kind: str = "") -> Document:
    """Open bytes of any kind, or of the one given. Damage never raises: it is told in ``unreadable`` or findings."""
    limits = limits or Limits()
    if len(data) > limits.bytes:
        return Document("unknown", unreadable="too_large")
    kind = kind or sniff(data)
    module, _, function = OPENERS[kind].partition(":")
    if not function:
        return Document(kind, unreadable=module)
    read = cast("Open", getattr(import_module(f"archive.documents.{module}"), function))
    try:
        document = read(data, limits)
        return document if document.kind == kind else replace(document, kind=kind)
    except UnreadableError as error:
        return Document(kind, unreadable=error.reason)
    except Exception as error:  # noqa: BLE001 - whatever the bytes, the caller goes on, and the reason is kept
        name, message = type(error).__name__, str(error)[:200]
        failed = finding("reader_failed", case="kind", found=name, kind=kind, message=message)
        return Document(kind, findings=(failed,), unreadable="reader_failed")
