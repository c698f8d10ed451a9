"""Pictures → tables and paragraphs, through the same solver as PDF. Recognition is an extra, loaded when first needed.

``recognized_images``  fills a document with what its images show; crops of lines → text, through rapidocr
``page_cleaning``      image file → straight grey pages without seals
``ink``                rulings, lines of text and lone marks on a clean page
"""

from __future__ import annotations

from dataclasses import replace

from archive.documents.model import Document, Image, Limits
from archive.findings import finding


def open_scan(data: bytes, _: Limits) -> Document:
    """Return a document that is one image file, whose pages are read by :func:`fill`."""
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
        from archive.documents.ocr.recognized_images import load_engine  # noqa: PLC0415 - see above

        load_engine()
    except Exception as error:  # noqa: BLE001 - whatever keeps the models from being loaded is the answer
        return f"{type(error).__name__}: {error}"
    return ""
