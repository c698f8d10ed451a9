"""The one table of document kinds: what bytes of a kind look like, which module reads them. Extensions do not matter.

A new format is one module ``read(data, limits) -> Pages`` and one row here, if ``sniff`` tells it one more sign. Links
to its files are known by their ending (``archive/file_endings.py``), what words its bytes hold is had by ``words``.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import cast

from archive.documents import packed
from archive.documents.ascii_tables import with_drawn_tables
from archive.documents.charset import decode, utf16_without_bom
from archive.documents.container import ContainerError, member, names_in, names_left, salvage
from archive.documents.ole import Ole, first_document, first_workbook, is_ole, wps_or_doc
from archive.documents.package_folders import plain_names, unfolded
from archive.documents.pages import Limits, Pages, Table
from archive.documents.words import WORDED, has_words, paragraphs_in
from archive.findings import finding

Read = Callable[[bytes, Limits], Pages]

# kind → module with read(data, limits) ("module:function" if it is called otherwise), or the reason why it is not read
# yet. Modules are loaded when first needed.
KINDS: dict[str, str] = {
    "html": "archive.documents.html",
    "text": "archive.documents.text",
    "docx": "archive.documents.docx",
    "doc": "archive.documents.doc",
    "wps": "archive.documents.doc",
    "pdf": "archive.documents.pdf",
    "scan": "archive.documents.scan",
    "ofd": "archive.documents.ofd",
    "xls": "archive.documents.sheet",
    "xlsx": "archive.documents.sheet",
    "excelml": "archive.documents.sheet:read_xml",
    "zip": "archive.documents.zipped",
    "gz": "archive.documents.zipped:read_gzip",
    **dict.fromkeys(packed.KINDS, "archive.documents.packed"),
    "mhtml": "archive.documents.mhtml",
    "json": "archive.documents.json_response",
    "rtf": "archive.documents.rtf",
    "wordml": "archive.documents.wordml",
    "ole": "archive.documents.packed:read_compound",
    "csv": "csv_unreadable",
    **dict.fromkeys(("odt", "ods"), "opendocument_unreadable"),
    "uof": "uof_unreadable",  # 标文通 (GB/T 20916), one file of XML or a package
    "empty": "empty",
    "unknown": "kind_unsupported",
}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "scan"),
    (b"\xff\xd8\xff", "scan"),
    (b"GIF8", "scan"),
    (b"BM", "scan"),
    (b"II*\x00", "scan"),
    (b"MM\x00*", "scan"),
    (b"\x1f\x8b\x08", "gz"),
)
_HTML = re.compile(
    rb"<\s{0,4}(?:!doctype\s{1,9}html|html|head|body|meta|title|table|div|p|span|br|h[1-6]|td|tr|ul|center|font|script|style|article|section)\b",
    re.IGNORECASE,
)
_PIPED = re.compile(rb"^[ \t]{0,8}\|[^\n]{1,4000}\|[ \t\r]*$", re.MULTILINE)
_VALUE = rb'(?:"[\d., %/-]{0,20}"|[\d. %/-]{0,12})'
# rows that end with figures behind a label; figures alone may be a row of any table
_SEPARATED = re.compile(rb'(?:[^\d.,\s](?:,%b){3,20}|"(?:\t%b){3,20})\r?$' % (_VALUE, _VALUE), re.MULTILINE)
_WIKI = re.compile(rb"^\{\|", re.MULTILINE)  # a table as MediaWiki marks it
_HEAD = 1 << 16
_TAIL = 1 << 10  # bytes from the end in which the last record of a zip stands
_DOCUMENT = re.compile(r"(?:\w{0,40}/)?document\d{0,3}\.xml")
_WORKBOOK = re.compile(r"xl/workbook\.(?:xml|bin)")
_ANSWER = re.compile(  # JSON, or a call with it (JSONP)
    rb"(?:\xef\xbb\xbf)?\s{0,20}(?:(?:/\*\*/)?\s{0,20}[\w.$]{1,80}\(\s{0,20})?[\[{]\s{0,200}[\[{\"]"
)
# so begins one that may break off
_KEYED = re.compile(rb"[^\[{]{0,140}[\[{][\s\[{]{0,200}\"[^\"\\\n]{1,80}\"\s{0,20}:")
_MAIL = re.compile(rb"[\w-]{2,40}[ \t]?:[^\n]")  # a header line of RFC 5322
_WORDML = (
    b"http://schemas.microsoft.com/office/word/2003/wordml",
    b"http://schemas.microsoft.com/office/2006/xmlPackage",
)
_EXCELML = b"urn:schemas-microsoft-com:office:spreadsheet"
_UOF = b"http://schemas.uof.org/cn/"
_CONTROL = bytes((*range(1, 9), *range(14, 27), *range(28, 32)))  # no text has them
_FEW = 8  # of them tell nothing
_ROWS = 3  # of separated values; fewer are sentences
_OPEN = {  # the first member of an OpenDocument package is called mimetype and is stored as it is
    b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet": "ods",
    b"mimetypeapplication/vnd.oasis.opendocument.text": "odt",
}
_FIRST = 4  # members of a torn package that are looked into
_OPEN_PARTS = frozenset({"mimetype", "content.xml"})  # of one that was packed again: packed, or in another order
_MIMETYPE = 100  # bytes
_NAMED_BY = {"docx": (b"wordprocessingml", b"word/"), "xlsx": (b"spreadsheetml", b"xl/")}  # in a list of types
_PACKAGES = frozenset({"docx", "xlsx"})  # an OFD's reader knows folders itself: their names differ anyway
_FLAT = {  # the same in one file of XML
    b'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"': "ods",
    b'office:mimetype="application/vnd.oasis.opendocument.text"': "odt",
}


def sniff(data: bytes) -> str:
    """The kind of a document by its content alone: a key of ``KINDS``. Never raises."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf\x00 \t\r\n\x0c")
    if not data.strip(b"\x00 \t\r\n\x0c\xef\xbb\xbf"):
        return "empty"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if is_ole(data):
        return _ole_kind(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "scan"
    for magic, kind in _MAGIC:
        if data.startswith(magic) and (magic != b"BM" or _is_bitmap(data)):
            return kind
    return packed.kind_of(data) or _text_kind(data, head)


def _is_bitmap(data: bytes) -> bool:
    return (
        len(data) > 26
        and data[6:10] == b"\0\0\0\0"
        and data[14:18] in (b"\x28\0\0\0", b"\x0c\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0")
    )


def _zip_kind(data: bytes) -> str:
    for mark, kind in _OPEN.items():
        if mark in data[:120]:
            return kind
    try:
        names = names_in(data)
    except ContainerError:
        return _torn_zip_kind(data)
    except zipfile.BadZipFile:
        return "zip"
    usual = _by_members(names) or (_open_kind(data, "mimetype") if names >= _OPEN_PARTS else None)
    return usual or _foldered_kind(data, names) or "zip"


def _foldered_kind(data: bytes, names: frozenset[str]) -> str | None:
    r"""The kind of a package whose parts lie within a folder, or are named with ``\``."""
    plain = plain_names(names)
    whole = frozenset(plain)
    return _by_members(whole) or (_open_kind(data, plain["mimetype"]) if whole >= _OPEN_PARTS else None)


def _open_kind(data: bytes, part: str) -> str | None:
    """By the member (``part``) that names the type of an OpenDocument package."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            content = b"mimetype" + member(archive, part, _MIMETYPE).strip()
    except (ContainerError, zipfile.BadZipFile, OSError, ValueError):
        return None
    return _OPEN.get(content)


def _torn_zip_kind(data: bytes) -> str:
    """A zip without its directory still shows the names of its members where they stand."""
    names = names_left(data)
    if (whole := _by_members(names)) is not None:
        return whole
    for prefix, kind in (("word/", "docx"), ("xl/", "xlsx"), ("Doc_0/", "ofd")):
        if any(name.startswith(prefix) for name in names):
            return kind
    if not any(name.startswith(("[Content_Types].xml", "_rels/")) for name in names):
        return "zip"
    # Office writes these first, and the list of types names the parts; where what is left of it names none, it is most
    # likely a text: spreadsheets are far rarer among reports
    begun = b"".join(content for _, content, _ in salvage(data, _HEAD, _FIRST))
    for kind, words in _NAMED_BY.items():
        if any(word in begun for word in words):
            return kind
    return "docx" if b"<Types" in begun else "zip"


def _by_members(names: frozenset[str]) -> str | None:
    """By the parts that make the kind: a folder of that name may as well hold somebody's files."""
    package = "[Content_Types].xml" in names
    if any(_DOCUMENT.fullmatch(name) or (package and name.startswith("word/")) for name in names):
        return "docx"
    if any(_WORKBOOK.fullmatch(name) or (package and name.startswith("xl/")) for name in names):
        return "xlsx"
    plain = {name.replace("\\", "/").lstrip("/").lower() for name in names}
    if "uof.xml" in plain:
        return "uof"
    return "ofd" if plain & {"ofd.xml", "doc_0/document.xml"} else None


def _ole_kind(data: bytes) -> str:
    container = Ole(data)
    names = container.names
    if "EncryptedPackage" in names:
        return "docx"  # its module says that it is encrypted
    if "WordDocument" in names:
        return wps_or_doc(names)
    if "Workbook" in names or "Book" in names:
        return "xls"
    if b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0" in data:
        return "doc"
    if container.rooted and not container.torn:
        return "unknown"
    return "doc" if first_document(data) else "xls" if first_workbook(data) else "ole"


def _text_kind(data: bytes, head: bytes) -> str:
    sample = data[:_HEAD]
    wide = sample.startswith((b"\xff\xfe", b"\xfe\xff")) or sample[:512].count(0) > len(sample[:512]) // 4
    if wide or utf16_without_bom(sample):
        sample = decode(sample).text.encode("utf-8")
        head = sample[:1024].lstrip()
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if (kind := _xml_kind(sample[:8192], head)) is not None:
        return kind
    if _MAIL.match(head) and _is_mime(sample[:8192].lower()):
        return "mhtml"
    if _ANSWER.match(sample) and (data.rstrip()[-1:] in (b"}", b"]", b")", b";") or _KEYED.match(sample)):
        return "json"
    if _is_binary(head):
        return "unknown"
    if head.startswith(b"<") and (_HTML.search(sample) or head.startswith((b"<!--", b"<?xml"))):
        return "html"
    if len(tags := _HTML.findall(sample)) >= 3 and not _is_markdown(sample, tags):
        return "html"
    if b"\x00" in sample.strip(b"\x00"):
        return "unknown"
    if _controls(sample) > len(sample) // 50:
        return "unknown"
    return _plain_kind(sample)


def _plain_kind(sample: bytes) -> str:
    """Text, or what is no text of a report: tables that only another program understands, broken characters."""
    if _WIKI.search(sample):
        return "unknown"
    if len(_SEPARATED.findall(sample)) >= _ROWS:
        return "csv"
    decoded = decode(sample)
    broken = decoded.text.count("\ufffd")
    return "unknown" if broken * 10 > len(decoded.text) else "text"


def _is_binary(head: bytes) -> bool:
    """Whether a file begins with so many control characters that tags stand in it by chance; pages may have some."""
    return _controls(head) > max(len(head) // 20, _FEW)


def _controls(data: bytes) -> int:
    """How many control characters there are that no text has."""
    return len(data) - len(data.translate(None, _CONTROL))


def _xml_kind(sample: bytes, head: bytes) -> str | None:
    """Documents of office programs that are one file of XML."""
    if not head.startswith(b"<"):
        return None
    if any(space in sample for space in _WORDML):
        return "wordml"
    if head.startswith((b"<?xml", b"<Workbook")) and b"Workbook" in sample and _EXCELML in sample:
        return "excelml"
    if _UOF in sample:
        return "uof"
    if b"<office:document" in sample:
        return next((kind for mark, kind in _FLAT.items() if mark in sample), None)
    return None


def _is_markdown(sample: bytes, tags: list[bytes]) -> bool:
    """Whether the tags are but the line breaks in cells of Markdown's tables."""
    return len(_PIPED.findall(sample)) >= 3 and all(tag.lower().endswith(b"br") for tag in tags)


def _is_mime(head: bytes) -> bool:
    """A web page saved as one file: headers of a message whose body has parts or is HTML."""
    return b"mime-version:" in head and (b"multipart/" in head or b"text/html" in head)


def read_pages(data: bytes, limits: Limits | None = None) -> Pages:
    """Bytes → Pages by the table above. Never raises: what breaks a reader is an ``unreadable`` with its reason.

    ``too_large``: longer than ``limits.bytes``; ``reader_failed``: a defect of ours or of a library, with a finding.
    """
    limits = limits or Limits()
    if len(data) > limits.bytes:
        return Pages(kind="unknown", blocks=(), unreadable="too_large")
    kind = "unknown"
    try:
        kind = sniff(data)
        if kind == "unknown" and (begin := _packed_at(data)):
            return read_pages(data[begin:], limits)
        module = KINDS[kind]
        if not module.startswith("archive."):
            pages = Pages(kind=kind, blocks=(), unreadable=module)
            return _with_words(pages, data) if kind in WORDED else pages
        data = unfolded(data, limits.bytes) if kind in _PACKAGES and data.startswith(b"PK") else data
        name, _, function = module.partition(":")
        read = cast("Read", getattr(import_module(name), function or "read"))
        pages = with_drawn_tables(read(data, limits))
    except ContainerError as error:
        pages = Pages(kind=kind, blocks=(), unreadable=error.reason)
    except Exception as error:  # noqa: BLE001 - whatever the bytes, the pipeline goes on; the reason is kept
        pages = _failed(kind, error)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust libraries panic past Exception
            raise
        pages = _failed(kind, error)
    if kind == "html" and pages.findings and pages.unreadable in ("", "empty") and _is_cut_off(pages):
        pages = replace(pages, blocks=(), unreadable="too_large")
    return _with_words(pages, data) if pages.unreadable in _LOST and kind in WORDED else pages


def _packed_at(data: bytes) -> int:
    """Where a zip begins that something else stands before (a program that unpacks it, a head); 0 if there is none."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - _TAIL))
    return max(data.find(b"PK\x03\x04", 1, _HEAD), 0) if end > 0 else 0


def _is_cut_off(pages: Pages) -> bool:
    """Whether nothing was met of a page before a bound was reached: no word in a block, nothing else to look into."""
    if pages.members or pages.pictures or all(found.code != "limit_reached" for found in pages.findings):
        return False
    return not any(
        any(map(has_words, block.texts)) if isinstance(block, Table) else has_words(block.text)
        for block in pages.blocks
    )


_LOST = frozenset(("truncated", "damaged", "missing", "too_large", "reader_failed"))


def _with_words(pages: Pages, data: bytes) -> Pages:
    """The words in the bytes of a document of which nothing else could be had: text before nothing."""
    if pages.blocks or pages.members or pages.pictures:
        return pages
    try:
        found = paragraphs_in(data)
    except Exception:  # noqa: BLE001 - what could not be read is told already
        return pages
    broken = pages.unreadable in _LOST and pages.unreadable != "too_large"
    notes = (finding("document_damaged", case="words_only"),) if broken else ()
    return replace(pages, blocks=found, findings=(*pages.findings, *notes)) if found else pages


def _failed(kind: str, error: BaseException) -> Pages:
    name = type(error).__name__
    failed = finding("reader_failed", case="kind", found=name, kind=kind, message=str(error)[:200])
    return Pages(kind=kind, blocks=(), unreadable="reader_failed", findings=(failed,))
