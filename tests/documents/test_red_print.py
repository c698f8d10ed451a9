"""What is red and no seal is print."""

from __future__ import annotations

import cv2
import numpy as np

from archive.documents.ocr.seals import lift_red_seals

RED = (224, 32, 32)


def page() -> np.ndarray:
    return np.full((2300, 1600, 3), 255, np.uint8)


def test_red_figures_in_rows_one_below_the_other_stay() -> None:
    red = page()
    for y in (900, 945):
        for x in (1000, 1016, 1032, 1048):
            red[y : y + 22, x : x + 4] = red[y : y + 4, x : x + 12] = RED
    grey = lift_red_seals(red)[0]
    assert grey[901:920, 1001:1003].max() < 120
    assert grey[946:965, 1001:1003].max() < 120


def test_a_red_seal_is_lifted_though_its_ink_is_broken() -> None:
    red = page()
    cv2.circle(red, (1000, 1200), 150, RED, 10)
    red[::4, 850:1151] = 255  # lines without ink
    assert lift_red_seals(red)[0].min() > 200


def test_pale_red_print_is_as_dark_as_it_looks() -> None:
    pale = page()
    pale[900:922, 1000:1003] = (240, 130, 130)
    pale[900:922, 1010:1013] = (120, 120, 120)
    grey = lift_red_seals(pale)[0]
    assert int(grey[910, 1001]) == 130
    assert int(grey[910, 1011]) == 120
