"""Image file → grey pages: removes seals, evens out the paper and straightens the page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "60000000")  # OpenCV reads both when it is loaded
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")  # it would report damaged images on stderr

import cv2
import numpy as np

from archive.documents.ocr.ink import FAINTEST, INK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.documents.ocr.ink import Grey

SKEW_SEARCH = ((450, 4.0, 0.5), (900, 0.3, 0.1), (900, 0.06, 0.03))  # page width in pixels, range and step in degrees
MIN_SIDE, MAX_SIDE = 40, 6_000  # pixels: a smaller image is not a page, a larger one is scaled down
COLOURED = 45  # of 255: ink is coloured if its channels differ by more
PAPER, PAPER_CELL = 250, 16  # brightness of paper made even; pixels: it is measured in cells of this size
MAX_DARK_SHARE = 0.6  # of the print of a faint page: its pixels that count as ink; on usual prints it is 0.6 to 0.9
PRINT_PERCENTILE, MAX_STRETCH = 25, 3.0  # faint print becomes so dark, but contrast rises no further: noise rises too
PRINT_BLACK = 60  # of 255: brightness that faint print gets


class ImageError(Exception):
    """The image cannot be used; the message is a reason code of ``unreadable_reasons.toml``."""


@dataclass(slots=True)
class CleanPage:
    """A straight grey page. ``seal``: 1 where red ink was; ``back``: the matrix to the image, ``width`` pixels wide."""

    grey: Grey
    seal: Grey
    back: NDArray[np.float64]
    width: int

    def box_in_image(self, box: tuple[float, float, float, float]) -> list[float]:
        """Return the smallest box in the original image that contains a box of the clean page."""
        x0, y0, x1, y1 = box
        corners = np.array([(x0, y0, 1), (x1, y0, 1), (x0, y1, 1), (x1, y1, 1)]) @ self.back.T
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        return [float(left), float(top), float(right), float(bottom)]


def clean_pages(data: bytes, pixels: int, most: int) -> list[CleanPage]:
    """Return the pages of an image file (a TIFF has several), cleaned. Raises ImageError: damaged, too many, too large,
    too small.
    """
    try:
        _, frames = cv2.imdecodemulti(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ImageError("damaged") from error
    if not frames:
        raise ImageError("damaged")
    if len(frames) > most:
        raise ImageError("limit_reached")
    if any(frame.shape[0] * frame.shape[1] > pixels for frame in frames):
        raise ImageError("picture_too_large")
    if any(min(frame.shape[:2]) < MIN_SIDE for frame in frames):
        raise ImageError("too_small")
    return [_clean(np.asarray(frame, np.uint8)) for frame in frames]


def _clean(image: NDArray[np.uint8]) -> CleanPage:
    """Scale a large image down, remove its seals, even out its paper and straighten it."""
    original_width = image.shape[1]
    scale = min(1.0, MAX_SIDE / max(image.shape[:2]))
    if scale < 1.0:
        image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    grey, seal = _without_seals(image)
    grey = _darken_faint_print(_even_paper(grey))
    skew = find_skew(grey)
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)
    if skew:
        straight = cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
        grey = np.asarray(straight, np.uint8)
        seal = np.asarray(cv2.warpAffine(seal, matrix, (width, height), flags=cv2.INTER_NEAREST), np.uint8)
    return CleanPage(grey, seal, cv2.invertAffineTransform(matrix) / scale, original_width)


def _without_seals(image: NDArray[np.uint8]) -> tuple[Grey, Grey]:
    """Return the page in grey with red ink made white, and a mask that is 1 where red ink was. Print under a seal is
    kept: in the red channel it is as dark as elsewhere.
    """
    blue, green, red = cv2.split(image)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    is_red = cv2.subtract(red, cv2.min(blue, green)) > COLOURED
    seal = np.asarray(cv2.dilate(is_red.astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8)
    clean = np.where(seal > 0, np.maximum(grey, np.where(red > 110, 255, red)), grey)
    return clean.astype(np.uint8), seal


def _even_paper(grey: Grey) -> Grey:
    """Divide the page by the brightness of its paper, so that shadows and grey paper become white."""
    height, width = grey.shape
    small = cv2.resize(grey, (max(1, width // PAPER_CELL), max(1, height // PAPER_CELL)), interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 5)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(grey, np.maximum(paper, 60), scale=PAPER), np.uint8)


def _darken_faint_print(grey: Grey) -> Grey:
    """Return a page of even paper; if little of its print is dark enough for ink, with more contrast."""
    dark = grey[grey < FAINTEST]
    if not dark.size or (dark < INK).mean() > MAX_DARK_SHARE:
        return grey
    stretch = min(MAX_STRETCH, (PAPER - PRINT_BLACK) / (PAPER - np.percentile(dark, PRINT_PERCENTILE)))
    return np.asarray(np.clip(PAPER - (PAPER - grey.astype(np.float32)) * stretch, 0, 255), np.uint8)


def find_skew(grey: Grey) -> float:
    """Return the counter-clockwise rotation in degrees that makes the rows of the page differ most from each other."""
    best = 0.0
    for width, reach, step in SKEW_SEARCH:
        scale = min(1.0, width / grey.shape[1])
        small = 255 - cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        angles = np.arange(best - reach, best + reach + step / 2, step)
        best = float(max(angles, key=lambda angle: _row_contrast(np.asarray(small, np.uint8), angle)))
    return best if abs(best) >= 0.03 else 0.0


def _row_contrast(page: Grey, angle: float) -> float:
    """Return how much neighbouring rows differ in darkness after a turn by ``angle`` degrees."""
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), 1.0)
    rows = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum())
