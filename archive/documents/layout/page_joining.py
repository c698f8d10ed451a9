"""Join pages into blocks: drop page numbers and running heads, join tables and sentences across page breaks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from archive.documents.layout.page import PageContent
from archive.documents.layout.page_blocks import GlyphLine, Item, PlacedTable, build_paragraphs, lay_out, runs_on
from archive.documents.layout.ruled_grids import nearest_index
from archive.documents.model import Document, Limits, Paragraph, Table, TableCell, number_tables
from archive.findings import finding

SAME_COLUMN = 4.0  # points: column lines of two pages no further apart are the same column
MAX_SHIFT = 40.0  # points by which scans and bound pages shift a table sideways from page to page
OUTER_SHARE = 0.12  # of a page's height, at its top and bottom: running heads and page numbers are printed there
PAGE_NUMBER = re.compile(r"[\s—–\-－−一·第页共/,，]*\d{1,3}[\s—–\-－−一·第页共/,，\d]*|[—–\-\s]*[IVXivx]{1,5}[—–\-\s]*")
NUMBERED = re.compile(r"\s*[（(]?[一二三四五六七八九十\d]{1,3}\s*[)）、.．]")
FIGURE = re.compile(r"[-+\d,，.\s%]*\d[-+\d,，.\s%]*")


def collect_pages(
    kind: str, count: int, read_page: Callable[[int], PageContent | None], title: str, limits: Limits
) -> Document:
    """Return the document of ``count`` pages, a "scan" if they hold only pictures. ``read_page`` returns a page by its
    number, None if it is damaged. Damaged pages, and all after a limit is passed, are left out, with a finding.
    """
    bounds = {
        "pages": limits.pages, "characters_or_lines": limits.characters, "cells": limits.cells, "images": limits.images,
    }  # fmt: skip
    used = Counter(pages=count)
    laid_out: list[tuple[PageContent, list[Item]]] = []
    lost: list[str] = []
    for number in range(1, min(count, limits.pages) + 1):
        page = read_page(number)
        if page is None:
            lost.append(str(number))
            continue
        items = lay_out(page)
        used["characters_or_lines"] += len(page.glyphs)
        used["cells"] += sum(len(item.cells) for item in items if isinstance(item, PlacedTable))
        used["images"] += len(page.images)
        if used["characters_or_lines"] > limits.characters or used["cells"] > limits.cells:
            break
        laid_out.append((page, items))
    findings = [finding("limit_reached", bound=key, expected=most) for key, most in bounds.items() if used[key] > most]
    if lost:
        findings.append(finding("document_damaged", case="pages", pages=", ".join(lost[:20]), count=len(lost)))
    placed = join_blocks(laid_out)
    starts = [number for number, _ in placed]
    images = [replace(image, before=bisect_right(starts, page.number)) for page, _ in laid_out for image in page.images]
    has_only_pictures = {page.is_picture for page, _ in laid_out if page.images} == {True}
    is_scan = has_only_pictures and not placed and len(laid_out) == count
    return Document(
        "scan" if is_scan else kind,
        number_tables(block for _, block in placed),
        {"title": title} if title else {},
        title=title,
        images=tuple(images[: limits.images]),
        findings=tuple(findings),
        unreadable="" if placed else "needs_ocr" if images else "damaged" if lost else "empty",
    )


def join_blocks(laid_out: Sequence[tuple[PageContent, list[Item]]]) -> list[tuple[int, Paragraph | Table]]:
    """Return all blocks in reading order, each with its first page; those that a page break cut are joined."""
    blocks: list[tuple[int, Paragraph | Table]] = []
    open_table: PlacedTable | None = None  # the table that ends the page before; it is the last block
    open_line: tuple[GlyphLine, float] | None = None  # the line that ends the page before, and its page's right margin
    for page, items in _without_furniture(laid_out):
        left, right = _margins(items)
        for number, item in enumerate(items):
            start, last = blocks[-1] if blocks and number == 0 else (0, None)
            if isinstance(item, PlacedTable):
                if open_table is not None and last is not None and _continues(open_table, item):
                    open_table = _join_tables(open_table, item)
                    blocks[-1] = start, Table(tuple(open_table.cells))
                else:
                    open_table = item
                    blocks.append((page.number, Table(tuple(item.cells))))
                open_line = None
                continue
            paragraphs = build_paragraphs(item, page, (left, right))
            goes_on = open_line and runs_on(open_line[0], item[0], (left, open_line[1]))
            if goes_on and isinstance(last, Paragraph):
                blocks[-1] = start, replace(last, text=last.text + paragraphs.pop(0).text)
            blocks += [(page.number, paragraph) for paragraph in paragraphs]
            open_table, open_line = None, (item[-1], right)
    return blocks


def _margins(items: Sequence[Item]) -> tuple[float, float]:
    """Return the left and right edge of a page's text and tables; lines with columns are ignored."""
    boxes = [item.box for item in items if isinstance(item, PlacedTable)]
    boxes += [line.box for item in items if isinstance(item, list) for line in item if not line.has_columns]
    return min((box[0] for box in boxes), default=0.0), max((box[2] for box in boxes), default=0.0)


