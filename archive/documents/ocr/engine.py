"""The recognition models behind two functions: where text stands on a page, and what a line of it reads.

The models are those of the rapidocr wheel (PP-OCRv6 small), loaded once per process, one thread; nothing is fetched or
told to anybody.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_DETECTION = "PP-OCRv6_det_small.onnx"
_RECOGNITION = "PP-OCRv6_rec_small.onnx"
#: else onnxruntime 1.31 tells its maker of its use over the network, and keeps in the home folder what it has not sent
_SILENT = "ORT_DISABLE_TELEMETRY"
HEIGHT = 48  # pixels of a line as the model takes it
_STEP = 8  # pixels per step of the model's output
_BUCKET = 8  # widths are rounded up to this, so that what shares a batch changes nothing
_BATCH = 1_600  # pixels of width in one batch
_WIDEST = 2_400
_LONGEST = 960  # pixels of the longer side of an upright page in which text is looked for: small type is 15 high
_BROADEST = 1_056  # the same of a broad page: two pages side by side, or a wide table
_INKED = 200  # print is darker than this on white paper, however small it is drawn
_MARGIN = 24  # pixels of white left around what is printed
_TALL = 1.6  # times as high as wide: more is no page, and small type would be too small to be found
_OVERLAP = 0.06  # of the width: as much is seen in both of two parts
_TEXT_PIXEL, _TEXT_BOX = 0.3, 0.5  # of the map of text: a pixel of it; a whole box of it
_DOTTED = "日曰目①⊙◎Θθ"  # how a zero with a dot or a stroke in it, as fixed types have, is read where it stands alone
_CROSSES = "xX"  # marks of a cell that holds nothing
_CLEARLY = 20  # times as likely as any other digit
_GROWN = 1.6  # how far a box grows beyond its core (as the model was trained)


class EngineError(Exception):
    """Models or libraries are not there; the message says which."""


@dataclass(frozen=True, slots=True)
class TextBox:
    """A line of text on the page, in pixels of the picture given."""

    x0: float
    y0: float
    x1: float
    y1: float
    score: float


@dataclass(frozen=True, slots=True)
class OcrResult:
    """What a line says: its characters, how sure each is (0–1), where each stands (0–1 of the line's width).

    ``digit``: of a line of one sign that stands alone in no cell (a letter, a dotted zero as it is read) the digit that
    it must be if it is one at all; else "".
    """

    text: str
    sure: tuple[float, ...]
    places: tuple[float, ...]
    digit: str = ""

    @property
    def confidence(self) -> float:
        """The lowest of its characters; 0 for nothing."""
        return min(self.sure, default=0.0)


def ready() -> str:
    """Return "" if the models can be used, else the reason why not."""
    try:
        _models()
    except EngineError as error:
        return str(error)
    return ""


@lru_cache(maxsize=1)
def _models() -> tuple[Any, Any, tuple[str, ...]]:
    os.environ[_SILENT] = "1"  # asked for when the library is loaded
    try:
        import onnxruntime  # noqa: PLC0415 - what is missing is told, not raised
    except ImportError as error:
        raise EngineError(f"onnxruntime: {error}") from error
    onnxruntime.disable_telemetry_events()
    spec = find_spec("rapidocr")
    if spec is None or not spec.origin:
        raise EngineError("rapidocr is not installed")
    folder = Path(spec.origin).parent / "models"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    sessions = []
    for name in (_DETECTION, _RECOGNITION):
        if not (folder / name).is_file():
            raise EngineError(f"{name} is not in the rapidocr wheel")
        try:
            sessions.append(
                onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
            )
        except Exception as error:
            raise EngineError(f"{name}: {type(error).__name__}: {error}"[:200]) from error
    characters = sessions[1].get_modelmeta().custom_metadata_map.get("character", "")
    if not characters:
        raise EngineError(f"{_RECOGNITION} has no characters")
    return sessions[0], sessions[1], ("", *characters.splitlines(), " ")


def find_lines(flat: Grey) -> list[TextBox]:
    """Where text stands. Pictures much higher than wide (a whole web page) are looked at part by part."""
    height, width = flat.shape
    if height <= _TALL * width:
        return _detect_boxes(flat)
    cut = _between_lines(flat, round(0.7 * _TALL * width), round(_TALL * width))
    around = round(_OVERLAP * width)
    start = cut - around
    above = [f for f in _detect_boxes(flat[: cut + around]) if f.y0 + f.y1 < 2 * cut]
    below = [TextBox(f.x0, f.y0 + start, f.x1, f.y1 + start, f.score) for f in find_lines(flat[start:])]
    return above + [f for f in below if f.y0 + f.y1 >= 2 * cut]


def _between_lines(flat: Grey, start: int, end: int) -> int:
    """The row between two rows that has the least ink."""
    return start + int(flat[start:end].mean(axis=1).argmax())


def _detect_boxes(flat: Grey) -> list[TextBox]:
    session, _, _ = _models()
    height, width = flat.shape
    factor = min((_LONGEST if height > width else _BROADEST) / max(height, width), 1.6)
    size = [max(1, round(side * factor)) for side in (width, height)]
    small = cv2.resize(flat, (size[0], size[1]), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    inked = small < _INKED
    across, down = np.flatnonzero(inked.any(axis=0)), np.flatnonzero(inked.any(axis=1))
    if not len(across):
        return []
    x, y = max(0, int(across[0]) - _MARGIN), max(0, int(down[0]) - _MARGIN)
    part = small[y : int(down[-1]) + _MARGIN + 1, x : int(across[-1]) + _MARGIN + 1]
    high, wide = (-(-side // 32) * 32 for side in part.shape)
    inputs = np.ones((1, 3, high, wide), np.float32)  # white around what is printed, in whole steps of the model
    inputs[:, :, : part.shape[0], : part.shape[1]] = part.astype(np.float32) / 127.5 - 1.0
    likely: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: inputs})[0][0, 0]
    mask = cv2.dilate((likely > _TEXT_PIXEL).astype(np.uint8), np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    sums = np.bincount(labels.ravel(), weights=np.where(mask > 0, likely, 0).ravel(), minlength=count)
    found = []
    for index in range(1, min(count, 3_000)):
        left, top, wide, high, area = (int(v) for v in stats[index])
        score = float(sums[index]) / max(area, 1)
        if min(wide, high) < 3 or score < _TEXT_BOX:
            continue
        more = wide * high * _GROWN / (2 * (wide + high))
        box = (
            (x + left - more) / size[0],
            (y + top - more) / size[1],
            (x + left + wide + more) / size[0],
            (y + top + high + more) / size[1],
        )
        x0, y0, x1, y1 = (min(max(v, 0.0), 1.0) for v in box)
        found.append(TextBox(x0 * width, y0 * height, x1 * width, y1 * height, score))
    return found


def recognize_lines(crops: Sequence[Grey]) -> list[OcrResult]:
    """What each line (grey, any height) says."""
    lines = [_fit_crop(crop) for crop in crops]
    order = sorted(range(len(lines)), key=lambda i: lines[i].shape[1])
    done: dict[int, OcrResult] = {}
    batch: list[int] = []
    for index in order:
        width = lines[index].shape[1]
        if batch and (lines[batch[0]].shape[1] != width or (len(batch) + 1) * width > _BATCH):
            done.update(zip(batch, _recognize([lines[i] for i in batch]), strict=True))
            batch = []
        batch.append(index)
    if batch:
        done.update(zip(batch, _recognize([lines[i] for i in batch]), strict=True))
    scale = [_span(crop) / line.shape[1] for crop, line in zip(crops, lines, strict=True)]
    return [_scaled(done[i], scale[i]) for i in range(len(lines))]


def _scaled(line: OcrResult, filled: float) -> OcrResult:
    """Places as shares of the crop, not of the padded line."""
    return replace(line, places=tuple(min(1.0, place / filled) for place in line.places))


def _span(crop: Grey) -> int:
    return min(_WIDEST, max(1, round(int(crop.shape[1]) * HEIGHT / int(crop.shape[0]))))


def _fit_crop(crop: Grey) -> NDArray[np.float32]:
    width = _span(crop)
    line = cv2.resize(
        crop, (width, HEIGHT), interpolation=cv2.INTER_AREA if crop.shape[0] > HEIGHT else cv2.INTER_CUBIC
    )
    full = -(-max(width, 4 * _BUCKET) // _BUCKET) * _BUCKET
    done = np.ones((HEIGHT, full), np.float32)  # white: the line stands on paper that goes on
    done[:, :width] = line.astype(np.float32) / 127.5 - 1.0
    return done


def _recognize(lines: Sequence[NDArray[np.float32]]) -> list[OcrResult]:
    _, session, characters = _models()
    inputs = np.repeat(np.stack(lines)[:, None], 3, axis=1)
    out: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: inputs})[0]
    best = out.argmax(axis=2)
    sure = np.take_along_axis(out, best[..., None], axis=2)[..., 0]
    done = [_decoded(b, s, characters) for b, s in zip(best, sure, strict=True)]
    return [
        replace(line, digit=_digit(chances, characters)) if is_no_sign_of_tables(line.text) else line
        for line, chances in zip(done, out, strict=True)
    ]


def is_no_sign_of_tables(text: str) -> bool:
    """Whether a line is one sign that stands alone in no cell: a dotted zero as it is read, or a letter."""
    return len(text) == 1 and (text in _DOTTED or is_letter(text))


def is_letter(text: str) -> bool:
    """Whether a line is one Latin letter, with an accent or without, but no cross (x)."""
    return len(text) == 1 and text not in _CROSSES and unicodedata.name(text, "").startswith("LATIN ")


def _digit(chances: NDArray[np.float32], characters: Sequence[str]) -> str:
    """The digit that is far more likely than any other where a line of one sign has that sign; "" if none is."""
    step = chances[int(chances[:, 1:].max(axis=1).argmax())]
    likely = sorted(((float(step[characters.index(digit)]), digit) for digit in "0123456789"), reverse=True)
    return likely[0][1] if likely[0][0] > _CLEARLY * likely[1][0] else ""


def _decoded(best: NDArray[np.int64], sure: NDArray[np.float32], characters: Sequence[str]) -> OcrResult:
    """The characters of one line: repeats and blanks (0) fall away; the surest step of a run stands for it."""
    text: list[str] = []
    chances: list[float] = []
    places: list[float] = []
    before = 0
    for step, (code, chance) in enumerate(zip(best.tolist(), sure.tolist(), strict=True)):
        if code and code != before:
            text.append(characters[code] if code < len(characters) else "\ufffd")
            chances.append(chance)
            places.append((step + 0.5) / len(best))
        elif code and chance > chances[-1]:
            chances[-1] = chance
        before = code
    return OcrResult("".join(text), tuple(chances), tuple(places))
