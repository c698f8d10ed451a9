"""What a page draws: its layers, page blocks and composites → glyphs, strokes and images, in points, y downwards."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.documents.contrast import RGB, is_opaque
from archive.documents.layout.gap_rulings import gap_rulings
from archive.documents.layout.page_layout import Glyph, PageLayout, Ruling, rotate_point
from archive.documents.layout.sideways_figures import set_upright
from archive.documents.lookalike_characters import without_twins
from archive.documents.openfixed.colours import is_white
from archive.documents.openfixed.document import PageSource, Resources
from archive.documents.openfixed.glyphs import glyphs, is_unplaced
from archive.documents.openfixed.package import Element, local_name
from archive.documents.openfixed.paths import Fill
from archive.documents.openfixed.paths import draw as draw_path
from archive.documents.openfixed.sight import are_cut_off, is_doubtful
from archive.documents.openfixed.space import (
    FAR,
    NO,
    NUMBERS,
    POINTS,
    TO_POINTS,
    Box,
    Matrix,
    box,
    number,
    placement_matrix,
    then,
    transform_point,
)

MAX_OBJECTS = 60_000  # on one page
MAX_GLYPHS = 40_000  # characters
MAX_STROKES = 60_000
MAX_DEPTH = 12  # blocks and composites within each other
BOUNDS = MAX_GLYPHS, MAX_OBJECTS, MAX_DEPTH  #: of one page: its characters, its objects or strokes, and their levels
_STRIPS = 200  # images that are looked at for that
_UNDER = 400_000  # characters under them, those under several counted for each
_GROUNDS = 100  # boxes and images on which white print is looked for
_TWICE = 1.5  # points: the same text again so near is bold type drawn twice
_LOOKED = 50  # places of the same text that are looked at for that
_DRAWN = frozenset(("PathObject", "TextObject", "ImageObject", "CompositeObject"))
_STAMPS = frozenset(("Stamp", "Watermark"))  # kinds of annotations
_CONTAINERS = frozenset(("Content", "Layer", "PageBlock"))
_COVERING = 0.5  # share of the page from which images may be the scan, in strips maybe, whose text lies beneath it
_STRIP = 0.005  # share of the page that each of them covers at least


@dataclass(slots=True)
class PlacedImage:
    """An image on a page: its resource id, and left, top, right, bottom in points.

    ``over``: so many glyphs were drawn before it, and are not seen where it lies over them if it is opaque; 0 if it is
    said to shine through. ``order``: of painting. ``upright``: not turned, mirrored or leaning.
    """

    resource: str
    left: float
    top: float
    right: float
    bottom: float
    over: int = 0
    order: int = 0
    upright: bool = True


@dataclass(slots=True)
class DrawnPage:
    """A page drawn: ``page`` for the ruling reader, how many characters it has, its images from top to bottom.

    ``objects``: how many were looked at for it. ``stamped``: what stamps and watermarks laid over it say.
    ``unplaced``: it has text whose place is no number.
    """

    page: PageLayout
    characters: int = 0
    objects: int = 0
    images: list[PlacedImage] = field(default_factory=list)
    stamped: str = ""
    unplaced: bool = False


class _Hand:
    """Draws one page; stops quietly at its bounds and says so in ``cut``."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self.objects = 0
        self._texts: dict[str, dict[int, list[float]]] = {}  # what stands there → its heights → where it begins
        self.glyphs: list[Glyph] = []
        self.characters = 0
        self.turns: Counter[int] = Counter()
        self.horizontal: list[Ruling] = []
        self.vertical: list[Ruling] = []
        self.fills: list[Fill] = []
        self.doubted: list[Glyph] = []  # those not surely seen as told
        self.covers: list[tuple[int, Box]] = []  # what was filled over so many glyphs
        self.white: list[Glyph] = []  # those printed in white, which shows only on something
        self.leaning: list[tuple[float, float, RGB]] = []
        self.images: list[PlacedImage] = []
        self.cut = False
        self.unplaced = False
        self._behind = False  # within a layer that is behind all others, wherever it stands in the file

    def draw(self, parent: Element, outer: Matrix, depth: int) -> None:
        a, b, c, d, e, f = outer
        known = NUMBERS.__getitem__
        for item in parent:
            self.objects += 1
            if self.cut or self.objects > MAX_OBJECTS or self.characters > MAX_GLYPHS:
                self.cut = True
                return
            kind = local_name(item.tag)
            if kind not in _DRAWN:
                if kind in _CONTAINERS and depth >= MAX_DEPTH:
                    self.cut = True
                elif kind in _CONTAINERS:
                    self._behind = self._behind or item.get("Type") == "Background"
                    self.draw(item, outer, depth + 1)
                    self._behind = self._behind and kind != "Layer"
                continue
            attributes = item.attrib
            if ("Visible" in attributes and attributes["Visible"] in NO) or (
                "Alpha" in attributes and attributes["Alpha"] == "0"
            ):
                continue
            try:
                left, top, wide, high = map(known, attributes["Boundary"].split())
                inner = a, b, c, d, a * left + c * top + e, b * left + d * top + f
            except (KeyError, ValueError):
                left = top = wide = high = 0.0
                inner = placement_matrix(box(attributes.get("Boundary")), attributes.get("CTM"), outer)
            if "CTM" in attributes:
                inner = placement_matrix(box(attributes.get("Boundary")), attributes["CTM"], outer)
            if kind == "PathObject":
                self._path(item, attributes, inner)
            elif kind == "TextObject":
                self._written(item, attributes, inner, outer, (left, top, wide, high))
            else:
                self._object(kind, attributes, inner, outer, depth)

    def _path(self, item: Element, attributes: Mapping[str, str], inner: Matrix) -> None:
        filled = len(self.fills)
        draw_path(item, attributes, inner, self.horizontal, self.vertical, self.fills)
        if len(self.fills) > filled and self.glyphs and not self._behind:
            self._cover(attributes, filled)
        if len(self.horizontal) + len(self.vertical) > MAX_STROKES:
            self.cut = True

    def _written(self, item: Element, attributes: Mapping[str, str], inner: Matrix, outer: Matrix, bounds: Box) -> None:
        """A text object. ``bounds``: its Boundary, which cuts off what stands outside."""
        found = glyphs(item, attributes, inner, self.white, self.leaning)
        plain = len(found) == 1 and len(item) > 0 and len(found[0].text) >= len(item[-1].text or "")
        if not plain and is_unplaced(item, attributes, inner):
            self.unplaced = True
        is_special = len(item) > 1 or "CTM" in attributes or "Alpha" in attributes
        if is_special and is_doubtful(item, attributes, inner, found):
            self.doubted += found
        left, top, wide, high = bounds
        a, b, c, d, e, f = outer
        if wide > 0 < high and b == c == 0.0 and a > 0 < d:
            x, y = a * left + e, d * top + f
            if are_cut_off(found, x, y, x + a * wide, y + d * high):
                self.doubted += found
        self._text(found)

    def _cover(self, attributes: Mapping[str, str], first: int) -> None:
        """Note what was filled after some text, unless it is said to shine through."""
        if is_opaque(number(attributes.get("Alpha"), 255.0)):
            self.covers += [(len(self.glyphs), box) for box, _ in self.fills[first:]]

    def _object(self, kind: str, attributes: Mapping[str, str], inner: Matrix, outer: Matrix, depth: int) -> None:
        """What is neither path nor text."""
        if kind == "ImageObject":
            bounds = box(attributes.get("Boundary"))
            if "CTM" not in attributes and bounds is not None:  # it fills its Boundary
                inner = then((bounds[2], 0.0, 0.0, bounds[3], bounds[0], bounds[1]), outer)
            full = attributes.get("Alpha", "255") == "255" and "ImageMask" not in attributes and not self._behind
            self._image(attributes.get("ResourceID") or "", inner, len(self.glyphs) if full else 0)
        elif kind == "CompositeObject" and depth < MAX_DEPTH:
            unit = self._resources.composites.get(attributes.get("ResourceID") or "")
            if unit is not None:
                self.draw(unit, inner, depth + 1)

    def _text(self, glyphs: list[Glyph]) -> None:
        """Take the glyphs of a text object, unless it stands there already: bold type is drawn twice by some."""
        if not glyphs:
            return
        first = glyphs[0]
        text = first.text if len(glyphs) == 1 else "".join([glyph.text for glyph in glyphs])
        row = round(first.y0 / _TWICE)
        rows = self._texts.get(text)
        if rows is None:
            rows = self._texts[text] = {}
        else:
            left, right = first.x0 - _TWICE, first.x0 + _TWICE
            for near in (row - 1, row, row + 1):
                if near in rows:
                    for x0 in rows[near][-_LOOKED:]:
                        if left < x0 < right:
                            return
        rows.setdefault(row, []).append(first.x0)
        self.glyphs += glyphs
        self.characters += len(text)
        self.turns[first.turn] += len(glyphs)

    def _image(self, resource: str, inner: Matrix, over: int) -> None:
        """Where an image stands: its CTM makes it of the unit square."""
        corners = [transform_point(inner, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
        xs, ys = [p[0] for p in corners], [p[1] for p in corners]
        if all(-FAR < value < FAR for value in (*xs, *ys)):
            a, b, c, d, _, _ = inner
            upright = b == c == 0.0 and a > 0 < d
            order = len(self.images)
            self.images.append(PlacedImage(resource, min(xs), min(ys), max(xs), max(ys), over, order, upright))


def draw_page(source: PageSource, number: int) -> DrawnPage:
    """Draw a page. ``number`` counts from 1."""
    hand = _Hand(source.resources)
    for root in source.roots:
        hand.draw(root, TO_POINTS, 0)
    stamped = _draw_annotations(hand, source) if source.notes else ""
    width, height = source.size[2] * POINTS, source.size[3] * POINTS
    turn = hand.turns.most_common(1)[0][0] if hand.turns else 0
    (x0, y0), (x1, y1) = rotate_point(0.0, -height, turn), rotate_point(width, 0.0, turn)
    page = PageLayout(number, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), turn)
    page.invisible = _covered_share(hand, width * height, source)
    if page.invisible == 0.0:
        _doubt_covered(hand, source)
    if hand.white:
        _drop_unseen(hand)
    if len(hand.fills) > 1:
        across, down = gap_rulings([box for box, _ in hand.fills], [colour for _, colour in hand.fills])
        hand.horizontal += across
        hand.vertical += down
    page.glyphs, page.horizontal, page.vertical = hand.glyphs, hand.horizontal, hand.vertical
    page.cut = hand.cut
    page.leaning = hand.leaning
    for glyph in page.glyphs:
        glyph.text = without_twins(glyph.text)
    if hand.doubted:
        kept = set(map(id, hand.glyphs))
        page.doubted = [glyph for glyph in hand.doubted if id(glyph) in kept]
    if turn:
        _turn(page)
    if len(hand.turns) > 1:
        page.doubted += [glyph for glyph in page.glyphs if glyph.turn == 2]
        set_upright(page)
    images = sorted(hand.images, key=lambda image: (image.top, image.left))
    area = sum(max(0.0, i.right - i.left) * max(0.0, i.bottom - i.top) for i in images)
    page.images = area / (width * height)
    return DrawnPage(page, hand.characters, hand.objects, images, stamped, hand.unplaced)


def _draw_annotations(hand: _Hand, source: PageSource) -> str:
    """Draw the annotations of a page: what they hide is doubted, and so is what is written in them.

    The text of stamps and watermarks is none of the page: it is given back. Nothing of an annotation is a ruling.
    """
    stamped = ""
    for kind, appearance in source.notes:
        lines, columns, fills, images, glyphs = (
            len(held) for held in (hand.horizontal, hand.vertical, hand.fills, hand.images, hand.glyphs)
        )
        hand.draw(appearance, placement_matrix(box(appearance.get("Boundary")), None, TO_POINTS), 1)
        del hand.horizontal[lines:], hand.vertical[columns:], hand.fills[fills:]
        for image in hand.images[images:]:
            if image.over and source.opaque(source.resources.images.get(image.resource, "")):
                hand.covers.append((image.over, (image.left, image.top, image.right, image.bottom)))
        del hand.images[images:]
        written = hand.glyphs[glyphs:]
        if kind not in _STAMPS:
            hand.doubted += written
            continue
        stamped += "".join(glyph.text for glyph in written)
        del hand.glyphs[glyphs:]
        for glyph in written:
            hand.turns[glyph.turn] -= 1
        hand.characters -= sum(len(glyph.text) for glyph in written)
    hand.turns = +hand.turns
    return stamped


def _covered_share(hand: _Hand, area: float, source: PageSource) -> float:
    """The share of the glyphs that lie under opaque images of a whole page: the text layer of a scan."""
    some = [image for image in hand.images if image.over and _area(image) > _STRIP * area]
    if sum(map(_area, some)) <= _COVERING * area:
        return 0.0
    order = sorted((glyph.cy, n) for n, glyph in enumerate(hand.glyphs))
    heights = [height for height, _ in order]
    gone: set[int] = set()
    left = _UNDER
    for image in sorted(some, key=_area, reverse=True)[:_STRIPS]:
        first, last = bisect_left(heights, image.top), bisect_right(heights, image.bottom)
        left -= last - first
        if left < 0 and gone:
            break
        under = [n for _, n in order[first:last] if n < image.over and image.left <= hand.glyphs[n].cx <= image.right]
        if under and source.opaque(source.resources.images.get(image.resource, "")):
            gone.update(under)
    return len(gone) / len(hand.glyphs) if gone else 0.0


def _doubt_covered(hand: _Hand, source: PageSource) -> None:
    """Doubt what lies under something filled, or an opaque image, that was drawn later."""
    over = [(image.over, (image.left, image.top, image.right, image.bottom)) for image in hand.images
            if image.over and source.opaque(source.resources.images.get(image.resource, ""))]  # fmt: skip
    over += hand.covers
    if not over:
        return
    order = sorted((glyph.cy, n) for n, glyph in enumerate(hand.glyphs))
    heights = [height for height, _ in order]
    found: set[int] = set()
    left = _UNDER
    for count, (x0, y0, x1, y1) in over:
        first, last = bisect_left(heights, y0), bisect_right(heights, y1)
        left -= last - first
        if left < 0:
            found.update(range(len(hand.glyphs)))
            break
        glyphs = hand.glyphs
        found |= {n for _, n in order[first:last] if n < count and glyphs[n].x0 < x1 and x0 < glyphs[n].x1}
    hand.doubted += [hand.glyphs[n] for n in sorted(found)]


def _area(image: PlacedImage) -> float:
    return (image.right - image.left) * (image.bottom - image.top)


def _drop_unseen(hand: _Hand) -> None:
    """Leave out what is printed in white on nothing."""
    grounds = [box for box, colour in hand.fills if not is_white(colour)]
    grounds += [(image.left, image.top, image.right, image.bottom) for image in hand.images]
    grounds = sorted(grounds, key=lambda box: (box[0] - box[2]) * (box[3] - box[1]))[:_GROUNDS]
    unseen = {id(g) for g in hand.white if not any(x0 <= g.cx <= x1 and y0 <= g.cy <= y1 for x0, y0, x1, y1 in grounds)}
    hand.characters -= sum(len(glyph.text) for glyph in hand.glyphs if id(glyph) in unseen)
    hand.glyphs = [glyph for glyph in hand.glyphs if id(glyph) not in unseen]


def _turn(page: PageLayout) -> None:
    """Turn what was drawn into the direction in which most of the text runs."""
    turn = page.turn
    for glyph in page.glyphs:
        (x0, y0), (x1, y1) = rotate_point(glyph.x0, -glyph.y0, turn), rotate_point(glyph.x1, -glyph.y1, turn)
        glyph.x0, glyph.x1 = min(x0, x1), max(x0, x1)
        glyph.y0, glyph.y1 = min(y0, y1), max(y0, y1)
        glyph.turn = (glyph.turn - turn) % 4
    page.leaning = [(*rotate_point(x, -y, turn), ink) for x, y, ink in page.leaning]
    horizontal: list[Ruling] = []
    vertical: list[Ruling] = []
    ends = [((s.start, s.at), (s.end, s.at)) for s in page.horizontal]
    ends += [((s.at, s.start), (s.at, s.end)) for s in page.vertical]
    for (ax, ay), (bx, by) in ends:
        (x0, y0), (x1, y1) = rotate_point(ax, -ay, turn), rotate_point(bx, -by, turn)
        if abs(y0 - y1) <= abs(x0 - x1):
            horizontal.append(Ruling(y0, min(x0, x1), max(x0, x1)))
        else:
            vertical.append(Ruling(x0, min(y0, y1), max(y0, y1)))
    page.horizontal, page.vertical = horizontal, vertical
