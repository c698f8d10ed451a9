"""Rulings told from the grey lines that folds leave: paler than a page's rulings, and ending where none crosses.

The shadow of a fold goes over the whole sheet, through margins and text, and breaks where it grows faint. Rulings of
a light grey end at others; so do pieces of a fold now and then, but they lie in line with the rest of it.

Pieces of a streak that a scanner drew down the sheet may be as dark as rulings. They too run on beyond a table. So does
a ruling that ends where a letter's stroke begins in the line of text next to the table; but its other end is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_PALE = 0.5  # of the way from the usual ruling of a page to paper: what is lighter may be a fold
_LEAST = 3  # pixels that a ruling may run on beyond the last that crosses it, or stay away from it
_REACH = 0.3  # type heights of the same
_DRIFT = 0.8  # type heights by which the pieces of one fold stand aside from each other
_OPEN_AT = 4  # strokes that end at one height: there the table goes on
_FIGURE = 2.0  # type heights: no stroke of a figure, with the rulings above and below it, is longer
_BEYOND = 1.5  # type heights that a streak runs on beyond the ruling at which a table ends, and no letter's stroke does
_NEAR = 0.2  # type heights from the end of a table to a letter's stroke that its rulings seem to go on with
_LETTER = 2.0  # type heights: longer strokes are no letter's, not even of a heading


class Line(NamedTuple):
    """A stroke: where it is across itself, where it starts and ends, its grey (255 is paper).

    ``crossed``: where the first and the last ruling cross it; None if none does. ``through``: it runs through text.
    ``in_text``: whether it starts, and ends, within a line of text.
    """

    at: float
    start: float
    end: float
    grey: float
    crossed: tuple[float, float] | None
    through: bool = False
    in_text: tuple[bool, bool] = (False, False)


def usual_grey(lines: Sequence[Line]) -> float:
    """The grey that half of all rulings, by their length, are not lighter than; 255 without any."""
    ordered = sorted((line.grey, line.end - line.start) for line in lines)
    half = sum(length for _, length in ordered) / 2
    for grey, length in ordered:
        half -= length
        if half <= 0:
            return grey
    return 255.0


def folds(lines: Sequence[Line], usual: float, type_size: float) -> set[int]:
    """Which strokes of one direction are folds; ``usual``: grey of the rulings of the page."""
    pale = [at for at, line in enumerate(lines) if line.grey - usual > _PALE * (255 - usual)]
    ends = [end for line in lines for end in (line.start, line.end)]
    found = {at for at in pale if not _is_held(lines[at], ends, type_size)}
    waiting = list(found)
    while waiting:
        one = lines[waiting.pop()].at
        near = {at for at in pale if at not in found and abs(lines[at].at - one) <= _DRIFT * type_size}
        found |= near
        waiting += near
    return found


def overrunning(lines: Sequence[Line], type_size: float) -> set[int]:
    """Which strokes of one direction run on, each alone, into the paper beyond a ruling at which others end."""
    found: dict[tuple[bool, int], list[int]] = {}
    for at, line in enumerate(lines):
        for last in (False, True):
            if (edge := _overrun(line, last, lines, _BEYOND * type_size)) is None:
                continue
            if not _is_spelt(line, edge, last, type_size):
                found.setdefault((last, round(edge / type_size)), []).append(at)
    return {at for alike in found.values() if len(alike) == 1 for at in alike}


def spelling(lines: Sequence[Line], type_size: float) -> dict[int, tuple[float, float]]:
    """Which strokes of one direction are rulings that end where a letter's stroke begins, and where they end."""
    found: dict[int, tuple[float, float]] = {}
    for at, line in enumerate(lines):
        for last in (False, True):
            if not line.in_text[last]:
                continue
            edge = _overrun(line, last, lines, _LEAST)
            if edge is not None and _is_spelt(line, edge, last, type_size):
                found[at] = (line.start, edge) if last else (edge, line.end)
    return found


def letters(lines: Sequence[Line], type_size: float) -> set[int]:
    """Which short strokes of one direction are letters' that stand in text right beyond where others end.

    They may stand in line with a ruling, as its last piece would; but no ruling closes their far end.
    """
    found: set[int] = set()
    reach = max(_LEAST, _NEAR * type_size)
    for at, line in enumerate(lines):
        if not all(line.in_text) or line.end - line.start > _LETTER * type_size:
            continue
        for behind, near, far in ((True, line.start, line.end), (False, line.end, line.start)):
            ending = [o.at for o in lines if abs((o.end if behind else o.start) - near) <= reach]
            is_open = line.crossed is None or abs(line.crossed[behind] - far) > _LEAST
            if is_open and len(ending) >= _OPEN_AT and min(ending) < line.at < max(ending):
                found.add(at)
    return found


def _overrun(line: Line, last: bool, lines: Sequence[Line], least: float) -> float | None:
    """The ruling at which others end beyond which a stroke runs on, behind it (``last``) or before; else None.

    ``least``: by so much, in pixels.
    """
    if line.crossed is None:
        return None
    edge = line.crossed[last]
    if ((line.end - edge) if last else (edge - line.start)) < least:
        return None
    ending = [o.at for o in lines if abs((o.end if last else o.start) - edge) <= _LEAST]
    return edge if len(ending) >= _OPEN_AT and min(ending) < line.at < max(ending) else None


def _is_spelt(line: Line, edge: float, last: bool, type_size: float) -> bool:
    """Whether what runs on beyond ``edge`` is a letter's stroke, and the rest a ruling: it is longer than a figure's,
    which may stand above a letter's as well, and held at its other end.
    """
    if line.crossed is None or not line.in_text[last]:
        return False
    begin = line.start if last else line.end
    held = abs(line.crossed[not last] - begin) <= _LEAST
    return held and abs(edge - begin) >= _FIGURE * type_size


def _is_held(line: Line, ends: Sequence[float], type_size: float) -> bool:
    """Whether a stroke starts and ends at rulings, or where several others do, and runs through no text."""
    if line.crossed is None or line.through:
        return False
    reach = max(_LEAST, _REACH * type_size)
    return all(
        abs(crossing - end) <= reach or sum(abs(other - end) <= _LEAST for other in ends) >= _OPEN_AT
        for end, crossing in zip((line.start, line.end), line.crossed, strict=True)
    )
