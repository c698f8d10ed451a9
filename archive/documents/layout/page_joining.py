"""Pages → blocks: page numbers and running heads dropped, tables and sentences over page breaks joined once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from archive.documents.layout.page import Page
from archive.documents.layout.page_blocks import Line, PlacedTable, build_paragraphs, lay_out, runs_on
from archive.documents.layout.ruled_grids import nearest_index
from archive.documents.model import Cell, Document, Limits, Paragraph, Table, number_tables
from archive.findings import finding
from storage.records import Finding

SAME_COLUMN = 4.0  # points: column lines of two pages no further apart are one
MAX_SHIFT = 40.0  # points: scans and bound pages shift a table sideways from page to page
OUTER_SHARE = 0.12  # of a page's height at its top and bottom: where running heads and page numbers stand
PAGE_NUMBER = re.compile(r"[\s—–\-－−一·第页共/,，]*\d{1,3}[\s—–\-－−一·第页共/,，\d]*|[—–\-\s]*[IVXivx]{1,5}[—–\-\s]*")
NUMBERED = re.compile(r"\s*[（(]?[一二三四五六七八九十\d]{1,3}\s*[)）、.．]")
FIGURE = re.compile(r"[-+\d,，.\s%]*\d[-+\d,，.\s%]*")

Item = Line | PlacedTable


def collect_pages(
    kind: str, count: int, read_page: Callable[[int], Page | None], title: str, limits: Limits
) -> Document:
    """Return the document of so many pages; ``read_page`` gives each by its number, None if it is damaged."""
    findings: list[Finding] = []
    pages: list[Page] = []
    lost: list[int] = []
    if count > limits.pages:
        findings.append(finding("limit_reached", bound="pages", expected=limits.pages))
    characters = 0
    for number in range(1, min(count, limits.pages) + 1):
        page = read_page(number)
        if page is None:
            lost.append(number)
            continue
        characters += len(page.glyphs)
        if characters > limits.characters:
            findings.append(finding("limit_reached", bound="characters_or_lines", expected=limits.characters))
            break
        pages.append(page)
    if lost:
        shown = ", ".join(map(str, lost[:20]))
        findings.append(finding("document_damaged", case="pages", pages=shown, count=len(lost)))
    images = [(page.number, image) for page in pages for image in page.images]
    if len(images) > limits.images:
        findings.append(finding("limit_reached", bound="images", expected=limits.images))
    laid_out: list[tuple[Page, list[Item]]] = []
    cells = 0
    for page in pages:
        items = lay_out(page)
        cells += sum(len(item.cells) for item in items if isinstance(item, PlacedTable))
        if cells > limits.cells:
            findings.append(finding("limit_reached", bound="cells", expected=limits.cells))
            break
        laid_out.append((page, items))
    placed = join_blocks(laid_out)
    blocks = number_tables(block for _, block in placed)
    starts = [number for number, _ in placed]
    return Document(
        kind,
        blocks,
        {"title": title} if title else {},
        title=title,
        images=tuple(replace(i, before=bisect_right(starts, number)) for number, i in images[: limits.images]),
        findings=tuple(findings),
        unreadable="" if blocks else "needs_ocr" if images else "damaged" if lost else "empty",
    )


def join_blocks(laid_out: Sequence[tuple[Page, list[Item]]]) -> list[tuple[int, Paragraph | Table]]:
    """Return all blocks in reading order, each with the number of the page on which it begins."""
    blocks: list[tuple[int, Paragraph | Table]] = []
    open_table: tuple[int, PlacedTable] | None = None  # ends the page before: its block and itself
    open_line: tuple[Line, tuple[float, float]] | None = None
    for page, items in _without_furniture(laid_out):
        margins = _margins(items)
        for first, group in _groups(items):
            if isinstance(group, PlacedTable):
                if first and open_table is not None and _continues(open_table[1], group):
                    at, upper = open_table
                    table = _join_tables(upper, group)
                    blocks[at] = blocks[at][0], replace(table.table(page), locator=blocks[at][1].locator)
                else:
                    at, table = len(blocks), group
                    blocks.append((page.number, table.table(page)))
                open_table, open_line = (at, table), None
                continue
            paragraphs = build_paragraphs(group, page, margins)
            last = blocks[-1][1] if blocks else None
            if first and open_line is not None and isinstance(last, Paragraph):
                line = open_line[0]
                if runs_on(line, group[0], (margins[0], open_line[1][1]), over_pages=True):
                    blocks[-1] = blocks[-1][0], replace(last, text=last.text + paragraphs.pop(0).text)
            blocks += [(page.number, paragraph) for paragraph in paragraphs]
            open_table, open_line = None, (group[-1], margins)
    return blocks


def _groups(items: Sequence[Item]) -> list[tuple[bool, PlacedTable | list[Line]]]:
    """Return tables and runs of lines between them, each with whether it stands first on its page."""
    groups: list[tuple[bool, PlacedTable | list[Line]]] = []
    for item in items:
        if isinstance(item, PlacedTable):
            groups.append((not groups, item))
        elif groups and isinstance(groups[-1][1], list):
            groups[-1][1].append(item)
        else:
            groups.append((not groups, [item]))
    return groups


def _margins(items: Sequence[Item]) -> tuple[float, float]:
    """Return the left and right edge of a page's text and tables: lines of a table without rulings have columns."""
    boxes = [item.box for item in items if isinstance(item, PlacedTable) or not item.has_columns]
    return min((box[0] for box in boxes), default=0.0), max((box[2] for box in boxes), default=0.0)


