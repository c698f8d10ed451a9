"""Streaks that dust on a scanner or a copier draws down, or across, the whole sheet: all is darker there.

They go straight from one end of the sheet to the other, through the margins and through letters, as no ruling of a page
does. Where nothing else is printed, at the first lines and the last, they are seen however faint they are or if they
break; between, they come again and again. Dust takes away a share of the light: that is given back, and print below
the streak stays. A streak that took all of it is closed with what stands on both sides of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Light = NDArray[np.float32]

_PAPER = 90  # percentile of a picture's grey values that is paper
_OUTER = 0.2  # of the height: so far margins are looked for
_STRIP, _SKIPPED = 0.025, 0.03  # of the width, of the height: edges that may be dark, of the lid or of the sheet
_DARK, _BARE = 150, 0.02  # of paper as light as 255; of a line: where more is dark is no margin
_LEAST = 16  # lines that a margin has
_BESIDE = 17  # columns around one, whose median is the paper beside a streak
_FAINT, _SPREAD = 0.02, 8.0  # of the light that a streak takes in a margin; times what columns differ anyway
_STRONG = 0.1  # the same where the other margin shows nothing
_DRIFT = 2  # columns by which a streak may lean
_AROUND = np.ones((1, 2 * _DRIFT + 1), np.uint8)
_OUTSIDE = 0.3  # of what a column of a margin is darker: a streak is so in its outer part too, a ruling's end not
_PIECES = 8  # pieces of a margin, one after the other: a streak is darker in half of them
_INDENT = 0.25  # of a margin's lines: rulings begin further from the edge
_NEAR = 3  # columns between those of one streak
_WIDEST, _MOST = 0.006, 6  # of the page's width; streaks on a page: more are the rulings of a table without margins
_PARTS, _SEEN = 24, (0.4, 0.5)  # parts of the sheet's length; share of them in which it is seen (both margins; one)
_DARKER, _LINES = 0.97, 8  # of the light beside it in a part; lines of a part with paper on both sides
_KNOWN, _UNEVEN = 4, 0.15  # parts with so many lines; of the light, by which a streak's parts differ, a ruling's not
_CLEAR, _AWAY = 10, 3  # columns of paper beside a streak where it is looked for; where its light is measured
_WHITE = 0.8  # of the paper's light: print is darker
_EVENED = 41  # lines over which the light that is left is taken
_LOST = 0.3  # of the light: where less is left, print below cannot be told from the streak
_RULED, _DEEPEST = 0.88, 0.15  # of the light next to a streak: less is left of it by a ruling; of its own at least
_BLACK, _TWO_TONE = 40, 0.02  # a grey; of all pixels that are neither black nor white, in a picture of these two
_SMALLEST = 400  # pixels of a page's shorter side
_FEW, _EDGE = 3, 5  # streaks of a sheet; lines at its edges
_LONG, _CROSSED = 30, 8  # pixels: what goes on so far is a ruling; lines of print that a streak runs through


class _Margin(NamedTuple):
    """Lines at an end of the picture that are paper, and which columns are darker there by how much (1: not)."""

    lines: slice
    light: Light
    least: float  #: what is lighter differs from other columns no more than they do from each other


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
    paper = float(np.percentile(grey[::16, ::16], _PAPER))
    upper, lower = _margin(grey, paper), _margin(grey[::-1], paper)
    if upper is None or lower is None:
        return grey
    seen = [
        (first, last, both and max(parts) - min(parts) >= _UNEVEN)
        for first, last, both in _in_margins((upper, lower), grey.shape[1])
        if (parts := _seen(_light(grey, first, last, paper), both=both))
    ]
    if not 0 < len(seen) <= _MOST:
        return grey
    sheet = len(seen) <= _FEW and _is_bare(grey.T)
    streaks = [
        (first, last)
        for first, last, uneven in seen
        if uneven or (sheet and _reaches_edges(grey, first, last)) or _crosses_print(grey, first, last)
    ]
    done = grey.copy() if streaks else grey
    height = grey.shape[0]
    outside = (upper.lines, slice(height - lower.lines.stop, height - lower.lines.start))
    for first, last in streaks:
        _without(done, first, last, paper, outside)
    return done


def _margin(grey: Grey, paper: float) -> _Margin | None:
    """The first lines of the picture that are paper but for streaks; None if there are none."""
    height, width = grey.shape
    strip = round(_STRIP * width)
    dark = (grey[: round(_OUTER * height), strip : width - strip] < _DARK / 255 * paper).mean(axis=1)
    bare = dark <= _BARE
    start = int(bare.argmax())
    if not bare[start] or start > _SKIPPED * height:
        return None
    printed = np.flatnonzero(~bare[start:])
    lines = slice(start, start + int(printed[0]) if len(printed) else len(bare))
    if lines.stop - lines.start < _LEAST:
        return None
    light = _against_sides(grey[lines])
    spread = float(np.median(np.abs(light - 1)))
    light = np.minimum(light, 1.0)
    light[:strip] = light[width - strip :] = 1.0
    least = 1 - max(_FAINT, _SPREAD * spread)
    if (light < least).any():
        light[_ruled(grey[lines], light, _DARK / 255 * paper)] = 1.0
        darker = 1 - _against_sides(grey[start : (start + 3 * lines.stop) // 4])
        light[cv2.dilate(darker[None], _AROUND)[0] < _OUTSIDE * (1 - light)] = 1.0  # print runs out into the margin
        pieces = [1 - _against_sides(piece) for piece in np.array_split(grey[lines], _PIECES)]
        shown = [cv2.dilate(piece[None], _AROUND)[0] >= _OUTSIDE * (1 - light) for piece in pieces]
        light[np.sum(shown, axis=0) < _PIECES // 2] = 1.0  # the number of a page, say, stands in a few
    return _Margin(lines, light, least)


def _ruled(lines: Grey, light: Light, dark: float) -> NDArray[np.bool_]:
    """Which columns of a margin, or those next to them, begin in one line away from its edge, as rulings do.

    A table of one row may stand all in the margin.
    """
    done = np.zeros(len(light), bool)
    strong = np.flatnonzero(light < 1 - _STRONG)
    if not len(strong):
        return done
    columns = np.split(strong, np.flatnonzero(np.diff(strong) > _NEAR) + 1)
    starts = np.array([int((lines[:, one] < dark).any(axis=1).argmax()) for one in columns])
    together = (np.abs(starts[:, None] - starts[None]) <= _NEAR).sum(axis=1) > 1
    away = starts > len(lines) * _INDENT
    for one, ruled in zip(columns, together & away, strict=True):
        done[max(0, one[0] - _NEAR) : one[-1] + _NEAR + 1] |= ruled
    return done


def _against_sides(lines: Grey) -> Light:
    """The light of each column against that of those around it."""
    usual = lines.mean(axis=0, dtype=np.float32) + 1
    padded = np.pad(usual, _BESIDE // 2, mode="edge")
    beside = np.median(np.lib.stride_tricks.sliding_window_view(padded, _BESIDE), 1)
    return cast("Light", (usual / beside).astype(np.float32))


def _in_margins(margins: tuple[_Margin, _Margin], width: int) -> list[tuple[int, int, bool]]:
    """First and last column of what may be streaks, and whether both margins show it."""
    seen = [m.light < m.least for m in margins]
    strong = (margins[0].light < 1 - _STRONG) | (margins[1].light < 1 - _STRONG)
    both = (seen[0] & _drifted(seen[1])) | (seen[1] & _drifted(seen[0]))
    found = np.flatnonzero(both | strong)
    if not len(found):
        return []
    streaks = np.split(found, np.flatnonzero(np.diff(found) > _NEAR) + 1)
    widest = 2 * _DRIFT + max(_NEAR, round(_WIDEST * width))
    return [(int(s[0]), int(s[-1]), bool(both[s].any())) for s in streaks if s[-1] - s[0] <= widest]


def _drifted(darker: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The columns with a darker one next to them."""
    wide = cv2.dilate(darker.view(np.uint8)[None], _AROUND)[0]
    return cast("NDArray[np.bool_]", wide.astype(bool))


