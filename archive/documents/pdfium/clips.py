"""Clip paths of text objects: text is seen only within them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress

from archive.documents.pdfium import bulk
from archive.documents.pdfium.drawing import IDENTITY, Box, Matrix, times
from archive.documents.pdfium.library import Handle

_MOST_PATHS = 50  # of one clip that are looked at
_MOST_POINTS = 200  # of one path
_MOST = 20_000  # paths on one page
_EVEN = 0.1  # points by which the sides of a rectangle may lean
_EVERYWHERE: Box = (-math.inf, -math.inf, math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Clip:
    """Where text may be seen: ``box`` in points of the page; ``plain``: all of that box, else only some of it."""

    box: Box
    plain: bool = True


def clips_of(texts: Iterable[Handle], forms: Mapping[Handle, Matrix]) -> dict[Handle, Clip]:
    """The clips of those text objects that have one. ``forms``: text objects in forms → matrix of the form."""
    handles = list(texts)
    paths = bulk.ready(map(bulk.clip_path, bulk.ready(handles)))
    counts = list(map(bulk.count_clips, paths))
    known: dict[tuple[Handle, Matrix], Clip] = {}
    found: dict[Handle, Clip] = {}
    some = [count > 0 for count in counts]
    for handle, path, count in zip(compress(handles, some), compress(paths, some), compress(counts, some), strict=True):
        outer = forms.get(handle, IDENTITY)
        whole = Clip(_EVERYWHERE, plain=count <= _MOST_PATHS)
        for n in range(min(count, _MOST_PATHS)):
            first = bulk.clip_segment(path, n, 0)  # objects that share a path share its points
            clip = known.get((first, outer)) if first else None
            if clip is None:
                clip = _read_clip(path, n, outer) if len(known) < _MOST else Clip(_EVERYWHERE, plain=False)
                known[first, outer] = clip
            whole = _intersect(whole, clip)
        found[handle] = whole
    return found


def _intersect(one: Clip, other: Clip) -> Clip:
    a, b = one.box, other.box
    box = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return Clip(box, one.plain and other.plain)


def _read_clip(path: object, n: int, outer: Matrix) -> Clip:
    count = bulk.count_clip_segments(path, n)
    if not 0 < count <= _MOST_POINTS:
        return Clip(_EVERYWHERE, plain=False)
    segments = bulk.ready(bulk.clip_segment(path, n, k) for k in range(count))
    values = bulk.floats(bulk.answers(bulk.segment_point, count, 2, 2, segments)[0])
    a, b, c, d, e, f = times(IDENTITY, outer)
    points = [(a * x + c * y + e, b * x + d * y + f) for x, y in zip(values[0::2], values[1::2], strict=True)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    box = min(xs), min(ys), max(xs), max(ys)
    corners = all(
        min(abs(x - box[0]), abs(x - box[2])) < _EVEN and min(abs(y - box[1]), abs(y - box[3])) < _EVEN
        for x, y in points
    )
    sides = {(round((x - box[0]) > (box[2] - x)), round((y - box[1]) > (box[3] - y))) for x, y in points}
    flat = box[2] - box[0] < _EVEN or box[3] - box[1] < _EVEN
    return Clip(box, plain=flat or (corners and len(sides) == 4 and count <= 5))
