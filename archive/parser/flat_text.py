"""Flattened tables in running text → printed rows: each row is found by its label, its figures stand behind it.

A text keeps no columns; ``value_runs`` tells which value belongs to which. A label counts only where a piece of the
text begins with it: behind a line end, a stroke, a figure or another label of the form. Inside a sentence it is prose.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, lru_cache, partial

from archive.documents.model import Cell
from archive.forms.labels import PINYIN, fold_widths, keep_letters, label_key
from archive.forms.loader import form as form_of
from archive.forms.rows import MONEY, FormRow, FormRows, rows_of_forms
from archive.parser.headers import HeaderLines, Lines, find_unit, names_columns, without_unnamed_columns
from archive.parser.placement import Fit, PrintedRow
from archive.parser.table_rows import FUZZY_CUTOFF, MIN_FUZZY_CHARS
from archive.parser.value_runs import find_ways

MIN_BARE_ROWS = 5  # rows of labels without any figure that stand in a row: fewer are words of a text
MAX_LOOSE_CHARS = 120  # of a row between rows of a list
MAX_FILLED_ROWS = 1  # rows with a figure in such a form; with more, figures stand apart from their labels

_UNIT_END = r"(?![\u4e00-\u9fff])|(?=[一二三四五六七八九十]+、|第二十条)"
_RUN = re.compile(
    rf"(?:[\s|\d/+\-—－,.，]|(?:万元|亿元|[件项条元万亿次宗])(?:{_UNIT_END})|[增减无](?![\u4e00-\u9fff]))*"
)
_NUMBERING = re.compile(r"(?:[（(]?[一二三四五六七八九十]+[、）)]|\d[.．、])[\s|]*$")
_LOOSE_ROW = re.compile(r"[\u4e00-\u9fff]\D*\d[\d\s|]*$")  # a row of a list that the form does not have
_NUMBERED_LABEL = re.compile(r"\d[.．、][\s|]*[^\W\d_]")
_OF_WHICH = re.compile(r"其中[:：]?[\s|]*$")
_NEXT_NUMBERING = re.compile(r"其中|[（(]?[一二三四五六七八九十]+[、）)]|[（(【]|$")
_PAGE_NUMBER = re.compile(r"^[^\S\n]*[—-][^\S\n]?\d{1,4}[^\S\n]?[—-][^\S\n]*$", re.MULTILINE)
_EXPLANATION = re.compile(r"[^\S\n]*[(（][^()（）]{3,200}[)）]")  # 规范性文件(指各行政机关印发的有正式文号的文件)
_CLOSING = re.compile(r"[”\"’』」）)]*")  # belong to the label before them
_PROSE_MARKS = frozenset("，。；、：,;:")
_BEGINNERS = frozenset("|）)无/-—")


def find_text_rows(
    text: str, first_line: int, headers: HeaderLines, index: FormRows, *, is_last: bool, doubts: tuple[str, ...] = ()
) -> Iterator[PrintedRow]:
    """Yield every row of the form whose label begins a piece of the text and behind which values or blanks stand.

    ``doubts``: flags of each cell, as of a text that was recognised.
    """
    read_to, line, length, part = 0, first_line, len(text.rstrip()), ""
    text = _PAGE_NUMBER.sub(lambda match: "\n" * len(match[0]), text)
    for found in _select(list(_find_labels(text, index.form.name))):
        between = text[read_to : found.start]
        headers.add(between.split("\n"))
        if found.row.units and found.row.part == part and _LOOSE_ROW.search(between[-MAX_LOOSE_CHARS:]):
            yield PrintedRow((Cell(0, 0, 1, 1, between.strip(), {"line": line}),), "", None, lambda _: Fit())
        part = found.row.part
        value_at = found.end - len(found.run.lstrip())
        place: dict[str, object] = {"line": line + text.count("\n", read_to, value_at)}
        cell = Cell(0, 0, 1, 1, found.run.strip(), place, doubts=doubts)
        line += text.count("\n", read_to, found.end)
        read_to = found.end
        lines = headers.over_row(found.row)
        row = without_unnamed_columns(found.row, lines)
        is_cut = is_last and found.end >= length
        yield PrintedRow((cell,), found.row.labels[0], row, partial(_fit, found, cell, is_cut, lines))
    headers.add(text[read_to:].split("\n"))


def _fit(found: _FoundLabel, cell: Cell, is_cut: bool, lines: tuple[Lines, ...], row: FormRow) -> Fit:
    """Return how the values behind a label fit a row."""
    ways = find_ways(found.run, row, is_cut=is_cut)
    named = names_columns(row, lines)
    if named is False:
        return Fit()
    may_go_on = is_cut and cell.text[-1:].isdigit()  # liwan_fgj_2020: the stored page ends in a figure
    doubts = (
        *found.doubts, *ways.doubts, *(() if named else ("order_only",)), *(("label_doubt",) if may_go_on else ())
    )  # fmt: skip
    texts = tuple(tuple(None if text is None else replace(cell, text=text) for text in way) for way in ways.texts)
    unit = found.unit if found.unit in MONEY else find_unit(row, lines[0])
    return Fit(texts, tuple(dict.fromkeys(doubts)), unit)


@dataclass(frozen=True, slots=True)
class _FoundLabel:
    """A label of a row in a text and the run behind it; no run: the label stands alone in its line."""

    row: FormRow
    start: int
    end: int
    run: str
    doubts: tuple[str, ...] = ()
    unit: str = ""


def _find_labels(text: str, form_name: str) -> Iterator[_FoundLabel]:
    folded, positions = _fold(text)
    by_label, pattern = _labels(form_name)
    exact = [(positions[m.start()], positions[m.end() - 1] + 1, m[0]) for m in pattern.finditer(folded)]
    near = set(_find_misprints(text, form_name, [start for start, _, _ in exact]))
    matches = sorted([*exact, *near])
    end = 0
    for number, (start, label_end, label) in enumerate(matches):
        if start < end:  # a label inside an explanation (wuhan_sthjj_2020: 含行政确认、行政奖励、…)
            continue
        before, end = end, label_end + len(_CLOSING.match(text, label_end)[0])  # type: ignore[index]  # empty too
        if explained := _EXPLANATION.match(text, end):
            end = explained.end()
        row = by_label.get(label)
        if row is None or not _begins_piece(text, start, before):
            continue
        unit = re.compile(rf"[\s|]*({'|'.join(row.units)})").match(text, end) if row.units else None
        end = unit.end() if unit else end
        following = next((matches[at][0] for at in range(number + 1, len(matches)) if matches[at][0] >= end), len(text))
        run = _RUN.match(text, end, following)[0]  # type: ignore[index]  # it matches the empty text too
        tail = re.search(r"\d[.．]?[\s|]*$", run)  # perhaps the number of the next label (2.重复申请, 2、网上申请数)
        if tail and _NUMBERED_LABEL.match(text, end + tail.start()):
            run = run[: tail.start()]
        is_header = row.span > 1 or (label in _column_labels(form_name) and not _NUMBERING.search(text[before:start]))
        doubts = ("label_doubt",) if (start, label_end, label) in near else ()
        if any(map(str.isdigit, run)) or (not is_header and re.search(r"[|\t/]|无", run)):
            if _is_whole(text, end + len(run), following, run):
                yield _FoundLabel(row, start, end + len(run), run, doubts, unit[1] if unit else "")
        elif not doubts and (not is_header or label in row.last_block) and re.match(r"\s*(?:\n|$)", text[end:]):
            yield _FoundLabel(row, start, end, "")


def _find_misprints(text: str, form_name: str, exact: list[int]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and label of cells that are nearly a label (suijiang_huiyi_2021: 行政事业型收费)."""
    labels = [label for label in _labels(form_name)[0] if len(label) >= MIN_FUZZY_CHARS]
    beginnings = {label[:2] for label in labels}
    for match in re.finditer(r"[^|\t\n]{6,60}", text):
        cell = label_key(match[0])
        is_likely = cell[:2] in beginnings and bisect_left(exact, match.start()) == bisect_left(exact, match.end())
        if is_likely and (near := get_close_matches(cell, labels, n=1, cutoff=FUZZY_CUTOFF)):
            yield match.start(), match.start() + len(match[0].rstrip()), near[0]