def _without_furniture(laid_out: Sequence[tuple[PageContent, list[Item]]]) -> list[tuple[PageContent, list[Item]]]:
    """Remove page numbers, and lines that most pages repeat at their top or bottom."""
    repeated: Counter[str] = Counter()
    for page, items in laid_out:
        lines = [line for item in items if isinstance(item, list) for line in item]
        repeated.update({_without_digits(line.text) for line in lines if _is_outer(line, page)})
    most = max(1, len(laid_out) / 2)

    def is_text(line: GlyphLine, page: PageContent) -> bool:
        is_furniture = repeated[_without_digits(line.text)] > most or PAGE_NUMBER.fullmatch(line.text)
        return not (_is_outer(line, page) and is_furniture)

    pages: list[tuple[PageContent, list[Item]]] = []
    for page, items in laid_out:
        rest = (one if isinstance(one, PlacedTable) else [line for line in one if is_text(line, page)] for one in items)
        pages.append((page, [item for item in rest if item]))
    return pages


def _is_outer(line: GlyphLine, page: PageContent) -> bool:
    margin = OUTER_SHARE * page.height
    return line.box[3] < margin or line.box[1] > page.height - margin


def _without_digits(text: str) -> str:
    return re.sub(r"[\d\s]+", "", text)


def _continues(upper: PlacedTable, lower: PlacedTable) -> bool:
    """Return whether ``lower`` continues ``upper``: their column lines agree, measured from the left of each table."""
    few, many = sorted(([x - table.xs[0] for x in table.xs] for table in (upper, lower)), key=len)
    same_place = abs(upper.xs[0] - lower.xs[0]) <= MAX_SHIFT and abs(few[-1] - many[-1]) <= SAME_COLUMN
    return same_place and all(min(abs(x - y) for y in many) <= SAME_COLUMN for x in few)


def _join_tables(upper: PlacedTable, lower: PlacedTable) -> PlacedTable:
    """Join two tables on the columns of both; a row or merged cell that the page break divided becomes one again."""
    shifted = [x - lower.xs[0] + upper.xs[0] for x in lower.xs]
    xs = sorted([*upper.xs, *(x for x in shifted if min(abs(x - y) for y in upper.xs) > SAME_COLUMN)])
    _set_columns(upper.cells, upper.xs, xs)
    _set_columns(lower.cells, shifted, xs)
    ends = {(cell.col, cell.colspan): cell for cell in upper.cells if cell.row + cell.rowspan == upper.rows}
    begins = {(cell.col, cell.colspan): cell for cell in lower.cells if cell.row == 0}
    pairs = [(ends[place], cell) for place, cell in begins.items() if place in ends]
    is_cut_row = ends.keys() == begins.keys() and _is_cut_row(pairs)
    shift = upper.rows - is_cut_row
    halves = {id(end): begin for end, begin in pairs if is_cut_row or _are_halves(end, begin)}
    lower_halves = set(map(id, halves.values()))
    joined = [
        cell.go_on(other, cell.rowspan + other.rowspan - is_cut_row) if (other := halves.get(id(cell))) else cell
        for cell in upper.cells
    ]
    for cell in lower.cells:
        cell.row += shift
    joined += [cell for cell in lower.cells if id(cell) not in lower_halves]
    joined.sort(key=lambda cell: (cell.row, cell.col))
    return PlacedTable(joined, tuple(xs), shift + lower.rows, lower.box)


def _set_columns(cells: Iterable[TableCell], own: Sequence[float], xs: Sequence[float]) -> None:
    """Change the column numbers of cells: from ``own``, the column lines of their table, to ``xs``."""
    at = [nearest_index(xs, x) for x in own]
    for cell in cells:
        cell.col, cell.colspan = at[cell.col], max(1, at[cell.col + cell.colspan] - at[cell.col])


def _is_cut_row(pairs: Iterable[tuple[TableCell, TableCell]]) -> bool:
    """Return whether the first row below the page break is the rest of the last row above it: each text below can
    continue the text above it, one does, and some cell with text above is empty below. Labels below need one above.
    """
    pairs = [(upper, lower) for upper, lower in pairs if upper.rowspan == lower.rowspan == 1]
    labels = [upper.text for upper, lower in pairs if lower.text and not FIGURE.fullmatch(lower.text)]
    return (
        all(_is_like(*pair) for pair in pairs)
        and any(upper.text and lower.text for upper, lower in pairs)
        and any(upper.text and not lower.text for upper, lower in pairs)
        and (not labels or any(labels))
    )


def _is_like(upper: TableCell, lower: TableCell) -> bool:
    """Return whether the lower text can continue the upper: both are figures, or labels and the lower unnumbered."""
    if not (upper.text and lower.text):
        return True
    is_figure = FIGURE.fullmatch(lower.text) is not None
    return is_figure if FIGURE.fullmatch(upper.text) else not is_figure and not NUMBERED.match(lower.text)


def _are_halves(upper: TableCell, lower: TableCell) -> bool:
    """True if two cells at a page break are one merged cell; figures are never halves."""
    if FIGURE.fullmatch(upper.text) or FIGURE.fullmatch(lower.text):
        return False
    return bool(upper.text) and (upper.rowspan > 1 or lower.rowspan > 1) and _is_like(upper, lower)
