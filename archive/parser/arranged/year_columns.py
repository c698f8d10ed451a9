"""Leave out the columns of other years beside this year's (上年, 2023年, 同比), as their headers name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from archive.documents.bounded_cache import Remembered
from archive.documents.pages import GridCell, Pages, Table
from archive.findings import finding
from archive.forms.spelling import LONGEST, simplify
from archive.parser.cells import Placement, with_flag
from archive.parser.other_years import mark_of
from archive.parser.text_classes import TextClasses, classes_of

_YEAR = r"(?:[上去前本今当]一?年度?|20\d\d年度?)"
_LINE = re.compile(rf"[(\[]?{_YEAR}(?:数据?|数量|件数|情况|合计|总计|同期)?[)\]]?")
_COMPARED = re.compile(
    r"(?:与?[上去]年)?(?:同比|比上年|增减|变化|增长|占比)(?:增减|变化|增长|情况|数|量|率|幅度?|比例?|%)*"
)
_WORDS = re.compile(rf"[(\[]?{_YEAR}[)\]]?")
_IN_BRACKETS = re.compile(rf"[(\[]{_YEAR}[)\]]")
_HINT = re.compile("年|同比|增|变化|占比")


class _YearHeader(NamedTuple):
    """What a header says of years: ``line``: nothing else; ``compared``: it compares; ``rest``: the column it names."""

    line: bool = False
    compared: bool = False
    rest: str = ""


_NOTHING = _YearHeader()


def _read_year_header(text: str) -> _YearHeader:
    plain = simplify(text)
    if not _HINT.search(plain):
        return _NOTHING
    classes = classes_of(text)
    if classes.value or classes.row is not None:
        return _NOTHING
    if _IN_BRACKETS.search(plain) and classes_of(rest := _IN_BRACKETS.sub("", plain)).columns:
        return _YearHeader(rest=rest)
    if classes.columns:
        return _NOTHING
    if _LINE.fullmatch(plain):
        return _YearHeader(line=True)
    if _COMPARED.fullmatch(plain):
        return _YearHeader(compared=True)
    if len(_WORDS.findall(plain)) == 1:
        for rest in (_WORDS.sub("", plain), _WORDS.sub("本年", plain)):
            if classes_of(rest).columns or _is_header(classes_of(rest)):
                return _YearHeader(rest=rest)
    return _NOTHING


def _is_caption(classes: TextClasses) -> bool:
    return classes.heading is not None and classes.heading.kind == "caption"


def _is_header(classes: TextClasses) -> bool:
    return classes.heading is not None and classes.heading.kind == "header"


_year_header = Remembered(_read_year_header, longest=LONGEST, most=4_096).__getitem__


@dataclass(frozen=True, slots=True)
class _Mark:
    """A header cell that speaks of a year: whether its columns are other than this year's; None: nobody can tell."""

    cell: GridCell
    other: bool | None
    rest: str


def speaks_of_years(pages: Pages) -> bool:
    """Whether a cell of a table says nothing but which year it is of, or how years compare."""
    texts = frozenset[str]().union(*[block.texts for block in pages.blocks if isinstance(block, Table)])
    return any([_year_header(text) is not _NOTHING for text in texts])  # noqa: C419 — a generator costs twice as much


def of_this_year(pages: Pages, year: int | None) -> Pages:
    """The document with tables that hold this year's columns alone; the same object where none speaks of several.

    ``year``: the year the document says it is of; without it only words like 上年 tell.
    """
    count = 0
    blocks = list(pages.blocks)
    for at, block in enumerate(blocks):
        if isinstance(block, Table) and (left := _without_other_years(block, year)) is not None:
            blocks[at] = left
            count += 1
    if not count:
        return pages
    told = finding("other_years_tables", case="columns", found=count)
    return replace(pages, blocks=tuple(blocks), findings=(*pages.findings, told))


def doubt_columns(pages: Pages, placed: Placement) -> None:
    """Doubt the cells of tables that still have columns of several years: nobody can tell which are this year's."""
    tables = {
        block.locator.get("table")
        for block in pages.blocks
        if isinstance(block, Table) and len({simplify(mark.cell.text) for mark in _marks(block, None)}) > 1
    }
    if tables:
        placed.cells = {
            name: with_flag(cell, "label_doubt") if cell.locator.get("table") in tables else cell
            for name, cell in placed.cells.items()
        }


def _without_other_years(table: Table, year: int | None) -> Table | None:
    """The table without other years' columns; None if it has none, or nobody can tell which they are."""
    marks = list(_marks(table, year))
    if not any(mark.other for mark in marks) or any(mark.other is None for mark in marks):
        return None
    starts = sorted(_starts(table, marks))
    tops = sorted(mark.cell.row for mark in marks if _is_across(table, mark.cell))
    left_out: set[int] = set()
    for mark in marks:
        first, end = mark.cell.col, mark.cell.col + mark.cell.colspan
        below = mark.cell.row + mark.cell.rowspan
        if not mark.other:
            continue
        across = _is_across(table, mark.cell)
        stop = next((row for row in (tops if across else starts) if row >= below), table.rows)
        left_out.add(id(mark.cell))
        for cell in table.cells:
            if not below <= cell.row < stop or cell.col >= end or cell.col + cell.colspan <= first:
                continue
            if cell.col < first or cell.col + cell.colspan > end:
                if classes_of(cell.text).number:
                    return None  # a figure over the border of a year
                continue
            left_out.add(id(cell))
    rests = {id(mark.cell): mark.rest for mark in marks}
    cells = [
        replace(cell, text=rests[id(cell)]) if id(cell) in rests else cell
        for cell in table.cells
        if id(cell) not in left_out
    ]
    return replace(table, cells=tuple(cells)) if any(classes_of(cell.text).number for cell in cells) else None


def _is_across(table: Table, cell: GridCell) -> bool:
    """Whether a cell lies over all columns: it speaks of all below it, up to the next such cell."""
    return cell.colspan >= table.cols > 1


def _starts(table: Table, marks: Sequence[_Mark]) -> Iterator[int]:
    """Rows with which another header begins, below figures."""
    marked = {mark.cell.row for mark in marks}
    filled = False
    for row, cells in table.by_row():
        cell_classes = [classes_of(cell.text) for cell in cells]
        if any(classes.number or (classes.row is not None and not classes.row.vague) for classes in cell_classes):
            filled = True
        elif filled and (
            row in marked
            or any(classes.corner or _is_header(classes) or _is_caption(classes) for classes in cell_classes)
        ):
            filled = False
            yield row


def _marks(table: Table, year: int | None) -> Iterator[_Mark]:
    """The header cells that speak of years: of rows without figures."""
    if all([_year_header(cell.text) is _NOTHING for cell in table.cells]):  # noqa: C419 — a generator takes twice as long
        return
    for _, cells in table.by_row():
        headers = [(cell, what) for cell in cells if (what := _year_header(cell.text)) is not _NOTHING]
        if not headers or any(classes_of(cell.text).number for cell in cells):
            continue
        for cell, what in headers:
            mark = mark_of(cell.text if what.line else _year_of_header(cell.text), year)
            yield _Mark(cell, True if what.compared else None if mark is None else mark == "former", what.rest)


def _year_of_header(text: str) -> str:
    """Which year a header says it is of; that in brackets behind 本年制发件数, which the form prints itself."""
    plain = simplify(text)
    found = _IN_BRACKETS.search(plain) or _WORDS.search(plain)
    return found.group() if found else ""
