"""Whether print is seen on its paper: the colours, opacities and sizes that count, for HTML, Word, sheets, PDF and OFD.

Print is doubted, not left out, where it is faint or tiny: it may stand on a ground of another colour.
"""

from __future__ import annotations

RGB = tuple[int, int, int]  #: red, green and blue from 0 to 255

BLACK: RGB = (0, 0, 0)
WHITE: RGB = (255, 255, 255)
TINY = 1.0  #: points; nobody sees smaller print
_FAINT = 225.0  # of 255: brighter ink is hardly seen on white paper (yellow is)
_DARK = 70.0  # of 255: on a darker ground black print is not seen
_NEAR = 8  # of 255 in each part: nobody tells such colours apart
_OPAQUE = 128.0  # of 255: what is less opaque may not show, and lets be seen what it covers
# PDF only. A page can be drawn, and what is drawn decides: these say where to look, so they are wider than those above.
_LIGHT = 192  # of 255, in each part
_NO_INK = 250  # of 255, in each part: shows nothing on white paper
_ALIKE = 64  # of 255, in each part: type hardly shows on such a ground
_CARRIES_WHITE = 140  # of 255, in one part at least darker: white type shows on such a ground


def on_paper(red: float, green: float, blue: float, alpha: float) -> RGB:
    """A colour as it shows on white paper; ``alpha`` from 0 (nothing of it) to 255."""
    red, green, blue = (255 - (255 - min(max(part, 0.0), 255.0)) * alpha / 255 for part in (red, green, blue))
    return round(red), round(green), round(blue)


def from_hex(text: str) -> RGB | None:
    """The colour of six hexadecimal digits (``FFFFFF``, ``#ffffff``, with ``FF`` for its alpha before them too)."""
    digits = text.removeprefix("#")[-6:]
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        return None
    return red, green, blue


def is_faint(ink: RGB) -> bool:
    """Whether ink is too light to be surely seen on white paper."""
    return brightness(ink) > _FAINT


def is_dark(ground: RGB) -> bool:
    """Whether a ground is too dark for black print to be surely seen."""
    return brightness(ground) < _DARK


def is_near(ink: RGB, ground: RGB) -> bool:
    """Whether print is not told from its ground."""
    return _difference(ink, ground) <= _NEAR


def is_tiny(points: float) -> bool:
    """Whether print of this size is not seen."""
    return points <= TINY


def is_opaque(alpha: float) -> bool:
    """Whether paint of this opacity, of 255, surely shows and hides what is under it."""
    return alpha >= _OPAQUE


def may_not_show(ink: RGB, alpha: float = 255) -> bool:
    """Whether a page is to be drawn to see if print of this colour and opacity shows on white paper."""
    return not is_opaque(alpha) or min(ink) >= _LIGHT


def may_be_alike(ink: RGB, ground: RGB) -> bool:
    """Whether a page is to be drawn to see if print shows on this ground."""
    return _difference(ink, ground) < _ALIKE


def shows_nothing(ink: RGB) -> bool:
    """Whether ink is white, or as good as."""
    return min(ink) >= _NO_INK


def carries_white(ground: RGB) -> bool:
    """Whether white print shows on a ground."""
    return min(ground) < _CARRIES_WHITE


def brightness(colour: RGB) -> float:
    """How light a colour looks, of 255 (ITU-R BT.601)."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _difference(one: RGB, other: RGB) -> int:
    """How far two colours differ in the part in which they differ most."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
