"""A path object → strokes: what may be a ruling. Curves and slanted lines are left out (GB/T 33190-2016, 9)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from archive.documents.openfixed.package import Element, local_name
from archive.documents.openfixed.space import FAR, NUMBERS, Matrix
from archive.documents.ruled.page import Stroke

Points = list[tuple[float, float]]

_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d{1,12}\.?\d{0,12}|\.\d{1,12})(?:[eE][-+]?\d{1,3})?")
_TAKES = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}  # numbers after each operator
_YES = ("true", "True", "1")
_NO = ("false", "False", "0")
_THIN = 3.0  # points; a filled shape no thicker is a drawn line
_STRAIGHT = 1.0  # points a line may lean
_SHORT = 0.3
MAX_LENGTH = 60_000  # characters of one path; a longer one is a drawing


def draw(
    item: Element, said: Mapping[str, str], matrix: Matrix, horizontal: list[Stroke], vertical: list[Stroke]
) -> None:
    """Add its straight lines in points, y downwards. A path is stroked unless it says no, filled only if it says so.

    ``said``: the object's attributes.
    """
    data, stroked, filled = _said(item, said)
    if not (stroked or filled) or not data or len(data) > MAX_LENGTH:
        return
    if stroked and _ruling(data, matrix, horizontal, vertical):
        return
    a, b, c, d, e, f = matrix
    for line in polylines(data):
        points = [(a * x + c * y + e, b * x + d * y + f) for x, y in line]
        if stroked:
            for start, end in itertools.pairwise(points):
                _line(*start, *end, horizontal, vertical)
        if filled and len(points) > 2:
            _shape(points, horizontal, vertical)


def _said(item: Element, said: Mapping[str, str]) -> tuple[str, bool, bool]:
    """The path's data, whether it is stroked and filled so that it shows."""
    data = ""
    stroked = "Stroke" not in said or said["Stroke"] not in _NO
    filled = "Fill" in said and said["Fill"] in _YES
    for inside in item:
        kind = local_name(inside.tag)
        if kind == "AbbreviatedData":
            data = inside.text or ""
        elif kind == "StrokeColor":
            stroked = stroked and not _unseen(inside)
        elif kind == "FillColor":
            filled = filled and not _unseen(inside)
    return data, stroked, filled


def _ruling(data: str, matrix: Matrix, horizontal: list[Stroke], vertical: list[Stroke]) -> bool:
    """Add a line from one point to another, as most paths are; False if it is more than that."""
    tokens = data.split(None, 6)
    if len(tokens) != 6 or tokens[0] != "M" or tokens[3] != "L":
        return False
    try:
        u0, v0, u1, v1 = map(NUMBERS.__getitem__, (tokens[1], tokens[2], tokens[4], tokens[5]))
    except ValueError:
        return True
    a, b, c, d, e, f = matrix
    x0, x1 = a * u0 + c * v0 + e, a * u1 + c * v1 + e
    y0, y1 = b * u0 + d * v0 + f, b * u1 + d * v1 + f
    _line(x0, y0, x1, y1, horizontal, vertical)
    return True


def _unseen(colour: Element) -> bool:
    """Whether a colour does not show on paper: transparent or white."""
    parts = (colour.get("Value") or "").lower().split()
    return colour.get("Alpha") == "0" or (len(parts) == 3 and all(part in ("255", "#ff") for part in parts))


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


def _line(x0: float, y0: float, x1: float, y1: float, horizontal: list[Stroke], vertical: list[Stroke]) -> None:
    if not (-FAR < x0 < FAR and -FAR < x1 < FAR and -FAR < y0 < FAR and -FAR < y1 < FAR):
        return
    if -_STRAIGHT <= y0 - y1 <= _STRAIGHT:
        if abs(x0 - x1) > _SHORT:
            horizontal.append(Stroke((y0 + y1) / 2, x0, x1) if x0 <= x1 else Stroke((y0 + y1) / 2, x1, x0))
            return
        if abs(y0 - y1) <= _SHORT:
            return
    if -_STRAIGHT <= x0 - x1 <= _STRAIGHT:
        vertical.append(Stroke((x0 + x1) / 2, y0, y1) if y0 <= y1 else Stroke((x0 + x1) / 2, y1, y0))


def _shape(points: Points, horizontal: list[Stroke], vertical: list[Stroke]) -> None:
    """A filled shape counts as a line if it is thin (a dot as a bit of both); larger ones are backgrounds."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    if y1 - y0 <= _THIN:
        _line(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, horizontal, vertical)
    if x1 - x0 <= _THIN:
        _line((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, horizontal, vertical)
