"""Word 97–2003 and WPS files (.doc, .wps) → Document: a library makes Word XML of them, which :mod:`docx` then reads.

The library converts one file into another, but the process that reads has no access to files. So its conversion is
stopped when its own document object is complete, and that object is written into memory.
"""

from __future__ import annotations

import io
import zipfile
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
        parts, losses = _convert(data)
    except EncryptedDocumentError as error:
        raise UnreadableError("encrypted") from error
    except Exception as error:
        raise UnreadableError("damaged") from error  # on damaged files the library raises errors of any kind
    document = read_word_parts(parts, limits)
    notes = (finding("document_damaged", case="unsound"),) if losses and not document.unreadable else ()
    return replace(document, findings=(*notes, *document.findings))


def _convert(data: bytes) -> tuple[dict[str, bytes], frozenset[str]]:
    """Return the parts of the .docx that the library would write, by name, and the codes of lost contents. It works on
    files only, so it gets our bytes for its input, and ``finish`` ends it where it would begin to write.
    """
    report = ConversionReport("")

    def finish(**fields: Any) -> NoReturn:
        raise _ConversionDone(converter.Document(**fields))

    opened = SimpleNamespace(from_path=lambda _path, limits: CompoundFile(data, limits=limits))
    load = _with_names(converter._load_word_parts, CompoundFile=opened)
    out = io.BytesIO()
    try:
        names = {"_load_word_parts": load, "Document": finish, "ConversionReport": lambda *_: report}
        _with_names(converter.convert, **names)("a.doc", "a.docx")
    except _ConversionDone as done:
        _with_names(package.write_docx, Path=lambda file: file)(done.document, out)
        with zipfile.ZipFile(out) as written:
            parts = {name: written.read(name) for name in written.namelist()}
        return parts, LOSSES.intersection(one.code for one in report.diagnostics)
    raise UnreadableError("damaged")


def _with_names(function: Any, **names: Any) -> Any:
    """Return a copy of a library function that sees these objects instead of the names in its module."""
    copied = FunctionType(function.__code__, {**function.__globals__, **names}, argdefs=function.__defaults__)
    copied.__kwdefaults__ = function.__kwdefaults__
    return copied
