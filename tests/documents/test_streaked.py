"""Streaks of dust over a whole sheet are lifted; what is printed below them, and every ruling, stays."""

from __future__ import annotations

import numpy as np
import pytest

from archive.documents.recognised.streaked import unstreaked


def _page() -> np.ndarray:
    """A sheet with a ruled table and strokes of print, with a little noise."""
    page = np.full((1200, 900), 250, np.uint8)
    for y in range(200, 1001, 80):
        page[y : y + 3, 100:800] = 20
    for x in range(100, 801, 100):
        page[200:1000, x : x + 3] = 20
    page[230:260, 440:460] = 40  # print that the streak runs through
    page[60:80, 440:456] = 40
    noise = np.random.default_rng(1).normal(0, 3, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_grey_streak_gives_back_what_is_below_it(share: float, across: bool) -> None:
    clean = _page()
    dirty = clean.copy()
    dirty[:, 448:450] = (dirty[:, 448:450] * share).astype(np.uint8)
    done = unstreaked(dirty.T.copy()).T if across else unstreaked(dirty)
    assert np.abs(done.astype(int) - clean).max() < 25


def test_a_black_streak_is_closed_with_what_stands_beside_it() -> None:
    clean = _page()
    dirty = clean.copy()
    dirty[:, 448:450] = 0
    done = unstreaked(dirty)
    assert np.median(done[600:640, 448:450]) > 200
    assert done[235:255, 448:450].max() < 100  # print on both sides of it
    assert done[201, 448:450].max() < 100


def test_a_streak_that_fades_and_breaks_is_lifted_from_a_leaning_page_with_dark_edges() -> None:
    clean = _page()
    clean[:12], clean[-9:, :600], clean[:, :8] = 25, 25, 25  # the lid of the scanner
    for y in range(200, 1000):  # a ruling that leans, and crosses the streak
        clean[y, 560 + y // 100 : 563 + y // 100] = 20
    dirty = clean.copy()
    light = np.clip(0.75 + 0.35 * np.sin(np.arange(1200) / 40), 0.4, 1)
    dirty[:, 566] = (dirty[:, 566] * light).astype(np.uint8)
    done = unstreaked(dirty)
    off = np.abs(done.astype(int) - clean)
    assert np.percentile(off[:, 566], 90) < 25
    assert off.max(axis=0).argmax() == 566
    assert done[250:950, 560:573].min(axis=1).max() < 100  # the ruling goes on


def test_a_black_and_white_streak_that_comes_and_goes_is_closed() -> None:
    clean = np.where(_page() < 128, 0, 255).astype(np.uint8)
    dirty = clean.copy()
    dirty[np.random.default_rng(2).random(1200) < 0.4, 449] = 0
    done = unstreaked(dirty)
    assert np.array_equal(done, clean)


def test_rulings_and_pages_without_margins_stay_as_they_are() -> None:
    clean = _page()
    assert unstreaked(clean) is clean
    cut = np.ascontiguousarray(clean[200:1000, 100:803])  # the picture of a table alone
    assert unstreaked(cut) is cut
    rows = np.ascontiguousarray(clean[210:990])  # rulings down to both ends
    assert unstreaked(rows) is rows


def test_rulings_that_run_out_into_the_margins_of_an_open_table_stay() -> None:
    page = np.full((1200, 900), 250, np.uint8)
    for x in range(150, 751, 200):  # upright here: the picture is looked at both ways
        page[200:1000, x : x + 3] = 20
        for y in range(220, 981, 20):
            page[y : y + 10, x + 20 : x + 180 : 8] = 20
    assert unstreaked(page) is page


def test_a_table_of_one_row_beside_an_indented_line_keeps_its_rulings() -> None:
    page = np.full((1600, 1100), 255, np.uint8)
    for y in (140, 164):
        page[y : y + 2, 130:970] = 0
    for x in range(130, 971, 56):
        page[140:166, x : x + 1] = 0
    for x in range(260, 840, 20):  # indented, and within it
        page[190:206, x : x + 12] = 0
        page[220:236, x : x + 12] = 0
    assert unstreaked(page) is page


def test_the_number_of_a_page_below_an_upright_makes_no_streak_of_it() -> None:
    page = np.full((1200, 900), 255, np.uint8)
    for y in range(100, 360, 40):  # text above the table
        page[y : y + 20, 100:800:10] = page[y : y + 3, 440:460] = 0
    for x in range(100, 801, 70):
        page[400:1100, x : x + 2] = 0
    page[400:402, 100:802] = page[1098:1100, 100:802] = 0
    page[1130:1150, 450:452] = 0  # the 1 of "- 1 -"
    page[1140, 436:442] = page[1140, 460:466] = 0
    assert unstreaked(page) is page