def _without_furniture(laid_out: Sequence[tuple[Page, list[Item]]]) -> list[tuple[Page, list[Item]]]:
    """Leave out page numbers, and lines that most pages repeat at their top or bottom."""
    outer = [[line for line in items if isinstance(line, Line) and _is_outer(line, page)] for page, items in laid_out]
    repeated = Counter(text for lines in outer for text in {_without_digits(line) for line in lines})
    done: list[tuple[Page, list[Item]]] = []
    for (page, items), lines in zip(laid_out, outer, strict=True):
        gone = {
            id(line)
            for line in lines
            if PAGE_NUMBER.fullmatch(line.text) or repeated[_without_digits(line)] > max(1, len(laid_out) / 2)
        }
        done.append((page, [item for item in items if id(item) not in gone]))
    return done


def _is_outer(line: Line, page: Page) -> bool:
    margin = OUTER_SHARE * page.height
    return line.box[3] < margin or line.box[1] > page.height - margin


def _without_digits(line: Line) -> str:
    return re.sub(r"[\d\s]+", "", line.text)


def _continues(upper: PlacedTable, lower: PlacedTable) -> bool:
    """Whether the column lines of two tables at a page break agree, from the left side of each."""
    if abs(upper.xs[0] - lower.xs[0]) > MAX_SHIFT:
        return False
    few, many = sorted((_from_left(upper.xs), _from_left(lower.xs)), key=len)
    same_sides = abs(few[0] - many[0]) <= SAME_COLUMN and abs(few[-1] - many[-1]) <= SAME_COLUMN
    return same_sides and all(min(abs(x - y) for y in many) <= SAME_COLUMN for x in few)


def _from_left(xs: Sequence[float]) -> list[float]:
    return [x - xs[0] for x in xs]


def _join_tables(upper: PlacedTable, lower: PlacedTable) -> PlacedTable:
    """Return one table on the columns of both; a row or a merged cell that the page break cuts is made whole."""
    shifted = tuple(x + upper.xs[0] for x in _from_left(lower.xs))
    lower = replace(lower, xs=shifted)
    xs = sorted([*upper.xs, *(x for x in shifted if min(abs(x - y) for y in upper.xs) > SAME_COLUMN)])
    first, second = _on_columns(upper, xs), _on_columns(lower, xs)
    ends = {(c.col, c.colspan): c for c in first.cells if c.row + c.rowspan == first.rows}
    begins = {(c.col, c.colspan): c for c in second.cells if c.row == 0}
    undrawn = first.below & second.above
    is_cut_row = _is_cut_row(ends, begins, first.full, open_ended=undrawn >= set(ends))
    if undrawn >= set(ends):  # Chromium draws no ruling at all at a page break
        undrawn = set()
    halves = {
        place: begins[place]
        for place, cell in ends.items()
        if place in begins and (is_cut_row or _are_halves(cell, begins[place], place in undrawn, place in first.full))
    }
    shift = first.rows - is_cut_row
    lower_parts = {id(ends[place]): lower for place, lower in halves.items()}
    joined = [
        c.go_on(part, c.rowspan + part.rowspan - is_cut_row) if (part := lower_parts.get(id(c))) else c
        for c in first.cells
    ]
    taken = {id(cell) for cell in halves.values()}
    joined += [replace(c, row=c.row + shift) for c in second.cells if id(c) not in taken]
    joined.sort(key=lambda cell: (cell.row, cell.col))
    return PlacedTable(joined, tuple(xs), shift + second.rows, lower.box, set(), second.below, second.full)


def _on_columns(table: PlacedTable, xs: Sequence[float]) -> PlacedTable:
    """Return the table with its columns counted on ``xs``."""
    if len(xs) == len(table.xs):
        return table
    places = [nearest_index(xs, x) for x in table.xs]
    cells = [
        replace(c, col=places[c.col], colspan=max(1, places[c.col + c.colspan] - places[c.col])) for c in table.cells
    ]
    above, below, full = (
        {(places[col], places[col + span] - places[col]) for col, span in edge}
        for edge in (table.above, table.below, table.full)
    )
    return PlacedTable(cells, tuple(xs), table.rows, table.box, above, below, full)


def _is_cut_row(
    ends: dict[tuple[int, int], Cell],
    begins: dict[tuple[int, int], Cell],
    full: set[tuple[int, int]],
    *,
    open_ended: bool,
) -> bool:
    """Whether the first row below is the rest of the last row above.

    Then each text below goes on with the text above it, and some text above has nothing below: labels that go on are
    evidence, figures only where no label stands below.
    """
    if set(ends) != set(begins):
        return False
    pairs = [(place, ends[place], begins[place]) for place in ends if ends[place].rowspan == begins[place].rowspan == 1]
    both = [(place, u, v) for place, u, v in pairs if u.text and v.text]
    labels = [(u, v) for _, u, v in pairs if v.text and not FIGURE.fullmatch(v.text)]
    if not pairs or not all(place in full and _is_like(u, v) for place, u, v in both):
        return False
    ends_above = any(u.text and not v.text for _, u, v in pairs)
    return open_ended or (ends_above and bool(both) and (not labels or any(u.text for u, _ in labels)))


def _is_like(upper: Cell, lower: Cell) -> bool:
    """Whether two texts are both figures, or both labels of which the lower one has no number."""
    if FIGURE.fullmatch(upper.text):
        return bool(FIGURE.fullmatch(lower.text))
    return not FIGURE.fullmatch(lower.text) and not NUMBERED.match(lower.text)


def _are_halves(upper: Cell, lower: Cell, is_open: bool, is_full: bool) -> bool:
    """Whether two cells at a page break are one merged cell: figures never are."""
    if FIGURE.fullmatch(upper.text) or FIGURE.fullmatch(lower.text):
        return False
    is_merged = bool(upper.text) and (upper.rowspan > 1 or lower.rowspan > 1)
    return is_open or (is_merged and (not lower.text or (is_full and _is_like(upper, lower))))
