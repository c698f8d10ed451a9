"""Add what a document's images show: each image becomes pages of recognised lines and rulings for ``layout/``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.documents.layout.page import Box, Glyph, PageContent, RuledLine
from archive.documents.layout.page_blocks import lay_out
from archive.documents.layout.page_joining import join_blocks
from archive.documents.layout.ruled_grids import Grid, find_grids
from archive.documents.model import Document, Image, Limits, Locator, Paragraph, Table, number_tables, why
from archive.documents.ocr import ink
from archive.documents.ocr.page_cleaning import CleanPage, ImageError, clean_pages
from archive.findings import finding
from storage.records import Finding

if TYPE_CHECKING:
    from archive.documents.ocr.ink import Grey

A4_WIDTH, A4_HEIGHT = 595.0, 842.0  # points: assumed for a page of unknown size
MAX_LINES = 2_000  # lines recognised on one page
EDGE = 2  # pixels inside a cell that belong to its rulings
SUREST = 0.9999  # the highest confidence of recognised text: 1 means that it was not recognised
PAD, WIDE_PAD, SIDE_PAD = 0.5, 0.8, 0.3  # of the usual height: white margin; more makes the text smaller, and faster
WIDE = 8  # times the usual height: a wider line is long text, where a misread character does little harm
MIN_CROP = 0.7  # of the usual height: a lower mark gets more margin, so that it is not enlarged
CUT_CONFIDENCE = 0.5  # of text cut by its cell, of figures under a seal or with fewer digits than parts

SETTINGS = {
    "Global.log_level": "critical",
    "Global.use_det": False,
    "Global.use_cls": False,
    "Global.return_word_box": True,  # else only whole lines have a confidence
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Rec.rec_batch_num": 1,  # several lines together are padded to one width, and need more time and memory
    "Rec.rec_img_shape": [3, 48, 48],  # no line is padded beyond the widest of its batch
}


def fill_images(document: Document, limits: Limits) -> Document:
    """Return the document with its images read in place; findings report those that cannot be read."""
    blocks: list[Paragraph | Table] = []
    findings: list[Finding] = []
    start = number = 0
    for before, images in groupby(document.images[: limits.images], key=lambda image: image.before):
        pages: list[PageContent] = []
        for image in images:
            number += 1
            try:
                for clean in clean_pages(image.data, limits.pixels, limits.images):
                    pages.append(recognize_page(clean, image, len(pages) + 1))
            except ImageError as error:
                reason = str(error)
                findings.append(finding("picture_unreadable", found=reason, why=why(reason), numbers=number))
        joined = join_blocks([(page, lay_out(page)) for page in pages])
        blocks += [*document.blocks[start:before], *(block for _, block in joined)]
        start = before
    blocks += document.blocks[start:]
    unreadable = document.unreadable if document.unreadable != "needs_ocr" else "" if blocks else "no_text"
    all_findings = (*document.findings, *findings)
    return replace(document, blocks=number_tables(blocks), images=(), findings=all_findings, unreadable=unreadable)


def recognize_page(clean: CleanPage, image: Image, number: int) -> PageContent:
    """Return a page of recognised lines and of rulings, in points. A single -, / or 0 is told by its shape, without the
    engine. A cell with only a seal or faint print gets an empty text of low confidence, not to pass for blank.
    """
    height, width = clean.grey.shape
    page_width = image.points[0] if image.points else A4_WIDTH if width <= height else A4_HEIGHT
    points = page_width / width
    horizontal, vertical, rulings = ink.find_rulings(ink.find_ink(clean.grey))
    page = PageContent(
        number,
        height * points,
        lambda box: _locate([side / points for side in box], clean, image),
        horizontal=[RuledLine(*(side * points for side in ruling)) for ruling in horizontal],
        vertical=[RuledLine(*(side * points for side in ruling)) for ruling in vertical],
    )
    grids = find_grids(page.horizontal, page.vertical)
    grey = ink.without_rulings(clean.grey, rulings)
    page_ink = ink.without_specks(ink.find_ink(grey))
    cells = list(_cell_boxes(grids, points))
    lines, usual_height = ink.find_lines(page_ink, [*cells, *_free_boxes(grids, points, width, height)])
    lines = lines[:MAX_LINES]
    marks = [ink.find_mark(line.ink, usual_height) for line in lines]
    unmarked = [_crop(grey, line.box, usual_height) for line, mark in zip(lines, marks, strict=True) if not mark]
    recognized = iter(recognize_lines(unmarked))
    tall = ink.find_tall_parts(grey, cells, usual_height)
    for line, mark in zip(lines, marks, strict=True):
        text, confidence = (mark, SUREST) if mark else next(recognized)
        if text.strip():
            is_sealed = ink.is_touched(clean.seal, line.box)
            is_short = text.isdecimal() and (is_sealed or ink.count_parts(line.ink) > len(text))
            is_part = mark == "-" and ink.is_touched(tall, line.box)  # the foot of a faint 2
            glyph = Glyph(text.strip(), *(side * points for side in line.box))
            glyph.confidence = min(confidence, CUT_CONFIDENCE if line.is_cut or is_short or is_part else SUREST)
            page.glyphs.append(glyph)
    covers = ink.find_covers(clean.seal, usual_height) | tall
    for box in cells:
        if ink.is_touched(covers, box) and not ink.is_touched(page_ink, box):
            left, top, right, bottom = (side * points for side in box)
            page.glyphs.append(Glyph("", left, top, right, bottom, confidence=CUT_CONFIDENCE))
    return page


def _locate(box: list[float], clean: CleanPage, image: Image) -> Locator:
    """Return the locator in the original image: in points of its page if the image is a page, else in pixels."""
    left, top, right, bottom = clean.box_in_image((box[0], box[1], box[2], box[3]))
    if image.points is None:
        return {**image.locator, "box": [round(side) for side in (left, top, right, bottom)], "unit": "px"}
    scale, height = image.points[0] / clean.width, image.points[1]
    sides = left * scale, height - bottom * scale, right * scale, height - top * scale
    return {**image.locator, "box": [round(side, 2) for side in sides]}


def _cell_boxes(grids: list[Grid], points: float) -> Iterator[Box]:
    """Yield the boxes of all cells in pixels, without their rulings."""
    for grid in grids:
        for region in grid.regions:
            left, top, right, bottom = (side / points for side in grid.box_of(region))
            yield round(left) + EDGE, round(top) + EDGE, round(right) - EDGE, round(bottom) - EDGE


def _free_boxes(grids: list[Grid], points: float, width: int, height: int) -> Iterator[Box]:
    """Yield the bands of the page above, between and below the grids, in pixels."""
    top = 0.0
    for grid in [*grids, None]:
        bottom = grid.ys[0] / points - EDGE if grid else float(height)
        if bottom - top > 2 * EDGE:
            yield 0, round(top), width, round(bottom)
        top = max(top, grid.ys[-1] / points + EDGE) if grid else top


def _crop(grey: Grey, line: Box, usual_height: float) -> Grey:
    """Return a line on a white margin, at least as high as most lines of its page (``usual_height``, in pixels), so
    that a small mark keeps its size. Long lines get more margin: they are recognised faster so.
    """
    left, top, right, bottom = (round(side) for side in line)
    pad = round((WIDE_PAD if right - left > WIDE * usual_height else PAD) * usual_height)
    side = round(SIDE_PAD * usual_height)
    pad += max(0, round(MIN_CROP * usual_height) - (bottom - top)) // 2
    return np.pad(grey[top:bottom, left:right], ((pad, pad), (side, side)), constant_values=255)


@lru_cache(maxsize=1)
def load_engine() -> Any:
    """Return the recognition engine, loaded once per process. Raises ImportError without rapidocr."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # rapidocr's runtime reads it when loaded
    from rapidocr import RapidOCR  # noqa: PLC0415 - an extra, and slow to load

    return RapidOCR(params=SETTINGS)


def recognize_lines(crops: Sequence[Grey]) -> list[tuple[str, float]]:
    """Return each line's text and the confidence of its least certain character. ImportError without rapidocr."""
    if not crops:
        return []
    read = load_engine().recognize_txt([np.repeat(crop[:, :, None], 3, axis=2) for crop in crops])
    return [
        (text, float(min([score, *(word.confs if word is not None else ())])))
        for text, score, word in zip(read.txts, read.scores, read.word_results, strict=True)
    ]