def _light(grey: Grey, first: int, last: int, paper: float) -> Light:
    """Light that a streak leaves in each line, against that beside it; NaN where print is near."""
    left, right = max(0, first - _CLEAR), last + 1 + _CLEAR
    held = grey[:, left:right].astype(np.float32)
    inner = slice(first - left, last + 1 - left)
    around = np.delete(held, np.s_[max(0, inner.start - 1) : inner.stop + 1], axis=1)
    light = (held[:, inner].min(axis=1) + 1) / (np.median(around, axis=1) + 1)
    return np.where(around.min(axis=1) > _WHITE * paper, np.minimum(light, 1), np.nan).astype(np.float32)


def _seen(light: Light, *, both: bool) -> list[float]:
    """The light that a streak leaves in each part of its length; nothing if it does not come again and again."""
    known = [part[~np.isnan(part)] for part in np.array_split(light, _PARTS)]
    parts = [float(part.mean()) for part in known if len(part) >= _LINES]
    darker = sum(part < _DARKER for part in parts)
    return parts if len(parts) >= _KNOWN and darker >= _SEEN[not both] * len(parts) else []


def _without(grey: Grey, first: int, last: int, paper: float, margins: Sequence[slice]) -> None:
    """Lift one streak from a picture; ``margins``: lines in which nothing else is printed."""
    columns = grey.shape[1] - 1
    sides = grey[:, (max(0, first - _AWAY), min(columns, last + _AWAY))].astype(np.float32) + 1
    around = sides.mean(axis=1, keepdims=True)
    held = grey[:, first : last + 1]
    light = np.minimum((held + np.float32(1)) / around, 1)
    # a ruling that leans through a streak is broader than it
    beside = grey[:, (max(0, first - 1), min(columns, last + 1))]
    white = (sides.min(axis=1) > _WHITE * paper) & ((beside / around).min(axis=1) > _RULED)
    lines = [np.flatnonzero(white)] if int(white.sum()) >= _EVENED else [np.r_[rows] for rows in margins]
    usual = float(np.median(light.min(axis=1)[np.concatenate(lines)]))
    if usual < _LOST or _is_two_tone(grey):
        held[...] = np.maximum(held, beside.min(axis=1, keepdims=True))
        return
    weight = np.broadcast_to(white[:, None], light.shape).astype(np.float32)
    near = (1, _EVENED)
    known = cv2.blur(weight, near)
    each = np.where(known > 0, cv2.blur(light * weight, near) / np.maximum(known, 1e-6), usual)
    held[...] = np.minimum(held / np.maximum(each, _DEEPEST), paper).astype(np.uint8)


