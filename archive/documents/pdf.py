"""PDF → Pages: rulings and positions make tables, the rest is paragraphs; images wait for recognition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from archive.documents.findings import (
    LISTED,
    TORN,
    overlaid,
    seen_otherwise,
    struck_out,
)
from archive.documents.grid import number_tables
from archive.documents.layout.continued_columns import join_parts, mark_cut_columns
from archive.documents.layout.facing_pages import leaves
from archive.documents.layout.loose_text import positioned_text
from archive.documents.layout.page_blocks import PageBlocks, page_blocks
from archive.documents.layout.page_joining import blocks_of
from archive.documents.layout.page_layout import PageLayout
from archive.documents.layout.struck_text import set_struck_aside
from archive.documents.layout.text_quality import FEW, has_text, images_worth_reading, is_readable_text, may_be_a_scan
from archive.documents.layout.watermarks import without_overlaid
from archive.documents.pages import Limits, Member, PageRenderings, Pages, Paragraph, Picture, Table
from archive.documents.pdfium.beneath import writing
from archive.documents.pdfium.drawing import DENSE
from archive.documents.pdfium.embedded import files_in
from archive.documents.pdfium.images import PdfImage, PdfParts
from archive.documents.pdfium.leaves import OUTLINES, page_of
from archive.documents.pdfium.library import PdfError, forms_of, opened
from archive.documents.pdfium.metadata import described
from archive.documents.pdfium.streams import MOST, within_bounds
from archive.documents.pdfium.tamed import tamed
from archive.documents.pdfium.whole import torn_streams
from archive.findings import finding, first_in_both
from storage.records import Finding, Part

Block = Paragraph | Table

MAX_GLYPHS = 400_000  # in one document: a hundred long reports
_PICTURED = 0.2  # share of a page that images must cover to make it one


class _Contents(NamedTuple):
    """The number of pages of a file, what it says of itself, its pages, and the files in it."""

    page_count: int
    meta: dict[str, str]
    pages: list[PageLayout]
    files: tuple[Member, ...]


def read(data: bytes, limits: Limits) -> Pages:
    """Read a PDF. Locators: ``page`` from 1 and ``box`` in points of the page (left, bottom, right, top).

    ``unreadable``: ``encrypted``, ``truncated``, ``damaged``; kind ``scan`` with ``needs_ocr`` without text to trust,
    ``empty`` without anything. ``pictures``: pages to be recognised, told as they are shown (turned and cropped), and
    large images on pages of text: those have the image's box in points as ``within``, and boxes in pixels of it.
    ``struck`` in a locator: text that stands there crossed out, and is left out. Files within the file are its
    ``parts``, and its ``members`` where it has no table itself. ``seen``: how it looks, where it has text.
    """
    findings: list[Finding] = []
    data, emptied = within_bounds(data)
    if emptied:
        findings.append(finding("limit_reached", bound="stream_bytes", expected=MOST))
    data, endless = tamed(data)
    if endless:
        findings.append(finding("limit_reached", case="endless", found=endless))
    try:
        count, meta, pages, files = _contents(data, limits, findings)
    except PdfError as error:
        reason = "too_large" if emptied else error.reason
        return Pages(kind="pdf", blocks=(), unreadable=reason, page_count=0, findings=tuple(findings))
    laid_over = without_overlaid(pages)
    if laid_over.text:
        findings.append(overlaid(laid_over.pages, laid_over.text))
    for page in pages:
        set_struck_aside(page)
    legible = {page.number for page in pages if _is_text(data, page) or _is_all_there_is(page)}
    written = [page for page in pages if page.number in legible or not _is_picture(page)]
    texts = bool(legible)
    laid = _lay_out(written) if texts else []
    blocks = number_tables(blocks_of(mark_cut_columns(join_parts(laid)))) if laid else ()
    whole = (
        [p for p in pages if not any(p is w for w in written)] if texts else [p for p in pages if _has_drawn_content(p)]
    )
    whole = [page for page in whole if not page.costly]
    pictures = _pictures(data, whole, written if texts else [], blocks, limits)
    if dense := [page.number for page in whole if page.curves >= DENSE]:
        findings.append(_too_much_drawn("dense", dense))
    if costly := [page.number for page in pages if page.costly]:
        findings.append(_too_much_drawn("costly", costly))
    if torn := torn_streams(data):
        findings.append(finding("document_damaged", case="streams", found=TORN, count=torn))
    struck = [page for page in written if page.struck]
    if struck and texts:
        struck_text = "".join(glyph.text for page in struck for glyph in page.struck)
        findings.append(struck_out(struck_text, [page.number for page in struck]))
    if texts and (doubted := [page for page in written if page.doubted]):
        said_there = "".join(glyph.text for page in doubted for glyph in page.doubted)
        findings.append(seen_otherwise([page.number for page in doubted], said_there))
    members = tuple(file for file in files if file.data) if not any(isinstance(b, Table) for b in blocks) else ()
    return Pages(
        kind="pdf" if texts or not pictures else "scan",
        blocks=blocks,
        meta=meta,
        title=meta.get("title", ""),
        parts=tuple(Part(kind="attachment", url="", text=file.name) for file in files),
        findings=tuple(findings),
        page_count=count,
        unreadable="" if texts or members else "needs_ocr" if pictures else _reason_for_nothing(findings),
        pictures=pictures,
        members=members,
        seen=_appearance(data, pages, limits) if texts else None,
        positioned=positioned_text(laid),
    )


def _contents(data: bytes, limits: Limits, findings: list[Finding]) -> _Contents:
    """What is in the file; raises PdfError."""
    with opened(data) as document:
        count = len(document)
        meta = described(document)
        pages = _pages(document, count, limits, findings)
        return _Contents(count, meta, pages, tuple(files_in(document, limits)))


def _reason_for_nothing(findings: Sequence[Finding]) -> str:
    """What is said of pages with nothing on them: what was cut, at a bound or before, is not known to be empty."""
    codes = {found.code for found in findings}
    return "too_large" if "limit_reached" in codes else "damaged" if "document_damaged" in codes else "empty"


def _appearance(data: bytes, pages: Sequence[PageLayout], limits: Limits) -> PageRenderings:
    return PageRenderings(
        parts=PdfParts(data, limits.pixels),
        pages=tuple(_picture(data, page, 0, limits) for page in pages),
    )


def _pages(document: Any, count: int, limits: Limits, findings: list[Finding]) -> list[PageLayout]:
    if count > limits.pages:
        findings.append(finding("limit_reached", bound="pages", expected=limits.pages))
    pages: list[PageLayout] = []
    lost: list[int] = []
    characters, most = 0, min(limits.characters, MAX_GLYPHS)
    with forms_of(document) as form:
        for index in range(min(count, limits.pages)):
            page = page_of(document, index, form)
            if page is None:
                lost.append(index + 1)
                continue
            pages.append(page)
            characters += len(page.glyphs)
            if page.cut or characters > most:
                findings.append(finding("limit_reached", bound="characters_or_lines", expected=most))
                break
    if lost:
        shown = first_in_both(lost, LISTED, "…")
        findings.append(finding("document_damaged", case="pages", pages=shown, count=len(lost)))
    return pages


def _too_much_drawn(case: str, pages: Sequence[int]) -> Finding:
    shown = first_in_both(pages, LISTED)
    return finding("limit_reached", case=case, found=shown[0], pages=shown)


def _lay_out(pages: Sequence[PageLayout]) -> list[PageBlocks]:
    return [page_blocks(leaf) for page in pages for leaf in leaves(page)]


def _is_all_there_is(page: PageLayout) -> bool:
    """Whether the few words of a page are all that will be had of it: no picture is made of it."""
    return page.costly and bool(page.glyphs) and is_readable_text(page)


def _is_picture(page: PageLayout) -> bool:
    """Whether what a page without text to trust says stands in an image, in letters drawn as shapes, or in garbage."""
    few = len(page.glyphs) < FEW
    return page.images > _PICTURED or (few and page.curves >= OUTLINES) or not is_readable_text(page)


def _has_drawn_content(page: PageLayout) -> bool:
    return bool(page.glyphs) or page.images > _PICTURED or page.curves >= OUTLINES


def _is_text(data: bytes, page: PageLayout) -> bool:
    """Whether a page has text to trust, and is not a scan on which some words were typed."""
    return has_text(page) and not (not page.costly and may_be_a_scan(page) and _holds_writing(data, page))


def _holds_writing(data: bytes, page: PageLayout, box: tuple[float, float, float, float] | None = None) -> bool:
    """Whether images show print of their own, on the page or in a box of it as its glyphs are placed."""
    try:
        return writing(data, page.number - 1, page.box(*box) if box else None)
    except ValueError:  # what cannot be drawn cannot be recognised either
        return False


def _pictures(
    data: bytes, whole: Sequence[PageLayout], written: Sequence[PageLayout], blocks: Sequence[Block], limits: Limits
) -> tuple[Picture, ...]:
    """Whole pages, and large images on pages of text."""
    done = [_picture(data, page, _blocks_before(blocks, page, page.top), limits) for page in whole]
    for page in written:
        ask = page.pictures and not page.costly
        worth = images_worth_reading(page, partial(_holds_writing, data, page)) if ask else []
        for x0, y0, x1, y1 in sorted(worth, key=lambda box: box[1]):
            left, bottom, right, top = box = page.box(x0, y0, x1, y1)
            part = PdfImage(data, page.number - 1, limits.pixels, (left, bottom, right, top))
            at = _blocks_before(blocks, page, y0)
            done.append(Picture(at=at, source=part, locator={"page": page.number, "within": box}))
    return tuple(sorted(done, key=lambda picture: (picture.at, picture.locator["page"])))


def _picture(data: bytes, page: PageLayout, at: int, limits: Limits) -> Picture:
    """A whole page as it is shown."""
    image = PdfImage(data, page.number - 1, limits.pixels)
    return Picture(at=at, source=image, locator={"page": page.number}, points=page.shown)


def _blocks_before(blocks: Sequence[Block], page: PageLayout, height: float) -> int:
    """How many blocks stand before a height of a page: those that begin on earlier pages, or above it on this one."""
    for number, block in enumerate(blocks):
        place: Mapping[str, object] = block.locator
        if isinstance(block, Table):
            place = block.cells[0].locator if block.cells else {}
        at, box = place.get("page"), place.get("box")
        if not isinstance(at, int) or not isinstance(box, list):
            continue
        if at > page.number or (at == page.number and page.height_of(box) >= height):
            return number
    return len(blocks)
