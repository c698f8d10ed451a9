"""Leave out tables and rows of another year printed beside this year's, by their labels, never by their figures."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from archive.documents.pages import Pages, Paragraph, Table
from archive.findings import finding
from archive.forms.spelling import simplify
from archive.parser.rows import Row
from archive.parser.sections import section_key
from storage.records import Finding

Mark = Literal["former", "current"]

_LONGEST = 40  # characters; a label is no sentence
_FORMER = re.compile(r"[上去]年|[上前]一年|往年")
_CURRENT = re.compile(r"[本今当]年")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_COMPARES = re.compile(r"同比|增减|变化|增长|占比")
_LABEL = re.compile(
    r"(?:[上去前本今当]一?年度?|20\d\d年?度?|同比|增减|变化|增长|占比)(?:数据?|数量|件数|情况|合计|总计|比例|率)?"
)
_NUMBER = re.compile(r"^\s*(?:附?[表件])?\s?\d{1,2}(?:[-－—.．]\d{1,2})?(?=\s)")  # of a table, before its year
_NAMES = re.compile(  # of one table, or a remark on what it is for (供对比): neither speaks of another year
    r"(?<=收到)[和与](?=处理)|(?<=复议)[和与](?=(?:行政)?诉讼)|[(（][^()（）年]{0,6}(?:对比|比较|对照)[^()（）年]{0,4}[)）]"
)
_SAYS_MORE = re.compile(r"[。；;]|结转|[比较增减与和]|报告")  # figures of both years, or what came over from the other


def tables_of_other_years(pages: Pages, rows: Sequence[Row], year: int | None) -> frozenset[int]:
    """Numbers (from 1) of the tables that another one labelled, or left unlabelled, as this year's stands for.

    ``year``: the year the document says it is of; None leaves only labels like 上年. A table with a row that stands
    nowhere else is never among them.
    """
    rows_of = _rows_of_tables(rows)
    marks = _marks(pages, year)
    former = {number for number in rows_of if marks.get(number) == "former"}
    this_year = rows_of.keys() - former
    current = {number for number in this_year if marks.get(number) == "current"}
    unlabelled = this_year - current
    return frozenset(
        {number for number in former if rows_of[number] <= _all(rows_of, this_year)}
        | {number for number in unlabelled if rows_of[number] <= _all(rows_of, current)}
    )


def is_of_a_year(row: Row) -> bool:
    """Whether a row has nothing but a year for its label (2021年, 上年度), or says how the year compares (同比)."""
    return row.kind == "data" and row.hit is None and bool(row.lead) and _LABEL.fullmatch(row.lead) is not None


def without_rows_of_other_years(rows: Sequence[Row], year: int | None) -> tuple[list[Row], int]:
    """The rows but those labelled as another year's or as a comparison, and how many these were.

    A row labelled as this year's needs no label any more: it is the row of its table.
    """
    current: list[Row] = []
    for row in rows:
        if not is_of_a_year(row):
            current.append(row)
        elif not _COMPARES.search(row.lead) and (mark := mark_of(row.lead, year)) != "former":
            current.append(replace(row, lead="") if mark == "current" else row)
    return current, len(rows) - len(current)


def tables_left_out(count: int, rows: int = 0) -> Finding:
    """Make the finding that so many tables of other years, or else so many rows, were left out."""
    return finding("other_years_tables", case="tables" if count else "rows", found=count or rows)


def _rows_of_tables(rows: Sequence[Row]) -> Mapping[int, set[str]]:
    """By table, the rows of the form in it, and the headers, which are all that tells 复议 and 诉讼."""
    rows_of: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.table > 0 and (row.hit is not None or row.kind != "data"):
            rows_of[row.table].add(row.hit.key if row.hit is not None else "|".join(row.texts))
    return rows_of


def _all(held: Mapping[int, set[str]], numbers: Collection[int]) -> set[str]:
    return set().union(*(held[number] for number in numbers))


def _marks(pages: Pages, year: int | None) -> dict[int, Mark]:
    """What labels say of the tables below them: each holds up to the next one, or to a heading of the form."""
    found: dict[int, Mark] = {}
    mark: Mark | None = None
    number = 0
    for block in pages.blocks:
        if isinstance(block, Paragraph):
            if not block.furniture:
                own = mark_of(block.text, year)
                heading = section_key(block.text) != ""  # 本年 in one is said of the section, not of one table of two
                mark = (own if own == "former" else None) if heading else own or mark
            continue
        number += 1
        own = mark_of(_top(block), year) or mark
        if own is not None:
            found[number] = own
    return found


def _top(table: Table) -> str:
    """The text of a first row that is one cell."""
    first = [cell.text for cell in table.cells[:2] if cell.row == 0]
    return first[0] if len(first) == 1 else ""


def mark_of(text: str, year: int | None) -> Mark | None:
    """Which year a label speaks of; None if it is no label, or speaks of several."""
    if len(text) > _LONGEST:
        return None
    plain = _NAMES.sub("", simplify(_NUMBER.sub("", text)))
    if _SAYS_MORE.search(plain):
        return None
    marks: set[Mark] = set()
    if _FORMER.search(plain):
        marks.add("former")
    if _CURRENT.search(plain):
        marks.add("current")
    for printed in map(int, _YEAR.findall(plain)):
        if year is not None and printed <= year:
            marks.add("former" if printed < year else "current")
    return marks.pop() if len(marks) == 1 else None
