"""Rulings of dots and dashes on a picture: seen as rulings; letters, figures and marks that come regularly are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from archive.documents.recognised.dotted import drawn_through
from archive.documents.recognised.engine import Found
from archive.documents.recognised.ruling_detection import drawn

TYPE = 24.0  # pixels of the type drawn here
ROWS = tuple(range(60, 421, 40))
COLUMNS = (60, 260, 420, 580, 740)
FOUND = [Found(90, 66, 200, 100, 0.9)]  # a line of text in the first cell


def table(on: int, off: int, *, grey: int = 0, thick: int = 2) -> NDArray[np.uint8]:
    """A table on a page; its inner rulings are dashes of ``on`` pixels with ``off`` between them (0: none)."""
    page = np.full((1200, 800), 255, np.uint8)
    dashes = np.arange(1200) % (on + off) < on
    for y in ROWS:
        page[y : y + thick, COLUMNS[0] : COLUMNS[-1]][:, dashes[: COLUMNS[-1] - COLUMNS[0]]] = grey
    for x in COLUMNS:
        page[ROWS[0] : ROWS[-1], x : x + thick][dashes[: ROWS[-1] - ROWS[0]]] = grey
    for y in ROWS:
        cv2.putText(page, "0", (330, y + 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    return scanned(page)


def scanned(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A little blurred, with the noise of paper."""
    noise = np.random.default_rng(1).normal(0, 4, page.shape)
    return np.clip(cv2.GaussianBlur(page, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("on", "off", "grey"), [(2, 2, 0), (3, 5, 0), (6, 6, 0), (11, 8, 0), (9, 7, 60), (6, 5, 110)])
def test_rulings_of_dots_and_dashes_are_rulings(on: int, off: int, grey: int) -> None:
    solid = drawn(table(1, 0), FOUND)
    lines = drawn(drawn_through(table(on, off, grey=grey), TYPE), FOUND)
    for seen, true in ((lines.horizontal, solid.horizontal), (lines.vertical, solid.vertical)):
        assert sorted(s.at for s in seen) == pytest.approx(sorted(s.at for s in true), abs=1)
        assert all(s.end - s.start >= max(t.end - t.start for t in true) - 2 * (on + off) - 2 for s in seen)


def test_a_page_without_such_rulings_is_left_as_it_is() -> None:
    page = table(1, 0)
    assert drawn_through(page, TYPE) is page


def test_ones_below_each_other_and_marks_beside_each_other_are_no_ruling() -> None:
    page = np.full((1200, 800), 255, np.uint8)
    for y in range(60, 1100, 28):
        for x in range(100, 700, 100):
            page[y : y + 16, x : x + 2] = 0
        for x in range(150, 700, 50):
            page[y + 8 : y + 10, x : x + 10] = 0
    page = scanned(page)
    assert drawn_through(page, TYPE) is page


def test_what_is_written_between_dashes_stays() -> None:
    page = table(3, 5)
    done = drawn_through(page, TYPE)
    changed = np.argwhere(done != page)
    near = [min(abs(int(y) - r) for r in ROWS) <= 2 or min(abs(int(x) - c) for c in COLUMNS) <= 2 for y, x in changed]
    assert len(near) > 1000
    assert all(near)
