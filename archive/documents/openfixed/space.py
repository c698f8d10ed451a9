"""Numbers, boxes and matrices as OFD writes them. Lengths are millimetres until a matrix makes points of them.

A matrix is (a, b, c, d, e, f): x' = a·x + c·y + e; y' = b·x + d·y + f, y downwards. Plain tuples, as a page has
thousands of them.
"""

from __future__ import annotations

from archive.documents.bounded_cache import Remembered

POINTS = 72 / 25.4  #: points in a millimetre
YES = frozenset(("true", "True", "1"))  #: how a truth is written
NO = frozenset(("false", "False", "0"))
FAR = 100_000.0  #: points; nothing on a page lies further away

_KNOWN = 8_192  # numbers remembered
_LONG = 24  # characters; no usual number is longer

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]

TO_POINTS: Matrix = (POINTS, 0.0, 0.0, POINTS, 0.0, 0.0)


#: text → its number; raises ValueError. A page says few numbers, each hundreds of times.
NUMBERS: Remembered[str, float] = Remembered(float, longest=_LONG, most=_KNOWN)


def then(inner: Matrix, outer: Matrix) -> Matrix:
    """First ``inner``, then ``outer``."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    if h == i == 0.0:
        return a * g, b * j, c * g, d * j, e * g + k, f * j + m
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def transform_point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Where a point comes to stand."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def numbers(text: str | None, count: int) -> list[float] | None:
    """Exactly ``count`` numbers parted by blanks or commas, or None. They may be infinite or no number (nan)."""
    if not text or len(text) > 1_000:
        return None
    try:
        found = list(map(NUMBERS.__getitem__, text.split()))
        if len(found) != count and "," in text:
            found = [float(token) for token in text.replace(",", " ").split()]
    except ValueError:
        return numbers(text.replace(",", " "), count) if "," in text else None
    return found if len(found) == count else None


def number(text: str | None, default: float) -> float:
    """One number, or ``default``."""
    if not text:
        return default
    try:
        return NUMBERS[text]
    except ValueError:
        return default


def box(text: str | None) -> Box | None:
    """ST_Box: left, top, width, height; None if it is not one."""
    if not text:
        return None
    try:
        left, top, width, height = map(NUMBERS.__getitem__, text.split())
    except ValueError:
        found = numbers(text, 4)  # with commas, it may be
    else:
        return left, top, width, height
    return (found[0], found[1], found[2], found[3]) if found else None


def placement_matrix(bounds: Box | None, ctm: str | None, outer: Matrix) -> Matrix:
    """From an object's own space into that around it: by its CTM, then to the corner of its Boundary."""
    left, top = (bounds[0], bounds[1]) if bounds else (0.0, 0.0)
    own = numbers(ctm, 6) if ctm else None
    if own:
        return then((own[0], own[1], own[2], own[3], own[4] + left, own[5] + top), outer)
    a, b, c, d, e, f = outer
    return a, b, c, d, a * left + c * top + e, b * left + d * top + f
