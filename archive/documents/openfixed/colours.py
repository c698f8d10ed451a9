"""What a colour shows on paper (GB/T 33190-2016, 8.3.2)."""

from __future__ import annotations

from archive.documents.bounded_cache import Remembered
from archive.documents.contrast import RGB, on_paper
from archive.documents.openfixed.package import Element
from archive.documents.openfixed.space import number

_PARTS = {1: (0, 0, 0), 3: (0, 1, 2)}  # of grey and of RGB
_FULL = frozenset(("255", "#ff"))
_NONE = frozenset(("0", "#0", "#00"))
_MOST = 1_024  # colours remembered
_LONG = 100  # characters; no usual colour is longer


def _is_white(value: str) -> bool:
    parts = value.lower().split(None, 5)
    return len(parts) in (1, 3, 4) and set(parts) <= (_NONE if len(parts) == 4 else _FULL)


#: whether the components of a colour make white: of one (grey) or three (RGB) all are full, of four (CMYK) none
is_white = Remembered(_is_white, longest=_LONG, most=_MOST).__getitem__


def ink_of(value: str, alpha: float) -> RGB:
    """A colour as it shows on white paper; CMYK and what is not told in numbers count as black."""
    parts = value.split(None, 5)
    which = _PARTS.get(len(parts))
    values = [_part(part) for part in parts] if which else [0.0]
    red, green, blue = (values[n] for n in which or (0, 0, 0))
    return on_paper(red, green, blue, alpha)


def _part(text: str) -> float:
    if text.startswith("#"):
        try:
            return float(int(text[1:3], 16))
        except ValueError:
            return 0.0
    return number(text, 0.0)


def is_unseen(colour: Element) -> bool:
    """Whether a colour does not show on paper: transparent or white."""
    return colour.get("Alpha") == "0" or is_white(colour.get("Value") or "")