def _select(found: list[_FoundLabel]) -> list[_FoundLabel]:
    """Drop the labels without a run, unless the form was left empty: then a lone figure is its row's first value.

    xiongxian_township_2019 and jiaxian_tan_2022: a stored page of a blank form keeps its labels only.
    """
    filled = [one for one in found if one.run]
    if len(found) - len(filled) < MIN_BARE_ROWS or len(filled) > MAX_FILLED_ROWS:
        return filled
    blanks = {one.start: f"|{one.run.strip()}{'|' * len(one.row.place_ids)}" for one in filled}
    return [replace(one, run=blanks.get(one.start, ""), doubts=("order_only",)) for one in found]


def _begins_piece(text: str, start: int, label_end: int) -> bool:
    """Whether a label, with its number, stands behind another label, a line end, a stroke, a figure or a bracket."""
    between = text[label_end:start]
    before = _OF_WHICH.sub("", _NUMBERING.sub("", between[-12:] if len(between) > 12 else between))
    if not before or before.isspace() or "\n" in before[len(before.rstrip()) :]:
        return True
    last = before[-1]
    return last.isspace() or last.isdigit() or last in _BEGINNERS


def _is_whole(text: str, end: int, following: int, run: str) -> bool:
    """Whether a run ends where a piece of the text ends: otherwise it is part of a sentence."""
    rest = text[end : end + 8].lstrip()
    if run.rstrip()[-1:] in _PROSE_MARKS or rest[:1] in _PROSE_MARKS:
        return False
    at_piece = end >= following or run[-1:].isspace() or run[-1:] == "|" or rest == ""
    return at_piece or _NEXT_NUMBERING.match(rest) is not None or not rest[0].isalpha() or "\n" in text[end : end + 1]


def _fold(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of the text, and for each its position in it."""
    chars: list[str] = []
    positions: list[int] = []
    crumbs = {at for match in PINYIN.finditer(text) for at in range(*match.span())}
    for position, char in enumerate(text):
        if position in crumbs:
            continue
        for one in _letters(char):
            chars.append(one)
            positions.append(position)
    return "".join(chars), positions


@lru_cache(maxsize=8_192)
def _letters(char: str) -> str:
    return keep_letters(fold_widths(char))


@cache
def _labels(form_name: str) -> tuple[dict[str, FormRow], re.Pattern[str]]:
    """Return the rows of a form by their labels in running text, and a pattern of all its labels, the longest first."""
    rows = rows_of_forms()[form_name].rows
    by_label = {label: row for row in reversed(rows) for label in (*row.labels, *row.last_block)}
    captions = {keep_letters(block.caption) for table in form_of(form_name).tables for block in table.blocks}
    groups = {group for row in rows for group in row.groups}
    known = {*by_label, *captions, *groups, *_column_labels(form_name)}
    return by_label, re.compile("|".join(sorted(known, key=len, reverse=True)))


@cache
def _column_labels(form_name: str) -> frozenset[str]:
    columns = [column for row in rows_of_forms()[form_name].rows for column in row.columns]
    return frozenset(label_key(label) for column in columns for label in (column.label, *column.variants))
