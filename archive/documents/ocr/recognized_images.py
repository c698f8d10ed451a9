"""Fill a document with what its images show: each image becomes pages of glyph lines and rulings for the one solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from archive.documents.layout.page import Box, Glyph, Page, Ruling
from archive.documents.layout.page_blocks import lay_out
from archive.documents.layout.page_joining import join_blocks
from archive.documents.layout.ruled_grids import Grid, find_grids
from archive.documents.model import Document, Image, Limits, Locator, Paragraph, Table, number_tables
from archive.documents.ocr.ink import find_ink, find_lines, find_rulings, without_rulings, without_specks
from archive.documents.ocr.page_cleaning import CleanPage, ImageError, clean_pages
from archive.documents.ocr.text_recognition import recognize_lines
from archive.documents.unreadable_reasons import why
from archive.findings import finding
from storage.records import Finding

if TYPE_CHECKING:
    from archive.documents.ocr.page_cleaning import Grey

A4_WIDTH, A4_HEIGHT = 595.0, 842.0  # points: a page of unknown size is taken for this
MAX_LINES = 2_000  # lines of one page that are recognised
EDGE = 2  # pixels left around the rulings of a cell
SUREST = 0.9999  # confidence below 1 marks text as recognised
PAD, WIDE_PAD = 0.15, 0.35  # of a line's height: paper around it; more makes it smaller for the model, and faster
MIN_CROP = 0.7  # of the usual height of a line: a small mark is not made larger
PROSE = 14  # times as wide as high: a line of running text
CUT_CONFIDENCE = 0.5  # of text that touches the edge of its cell: a part of it may stand beyond


def fill_images(document: Document, limits: Limits) -> Document:
    """Return the document with its images read in place; those that cannot be read are told in its findings."""
    blocks: list[Paragraph | Table] = []
    findings: list[Finding] = []
    start = number = 0
    for before, images in groupby(document.images[: limits.images], key=lambda image: image.before):
        pages: list[Page] = []
        for image in images:
            number += 1
            try:
                pages += recognize_image(image, len(pages) + 1, limits)
            except ImageError as error:
                reason = str(error)
                findings.append(finding("picture_unreadable", found=reason, why=why(reason), numbers=number))
        joined = join_blocks([(page, lay_out(page)) for page in pages])
        blocks += [*document.blocks[start:before], *(block for _, block in joined)]
        start = before
    blocks += document.blocks[start:]
    unreadable = document.unreadable if document.unreadable != "needs_ocr" else "" if blocks else "no_text"
    found = (*document.findings, *findings)
    return replace(document, blocks=number_tables(blocks), images=(), findings=found, unreadable=unreadable)


def recognize_image(image: Image, number: int, limits: Limits) -> Iterator[Page]:
    """Yield the pages that an image file holds. Raises ImageError."""
    for frame, clean in enumerate(clean_pages(image.data, limits.pixels)):
        yield recognize_page(clean, image, number + frame)


def recognize_page(clean: CleanPage, image: Image, number: int) -> Page:
    """Return a page of recognised lines and rulings, in points."""
    height, width = clean.grey.shape
    page_width = image.points[0] if image.points else A4_WIDTH if width <= height else A4_HEIGHT
    points = page_width / width
    horizontal, vertical, rulings = find_rulings(find_ink(clean.grey))
    page = Page(
        number,
        width * points,
        height * points,
        lambda box: _locate([side / points for side in box], clean, image),
        horizontal=[Ruling(*(side * points for side in ruling)) for ruling in horizontal],
        vertical=[Ruling(*(side * points for side in ruling)) for ruling in vertical],
    )
    grids = find_grids(page.horizontal, page.vertical)
    grey = without_rulings(clean.grey, rulings)
    ink = without_specks(find_ink(grey))
    boxes = [*_cell_boxes(grids, points), *_free_boxes(grids, points, width, height)]
    lines, usual = find_lines(ink, boxes)
    lines = lines[:MAX_LINES]
    recognized = recognize_lines([_crop(grey, line, usual) for line in lines])
    edges = {round(side) for box in boxes for side in (box[0], box[2])}
    for line, (text, confidence) in zip(lines, recognized, strict=True):
        if text.strip():
            is_cut = not edges.isdisjoint((round(line[0]), round(line[2])))
            left, top, right, bottom = (side * points for side in line)
            glyph = Glyph(text.strip(), left, top, right, bottom)
            glyph.confidence = min(confidence, CUT_CONFIDENCE if is_cut else SUREST)
            page.glyphs.append(glyph)
    return page


def _locate(box: list[float], clean: CleanPage, image: Image) -> Locator:
    """Return the place in the image as given: in points of its page if the image is one, else in pixels."""
    left, top, right, bottom = clean.box_in_image((box[0], box[1], box[2], box[3]))
    if image.points is None:
        return {**image.locator, "box": [round(side) for side in (left, top, right, bottom)], "unit": "px"}
    scale, height = image.points[0] / clean.width, image.points[1]
    sides = left * scale, height - bottom * scale, right * scale, height - top * scale
    return {**image.locator, "box": [round(side, 2) for side in sides]}


def _cell_boxes(grids: list[Grid], points: float) -> Iterator[Box]:
    """Yield the boxes of all cells in pixels, inside their rulings."""
    for grid in grids:
        for region in grid.regions:
            left, top, right, bottom = (side / points for side in grid.box_of(region))
            yield round(left) + EDGE, round(top) + EDGE, round(right) - EDGE, round(bottom) - EDGE


def _free_boxes(grids: list[Grid], points: float, width: int, height: int) -> Iterator[Box]:
    """Yield the bands above, between and below the grids in pixels."""
    top = 0.0
    for grid in [*grids, None]:
        bottom = grid.ys[0] / points - EDGE if grid else float(height)
        if bottom - top > 2 * EDGE:
            yield 0.0, top, float(width), bottom
        top = max(top, grid.ys[-1] / points + EDGE) if grid else top


def _crop(grey: Grey, line: Box, usual: float) -> Grey:
    """Return a line alone on white paper, at least as high as usual: a small mark keeps its size."""
    left, top, right, bottom = (round(side) for side in line)
    is_prose = right - left > PROSE * usual
    pad = max(2, round((WIDE_PAD if is_prose else PAD) * usual))
    space = max(0, round(MIN_CROP * usual) - (bottom - top)) // 2
    canvas = np.full((bottom - top + 2 * (pad + space), right - left + 4 * pad), 255, np.uint8)
    canvas[pad + space : pad + space + bottom - top, 2 * pad : 2 * pad + right - left] = grey[top:bottom, left:right]
    return canvas
