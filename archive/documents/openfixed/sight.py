"""Text objects of which it is not certain that they are seen as the file tells them (GB/T 33190-2016, 8.5 and 11).

Programs differ in what they cut off at a Boundary or by Clips, so such text is read and doubted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archive.documents.contrast import is_faint, is_opaque
from archive.documents.layout.page_layout import Glyph
from archive.documents.openfixed.colours import ink_of, is_white
from archive.documents.openfixed.package import Element, local_name
from archive.documents.openfixed.space import Box, Matrix, box, number, then, transform_point

_ASIDE = 0.35  # of the height: fonts are narrower or wider than is reckoned here
_WIDER = 0.1  # of the width
_CUT = 0.5  # of the height
_MOST = 100  # areas of clips that are looked at


def are_cut_off(glyphs: Sequence[Glyph], left: float, top: float, right: float, bottom: float) -> bool:
    """Whether characters stand, for a good part, outside of a box in points."""
    for g in glyphs:
        high, wide = g.y1 - g.y0, g.x1 - g.x0
        room = _ASIDE * high + _WIDER * wide
        if g.x0 < left - room or g.x1 > right + room:
            return True
        if min(g.y1, bottom) - max(g.y0, top) < _CUT * high:
            return True
    return False


def is_doubtful(item: Element, attributes: Mapping[str, str], matrix: Matrix, glyphs: Sequence[Glyph]) -> bool:
    """Whether what the object says of itself leaves a doubt: a mirror, faint colour, clips, glyphs for characters."""
    if matrix[0] * matrix[3] - matrix[1] * matrix[2] < 0 or not is_opaque(number(attributes.get("Alpha"), 255.0)):
        return True
    return any(_child_doubts(inside, matrix, glyphs) for inside in item)


def _child_doubts(inside: Element, matrix: Matrix, glyphs: Sequence[Glyph]) -> bool:
    kind = local_name(inside.tag)
    if kind == "CGTransform":
        return _is_uneven(inside)
    if kind == "FillColor":
        value = inside.get("Value") or ""
        light = is_faint(ink_of(value, 255.0)) and not is_white(value)
        return light or not is_opaque(number(inside.get("Alpha"), 255.0))
    if kind == "Clips":
        return any(_clips_away(clip, matrix, glyphs) for clip in inside)
    return False


def _is_uneven(transform: Element) -> bool:
    """Whether so many characters are drawn by another number of glyphs: which is which the font alone tells."""
    codes, shapes = number(transform.get("CodeCount"), 1.0), number(transform.get("GlyphCount"), 1.0)
    listed = sum(len((inside.text or "").split()) for inside in transform)
    return codes != shapes or (listed > 0 and listed != shapes)


def _clips_away(clip: Element, matrix: Matrix, glyphs: Sequence[Glyph]) -> bool:
    """Whether a clip, which shows what lies in one of its areas, leaves out characters."""
    boxes: list[Box] = []
    for area in clip:
        for path in area:
            bounds = box(path.get("Boundary"))
            if bounds is None or len(boxes) >= _MOST:
                return True
            own = box(area.get("CTM"))
            if area.get("CTM") is not None or own is not None or path.get("CTM") is not None:
                return True
            left, top, wide, high = bounds
            inner = then((1.0, 0.0, 0.0, 1.0, left, top), matrix)
            corners = [transform_point(inner, x, y) for x, y in ((0, 0), (wide, 0), (0, high), (wide, high))]
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            boxes.append((min(xs), min(ys), max(xs), max(ys)))
    return bool(boxes) and any(all(are_cut_off([g], *one) for one in boxes) for g in glyphs)
