"""Rulings printed as dots or dashes: drawn through, so that they are seen as the rulings they are.

Their ink comes again and again at the same distance, thin and with paper on both sides, as no strokes of letters do. A
column of ones, or of marks, does not come so close: its figures stand as far apart as lines of text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_DARK = 205, 140  # dashes are darker than the first on white paper, and dots than the second, if they nearly meet
_THICK, _BESIDE = 0.0025, 0.0022  # of a page's longer side: no ruling of dots is thicker; paper on both sides of it
_GAP, _PERIOD = 0.7, 1.0  # type heights: dashes are no further apart; nor do they come at a greater distance
_STRAYS, _SHARE = 1.0, 0.15  # pixels by which dashes, or their gaps, differ; the same as a share of them
_REGULAR, _ALIKE = 0.7, 0.65  # of the gaps in a row that are alike; of its dashes, and of the steps between them
_FILLED = 0.65  # of a row's length that its dashes take, were they all alike
_COUNTED = 0.4  # of them that are whole: others are cut where rulings cross
_LEAST, _FEWEST = 5, 3  # dashes that tell a ruling; the same where the page has others like it
_LONG = 4.5  # type heights: shorter rows of dashes alone tell none
_BANDS, _BAND, _ENOUGH = (0.3, 0.7), 6.0, 3  # where bands are looked at; type heights; rows in them of pixels
_MANY = 400_000  # runs of ink looked at: more is dirt


class _Row(NamedTuple):
    """Dashes on one line of pixels: the line, where the first starts and the last ends; the usual gap and dash."""

    line: int
    start: int
    end: int
    dashes: int
    gap: int
    dash: int


def drawn_through(flat: Grey, type_size: float) -> Grey:
    """The page with its dotted and dashed rulings closed; the same one where there are none."""
    done = flat
    for level in _DARK:
        dark = (flat < level).view(np.uint8)
        turned = cast("NDArray[np.uint8]", cv2.transpose(dark))
        if _is_dotted(dark, type_size) or _is_dotted(turned, type_size):
            done = flat.copy() if done is flat else done
            _close_all(done, (dark, turned), type_size)
    return done


def _close_all(page: Grey, ways: tuple[NDArray[np.uint8], NDArray[np.uint8]], type_size: float) -> None:
    """Draw through what surely is a ruling, and what is like it. ``ways``: where ink is, and the same turned."""
    found = [_rows(way, max(way.shape), type_size) for way in ways]
    kinds = np.array([(r.gap, r.dash) for rows in found for r in rows if _is_sure(r, type_size)])
    if not len(kinds):
        return
    kinds = np.unique(kinds, axis=0)
    strays = _strays(kinds)
    for rows, grey in zip(found, (page, page.T), strict=True):
        for row in rows:
            if (np.abs(kinds - (row.gap, row.dash)) <= strays).all(axis=1).any():
                _close(grey, row)


def _is_dotted(dark: NDArray[np.uint8], type_size: float) -> bool:
    """Whether rows of dashes lie in some bands down the page: most pages have none, and are not looked through."""
    height, width = dark.shape
    half = round(_BAND * type_size / 2)
    found = 0
    for share in _BANDS:
        middle = round(share * width)
        band = np.ascontiguousarray(dark[:, max(0, middle - half) : middle + half])
        found += sum(_is_sure(row, type_size) for row in _rows(band, max(height, width), type_size))
    return found >= _ENOUGH


def _is_sure(row: _Row, type_size: float) -> bool:
    return row.dashes >= _LEAST and row.end - row.start >= _LONG * type_size


def _close(page: Grey, row: _Row) -> None:
    """Draw a row of dashes through, and on to what its ends point at, if that is no further than the next dash."""
    line = page[row.line]
    before, behind = line[max(0, row.start - row.gap - 1) : row.start][::-1], line[row.end : row.end + row.gap + 1]
    start, end = row.start - _paper(before), row.end + _paper(behind)
    ink = np.uint8(min(_DARK[0], np.median(line[row.start : row.end])))
    line[start:end] = np.minimum(line[start:end], ink)


def _paper(line: Grey) -> int:
    """Pixels of paper before the first ink; 0 if there is none."""
    return int(np.argmax(line < _DARK[0])) if len(line) else 0


def _rows(dark: NDArray[np.uint8], size: int, type_size: float) -> list[_Row]:
    """What may be rows of dashes from left to right. ``dark``: 1 where ink is; ``size``: longer side of the page."""
    starts, ends, lines = _runs(_alone(dark, size), dark.shape[1])
    if not _FEWEST <= len(starts) <= _MANY:
        return []
    gaps = starts[1:] - ends[:-1]
    parted = (lines[1:] != lines[:-1]) | (gaps > _GAP * type_size)
    first = np.flatnonzero(np.concatenate([[True], parted]))
    counts = np.diff(np.append(first, len(starts)))
    first, counts = first[counts >= _FEWEST], counts[counts >= _FEWEST]
    if not len(first):
        return []
    before = dark[lines, np.maximum(starts - 1, 0)] == 0  # paper, and no ruling that crosses there
    behind = dark[lines, np.minimum(ends, dark.shape[1] - 1)] == 0
    gap, even = _usual(gaps, behind[:-1] & before[1:], first, counts - 1)
    dash, alike = _usual(ends - starts, before & behind, first, counts)
    _, steady = _usual(np.diff(starts), before[:-1] & behind[:-1] & before[1:], first, counts - 1)
    kept = (even >= _REGULAR) & (np.minimum(alike, steady) >= _ALIKE) & (gap + dash <= _PERIOD * type_size)
    last = first + counts - 1
    kept &= counts * (gap + dash) >= _FILLED * (ends[last] - starts[first])
    held = (lines[first], starts[first], ends[last], counts, gap, dash)
    return [_Row(*row) for row in zip(*(values[kept].tolist() for values in held), strict=True)]


def _usual(
    values: NDArray[np.int64], counted: NDArray[np.bool_], first: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Of stretches of values, each from ``first`` on: the median of those counted, and the share about as large.

    0 where few are counted.
    """
    group = np.repeat(np.arange(len(first)), counts)
    places = np.arange(len(group)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    held, group = values[places][counted[places]], group[counted[places]]
    number = np.bincount(group, minlength=len(first))
    if not len(held):
        return number, np.zeros(len(first))
    middle = np.cumsum(number) - number + number // 2
    usual = held[np.lexsort((held, group))][np.minimum(middle, len(held) - 1)]
    near = np.bincount(group, np.abs(held - usual[group]) <= _strays(usual)[group], minlength=len(first))
    return usual, np.where(number >= _COUNTED * counts, near / np.maximum(number, 1), 0.0)


def _strays(usual: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.maximum(_STRAYS, _SHARE * usual), dtype=np.float64)


def _alone(dark: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Ink that is thin, and has paper above and below."""
    thick, beside = max(4, round(_THICK * size)), max(4, round(_BESIDE * size))
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((beside, 1), np.uint8))
    high = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((thick, 1), np.uint8))
    return cast("NDArray[np.uint8]", cv2.subtract(dark, high))


def _runs(mask: NDArray[np.uint8], width: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Runs of ink on each line: where they start and end, and their line; in order."""
    inked = np.flatnonzero(mask)
    if not len(inked):
        return inked, inked, inked
    breaks = np.flatnonzero((np.diff(inked) > 1) | (inked[1:] % width == 0))
    starts = inked[np.concatenate([[0], breaks + 1])]
    ends = inked[np.append(breaks, len(inked) - 1)] + 1
    lines = starts // width
    return starts - lines * width, ends - lines * width, lines
