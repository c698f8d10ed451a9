"""Flattened tables in running text → cells: each row of the form is found by its label, its figures stand behind it.

A text keeps no columns. So a row is placed only if as many values stand behind its label as the form has columns, or,
where digits run together, if the form's own sum allows exactly one way to cut them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from archive.forms.loader import form
from archive.forms.model import RowPlan, TablePlan
from archive.rebuilt.documents.model import Cell
from archive.rebuilt.parser.form_index import FormIndex
from archive.rebuilt.parser.labels import fold_widths
from archive.rebuilt.parser.placement import Assignment, PlacedCell, UnplacedRow, longest_ordered
from archive.rebuilt.parser.values import is_value

MAX_GLUED_DIGITS = 40  # digits of one row that run together; more cannot be cut in bounded time

_VALUE_TEXT = re.compile(r"(?:[\s|\d/+\-—－,.，]|[件项条元万亿无次增减](?![\u4e00-\u9fff]))*")
_NEXT_NUMBER = re.compile(r"[|\s]*\d[.．、][|\s]*$")  # the number of the next row's label (2.重复申请)
_EXPLANATION = re.compile(r"\s*[(（][^()（）]{1,200}[)）]")  # 规范性文件(指各行政机关印发的有正式文号的文件)
_SEPARATOR = re.compile(r"[\s|]+")
_NUMBERING = re.compile(r"(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|\d[.．、])\s*$")
_SENTENCE_MARKS = frozenset("，。；、：")
_GLUED = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _FlatRow:
    """A row as a text prints it: ``label`` and ``headers`` are folded.

    ``total`` is the index of the column that sums the others.
    """

    label: str
    place_ids: tuple[str, ...]
    order: int
    total: int | None
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _FoundRow:
    row: _FlatRow
    line: int
    text: str
    values: tuple[str, ...] | None
    doubts: tuple[str, ...]


def place_text(text: str, assignment: Assignment) -> None:
    """Place the rows that stand in running text and whose table printed no cell elsewhere."""
    placed_tables = {assignment.index.form.places[place].table for place in assignment.placed}
    found = [row for row in _find_rows(text, assignment.index) if _table(row, assignment.index) not in placed_tables]
    ordered = longest_ordered([row.row.order for row in found])
    for number, one in enumerate(found):
        cells = tuple(_cell(value, one.line) for value in one.values or (one.text,))
        if one.values is None:
            assignment.unplaced.append(UnplacedRow("columns", cells))
        elif number not in ordered:
            assignment.unplaced.append(UnplacedRow("order", cells))
        elif one.row.place_ids[0] in assignment.placed:
            assignment.unplaced.append(UnplacedRow("repeated", cells))
        else:
            for place, cell in zip(one.row.place_ids, cells, strict=True):
                assignment.placed[place] = PlacedCell(place, cell, one.doubts)


def _table(found: _FoundRow, index: FormIndex) -> str:
    return index.form.places[found.row.place_ids[0]].table


def _cell(text: str, line: int) -> Cell:
    return Cell(0, 0, 1, 1, text, {"line": line})


def _find_rows(text: str, index: FormIndex) -> Iterator[_FoundRow]:
    """Yield every label of the form behind which a figure stands, with that figure's row."""
    folded, positions = _fold(text)
    by_label = _flat_rows(index.form.name)
    for match in re.finditer("|".join(re.escape(label) for label in sorted(by_label, key=len, reverse=True)), folded):
        start = positions[match.end() - 1] + 1
        explanation = _EXPLANATION.match(text, start)
        values = _VALUE_TEXT.match(text, explanation.end() if explanation else start)
        if values is None:
            continue
        row = by_label[match[0]]
        printed = _NEXT_NUMBER.sub("", values[0]) if _is_letter(text, values.end()) else values[0]
        if _has_cells(printed, row) and not _is_prose(text, positions[match.start()], values.end()):
            line = text.count("\n", 0, start) + 1
            doubts = () if all(header in folded[: match.start()] for header in row.headers) else ("order_only",)
            yield _FoundRow(row, line, printed.strip(), _split_values(printed, row), doubts)


def _has_cells(text: str, row: _FlatRow) -> bool:
    """Whether figures stand behind a label, or as many strokes as a row without figures has cells."""
    return any(char.isdigit() for char in text) or text.count("|") > len(row.place_ids)


def _is_letter(text: str, position: int) -> bool:
    return text[position : position + 1].isalpha()


