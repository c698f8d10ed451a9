"""Figures in a light grey among print as dark as usual: ink of a cell in which nothing darker stands, darkened.

As it is it would be no ink, or only where its strokes are broadest, and the cell would pass for blank or shorter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from archive.documents.recognised.components import components
from archive.documents.recognised.ink import counts
from archive.documents.recognised.paper import Ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_PALE = 130, 208  # the darkest of a cell that is darkened: print is darker, paper lighter
_HIGH = 0.4, 1.3  # type heights of its ink
_GAP, _INK = 0.5, 0.03  # type heights between the pieces of a broken figure; of the square of it: its ink
_FEW = 16  # pieces of ink: more are dirt, or grain
_EDGE = 5  # pixels of a cell that are its rulings'
_DARK = 24  # as dark as it becomes


def darkened(
    flat: Grey, cells: Sequence[tuple[int, int, int, int]], size: float, stamps: Sequence[Ring]
) -> tuple[Grey, set[int]]:
    """The page with such cells darkened, and their numbers; not where a seal was lifted (``stamps``).

    ``cells``: left, top, right, bottom in pixels; ``size``: of the type.
    """
    done, found = flat, set[int]()
    for number, (x0, y0, x1, y1) in enumerate(cells):
        part = slice(y0 + _EDGE, y1 - _EDGE), slice(x0 + _EDGE, x1 - _EDGE)
        held = flat[part]
        if not held.size or not _PALE[0] < (darkest := int(held.min())) < _PALE[1]:
            continue
        if _is_print(held, darkest, size) and not any(ring.holds((x0 + x1) / 2, (y0 + y1) / 2) for ring in stamps):
            done = flat.copy() if done is flat else done
            steep = (255 - _DARK) / (255 - darkest)
            done[part] = np.clip(255 - (255.0 - held) * steep, 0, 255).astype(np.uint8)
            found.add(number)
    return done, found


def _is_print(held: Grey, darkest: int, size: float) -> bool:
    """Whether what is pale stands apart from paper in a few pieces, as high as figures."""
    parts = components((held < (255 + darkest) // 2).view(np.uint8)).stats
    if len(parts) > _FEW:
        return False
    high = [*parts[counts(parts, size), 3].tolist(), *_of_broken(parts, size)]
    return bool(high) and _HIGH[0] * size <= max(high) <= _HIGH[1] * size


def _of_broken(parts: NDArray[np.int32], size: float) -> list[int]:
    """How high all pieces are together, if they stand so close that they may be a figure whose thin strokes broke."""
    top, bottom = int(parts[:, 1].min()), int((parts[:, 1] + parts[:, 3]).max())
    left, right = np.sort(parts[:, 0]), np.sort(parts[:, 0] + parts[:, 2])
    apart = int((left[1:] - right[:-1]).max(initial=0))
    much = int(parts[:, 4].sum()) >= _INK * size * size
    return [bottom - top] if much and apart <= _GAP * size and bottom - top <= _HIGH[1] * size else []
