"""Word 97–2003 and WPS files (.doc, .wps) → Document: a library makes Word XML of them, which :mod:`docx` then reads.

The library converts one file into another, but the process that reads has no access to files. So its conversion is
stopped when its own document object is complete, and the parts are taken from that object; nothing is zipped.
"""

from __future__ import annotations

from dataclasses import replace
from types import FunctionType, SimpleNamespace
from typing import Any, NoReturn

from doc2docx import converter
from doc2docx.cfb import CompoundFile
from doc2docx.diagnostics import ConversionReport
from doc2docx.errors import EncryptedDocumentError
from doc2docx.ooxml import package

from archive.documents.docx import read_word_parts
from archive.documents.model import Document, Limits, UnreadableError
from archive.findings import finding

#: diagnostic codes with which the library reports that text or tables are incomplete
LOSSES = frozenset((
    "TABLE_MARKER_DEFERRED", "TABLE_GRID_MISMATCH", "TABLE_DEPTH_LIMITED", "TABLE_CELL_DEFINITION_MISMATCH",
    "MALFORMED_TABLE_FLATTENED", "MAIN_TEXTBOX_TABLE_MALFORMED", "STYLE_TABLE_MALFORMED", "NUMBERING_TABLE_MALFORMED",
    "INVALID_UTF16", "INLINE_PICTURE_MALFORMED", "OLE_OBJECT_OMITTED",
))  # fmt: skip


class _ConversionDone(Exception):  # noqa: N818 - not an error: it ends the conversion early
    def __init__(self, document: Any) -> None:
        super().__init__()
        self.document = document


def open_doc(data: bytes, limits: Limits) -> Document:
    """Read a .doc or .wps file; a .wps has streams of its own beside Word's. Raises UnreadableError."""
    try:
        parts, losses = convert_to_parts(data)
    except EncryptedDocumentError as error:
        raise UnreadableError("encrypted") from error
    except Exception as error:
        raise UnreadableError("damaged") from error  # on damaged files the library raises errors of any kind
    document = read_word_parts(parts, limits)
    notes = (finding("document_damaged", case="unsound"),) if losses and not document.unreadable else ()
    return replace(document, findings=(*notes, *document.findings))


def convert_to_parts(data: bytes) -> tuple[dict[str, bytes], frozenset[str]]:
    """Return the parts of the Word package that the library would write, by name, and the codes of lost contents. It
    writes files only, so it gets our bytes for its input, and ``finish`` ends it where it would begin to write.
    """
    report = ConversionReport("")

    def finish(**fields: Any) -> NoReturn:
        raise _ConversionDone(converter.Document(**fields))

    opened = SimpleNamespace(from_path=lambda _path, limits: CompoundFile(data, limits=limits))
    load = _with_names(converter._load_word_parts, CompoundFile=opened)
    try:
        names = {"_load_word_parts": load, "Document": finish, "ConversionReport": lambda *_: report}
        _with_names(converter.convert, **names)("a.doc", "a.docx")
    except _ConversionDone as done:
        return _write_parts(done.document), LOSSES.intersection(one.code for one in report.diagnostics)
    raise UnreadableError("damaged")


def _with_names(function: Any, **names: Any) -> Any:
    """Return a copy of a library function that sees these objects instead of the names in its module."""
    copied = FunctionType(function.__code__, {**vars(converter), **names}, argdefs=function.__defaults__)
    copied.__kwdefaults__ = function.__kwdefaults__
    return copied


def _write_parts(document: Any) -> dict[str, bytes]:
    """Return the library's document as parts of a Word package: text, properties, relations and pictures."""
    unneeded = ("styles", "fonts", "settings", "footnotes", "endnotes", "comments", "numbering")
    parts = {
        "word/document.xml": package._document_xml(document, ()),
        "docProps/core.xml": package._core_properties_xml(document.core_properties),
        "word/_rels/document.xml.rels": package._document_relationships_xml(
            pictures=package._pictures_in_blocks(document.body_blocks),
            embedded_objects=document.embedded_objects,
            header_footer_parts=(),
            **{f"has_{name}": False for name in unneeded},
        ),
    }
    parts |= {f"word/media/image{one.picture_id}.{one.extension}": one.data for one in document.pictures}
    return parts
