"""An image file → Document: recognition, which is an extra, reads it afterwards."""

from __future__ import annotations

from archive.rebuilt.documents.model import Document, Image, Limits

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM", b"GIF8", b"RIFF")  #: how image files begin


def open_scan(data: bytes, limits: Limits | None = None) -> Document:
    """Return a document that is one image file, whose pages are read by ``ocr``."""
    limits = limits or Limits()
    if len(data) > limits.bytes:
        return Document("scan", unreadable="too_large")
    if not data.startswith(PICTURES):
        return Document("scan", unreadable="damaged")
    return Document("scan", images=(Image(0, data, {"page": 1}),), unreadable="needs_ocr")
