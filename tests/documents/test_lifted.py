"""Red ink that was lifted with a seal from cells without anything else."""

from __future__ import annotations

import cv2
import numpy as np

from archive.documents.ocr.cell_ink import doubt_hidden_ink
from archive.documents.ocr.engine import OcrResult
from archive.documents.ocr.page_ink import CellBox, TextLine
from archive.documents.pages import UNREAD


def test_where_ink_like_a_figure_was_lifted_a_blank_cell_is_unread_and_a_rim_leaves_it_blank() -> None:
    cells = [(0, 0, 200, 60), (200, 0, 400, 60), (400, 0, 600, 60)]
    lifted = np.zeros((60, 600), np.uint8)
    cv2.putText(lifted, "38", (265, 43), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 1, 2)
    cv2.circle(lifted, (500, 30), 70, 1, 4)  # over the edges of the third cell
    cv2.circle(lifted, (500, 30), 20, 1, -1)
    box = np.array([[60, 22, 50, 21]], np.int32)
    read = TextLine(0, 60, 22, 110, 43, box, OcrResult("305", (0.99,) * 3, (0.2, 0.5, 0.8)), [], 0.99)
    in_row = [CellBox(number, box, (0, 0), (0, box[0])) for number, box in enumerate(cells)]
    found = [read]
    doubt_hidden_ink(found, in_row, [], lifted, 30.0)
    assert [(line.cell, line.result.text, line.confidence) for line in found[1:]] == [(1, UNREAD, 0.0)]
