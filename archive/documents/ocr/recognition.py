"""The pictures of a document → its blocks, with what could not be read as findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from archive.documents.findings import LISTED, picture_unreadable
from archive.documents.grid import number_tables, relocated
from archive.documents.ocr import engine, images
from archive.documents.ocr.line_reading import MOST_TEXT
from archive.documents.ocr.page_recognition import RecognizedPage, recognize_pages
from archive.documents.ocr.recognized_blocks import Source, blocks_of_pages
from archive.documents.pages import UNREAD, Limits, Pages, Paragraph, Picture, PositionedText, Table, UnseenError
from archive.findings import finding, first_in_both
from storage.records import Finding

Block = Paragraph | Table
SourcedPage = tuple[RecognizedPage, Source]
_FEW = 3  # lines of words that make an image within a page worth keeping although it holds no table
_PAGE = 3_000  # what finding the lines of a picture costs, in pixels of text read
_PIXELS = 2_000  # pixels of a picture that cost as much to prepare as one of text to read
_PAGED = ("scan", "pdf", "ofd")  # kinds whose pictures are pages; elsewhere they may be photographs


def recognize_pictures(pages: Pages, limits: Limits) -> Pages:
    """Recognise the pictures and put their blocks where they stand; see ``archive.documents.scan.fill``."""
    if reason := engine.ready():
        return replace(pages, findings=(*pages.findings, finding("needs_ocr", case="no_models", found=reason)))
    findings: list[Finding] = []
    pictures = sorted(pages.pictures, key=lambda picture: picture.at)
    blank_free = pages.kind == "scan" and limits.pictures > 0  # elsewhere photographs stand beside the text
    kept = pictures[: limits.pages if blank_free else limits.pictures]
    if len(kept) < len(pictures):
        findings.append(finding("limit_reached", bound="images", expected=len(kept)))
    cut = False
    counted = 0
    spent = reached = 0
    failed: list[tuple[int, Exception]] = []
    torn: list[int] = []
    inked: list[int] = []
    placed: list[tuple[int, list[Block]]] = []
    loose: PositionedText | None = None
    for at, run in groupby(enumerate(kept, 1), key=lambda item: item[1].at):
        read: list[SourcedPage] = []
        for number, picture in run:
            if spent >= limits.text or counted >= limits.pictures:
                break
            reached, before = number, len(failed)
            done, cost = _recognize(number, picture, limits, failed, torn, inked)
            read, spent = read + done, spent + cost
            counted += bool(done) or len(failed) > before or not blank_free
        cut |= any(page.cut for page, _ in read)
        own, loose = _blocks(read, whole=pages.kind in _PAGED, failed=failed)
        if torn and torn[-1] == reached:
            own = _with_row_unread(own)
        placed.append((at, own))
    if reached < len(kept):
        bound = limits.text if spent >= limits.text else limits.pictures
        findings.append(_not_recognised_finding(reached + 1, len(kept), bound))
    if failed:
        findings.append(_unread_finding(failed, kept))
    if torn:
        shown = first_in_both(torn, LISTED, "…")
        findings.append(finding("document_damaged", case="pictures", pictures=shown, count=len(torn)))
    if cut:
        findings.append(finding("limit_reached", bound="page_text", expected=MOST_TEXT))
    blocks = _merge_blocks(pages.blocks, placed)
    left = tuple(replace(p, at=p.at + sum(len(own) for at, own in placed if at <= p.at)) for p in pictures[reached:])
    if inked and not blocks and pages.kind == "scan":
        findings.append(picture_unreadable(inked, "no_text"))
    nothing = pages.unreadable if failed or left or torn else "empty"
    return replace(
        pages,
        blocks=blocks,
        pictures=left,
        recognised=pages.recognised + spent,
        positioned=pages.positioned if pages.blocks or len(placed) != 1 else loose,
        unreadable="" if blocks else nothing,
        findings=(*pages.findings, *findings),
    )


def _recognize(
    number: int,
    picture: Picture,
    limits: Limits,
    failed: list[tuple[int, Exception]],
    torn: list[int],
    inked: list[int],
) -> tuple[list[SourcedPage], int]:
    """The pages of one picture (none of an icon or of a picture without text), and what they cost.

    ``inked``: gets the number of one that shows something, and no text.
    """
    cost = 0
    try:
        pixels = images.decode(_loaded(number, picture, failed), limits.pixels)
        if pixels.torn:
            torn.append(number)
        height, width = (side / pixels.scale for side in pixels.data.shape[:2])
        cost = _PAGE + int(height * width / _PIXELS)
        source = Source(picture.locator, picture.points, (width, height))
        done = recognize_pages(pixels)
        if not done and images.is_inked(pixels) and all(number != gone for gone, _ in failed):
            inked.append(number)
        return [(page, source) for page in done], cost + sum(page.text for page in done)
    except Exception as error:  # noqa: BLE001 - whatever the image, the document goes on without it
        if not (isinstance(error, images.ImageError) and error.reason == "too_small"):
            failed.append((number, error))
        return [], cost


def _loaded(number: int, picture: Picture, failed: list[tuple[int, Exception]]) -> bytes:
    """The bytes of a picture; one of which something is not seen has failed, and shows the rest."""
    try:
        return picture.source.load()
    except UnseenError as error:
        failed.append((number, error))
        return error.shown


def _blocks(
    found: Sequence[SourcedPage], *, whole: bool, failed: list[tuple[int, Exception]]
) -> tuple[list[Block], PositionedText | None]:
    """The blocks of pictures that follow each other, and their loose text; a photograph within a page gives none."""
    kept = [item for item in found if whole or item[1].points is not None or _is_text(item[0])]
    try:
        return blocks_of_pages(kept) if kept else ([], None)
    except Exception as error:  # noqa: BLE001 - a fault of ours costs these pictures and nothing else
        failed.append((0, error))
        return [], None


def _with_row_unread(blocks: list[Block]) -> list[Block]:
    """What a picture is torn off in: of the last row of a table that ends it nobody knows whether all of it is seen."""
    if not blocks or not isinstance(blocks[-1], Table):
        return blocks
    table = blocks[-1]
    last = max((cell.row + cell.rowspan for cell in table.cells), default=0)
    cells = tuple(
        replace(cell, text=cell.text + UNREAD)
        if cell.row + cell.rowspan == last and cell.colspan < table.cols
        else cell
        for cell in table.cells
    )
    return [*blocks[:-1], replace(table, cells=cells)]


def _is_text(page: RecognizedPage) -> bool:
    words = [p for p in page.lines if len(p.result.text) >= 6 and p.confidence > 0.5]
    in_cells = {p.cell for p in page.lines if p.cell >= 0 and p.result.text}
    return len(words) >= _FEW or len(in_cells) >= 6


def _merge_blocks(blocks: Sequence[Block], placed: Sequence[tuple[int, list[Block]]]) -> tuple[Block, ...]:
    """Blocks with those of the pictures before the block at which they stand; tables numbered anew."""
    done: list[Block] = []
    last = 0
    for at, own in sorted(placed, key=lambda item: item[0]):
        done += blocks[last:at]
        done += own
        last = max(last, at)
    done += blocks[last:]
    return number_tables(relocated(block, _without_number) for block in done)


def _without_number(locator: Mapping[str, object]) -> dict[str, object]:
    """A table may have another number than before."""
    return {key: value for key, value in locator.items() if key != "table"}


def _not_recognised_finding(first: int, last: int, bound: int) -> Finding:
    """Pictures, by number from 1, that were not recognised because those before them took all there was."""
    found = f"{first}-{last}"
    return finding("limit_reached", case="recognition", expected=bound, found=found, first=first, last=last)


def _unread_finding(failed: Sequence[tuple[int, Exception]], pictures: Sequence[Picture]) -> Finding:
    """Pictures by number (0: of no one) that could not be read, with the first reason, and their pages."""
    error = failed[0][1]
    # what a room of ours says is its own; libraries raise other errors, or kinds of this one
    own = isinstance(error, (images.ImageError, UnseenError)) or type(error) is ValueError
    reason = str(error) if own else images.error_code(error)
    numbers = list(dict.fromkeys(number for number, _ in failed if number))
    pages = [pictures[number - 1].locator.get("page") for number in numbers]
    return picture_unreadable(numbers, reason[:200], list(dict.fromkeys(page for page in pages if page is not None)))
