"""Several pages on one sheet are parted into pages, and a page of two columns is not."""

from __future__ import annotations

import numpy as np

from archive.documents.ocr.engine import TextBox
from archive.documents.ocr.page_split import find_gutter

PAGE = 707, 1000  # pixels of one page


def test_three_pages_beside_each_other_are_parted_where_the_first_ends() -> None:
    lines = [TextBox(x, y, x + 400, y + 20, 0.9) for x in (50, 550, 1050) for y in range(50, 650, 40)]
    middle = find_gutter(np.full((700, 1500), 255, np.uint8), lines)
    assert middle is not None
    assert 450 < middle < 550
