"""Streaks that dust on a scanner or a copier draws down, or across, the whole sheet: all is darker there.

They go straight from one end of the sheet to the other, through the margins and through letters, as no ruling of a page
does. Dust takes away a share of the light: that is given back, and print below the streak stays. A streak that took all
of it is closed with what stands on both sides of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Light = NDArray[np.float32]

_BANDS, _EACH = 24, 16  # parts of a streak's length, in each of which it is seen; lines looked at of each
_PAPER = 75  # percentile of the grey values of a column of paper that is paper's own
_BESIDE = 17  # columns around one, whose median is the paper beside a streak
_DARKER = 0.95  # of the light beside it: a streak has less
_SEEN = 0.9  # of its parts in which it is
_DRIFT = 2  # columns to either side by which a streak may lean or be broader
_NEAR = 3  # columns between those of one streak
_WIDEST, _MOST = 0.006, 6  # of the page's width; streaks on a page: more are the rulings of a table without margins
_LOST = 0.3  # of the light: where less is left, print below cannot be told from the streak
_RULED = 0.6  # of the streak's light: what is darker in one part of it is a ruling
_SMALLEST = 400  # pixels of a page's shorter side
_FEW, _OUTER = 3, 5  # streaks of a sheet; lines at its edges
_LONG, _CROSSED = 30, 8  # pixels: what goes on so far is a ruling; lines of print that a streak runs through
_EDGE = 0.01  # of the width: the dark edge of a scan is none
_DARK, _BARE = 150, 0.02  # of paper as light as 255; of the first and last lines: where more is dark is no margin


def unstreaked(grey: Grey) -> Grey:
    """The picture without streaks along either of its edges; the same one where there are none."""
    if min(grey.shape) < _SMALLEST:
        return grey
    upright = _one_way(grey)
    turned = cast("Grey", cv2.transpose(upright))
    level = _one_way(turned)
    return upright if level is turned else cast("Grey", cv2.transpose(level))


def _one_way(grey: Grey) -> Grey:
    """The same for streaks from the first line to the last."""
    height, width = grey.shape
    lines = np.linspace(0, height - 1, _BANDS * _EACH).astype(int).reshape(_BANDS, _EACH)
    if not _both(_light(grey, lines[[0, -1]])).any():
        return grey
    light = _light(grey, lines)
    near = _drifted(light < _DARKER)
    found = np.flatnonzero((near.mean(axis=0) >= _SEEN) & near[0] & near[-1])
    edge = round(_EDGE * width)
    found = found[(found >= edge) & (found < width - edge)]
    if not len(found):
        return grey
    streaks = np.split(found, np.flatnonzero(np.diff(found) > _NEAR) + 1)
    widest = 2 * _DRIFT + max(_NEAR, round(_WIDEST * width))
    streaks = [s for s in streaks if s[-1] - s[0] <= widest]
    if not 0 < len(streaks) <= _MOST or not _has_margins(grey, streaks):
        return grey
    sheet = len(streaks) <= _FEW and _is_bare(grey.T)
    streaks = [s for s in streaks if (sheet and _reaches_edges(grey, s)) or _crosses_print(grey, int(s[0]), int(s[-1]))]
    done = grey.copy()
    for streak in streaks:
        first, last = max(1, int(streak[0])), min(width - 2, int(streak[-1]))
        _without(done, light[:, first : last + 1], first)
    return done


def _light(grey: Grey, lines: NDArray[np.intp]) -> Light:
    """How light the paper of each column is, against that beside it, in each part: 1 where there is no streak."""
    paper = np.percentile(grey[lines.ravel()].reshape(*lines.shape, -1), _PAPER, axis=1, method="lower") + 1.0
    around = np.pad(paper, ((0, 0), (_BESIDE // 2, _BESIDE // 2)), mode="edge")
    beside = np.median(np.lib.stride_tricks.sliding_window_view(around, _BESIDE, axis=1), axis=2)
    return np.minimum(paper / beside, 1.0).astype(np.float32)


def _both(light: Light) -> NDArray[np.bool_]:
    """The columns in which both parts are darker."""
    near = _drifted(light < _DARKER)
    return cast("NDArray[np.bool_]", near[0] & near[-1])


def _drifted(darker: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The columns with a darker one next to them."""
    return cv2.dilate(darker.view(np.uint8), np.ones((1, 2 * _DRIFT + 1), np.uint8)).astype(bool)


def _without(grey: Grey, light: Light, first: int) -> None:
    """Lift one streak from a picture; ``light``: that of its columns, from ``first`` on, in each part."""
    height, wide = grey.shape[0], light.shape[1]
    usual = float(np.median(light.min(axis=1)))
    held = grey[:, first : first + wide]
    if usual < _LOST:
        dark = np.flatnonzero((light < _DARKER).mean(axis=0) > 1 / _BANDS) + first
        beside = np.minimum(grey[:, dark[0] - 1], grey[:, dark[-1] + 1])
        grey[:, dark[0] : dark[-1] + 1] = beside[:, None]
        return
    share = np.where(light < _RULED * usual, usual, light)
    each = cast("Light", cv2.resize(share.astype(np.float32), (wide, height), interpolation=cv2.INTER_LINEAR))
    held[...] = np.minimum(held / each, 255).astype(np.uint8)


def _is_bare(grey: Grey) -> bool:
    """Whether nothing is printed along the first line and the last."""
    return all(float((line < _DARK).mean()) <= _BARE / 2 for line in (grey[1], grey[-2]))


def _reaches_edges(grey: Grey, streak: NDArray[np.intp]) -> bool:
    """Whether a streak is seen in the very first lines and the last."""
    first, last = int(streak[0]), int(streak[-1])
    for lines in (grey[:_OUTER], grey[-_OUTER:]):
        paper = float(np.median(lines[:, max(0, first - 2 * _BESIDE) : last + 2 * _BESIDE]))
        if float(np.median(lines[:, first : last + 1].min(axis=1))) > _DARKER * paper:
            return False
    return True


def _crosses_print(grey: Grey, first: int, last: int) -> bool:
    """Whether something is printed through columns that is no ruling across them."""
    width = grey.shape[1]
    left, right = max(0, first - 1), min(width - 1, last + 1)
    through = np.flatnonzero((grey[:, left] < _DARK) & (grey[:, right] < _DARK))
    before = grey[through, max(0, left - _LONG) : left + 1].max(axis=1) >= _DARK if len(through) else through
    behind = grey[through, right : right + _LONG].max(axis=1) >= _DARK if len(through) else through
    return int((before & behind).sum()) >= _CROSSED


def _has_margins(grey: Grey, streaks: list[NDArray[np.intp]]) -> bool:
    """Whether the first and the last lines of the picture are paper but for the streaks."""
    for line in (grey[0], grey[-1]):
        dark = line < _DARK / 255 * float(np.percentile(line, 90))
        for streak in streaks:
            dark[streak] = False
        if float(dark.mean()) > _BARE:
            return False
    return True
