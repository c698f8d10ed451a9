"""Images that together make up a page, or one image on it: scanners cut pages into strips, which mean nothing alone."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from archive.documents.openfixed.space import Box

_TOUCHING = 2.0  # points between pieces of one image
_MOST = 500  # images of a page that are joined
_LEAST, _FINEST = 100 / 72, 300 / 72  # pixels for a point
_PIXELS = 12_000_000


def touching_groups(boxes: Sequence[Box]) -> list[list[int]]:
    """The numbers of boxes that touch each other, in groups."""
    group = list(range(len(boxes)))

    def head(n: int) -> int:
        while group[n] != n:
            n = group[n]
        return n

    for n, (x0, y0, x1, y1) in enumerate(boxes[:_MOST]):
        for m, (a0, b0, a1, b1) in enumerate(boxes[:n]):
            if x0 - _TOUCHING < a1 and a0 < x1 + _TOUCHING and y0 - _TOUCHING < b1 and b0 < y1 + _TOUCHING:
                group[head(n)] = head(m)
    found: dict[int, list[int]] = {}
    for n in range(len(boxes)):
        found.setdefault(head(n), []).append(n)
    return list(found.values())


def composed(files: Sequence[bytes], boxes: Sequence[Box], around: Box, pixels: int) -> bytes:
    """A bitmap of what image files (each in its box in points, as painted) show ``around``.

    Raises ValueError with a reason, also where one piece of them cannot be read.
    """
    from PIL import Image  # noqa: PLC0415 - loaded only to look at pictures

    from archive.documents.ocr.images import open_image  # noqa: PLC0415

    wide, high = around[2] - around[0], around[3] - around[1]
    fine = _LEAST
    for data, box in zip(files, boxes, strict=True):
        with open_image(data, pixels) as image:
            fine = max(fine, image.width / max(box[2] - box[0], 1.0))
    scale = min(fine, _FINEST, math.sqrt(min(pixels, _PIXELS) / max(wide * high, 1.0)))
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    whole = Image.new("RGB", size, "white")
    for data, box in zip(files, boxes, strict=True):
        left, top = round((box[0] - around[0]) * scale), round((box[1] - around[1]) * scale)
        right, bottom = round((box[2] - around[0]) * scale), round((box[3] - around[1]) * scale)
        if right - left < 1 or bottom - top < 1 or (right - left) * (bottom - top) > 4 * _PIXELS:
            continue
        with open_image(data, pixels) as image:
            try:
                clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
                part = image.convert("RGBA" if clear else "RGB").resize((right - left, bottom - top))
            except (OSError, ValueError, SyntaxError, EOFError) as error:
                raise ValueError("damaged") from error
            whole.paste(part, (left, top), part if clear else None)
    out = io.BytesIO()
    whole.save(out, "BMP")
    return out.getvalue()
