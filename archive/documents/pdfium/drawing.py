"""The objects of a page → strokes, filled boxes and images, and which text objects nobody can see.

Bulk calls: a page of a report has some hundred text objects, and each call costs a third of a microsecond.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pypdfium2 import raw

from archive.documents.pdfium import library
from archive.documents.pdfium.library import Handle
from archive.documents.ruled.page import Stroke

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top in points of the page
Point = tuple[float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
MAX_OBJECTS = 60_000
MAX_STROKES = 60_000
MAX_SEGMENTS = 4_000  # of one path; more make a drawing
MAX_ALL_SEGMENTS = 200_000
MAX_FORMS = 8  # levels of forms within forms
MAX_FILLS = 5_000
THIN = 3.0  # points; a filled shape no thicker is a drawn line
_STRAIGHT = 1.0  # points a line may lean
_SHORT = 0.3
_WHITE = 250  # of 255, in every colour
_INVISIBLE_MODES = (3, 7)


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


@dataclass(slots=True)
class Drawn:
    """What is on a page beside its characters, in points of the page (y upwards). ``curves``: paths that are bent.

    ``texts``: text objects with their place in the order of painting. ``hidden``: painted in no way. ``white``: in
    white, which shows only on something.
    """

    horizontal: list[Stroke] = field(default_factory=list)
    vertical: list[Stroke] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    texts: dict[Handle, int] = field(default_factory=dict)
    hidden: set[Handle] = field(default_factory=set)
    white: set[Handle] = field(default_factory=set)
    curves: int = 0
    cut: bool = False


def drawn_on(page: Handle) -> Drawn:
    """Everything drawn on a page, forms within forms included."""
    walk = _Walk()
    walk.objects(library.page_object, page, library.count_objects(page), IDENTITY, 0)
    walk.paths()
    if walk.done.texts:
        _unseen(walk.done)
    return walk.done


def _unseen(done: Drawn) -> None:
    """Find the text objects without paint or in white."""
    texts = list(done.texts)
    modes = map(library.render_mode, texts)
    done.hidden = {text for text, mode in zip(texts, modes, strict=True) if mode in _INVISIBLE_MODES}
    values, told = _told(ctypes.c_uint, library.fill_colour, texts, 4, 4)
    for text, ok, red, green, blue, alpha in zip(
        texts, told, values[0::4], values[1::4], values[2::4], values[3::4], strict=True
    ):
        if ok and alpha == 0:
            done.hidden.add(text)
        elif ok and red >= _WHITE and green >= _WHITE and blue >= _WHITE:
            done.white.add(text)


@dataclass(slots=True)
class _Path:
    """A path of several segments: ``stroked``, or else filled."""

    handle: Handle
    order: int
    size: int
    matrix: Matrix
    stroked: bool


class _Walk:
    def __init__(self) -> None:
        self.done = Drawn()
        self._order = 0
        self._paths: list[Handle] = []
        self._places: list[tuple[int, Matrix]] = []  # of each path: order of painting, matrix of the form around it
        self._floats = (ctypes.c_float * 6)()
        self._ints = (ctypes.c_uint * 4)()

    def objects(self, get: Any, parent: Handle, count: int, outer: Matrix, level: int) -> None:
        """Everything in a page or a form."""
        if self._order + count > MAX_OBJECTS:
            self.done.cut = True
            count = MAX_OBJECTS - self._order
        items = list(map(get, itertools.repeat(parent), range(count)))
        texts = self.done.texts
        for item, kind in zip(items, map(library.object_type, items), strict=True):
            self._order += 1
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                texts[item] = self._order
            elif kind == raw.FPDF_PAGEOBJ_PATH:
                self._paths.append(item)
                self._places.append((self._order, outer))
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                box = _bounds(_times(self._matrix(item), outer))
                self.done.images.append(Image(self._order, box, item))
            elif kind == raw.FPDF_PAGEOBJ_FORM and level < MAX_FORMS:
                inner = _times(self._matrix(item), outer)
                self.objects(library.form_object, item, library.form_count(item), inner, level + 1)

    def _matrix(self, item: Handle) -> Matrix:
        if not library.object_matrix(item, ctypes.addressof(self._floats)):
            return IDENTITY
        a, b, c, d, e, f = self._floats
        return a, b, c, d, e, f

    def paths(self) -> None:
        """Strokes and fills of all paths met."""
        sizes = list(map(library.count_segments, self._paths))
        self.done.curves += sum(size > MAX_SEGMENTS for size in sizes)
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
            paths = [self._paths[n] for n in some]
            modes, _ = _told(ctypes.c_uint, library.draw_mode, paths, 2, 2)
            colours, coloured = _told(ctypes.c_uint, library.stroke_colour, paths, 4, 4)
            matrices = self._matrices(paths, [self._places[n][1] for n in some])
            stroked = [
                bool(stroke) and (alpha > 0 or not told)
                for stroke, alpha, told in zip(modes[1::2], colours[3::4], coloured, strict=True)
            ]
            if simple:
                self._lines([(p, m) for p, m, drawn in zip(paths, matrices, stroked, strict=True) if drawn])
                continue
            shown = [
                _Path(path, self._places[n][0], sizes[n], matrix, drawn)
                for path, n, matrix, drawn, filled in zip(paths, some, matrices, stroked, modes[0::2], strict=True)
                if drawn or filled
            ]
            self._shapes(shown)

    def _matrices(self, paths: Sequence[Handle], outer: Sequence[Matrix]) -> list[Matrix]:
        values, _ = _told(ctypes.c_float, library.object_matrix, paths, 6, 1)
        own = zip(*(values[n::6] for n in range(6)), strict=True)
        return [_times(matrix, around) for matrix, around in zip(own, outer, strict=True)]

    def _lines(self, paths: Sequence[tuple[Handle, Matrix]]) -> None:
        """Paths of one straight line each."""
        handles = [path for path, _ in paths]
        ends = [list(map(library.segment_at, handles, itertools.repeat(n))) for n in (0, 1)]
        places = [_told(ctypes.c_float, library.segment_point, segments, 2, 2)[0] for segments in ends]
        for n, (_, (a, b, c, d, e, f)) in enumerate(paths):
            x0, y0, x1, y1 = places[0][2 * n], places[0][2 * n + 1], places[1][2 * n], places[1][2 * n + 1]
            self._stroke((a * x0 + c * y0 + e, b * x0 + d * y0 + f), (a * x1 + c * y1 + e, b * x1 + d * y1 + f))

    def _shapes(self, paths: Sequence[_Path]) -> None:
        """Paths of several segments; curves break a run, closed runs go back to their start."""
        owners = list(itertools.chain.from_iterable(itertools.repeat(path.handle, path.size) for path in paths))
        indexes = list(itertools.chain.from_iterable(range(path.size) for path in paths))
        segments = list(map(library.segment_at, owners, indexes))
        points, _ = _told(ctypes.c_float, library.segment_point, segments, 2, 2)
        kinds = list(map(library.segment_type, segments))
        closes = list(map(library.segment_closes, segments))
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
            at += path.size
            self.done.curves += bent
            for line in lines:
                if not path.stroked:
                    self._filled(path, line)
                    continue
                for start, end in itertools.pairwise(line):
                    self._stroke(start, end)

    def _stroke(self, start: Point, end: Point) -> None:
        (x0, y0), (x1, y1) = start, end
        if -_STRAIGHT <= y0 - y1 <= _STRAIGHT and abs(x0 - x1) > _SHORT:
            self.done.horizontal.append(Stroke((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif -_STRAIGHT <= x0 - x1 <= _STRAIGHT and abs(y0 - y1) > _SHORT:
            self.done.vertical.append(Stroke((x0 + x1) / 2, min(y0, y1), max(y0, y1)))

    def _filled(self, path: _Path, points: Sequence[Point]) -> None:
        """A filled shape counts as a line if it is thin (a dot as a bit of both); larger ones are backgrounds."""
        if len(points) < 3:
            return
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
        if y1 - y0 <= THIN:
            self._stroke((x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2))
        if x1 - x0 <= THIN:
            self._stroke(((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1))
        if x1 - x0 > THIN and y1 - y0 > THIN and len(self.done.fills) < MAX_FILLS:
            at = ctypes.addressof(self._ints)
            told = library.fill_colour(path.handle, at, at + 4, at + 8, at + 12)
            red, green, blue, alpha = self._ints
            if not told or alpha:
                white = bool(told) and red >= _WHITE and green >= _WHITE and blue >= _WHITE
                self.done.fills.append(Fill(path.order, (x0, y0, x1, y1), white))


def _told(kind: Any, call: Any, handles: Sequence[Handle], width: int, pointers: int) -> tuple[list[Any], list[int]]:
    """``width`` values of each handle, which ``call`` writes at so many ``pointers``; and whether it told them."""
    values = (kind * (width * len(handles)))()
    first, step = ctypes.addressof(values), 4 * width
    places = [range(first + 4 * n, first + 4 * n + step * len(handles), step) for n in range(pointers)]
    told = list(map(call, handles, *places))
    return list(values), told


def _bounds(matrix: Matrix) -> Box:
    """The box around the unit square under ``matrix``: where an image is painted."""
    a, b, c, d, e, f = matrix
    xs, ys = (e, e + a, e + c, e + a + c), (f, f + b, f + d, f + b + d)
    return min(xs), min(ys), max(xs), max(ys)


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """First ``inner``, then ``outer``."""
    if outer is IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
