"""The text of a page held against what the page shows: a font may tell other digits than it draws.

Some figures are drawn and recognised, enough of them that each digit stands in several. One misreading proves nothing;
the same digit seen otherwise again and again does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from archive.documents.ocr import images
from archive.documents.ocr.engine import recognize_lines
from archive.documents.pages import PageRenderings, Pages, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_PointBox = tuple[float, float, float, float]
Place = tuple[str, int, _PointBox]  # a figure as the text tells it, its page and its box
_FIGURE = re.compile(r"[0-9]{1,7}")
_EACH = 6  # times that a digit is looked at
_MOST = 60  # figures looked at
_AGAIN = 3  # times that one digit must be seen as the same other one
_TELLING = 0.8  # readings less sure than this tell nothing, though not all others are believed as cells
_INKED = 140  # print is darker than this
_SPECK = 4  # pixels: ink lower than this is none
_ROOM = 1.0  # points around a figure's box: its ink does not reach the edge, rulings do
_PIXELS = 2_000_000
_PAD = 0.25  # of the height, around the ink


def misread_digits(pages: Pages) -> str:
    """Which digits a document's text tells otherwise than its pages show them: "3→8, 8→3"; "" if none is.

    Raises :class:`archive.documents.ocr.engine.EngineError` without models.
    """
    if pages.seen is None:
        return ""
    chosen = _choose_figures(_figures(pages))
    crops: list[Grey] = []
    texts: list[str] = []
    for text, page, box in chosen:
        ink = _ink(pages.seen, page, box)
        if ink is not None:
            crops.append(ink)
            texts.append(text)
    met: dict[str, Counter[str]] = {}
    for text, line in zip(texts, recognize_lines(crops), strict=True):
        shown = line.text.strip()
        if len(shown) == len(text) and _FIGURE.fullmatch(shown) and line.confidence >= _TELLING:
            for one, other in zip(text, shown, strict=True):
                met.setdefault(one, Counter())[other] += 1
    found: list[str] = []
    for digit, seen in sorted(met.items()):
        ((most, times),) = seen.most_common(1)
        if most != digit and times >= _AGAIN and 2 * times > seen.total():
            found.append(f"{digit}→{most}")
    return ", ".join(found)


def _figures(pages: Pages) -> list[Place]:
    """Plain figures in tables with where they stand."""
    found: list[Place] = []
    for block in pages.blocks:
        for cell in block.cells if isinstance(block, Table) else ():
            text, box, page = cell.text.strip(), cell.locator.get("box"), cell.locator.get("page")
            if _FIGURE.fullmatch(text) and isinstance(page, int) and isinstance(box, list) and len(box) == 4:
                found.append((text, page, (box[0], box[1], box[2], box[3])))
    return found


def _choose_figures(figures: Iterable[Place]) -> list[Place]:
    """Figures in which every digit stands often enough, as far as there are any."""
    left = Counter(dict.fromkeys("0123456789", _EACH))
    done: list[Place] = []
    for place in sorted(figures, key=lambda place: -len(set(place[0]))):
        if len(done) < _MOST and any(left[digit] > 0 for digit in place[0]):
            left.subtract(place[0])
            done.append(place)
    return done


def _ink(seen: PageRenderings, page: int, box: _PointBox) -> Grey | None:
    """What is printed in a box, without rulings: dark on white; None if nothing is."""
    left, bottom, right, top = box
    try:
        with images.open_image(
            seen.parts.part(page, (left - _ROOM, bottom - _ROOM, right + _ROOM, top + _ROOM)), _PIXELS
        ) as image:
            grey = np.asarray(image.convert("L"), dtype=np.uint8)
    except ValueError:  # an ImageError too: what cannot be drawn attests nothing
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats((grey < _INKED).astype(np.uint8), connectivity=8)
    height, width = grey.shape
    kept = [n for n in range(1, len(stats)) if _is_inside(stats[n], width, height) and stats[n][3] > _SPECK]
    if not kept:
        return None
    x0, y0 = (int(min(stats[n][at] for n in kept)) for at in (0, 1))
    x1, y1 = (int(max(stats[n][at] + stats[n][at + 2] for n in kept)) for at in (0, 1))
    pad = max(2, round(_PAD * (y1 - y0)))
    clean = np.where(np.isin(labels, [0, *kept]), grey, 255).astype(np.uint8)
    return cv2.copyMakeBorder(clean[y0:y1, x0:x1], pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=255)  # type: ignore[return-value]


def _is_inside(stat: Sequence[int], width: int, height: int) -> bool:
    x, y, wide, high = (int(value) for value in stat[:4])
    return x > 0 and y > 0 and x + wide < width and y + high < height
