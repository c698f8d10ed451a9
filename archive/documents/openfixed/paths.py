"""A path object → strokes: what may be a ruling. Curves and slanted lines are left out (GB/T 33190-2016, 9)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archive.documents.bounded_cache import Remembered
from archive.documents.layout.page_layout import Ruling
from archive.documents.openfixed.colours import is_unseen, is_white
from archive.documents.openfixed.package import Element, local_name
from archive.documents.openfixed.space import FAR, NO, YES, Box, Matrix

Points = list[tuple[float, float]]
Fill = tuple[Box, str]  # left, top, right, bottom in points; the colour's value
Segment = tuple[float, float, float, float]  # from x, y to x, y

_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d{1,12}\.?\d{0,12}|\.\d{1,12})(?:[eE][-+]?\d{1,3})?")
_TAKES = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}  # numbers after each operator
_THIN = 3.0  # points; a filled shape no thicker is a drawn line
_STRAIGHT = 1.0  # points a line may lean
_SHORT = 0.3
_MOST = 1_024  # paths remembered
_SHORT_DATA = 120  # characters of one that is worth it
MAX_FILLS = 5_000
MAX_LENGTH = 60_000  # characters of one path; a longer one is a drawing


def draw(
    item: Element,
    attributes: Mapping[str, str],
    matrix: Matrix,
    horizontal: list[Ruling],
    vertical: list[Ruling],
    fills: list[Fill],
) -> None:
    """Add its straight lines in points, y downwards. A path is stroked unless it says no, filled only if it says so.

    ``attributes``: the object's. ``fills``: takes the filled boxes that are larger than a line.
    """
    data = colour = ""
    stroked = "Ruling" not in attributes or attributes["Ruling"] not in NO
    filled = "Fill" in attributes and attributes["Fill"] in YES
    for inside in item:
        kind = local_name(inside.tag)
        if kind == "AbbreviatedData":
            data = inside.text or ""
        elif kind == "StrokeColor":
            stroked = stroked and not is_unseen(inside)
        elif kind == "FillColor":
            colour = inside.get("Value") or ""
            filled = filled and inside.get("Alpha") != "0"
    if not (stroked or filled) or not data or len(data) > MAX_LENGTH:
        return
    a, b, c, d, e, f = matrix
    known = _KNOWN[data]
    if isinstance(known, tuple):
        if stroked:
            u0, v0, u1, v1 = known
            x0, y0, x1, y1 = a * u0 + c * v0 + e, b * u0 + d * v0 + f, a * u1 + c * v1 + e, b * u1 + d * v1 + f
            _line(x0, y0, x1, y1, horizontal, vertical)
        return
    for line in known:
        points = [(a * x + c * y + e, b * x + d * y + f) for x, y in line]
        if stroked:
            start = points[0]
            for end in points[1:]:
                _line(*start, *end, horizontal, vertical)
                start = end
        if filled and len(points) > 2:
            _shape(points, colour, horizontal, vertical, fills)


def _path_of(data: str) -> Segment | list[Points]:
    """What an AbbreviatedData draws."""
    return _segment(data) or polylines(data)


# a table repeats the same few rulings, each at its own place
_KNOWN: Remembered[str, Segment | list[Points]] = Remembered(_path_of, longest=_SHORT_DATA, most=_MOST)


def _segment(data: str) -> Segment | None:
    """A line from one point to another, as most paths are; None if it is more than that."""
    tokens = data.split(None, 6)
    if len(tokens) != 6 or tokens[0] != "M" or tokens[3] != "L":
        return None
    try:
        return float(tokens[1]), float(tokens[2]), float(tokens[4]), float(tokens[5])
    except ValueError:
        return None


def polylines(data: str) -> list[Points]:
    """The straight runs of an AbbreviatedData, closed ones back to their start; curves break a run."""
    tokens = _TOKEN.findall(data)
    lines: list[Points] = []
    at, operator = 0, ""
    while at < len(tokens):
        if tokens[at].isalpha():
            operator = tokens[at].upper()
            at += 1
        takes = _TAKES.get(operator)
        if takes is None:
            return lines  # no path of this standard
        if takes == 0:
            if lines and len(lines[-1]) > 1:
                lines[-1].append(lines[-1][0])
            operator = ""
            continue
        values = tokens[at : at + takes]
        if len(values) < takes or any(value.isalpha() for value in values):
            return lines
        at += takes
        point = (float(values[-2]), float(values[-1]))
        if operator == "L" and lines:
            lines[-1].append(point)
        else:
            lines.append([point])
            if operator in "MS":
                operator = "L"  # further points without an operator go on from there
    return lines


def _line(x0: float, y0: float, x1: float, y1: float, horizontal: list[Ruling], vertical: list[Ruling]) -> None:
    if not (-FAR < x0 < FAR and -FAR < x1 < FAR and -FAR < y0 < FAR and -FAR < y1 < FAR):
        return
    if -_STRAIGHT <= y0 - y1 <= _STRAIGHT:
        if abs(x0 - x1) > _SHORT:
            horizontal.append(Ruling((y0 + y1) / 2, x0, x1) if x0 <= x1 else Ruling((y0 + y1) / 2, x1, x0))
            return
        if abs(y0 - y1) <= _SHORT:
            return
    if -_STRAIGHT <= x0 - x1 <= _STRAIGHT:
        vertical.append(Ruling((x0 + x1) / 2, y0, y1) if y0 <= y1 else Ruling((x0 + x1) / 2, y1, y0))


def _shape(points: Points, colour: str, horizontal: list[Ruling], vertical: list[Ruling], fills: list[Fill]) -> None:
    """A filled shape counts as a line if it is thin (a dot as a bit of both); larger ones are backgrounds."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    if y1 - y0 > _THIN and x1 - x0 > _THIN:
        if len(fills) < MAX_FILLS:
            fills.append(((x0, y0, x1, y1), colour))
        return
    if is_white(colour):
        return
    if y1 - y0 <= _THIN:
        _line(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, horizontal, vertical)
    if x1 - x0 <= _THIN:
        _line((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, horizontal, vertical)
