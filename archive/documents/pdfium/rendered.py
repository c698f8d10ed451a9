"""A page drawn with and without some of its text: whoever looks at it sees of that text what differs.

Only asked where there is reason to doubt: something was painted over the text, or its colour hardly differs from paper.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import ne
from typing import Any

from pypdfium2 import raw

from archive.documents.pdfium import bulk, library
from archive.documents.pdfium.drawing import Box
from archive.documents.pdfium.library import Handle

_HIGH = 14.0  # pixels of a character's box
_LEAST, _MOST = 1.0, 8.0  # pixels for a point
_PIXELS = 3_000_000  # drawn at once
_PAPER, _INK = 0xFFFFFFFF, 0xFF000000
_COARSE = bytes(n >> 5 for n in range(256))  # what differs less is not seen for certain
_FINE = bytes(n >> 2 for n in range(256))  # what differs less is not seen at all

_Drawn = tuple[memoryview, memoryview]  # a number for each pixel: told apart coarsely, and finely

_set_rotation = library.fast("FPDFPage_SetRotation", None, ctypes.c_void_p, ctypes.c_int)
_render = library.fast("FPDF_RenderPageBitmap", None, *[ctypes.c_void_p] * 2, *[ctypes.c_int] * 6)


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of a character's own ink is seen: ``clearly`` and at ``all``, as shares of it; ``ink``: it has some."""

    clearly: float
    all: float
    ink: bool


def shown(
    page: Handle,
    frame: Box,
    questions: Sequence[tuple[Sequence[Box], Collection[Handle], bool]],
    objects: Sequence[Any],
) -> list[Shown]:
    """How much is seen of the characters in the boxes (points of the page) that belong to the text objects beside them.

    Beside them, too: whether those are printed in a light colour.
    ``objects``: all that is on the page, ready as arguments. They are hidden afterwards: the page must be closed.
    """
    _set_rotation(page, 0)
    boxes = [box for some, _, _ in questions for box in some]
    part = (
        max(frame[0], min(b[0] for b in boxes)),
        max(frame[1], min(b[1] for b in boxes)),
        min(frame[2], max(b[2] for b in boxes)),
        min(frame[3], max(b[3] for b in boxes)),
    )
    wide, high = part[2] - part[0], part[3] - part[1]
    if not (wide > 0 and high > 0):
        return [Shown(0.0, 0.0, ink=False)] * len(boxes)
    heights = sorted(b[3] - b[1] for b in boxes)
    scale = min(_MOST, max(_LEAST, _HIGH / max(heights[len(heights) // 2], 0.1)))
    view = _View(page, frame, part, min(scale, math.sqrt(_PIXELS / (wide * high))))
    whole = view.drawn(_PAPER)
    without: list[_Drawn] = []
    for _, texts, _ in questions:
        mine = bulk.ready(texts)
        _show(mine, active=False)
        without.append(view.drawn(_PAPER))
        _show(mine, active=True)
    _show(objects, active=False)
    nothing = {ground: view.drawn(ground) for ground in {_INK if light else _PAPER for _, _, light in questions}}
    done: list[Shown] = []
    for (some, texts, light), before in zip(questions, without, strict=True):
        mine = bulk.ready(texts)
        _show(mine, active=True)
        ground = _INK if light else _PAPER
        done += view.compared(some, whole, before, view.drawn(ground), nothing[ground])
        _show(mine, active=False)
    return done


def _show(handles: Iterable[Any], *, active: bool) -> None:
    for handle in handles:
        bulk.set_active(handle, int(active))


def _levels_of(pixels: bytes) -> _Drawn:
    return memoryview(pixels.translate(_COARSE)).cast("I"), memoryview(pixels.translate(_FINE)).cast("I")


class _View:
    def __init__(self, page: Handle, frame: Box, part: Box, scale: float) -> None:
        self._page, self._part, self._scale = page, part, scale
        self._columns = max(1, math.ceil((part[2] - part[0]) * scale))
        self._rows = max(1, math.ceil((part[3] - part[1]) * scale))
        self._whole = round((frame[2] - frame[0]) * scale), round((frame[3] - frame[1]) * scale)
        self._corner = -round((part[0] - frame[0]) * scale), -round((frame[3] - part[3]) * scale)

    def drawn(self, ground: int) -> _Drawn:
        """The part of the page as pixels of four bytes."""
        bitmap = raw.FPDFBitmap_CreateEx(self._columns, self._rows, raw.FPDFBitmap_BGRx, None, 4 * self._columns)
        if not bitmap:
            return _levels_of(b"\0" * (4 * self._columns * self._rows))
        try:
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, self._columns, self._rows, ground)
            _render(library.address_of(bitmap), self._page, *self._corner, *self._whole, 0, raw.FPDF_ANNOT)
            return _levels_of(ctypes.string_at(raw.FPDFBitmap_GetBuffer(bitmap), 4 * self._columns * self._rows))
        finally:
            raw.FPDFBitmap_Destroy(bitmap)

    def compared(
        self, boxes: Sequence[Box], whole: _Drawn, without: _Drawn, alone: _Drawn, nothing: _Drawn
    ) -> list[Shown]:
        """What differs between the first two, as shares of what differs between the last two."""
        done = []
        for box in boxes:
            clear, ink = self._differing(box, whole[0], without[0]), self._differing(box, alone[0], nothing[0])
            faint, least = self._differing(box, whole[1], without[1]), self._differing(box, alone[1], nothing[1])
            done.append(Shown(clear / max(ink, 1), faint / max(least, 1), ink=ink > 0))
        return done

    def _differing(self, box: Box, one: memoryview, other: memoryview) -> int:
        left = max(0, math.floor((box[0] - self._part[0]) * self._scale))
        right = min(self._columns, math.ceil((box[2] - self._part[0]) * self._scale))
        top = max(0, math.floor((self._part[3] - box[3]) * self._scale))
        bottom = min(self._rows, math.ceil((self._part[3] - box[1]) * self._scale))
        count = 0
        for row in range(top, bottom):
            at = row * self._columns
            count += sum(map(ne, one[at + left : at + right], other[at + left : at + right]))
        return count
