"""What a colour shows on paper (GB/T 33190-2016, 8.3.2)."""

from __future__ import annotations

from archive.documents.openfixed.package import Element

_FULL = frozenset(("255", "#ff"))
_NONE = frozenset(("0", "#0", "#00"))
_KNOWN: dict[str, bool] = {}  # what a document says of colours it says thousands of times
_MOST = 1_024


def is_white(value: str) -> bool:
    """Whether the components of a colour make white: of one (grey) or three (RGB) all are full, of four (CMYK) none."""
    known = _KNOWN.get(value)
    if known is None:
        parts = value.lower().split(None, 5)
        known = set(parts) <= (_NONE if len(parts) == 4 else _FULL) if len(parts) in (1, 3, 4) else False
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        _KNOWN[value[:100]] = known
    return known


def is_unseen(colour: Element) -> bool:
    """Whether a colour does not show on paper: transparent or white."""
    return colour.get("Alpha") == "0" or is_white(colour.get("Value") or "")
