"""Light letters on dark ground, as in the heads of tables on web pages → dark letters on paper.

A broad dark ground is taken for a shadow else: evened out with that, its rulings and those beside it fade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

_SMALL, _WHOLLY = 0.25, 250  # size of the picture on which grounds are looked for; a pixel of it that is dark all over
_PAPER, _GREY = 80, 120  # percentile of a page that is paper; darker paper is left as it is
_DARK = 0.68  # of the paper: a ground is darker
_LOW, _WIDE = 0.012, 0.03  # of the page's shorter side: how high and how wide a ground is at least
_SOLID, _LETTER = 0.011, 0.027  # of the same: a square of a ground without letters; a letter
_STROKE = 0.0035  # of the same: a stroke of a letter
_BARE = 0.1  # share of a ground that is such squares: of broad type less is
_MOST = 300  # grounds that are looked at on a page
_EVEN, _MOSTLY = 0.12, 0.5  # of the paper: by less a ground's light differs; share of it that is so even
_LETTERS = 0.01, 0.45  # shares of a ground that are light letters
_EDGES, _BORDER = (
    (5, 9),
    0.8,
)  # sides of squares that cut rim and edge from it; share of the edge that is dark
_HIDDEN = 0.6  # of the paper: if black is lighter yet, rulings cannot be told from the ground; its rim is one
_BLACK, _WHITE = 80, 140  # of 255: the ground of a picture that is white on black is darker, its print lighter
_PRINTED, _BROAD = (0.002, 0.3), 0.1  # shares of it that are print; of that, what is as broad as no letter
_NOISE, _STEEP = 0.06, 0.6  # of the way from ground to letters: less is ground; rulings between are made clearer


def positive(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture that is white on black all over, as some scanners save pages, turned round; else the same object.

    The paper of a page with the dark lid of a scanner around it is broad; letters are not.
    """
    sample = _least(pixels[::8, ::8])
    ground = float(np.median(sample))
    if ground >= _BLACK or not _PRINTED[0] <= float((sample > _WHITE).mean()) <= _PRINTED[1]:
        return pixels
    light = (_least(pixels) > _WHITE).view(np.uint8)
    solid = cv2.erode(light, _square(_SOLID * min(light.shape)))
    if cv2.countNonZero(solid) > _BROAD * cv2.countNonZero(light):
        return pixels
    return cast("NDArray[np.uint8]", cv2.bitwise_not(pixels))


def _least(pixels: NDArray[np.uint8]) -> Grey:
    """The darkest of each pixel's colours."""
    return pixels if pixels.ndim == 2 else np.asarray(pixels.min(axis=2), np.uint8)


def unveiled(grey: Grey) -> Grey:
    """The page with what is printed light on dark turned round; the same object where nothing is."""
    side = min(grey.shape)
    paper = float(np.percentile(grey[::16, ::16], _PAPER))
    if paper < _GREY or not _is_solid(grey < _DARK * paper, side):
        return grey
    done = grey
    for x, y, ground in _grounds(grey, _DARK * paper, side):
        part = slice(y, y + ground.shape[0]), slice(x, x + ground.shape[1])
        table = _reverse(grey[part], ground, paper)
        if table is not None:
            done = grey.copy() if done is grey else done
            done[part] = np.where(ground > 0, cv2.LUT(done[part], table), done[part])
            if table[0] > _HIDDEN * paper:
                done[part][ground > cv2.erode(ground, _square(_EDGES[0]), borderValue=0)] = 0
    return done


def _is_solid(dark: NDArray[np.bool_], side: int) -> bool:
    """Whether a square is dark all over somewhere; looked for on a small picture, as most pages have none.

    What reaches the edges of the picture is the lid of a scanner.
    """
    large = dark.view(np.uint8) * np.uint8(255)
    small = cv2.resize(large, None, fx=_SMALL, fy=_SMALL, interpolation=cv2.INTER_AREA)
    wholly = (small >= _WHOLLY).view(np.uint8)
    solid = cv2.erode(wholly, _square(_SOLID * side * _SMALL - 1))
    if not solid.any():
        return False
    labels = cv2.connectedComponents(wholly)[1]
    lid = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return not bool(np.isin(labels[solid > 0], lid).all())


def _grounds(grey: Grey, level: float, side: int) -> list[tuple[int, int, Mask]]:
    """Dark grounds with the letters on them: left, top, and a mask from there on; ``side``: the page's shorter."""
    bare = (grey < level).view(np.uint8)
    whole = cast("Mask", cv2.morphologyEx(bare, cv2.MORPH_CLOSE, _square(_STROKE * side)))
    outlines, tree = cv2.findContours(whole, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for at, outline in enumerate(outlines):
        if tree[0][at][3] >= 0 and max(cv2.boundingRect(outline)[2:]) <= _LETTER * side:
            cv2.drawContours(whole, outlines, at, 1, cv2.FILLED)
    square = _square(_SOLID * side)
    whole = cast("Mask", cv2.morphologyEx(whole, cv2.MORPH_OPEN, square))
    bare = cast("Mask", cv2.morphologyEx(bare, cv2.MORPH_OPEN, square))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole)
    found = []
    for at, (left, top, width, height, area) in enumerate(stats[1 : min(count, _MOST + 1)].tolist(), 1):
        part = slice(top, top + height), slice(left, left + width)
        own = (labels[part] == at).view(np.uint8)
        if width >= _WIDE * side and height >= _LOW * side and cv2.countNonZero(own & bare[part]) >= _BARE * area:
            found.append((left, top, own))
    return found


def _square(pixels: float) -> Mask:
    """A kernel; an even one would move what it leaves."""
    side = 2 * max(1, round((pixels - 1) / 2)) + 1
    return np.ones((side, side), np.uint8)


def _reverse(part: Grey, ground: Mask, paper: float) -> Grey | None:
    """What each light becomes on a dark ground: letters ink, the ground paper, rulings darker or lighter between.

    None if it is no even one, or no letters stand on it.
    """
    held = part[ground > 0]
    grey = float(np.median(held))
    even = float((np.abs(held.astype(np.int16) - int(grey)) <= _EVEN * paper).mean())
    light = float((held > (grey + paper) / 2).mean())
    whole, inner = (cv2.erode(ground, _square(cut), borderValue=0) for cut in _EDGES)  # letters stand within
    border = part[whole > inner]
    bordered = float((border < (grey + paper) / 2).mean())
    if grey >= _DARK * paper or even < _MOSTLY or bordered < _BORDER or not _LETTERS[0] <= light <= _LETTERS[1]:
        return None
    beyond = np.arange(256) - grey
    ink = np.where(beyond > 0, beyond / (paper - grey), -2 * beyond / max(grey, 64.0))
    ink = np.where(ink < _NOISE, 0.0, np.minimum(ink, 1.0)) ** _STEEP
    return (paper * (1 - ink)).astype(np.uint8)
