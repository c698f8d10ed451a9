"""Crops of single lines → text and confidence, through rapidocr's public interface: one thread, the wheel's models."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from archive.documents.ocr.ink import Grey

HEIGHT = 48  # pixels of a line as the model takes it
BATCH_WIDTH = 1_600  # pixels of all lines that are recognised together: more is slower
SETTINGS = {
    "Global.log_level": "critical",
    "Global.use_det": False,
    "Global.use_cls": False,
    "Global.return_word_box": True,  # else confidence is told of whole lines only
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Rec.rec_batch_num": 64,
    "Rec.rec_img_shape": [3, 48, 48],  # a line is not made wider than the widest of its batch
}


@lru_cache(maxsize=1)
def load_engine() -> Any:
    """Return the one engine of this process. Raises ImportError without rapidocr."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when the library is loaded
    from rapidocr import RapidOCR  # noqa: PLC0415 - an extra, and slow to load

    return RapidOCR(params=SETTINGS)


def recognize_lines(crops: Sequence[Grey]) -> list[tuple[str, float]]:
    """Return text and confidence of each line: that of its least sure character.

    Raises ImportError without rapidocr.
    """
    if not crops:
        return []
    engine = load_engine()
    found: list[tuple[str, float]] = [("", 0.0)] * len(crops)
    for batch in _batches(crops):
        read = engine.recognize_txt([np.repeat(crops[number][:, :, None], 3, axis=2) for number in batch])
        for number, text, score, word in zip(batch, read.txts, read.scores, read.word_results, strict=True):
            found[number] = text, float(min([score, *(word.confs if word is not None else ())]))
    return found


def _batches(crops: Sequence[Grey]) -> Iterator[list[int]]:
    """Yield the numbers of crops of like shape, so many that a batch is no wider than the limit."""
    batch: list[int] = []
    for number in sorted(range(len(crops)), key=lambda number: _shape(crops[number])):
        if batch and (len(batch) + 1) * _shape(crops[number]) * HEIGHT > BATCH_WIDTH:
            yield batch
            batch = []
        batch.append(number)
    yield batch


def _shape(crop: Grey) -> float:
    return float(crop.shape[1] / crop.shape[0])
