"""Paper and shading that are full of dots, and pages that are not."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from archive.documents.ocr.paper import remove_dots

SIZE = 32.0


def page(share: float) -> NDArray[np.uint8]:
    """Print on paper of which so much is black dots."""
    done = np.where(np.random.default_rng(1).random((800, 600)) < share, 0, 255).astype(np.uint8)
    cv2.putText(done, "12.5", (100, 400), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 3)
    cv2.line(done, (50, 420), (550, 420), 0, 3)
    return done


def test_a_page_full_of_dots_loses_them_and_keeps_its_print() -> None:
    clean, done = page(0.0), remove_dots(page(0.02), SIZE)
    assert (done < 128).sum() < 1.1 * (clean < 128).sum()
    assert (done[clean < 128] < 128).all()


def test_a_page_with_some_specks_is_left_as_it_is() -> None:
    given = page(0.0005)
    assert remove_dots(given, SIZE) is given