def _is_prose(text: str, start: int, end: int) -> bool:
    """Whether a label stands inside a sentence: punctuation stands before the label or behind its figures."""
    before = _NUMBERING.sub("", text[max(0, start - 8) : start]).rstrip()
    return text[end : end + 1] in _SENTENCE_MARKS or before[-1:] in _SENTENCE_MARKS


def _fold(text: str) -> tuple[str, list[int]]:
    """Return the text without blanks and separators, and for each character its position in the text."""
    chars: list[str] = []
    positions: list[int] = []
    for position, char in enumerate(text):
        for one in fold_widths(char).replace("|", ""):
            chars.append(one)
            positions.append(position)
    return "".join(chars), positions


def _split_values(text: str, row: _FlatRow) -> tuple[str, ...] | None:
    """Return one text for each column of a row, or None where that is not certain."""
    wanted = len(row.place_ids)
    words = [word for word in _SEPARATOR.split(text) if word]
    if len(words) == wanted and all(is_value(word) for word in words):
        return tuple(words)
    cells = _split_at_pipes(text)
    if len(cells) == wanted and all(is_value(cell) for cell in cells):
        return tuple(cells)
    if len(words) == 1 and _GLUED.fullmatch(words[0]) and row.total is not None:
        return _cut_by_sum(words[0], wanted, row.total)
    return None


def _split_at_pipes(text: str) -> list[str]:
    """Return the cells between strokes, blank ones too; the stroke behind the label and the last one part nothing."""
    cells = [cell.strip() for cell in text.split("|")]
    return cells[1:-1] if len(cells) > 2 and not cells[0] and not cells[-1] else cells


def _cut_by_sum(digits: str, columns: int, total: int) -> tuple[str, ...] | None:
    """Return the only way to cut digits into columns of which one is the sum of the others, or None."""
    if len(digits) > MAX_GLUED_DIGITS or total != columns - 1:
        return None
    ways: list[tuple[str, ...]] = []
    for first in range(columns - 1, len(digits)):
        last = digits[first:]
        if len(last) > 1 and last.startswith("0"):
            continue
        ways.extend((*parts, last) for parts in _cut_parts(digits[:first], columns - 1, int(last)))
        if len(ways) > 1:
            return None
    return ways[0] if ways else None


def _cut_parts(digits: str, parts: int, total: int) -> Iterator[tuple[str, ...]]:
    """Yield the ways to cut digits into so many numbers without leading zeros whose sum is ``total``."""
    if parts == 1:
        if (digits == "0" or not digits.startswith("0")) and int(digits) == total:
            yield (digits,)
        return
    for end in range(1, len(digits) - parts + 2):
        number = int(digits[:end])
        if number > total or (end > 1 and digits[0] == "0"):
            break
        for rest in _cut_parts(digits[end:], parts - 1, total - number):
            yield (digits[:end], *rest)


@cache
def _flat_rows(form_name: str) -> dict[str, _FlatRow]:
    """Return the rows of a form by each folded label that they have in print."""
    rows: dict[str, _FlatRow] = {}
    order = 0
    for table in form(form_name).tables:
        if table.layout == "strip":
            row = _strip_row(table, order)
            rows[row.label] = row
            order += 1
            continue
        for plan in table.rows:
            for label in (plan.label, *plan.variants):
                flat = _FlatRow(
                    _without_number(fold_widths(label)), plan.place_ids, order, _total_column(plan), _headers(plan)
                )
                rows.setdefault(flat.label, flat)
            order += 1
    return rows


def _without_number(label: str) -> str:
    return re.sub(r"^(?:[(][一二三四五六七八九十]+[)]|[一二三四五六七八九十]+、|\d+\.)", "", label)


def _strip_row(table: TablePlan, order: int) -> _FlatRow:
    """Return all values of a strip as one row behind the headers of its last block."""
    places = tuple(place for row in table.rows for place in row.place_ids)
    headers = "".join(fold_widths(column.label) for column in table.rows[-1].columns)
    return _FlatRow(headers, places, order, None, ())


def _headers(plan: RowPlan) -> tuple[str, ...]:
    """Return the labels of the columns, without what brackets explain: all of them must stand above the row."""
    return tuple(re.sub(r"[(].*", "", fold_widths(column.label)) for column in plan.columns)


def _total_column(plan: RowPlan) -> int | None:
    kinds: Sequence[str] = [column.kind for column in plan.columns]
    return kinds.index("printed_sum") if "printed_sum" in kinds else None
