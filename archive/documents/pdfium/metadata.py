"""What a PDF says of itself: its title, the programs that made it, its dates."""

from __future__ import annotations

import ctypes

from pypdfium2 import PdfDocument, raw

_KEPT = ("Title", "Creator", "Producer", "CreationDate", "ModDate")  # the author is a person's name
_MAX_BYTES = 4_000  # of one entry, in UTF-16
_LONGEST = 300  # characters kept


def described(document: PdfDocument) -> dict[str, str]:
    """The entries that say something, by their names in lower case; what is no text in one is replaced by U+FFFD."""
    entries = ((key.lower(), _entry(document, key)) for key in _KEPT)
    return {key: value for key, value in entries if value}


def _entry(document: PdfDocument, key: str) -> str:
    buffer = ctypes.create_string_buffer(_MAX_BYTES)
    length = raw.FPDF_GetMetaText(document.raw, key.encode(), buffer, _MAX_BYTES)
    if not 2 < length <= _MAX_BYTES:
        return ""
    return buffer.raw[: length - 2].decode("utf-16-le", "replace").strip()[:_LONGEST]
