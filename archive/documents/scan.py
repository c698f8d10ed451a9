"""An image file → Document, and the door to recognition, which is an extra: it is loaded when it is first needed."""

from __future__ import annotations

from dataclasses import replace

from archive.documents.model import Document, Image, Limits
from archive.documents.unreadable_reasons import UnreadableError
from archive.findings import finding

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM", b"GIF8", b"RIFF")  #: how image files begin


def open_scan(data: bytes, _: Limits) -> Document:
    """Return a document that is one image file, whose pages are read by :func:`fill`. Raises UnreadableError."""
    if not data.startswith(PICTURES):
        raise UnreadableError("damaged")
    return Document("scan", images=(Image(0, data, {"page": 1}),), unreadable="needs_ocr")


def fill(document: Document, limits: Limits) -> Document:
    """Return the document with its images read in place, or as it is with a finding where nothing can be recognised."""
    if not document.images:
        return document
    try:
        from archive.documents.ocr.recognized_images import fill_images  # noqa: PLC0415 - see above

        return fill_images(document, limits)
    except ImportError:
        missing = finding("recognition_not_installed", found=len(document.images))
        return replace(document, findings=(*document.findings, missing))


def recognition() -> str:
    """Return "" if pictures can be recognised on this machine, else the reason why not."""
    try:
        from archive.documents.ocr.text_recognition import load_engine  # noqa: PLC0415 - see above

        load_engine()
    except Exception as error:  # noqa: BLE001 - whatever keeps the models from being loaded is the answer
        return f"{type(error).__name__}: {error}"
    return ""
