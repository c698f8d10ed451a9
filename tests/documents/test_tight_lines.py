"""Lines set so tight that they touch, and low lines."""

from __future__ import annotations

import numpy as np

from archive.documents.ocr.engine import TextBox
from archive.documents.ocr.line_reading import crop
from archive.documents.ocr.page_ink import Ink, TextLine
from archive.documents.ocr.printed_lines import find_printed_lines


def test_lines_whose_characters_touch_are_read_one_by_one() -> None:
    flat = np.full((80, 300), 255, np.uint8)
    for top in (10, 40):
        for left in range(10, 250, 30):
            flat[top : top + 28, left : left + 24] = 0
    flat[38:40, 100:124] = 0  # one hangs on the one below
    parts = [(left, top, 24, 28, 672) for top in (10, 40) for left in range(10, 250, 30) if left != 100]
    ink = Ink(flat, np.array([*parts, (100, 10, 24, 58, 1400)], np.int32), 28.0)
    lines = [TextBox(8, 8, 252, 39, 1.0), TextBox(8, 39, 252, 70, 1.0)]
    found = find_printed_lines(ink, [(0, 0, 300, 80)], lines)
    assert [(piece.y0, piece.y1) for piece in found] == [(10, 38), (39, 68)]


def test_a_low_line_is_squeezed_as_high_as_it_is_read() -> None:
    flat = np.full((30, 80), 255, np.uint8)
    flat[5:19, 5:15] = flat[5:19, 17:27] = 0
    ink = Ink(flat, np.zeros((0, 5), np.int32), 14.0)
    line = TextLine(0, 5, 5, 27, 19, np.array([[5, 5, 10, 14], [17, 5, 10, 14]], np.int32))
    high, wide = crop(ink, line).shape
    assert crop(ink, line, squeeze=0.5).shape == (48, round(wide * 0.5 * 48 / high))
