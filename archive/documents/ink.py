"""Which print is seen on paper: one answer for the text of every format.

Print is doubted, not left out, where it is faint or tiny: it may stand on a ground of another colour.
"""

from __future__ import annotations

RGB = tuple[float, float, float]  #: red, green and blue from 0 to 255

WHITE: RGB = (255.0, 255.0, 255.0)
TINY = 1.0  #: points; nobody sees smaller print
_FAINT = 225.0  # of 255: lighter ink is hardly seen on white paper
_DARK = 70.0  # of 255: on a darker ground black print is not seen
_NEAR = 8.0  # of 255 in each part: nobody tells such colours apart


def on_paper(red: float, green: float, blue: float, alpha: float) -> RGB:
    """A colour as it shows on white paper; ``alpha`` from 0 (nothing of it) to 255."""
    red, green, blue = (255 - (255 - min(max(part, 0.0), 255.0)) * alpha / 255 for part in (red, green, blue))
    return red, green, blue


def from_hex(text: str) -> RGB | None:
    """The colour of six hexadecimal digits (``FFFFFF``, ``#ffffff``, with ``FF`` for its alpha before them too)."""
    digits = text.removeprefix("#")[-6:]
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        return None
    return float(red), float(green), float(blue)


def is_faint(ink: RGB) -> bool:
    """Whether ink is too light to be surely seen on white paper."""
    return _brightness(ink) > _FAINT


def is_dark(ground: RGB) -> bool:
    """Whether a ground is too dark for black print to be surely seen."""
    return _brightness(ground) < _DARK


def is_near(ink: RGB, ground: RGB) -> bool:
    """Whether print is not told from its ground."""
    return all(abs(one - other) <= _NEAR for one, other in zip(ink, ground, strict=True))


def is_tiny(points: float) -> bool:
    """Whether print of this size is not seen."""
    return points <= TINY


def _brightness(colour: RGB) -> float:
    """How light a colour looks, of 255 (ITU-R BT.601)."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue
