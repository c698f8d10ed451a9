"""Pictures → tables and paragraphs, through ``layout/`` as for PDF. The recognition library is optional, loaded late.

``recognized_images``  adds what the images of a document show; recognises lines of text through rapidocr
``page_cleaning``      makes straight grey pages without seals from an image file
``ink``                finds rulings, lines of text and single marks on a clean page
"""

from __future__ import annotations

from dataclasses import replace

from archive.documents.model import Document, Image, Limits
from archive.findings import finding


def open_scan(data: bytes, _: Limits) -> Document:
    """Return the document of an image file; :func:`fill` reads its pages."""
    return Document("scan", images=(Image(0, data, {"page": 1}),), unreadable="needs_ocr")


def fill(document: Document, limits: Limits) -> Document:
    """Return the document with its images read in place; with a finding instead if recognition is not installed."""
    if not document.images:
        return document
    try:
        from archive.documents.ocr.recognized_images import fill_images  # noqa: PLC0415 - see above

        return fill_images(document, limits)
    except ImportError:
        missing = finding("recognition_not_installed", found=len(document.images))
        return replace(document, findings=(*document.findings, missing))


def recognition() -> str:
    """Return "" if this machine can recognise pictures, else the reason why not."""
    try:
        from archive.documents.ocr.recognized_images import load_engine  # noqa: PLC0415 - see above

        load_engine()
    except Exception as error:  # noqa: BLE001 - any failure to load the models is the answer
        return f"{type(error).__name__}: {error}"
    return ""
