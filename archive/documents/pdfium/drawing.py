"""The objects of a page → strokes, filled boxes and images, and which text objects nobody can see.

Bulk calls: a page of a report has up to a thousand objects.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from pypdfium2 import raw

from archive.documents.contrast import RGB, may_not_show, on_paper, shows_nothing
from archive.documents.layout.gap_rulings import gap_rulings
from archive.documents.layout.page_layout import Ruling
from archive.documents.pdfium import bulk, library
from archive.documents.pdfium.library import Handle

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top in points of the page
Point = tuple[float, float]
Way = tuple[Any, int, Matrix]  # a path (ready as an argument), its segments, the matrix of the form around it

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_OF_MATRIX = 24  # bytes
MAX_OBJECTS = 60_000
MAX_STROKES = 60_000
MAX_SEGMENTS = 4_000  # of one path; more make a drawing, or all letters of a page drawn as one shape
_LETTER = 40  # segments of a letter's outline
MAX_ALL_SEGMENTS = 200_000
DENSE = MAX_ALL_SEGMENTS // _LETTER  #: curves of a page that no letters make: what it draws is not told
MANY_PATHS = 5_000  #: on one page; what fewer cost to draw nobody need know
MAX_FORMS = 8  # levels of forms within forms
MAX_FILLS = 5_000
FAR = 1e6  #: points; nothing on a page lies further away
THIN = 3.0  # points; a filled shape no thicker is a drawn line
THICK = 6.0  # points; a line drawn any thicker is a box
_STRAIGHT = 1.0  # points a line may lean
_SHORT = 0.3
_INVISIBLE_MODES = (3, 7)
_OUTLINED = (1, 2, 4, 5, 6)  # the shapes are drawn by their outline (too), or clip what follows
_BLACK = struct.pack("4I", 0, 0, 0, 255)


@dataclass(slots=True)
class Image:
    """An image: its place in the order of painting, its box."""

    order: int
    box: Box
    handle: Handle


@dataclass(slots=True)
class Fill:
    """A filled box too large for a line; ``white`` where it shows nothing on white paper."""

    order: int
    box: Box
    white: bool
    colour: RGB


@dataclass(slots=True)
class PageDrawing:
    """What is on a page beside its characters, in points of the page (y upwards). ``curves``: paths that are bent.

    ``texts``: text objects with their place in the order of painting. ``forms``: those in forms, with the matrix from
    the form to the page. ``hidden``: painted in no way. ``white``: in white, which shows only on something. ``pale``:
    in a colour, or through which so much shines, that it may not show. ``colours``: of all texts, unless all are black;
    ``inks``: as they show on white paper.
    ``covers``: what was painted after a text and may hide it. ``others``: all that is not text. ``ways``: its paths,
    where they are very many or one is very long; there are ``unseen`` times as many.
    """

    horizontal: list[Ruling] = field(default_factory=list)
    vertical: list[Ruling] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    texts: dict[Handle, int] = field(default_factory=dict)
    forms: dict[Handle, Matrix] = field(default_factory=dict)
    hidden: set[Handle] = field(default_factory=set)
    white: set[Handle] = field(default_factory=set)
    pale: set[Handle] = field(default_factory=set)
    colours: dict[Handle, RGB] = field(default_factory=dict)
    inks: dict[Handle, RGB] = field(default_factory=dict)
    covers: list[tuple[int, Box]] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    unseen: float = 1.0
    curves: int = 0
    cut: bool = False


def drawing_of(page: Handle) -> PageDrawing:
    """Everything drawn on a page, forms within forms included."""
    walk = _Walk()
    walk.objects(bulk.page_object, page, library.count_objects(page), IDENTITY, 0)
    walk.paths()
    if len(walk.done.fills) > 1:
        _rule_by_gaps(walk.done)
    if walk.done.texts:
        _find_unseen(walk.done)
    return walk.done


def _rule_by_gaps(drawing: PageDrawing) -> None:
    """Take the gaps between filled boxes for the rulings that they are."""
    fills = sorted(drawing.fills, key=lambda fill: fill.order)
    horizontal, vertical = gap_rulings([fill.box for fill in fills], [fill.colour for fill in fills])
    drawing.horizontal += horizontal
    drawing.vertical += vertical


def _find_unseen(drawing: PageDrawing) -> None:
    """Find the text objects without paint or in white."""
    texts = list(drawing.texts)
    handles = bulk.ready(texts)
    modes = list(map(bulk.render_mode, handles))
    if any(modes):
        drawing.hidden = {text for text, mode in zip(texts, modes, strict=True) if mode in _INVISIBLE_MODES}
        drawing.pale = {text for text, mode in zip(texts, modes, strict=True) if mode in _OUTLINED and _is_light(text)}
    words, known = bulk.answers(bulk.fill_colour, len(texts), 4, 4, handles)
    if all(known) and words == _BLACK * len(texts):
        return  # as on most pages
    values = bulk.ints(words)
    for text, ok, red, green, blue, alpha in zip(
        texts, known, values[0::4], values[1::4], values[2::4], values[3::4], strict=True
    ):
        if not ok:
            continue
        drawing.colours[text] = colour = (red, green, blue)
        drawing.inks[text] = on_paper(*colour, alpha)
        if alpha == 0:
            drawing.hidden.add(text)
        elif shows_nothing(colour):
            drawing.white.add(text)
        elif may_not_show(colour, alpha):
            drawing.pale.add(text)


def _is_light(text: Handle) -> bool:
    """Whether the outline of a text is drawn in a colour that may not show on white paper."""
    words, known = bulk.answers(bulk.stroke_colour, 1, 4, 4, (bulk.pointer(text),))
    red, green, blue, alpha = bulk.ints(words)
    return not known[0] or may_not_show((red, green, blue), alpha)


@dataclass(slots=True)
class _Path:
    """A path of several segments. What is both stroked and filled counts as stroked for rulings."""

    handle: Any
    order: int
    size: int
    matrix: Matrix
    stroked: bool
    filled: bool


class _Walk:
    def __init__(self) -> None:
        self.done = PageDrawing()
        self._across, self._down = self.done.horizontal, self.done.vertical
        self._order = 0
        self._paths: list[Any] = []  # handles made ready
        self._sizes: list[int] = []  # segments of each
        self._places: list[tuple[int, Matrix]] = []  # of each path: order of painting, matrix of the form around it
        self._first = MAX_OBJECTS  # the first text in the order of painting

    def objects(self, get: Any, parent: Handle, count: int, outer: Matrix, level: int) -> None:
        """Everything in a page or a form."""
        if self._order + count > MAX_OBJECTS:
            self.done.cut = True
            self.done.unseen *= (self._order + count) / MAX_OBJECTS
            count = MAX_OBJECTS - self._order
        items = list(map(get, itertools.repeat(bulk.pointer(parent)), range(count)))
        handles = bulk.ready(items)
        texts = self.done.texts
        for item, handle, size in zip(items, handles, map(bulk.count_segments, handles), strict=True):
            self._order += 1
            if size >= 0:
                self._paths.append(handle)
                self._sizes.append(size)
                self._places.append((self._order, outer))
                continue
            kind = bulk.object_type(handle)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                texts[item] = self._order
                self._first = min(self._first, self._order)
                if level:
                    self.done.forms[item] = outer
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                box = bounds(matrix_of(handle), outer)
                self.done.images.append(Image(self._order, box, item))
                self.done.others.append(handle)
            elif kind == raw.FPDF_PAGEOBJ_SHADING:
                self.done.others.append(handle)
                self._cover(self._order, handle, outer)
            elif kind == raw.FPDF_PAGEOBJ_FORM and level < MAX_FORMS:
                inner = times(matrix_of(handle), outer)
                self.objects(bulk.form_object, item, library.form_count(item), inner, level + 1)

    def paths(self) -> None:
        """Strokes and fills of all paths met."""
        sizes = self._sizes
        self.done.others += self._paths
        if len(sizes) > MANY_PATHS or max(sizes, default=0) > MAX_SEGMENTS:
            self.done.ways = [
                (path, size, place[1]) for path, size, place in zip(self._paths, sizes, self._places, strict=True)
            ]
        for n, size in enumerate(sizes):
            if size > MAX_SEGMENTS:
                self.done.curves += size // _LETTER
                self._cover(self._places[n][0], self._paths[n], self._places[n][1])
        chosen: list[int] = []
        total = 0
        for n, size in enumerate(sizes):
            if 2 <= size <= MAX_SEGMENTS:
                total += size
                if total > MAX_ALL_SEGMENTS or len(chosen) >= MAX_STROKES:
                    self.done.cut = True
                    break
                chosen.append(n)
        for simple in (True, False):
            some = [n for n in chosen if (sizes[n] == 2) == simple]
            if not some:
                continue
            paths = [self._paths[n] for n in some]
            modes = bulk.ints(bulk.answers(bulk.draw_mode, len(paths), 2, 2, paths)[0])
            clear = map(bulk.is_transparent, paths)  # hardly any is: what shows nothing is among those
            stroked = [
                bool(stroke) and not (maybe and _is_clear(path))
                for path, stroke, maybe in zip(paths, modes[1::2], clear, strict=True)
            ]
            if simple:
                self._lines(list(compress(paths, stroked)), [self._places[n] for n in compress(some, stroked)])
                continue
            matrices = _matrices(paths, [self._places[n][1] for n in some])
            shown = [
                _Path(path, self._places[n][0], sizes[n], matrix, drawn, bool(filled))
                for path, n, matrix, drawn, filled in zip(paths, some, matrices, stroked, modes[0::2], strict=True)
                if drawn or filled
            ]
            self._shapes(shown)

    def _cover(self, order: int, handle: Any, outer: Matrix) -> None:
        """What may hide earlier text, by its bounds as pdfium tells them."""
        if order > self._first:
            self.done.covers.append((order, bounds_of(handle, outer)))

    def _lines(self, paths: Sequence[Any], places: Sequence[tuple[int, Matrix]]) -> None:
        """Paths of one straight line each."""
        number = len(paths)
        matrices = list(_matrices(paths, [matrix for _, matrix in places]))
        late = [n for n, (order, _) in enumerate(places) if order > self._first]
        widths = bulk.floats(bulk.answers(bulk.stroke_width, len(late), 1, 1, [paths[n] for n in late])[0])
        bars: set[int] = set()  # too thick for rulings
        for n, width in zip(late, widths, strict=True):
            thick = width * _scale(matrices[n])
            if thick > THIN:
                self._cover(places[n][0], paths[n], places[n][1])
            if thick > THICK:
                bars.add(n)
        begins, ends = (
            bulk.floats(bulk.answers(bulk.segment_point, number, 2, 2, bulk.ready(segments))[0])
            for segments in (map(bulk.segment_at, paths, itertools.repeat(n)) for n in (0, 1))
        )
        across, down = self.done.horizontal.append, self.done.vertical.append
        points = list(zip(begins[0::2], begins[1::2], ends[0::2], ends[1::2], matrices, strict=False))
        if bars:
            points = [point for n, point in enumerate(points) if n not in bars]
        for u0, v0, u1, v1, (a, b, c, d, e, f) in points:  # _stroke, written out
            x0, x1 = a * u0 + c * v0 + e, a * u1 + c * v1 + e
            y0, y1 = b * u0 + d * v0 + f, b * u1 + d * v1 + f
            if -_STRAIGHT <= y0 - y1 <= _STRAIGHT and abs(x0 - x1) > _SHORT:
                across(Ruling((y0 + y1) / 2, x0, x1) if x0 <= x1 else Ruling((y0 + y1) / 2, x1, x0))
            elif -_STRAIGHT <= x0 - x1 <= _STRAIGHT and abs(y0 - y1) > _SHORT:
                down(Ruling((x0 + x1) / 2, y0, y1) if y0 <= y1 else Ruling((x0 + x1) / 2, y1, y0))

    def _shapes(self, paths: Sequence[_Path]) -> None:
        """Paths of several segments; curves break a run, closed runs go back to their start."""
        owners = itertools.chain.from_iterable(itertools.repeat(path.handle, path.size) for path in paths)
        indexes = itertools.chain.from_iterable(range(path.size) for path in paths)
        segments = bulk.ready(map(bulk.segment_at, owners, indexes))
        points = bulk.floats(bulk.answers(bulk.segment_point, len(segments), 2, 2, segments)[0])
        kinds = list(map(bulk.segment_type, segments))
        closes = list(map(bulk.segment_closes, segments))
        at = 0
        for path in paths:
            a, b, c, d, e, f = path.matrix
            lines: list[list[Point]] = []
            bent = False
            for n in range(at, at + path.size):
                x, y, kind = points[2 * n], points[2 * n + 1], kinds[n]
                point = (a * x + c * y + e, b * x + d * y + f)
                if kind == raw.FPDF_SEGMENT_LINETO and lines:
                    lines[-1].append(point)
                else:
                    lines.append([point])
                    bent = bent or kind == raw.FPDF_SEGMENT_BEZIERTO
                if closes[n] and len(lines[-1]) > 1:
                    lines[-1].append(lines[-1][0])
            if path.order > self._first:
                self._may_cover(path, points[2 * at : 2 * (at + path.size)])
            at += path.size
            self.done.curves += bent
            for line in lines:
                if not path.stroked:
                    self._filled(path, line)
                    continue
                for start, end in itertools.pairwise(line):
                    self._stroke(*start, *end)

    def _may_cover(self, path: _Path, points: Sequence[float]) -> None:
        """Note a shape that may hide earlier text: a filled one larger than a line, or one drawn with a thick line."""
        left, low = min(points[0::2]), min(points[1::2])
        wide, high = max(points[0::2]) - left, max(points[1::2]) - low
        a, b, c, d, _, _ = path.matrix
        if not path.stroked and b == c == 0 and (wide * abs(a) <= THIN or high * abs(d) <= THIN):
            return
        thick = 0.0
        if path.stroked:
            width = bulk.floats(bulk.answers(bulk.stroke_width, 1, 1, 1, (path.handle,))[0])[0]
            thick = width * _scale(path.matrix) / 2
        x0, y0, x1, y1 = bounds((wide, 0.0, 0.0, high, left, low), path.matrix)
        solid = path.filled and x1 - x0 > THIN and y1 - y0 > THIN
        if solid or 2 * thick > THIN:
            self.done.covers.append((path.order, (x0 - thick, y0 - thick, x1 + thick, y1 + thick)))

    def _stroke(self, x0: float, y0: float, x1: float, y1: float) -> None:
        if -_STRAIGHT <= y0 - y1 <= _STRAIGHT and abs(x0 - x1) > _SHORT:
            at = (y0 + y1) / 2
            self._across.append(Ruling(at, x0, x1) if x0 <= x1 else Ruling(at, x1, x0))
        elif -_STRAIGHT <= x0 - x1 <= _STRAIGHT and abs(y0 - y1) > _SHORT:
            at = (x0 + x1) / 2
            self._down.append(Ruling(at, y0, y1) if y0 <= y1 else Ruling(at, y1, y0))

    def _filled(self, path: _Path, points: Sequence[Point]) -> None:
        """A filled shape counts as a line if it is thin (a dot as a bit of both); larger ones are backgrounds."""
        if len(points) < 3:
            return
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
        if y1 - y0 <= THIN:
            self._stroke(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
        if x1 - x0 <= THIN:
            self._stroke((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)
        if x1 - x0 > THIN and y1 - y0 > THIN and len(self.done.fills) < MAX_FILLS:
            words, known = bulk.answers(bulk.fill_colour, 1, 4, 4, (path.handle,))
            red, green, blue, alpha = bulk.ints(words)
            if not known[0] or alpha:
                colour = (red, green, blue)
                white = bool(known[0]) and shows_nothing(colour)
                self.done.fills.append(Fill(path.order, (x0, y0, x1, y1), white, colour))


def _is_clear(path: Any) -> bool:
    """Whether the stroke of a path shows nothing."""
    colour, known = bulk.answers(bulk.stroke_colour, 1, 4, 4, (path,))
    return bool(known[0]) and bulk.ints(colour)[3] == 0


def _scale(matrix: Matrix) -> float:
    """How much longer lines become, on the whole."""
    a, b, c, d, _, _ = matrix
    return math.sqrt(abs(a * d - b * c))


def matrix_of(handle: Any) -> Matrix:
    """The matrix of an object (ready as an argument)."""
    words, known = bulk.answers(bulk.object_matrix, 1, 6, 1, (handle,))
    a, b, c, d, e, f = bulk.floats(words)
    return (a, b, c, d, e, f) if known[0] else IDENTITY


def _matrices(paths: Sequence[Any], outer: Sequence[Matrix]) -> Iterable[Matrix]:
    """The matrix of each path, with that of the form around it."""
    words, _ = bulk.answers(bulk.object_matrix, len(paths), 6, 1, paths)
    own: Iterable[Matrix]
    if words == words[:_OF_MATRIX] * len(paths):  # as a program writes that draws without turning or moving
        a, b, c, d, e, f = bulk.floats(words[:_OF_MATRIX]) if words else IDENTITY
        own = itertools.repeat((a, b, c, d, e, f), len(paths))
    else:
        values = bulk.floats(words)
        own = zip(*(values[n::6] for n in range(6)), strict=True)
    if all(matrix is IDENTITY for matrix in outer):
        return own
    return (times(matrix, around) for matrix, around in zip(own, outer, strict=True))


def bounds_of(handle: Any, outer: Matrix) -> Box:
    """The bounds of an object (ready as an argument) as pdfium tells them, on the page; all of it if it does not."""
    words, known = bulk.answers(bulk.bounds_of, 1, 4, 4, (handle,))
    left, bottom, right, top = bulk.floats(words) if known[0] else (-FAR, -FAR, FAR, FAR)
    return bounds((right - left, 0.0, 0.0, top - bottom, left, bottom), outer)


def bounds(matrix: Matrix, outer: Matrix) -> Box:
    """The box around the unit square under ``matrix`` and then ``outer``: where an image is painted."""
    a, b, c, d, e, f = times(matrix, outer)
    xs, ys = (e, e + a, e + c, e + a + c), (f, f + b, f + d, f + b + d)
    return min(xs), min(ys), max(xs), max(ys)


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """First ``inner``, then ``outer``."""
    if outer is IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