def _is_two_tone(grey: Grey) -> bool:
    """Whether a picture is black and white, so that a streak breaks instead of being grey."""
    sample = grey[::4, ::4]
    return float(((sample > _BLACK) & (sample < 255 - _BLACK)).mean()) < _TWO_TONE


def _is_bare(grey: Grey) -> bool:
    """Whether nothing is printed along the first line and the last."""
    return all(float((line < _DARK).mean()) <= _BARE / 2 for line in (grey[1], grey[-2]))


def _reaches_edges(grey: Grey, first: int, last: int) -> bool:
    """Whether a streak is seen in the very first lines and the last."""
    for lines in (grey[:_EDGE], grey[-_EDGE:]):
        paper = float(np.median(lines[:, max(0, first - 2 * _BESIDE) : last + 2 * _BESIDE]))
        if float(np.median(lines[:, first : last + 1].min(axis=1))) > _DARKER * paper:
            return False
    return True


def _crosses_print(grey: Grey, first: int, last: int) -> bool:
    """Whether something is printed through columns that is no ruling across them."""
    width = grey.shape[1]
    left, right = max(0, first - _AWAY), min(width - 1, last + _AWAY)
    through = np.flatnonzero((grey[:, left] < _DARK) & (grey[:, right] < _DARK))
    before = grey[through, max(0, left - _LONG) : left + 1].max(axis=1) >= _DARK if len(through) else through
    behind = grey[through, right : right + _LONG].max(axis=1) >= _DARK if len(through) else through
    return int((before & behind).sum()) >= _CROSSED
