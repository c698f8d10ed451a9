"""Find rows of the form in running text that was once a table: a label of the form, and the figures that follow it.

A label counts only if the figures behind it end a piece of text; inside a sentence it is prose.
Text has no columns. Separators decide which value belongs to which column, else the number of values, else the sums of
the row: digits that run together are cut only where a sum allows it. If several ways are possible, all are returned:
``placement`` chooses one by the sums over rows, or reports the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import islice

from archive.documents.model import Locator, Paragraph, TableCell
from archive.forms.labels import PINYIN, fold_widths, keep_letters
from archive.forms.loader import form as form_of
from archive.forms.model import MONEY_UNIT, Form, RowPlan
from archive.parser.headers import HeaderLines, Lines, fit_by_count, without_unnamed_columns
from archive.parser.placement import Fit, PrintedRow
from archive.parser.values import is_value

MIN_BARE_ROWS = 5  # labels without a figure that show a form left blank; fewer are words of prose
MAX_LOOSE_CHARS = 120  # characters in front of a label in which an unknown row of a list is looked for
MAX_CUTS = 20_000  # steps of the search for ways to cut digits; a row that needs more is reported
MAX_WAYS = 300  # ways to cut a row; sums over rows could hardly choose among more
MAX_FILLED_ROWS = 1  # rows with a figure in a form left blank; with more, the figures are separated from their labels

_CHINESE_NUMBERING = "[（(]?[一二三四五六七八九十]+[、）)]"
_UNIT_END = r"(?![\u4e00-\u9fff])|(?=[一二三四五六七八九十]+、|第二十条)"
_RUN = re.compile(
    rf"(?:[\s|\d/+\-—－,.，]|(?:{MONEY_UNIT}|[件项条万亿次宗])(?:{_UNIT_END})|[增减无](?![\u4e00-\u9fff]))*"
)
_NUMBERING = re.compile(rf"(?:{_CHINESE_NUMBERING}|\d[.．、])[\s|]*$")
_LOOSE_ROW = re.compile(r"[\u4e00-\u9fff]\D*\d[\d\s|]*$")  # a row of a list that the form does not have
_NUMBERED_LABEL = re.compile(r"\d[.．、][\s|]*[^\W\d_]")
_NEXT_NUMBERING = re.compile(rf"其中|{_CHINESE_NUMBERING}|[（(【]|$")
_PAGE_NUMBER = re.compile(r"^[^\S\n]*[—-][^\S\n]?\d{1,4}[^\S\n]?[—-][^\S\n]*$", re.MULTILINE)
_EXPLANATION = re.compile(r"[^\S\n]*[(（][^()（）]{3,200}[)）]")  # 规范性文件(指各行政机关印发的有正式文号的文件)
_REST_OF_LINE = re.compile(r"\s*(?:\n|$)")
_CLOSING = re.compile(r"[”\"’』」）)]*")  # closing marks belong to the label before them
_PROSE_MARKS = frozenset("，。；、：,;:")
_SEPARATOR = re.compile(r"[\s|]+")
_NUMBERS = re.compile(r"[+-]?\d+")
_LINE_END = re.compile(r"\n[ \t]*\Z")
_GLUED = re.compile(r"[+-]?0\d")  # no number begins with 0 and a digit: these are two numbers

Texts = tuple[str | None, ...]  # the text of each column of a row; None: not printed
Ways = tuple[tuple[Texts, ...], tuple[str, ...]]  # all ways to read the text behind a label, and the flags of its cells
NO_WAY: Ways = ((), ())


def find_text_rows(
    blocks: Sequence[Paragraph], headers: HeaderLines, form: Form, *, is_last: bool
) -> Iterator[PrintedRow]:
    """Yield the rows of the form in a text: a label, followed by values or blanks. Text between rows goes to
    ``headers``; figures between two rows of one list are yielded as a row without a label, lest they are lost.
    Its locator is that of the paragraph with the values. ``is_last``: the document ends with ``blocks``.
    """
    whole = "\n".join(block.text for block in blocks)
    locators = [block.locator for block in blocks for _ in block.text.split("\n")]
    text = _PAGE_NUMBER.sub(lambda match: "\n" * len(match[0]), whole)
    read_to, length = 0, len(text.rstrip())
    block: tuple[str, int] | None = None
    for label in _select(list(_find_labels(text, form.name))):
        between = text[read_to : label.start]
        headers.add(between.split("\n"))
        value_at = label.end - len(label.run.lstrip())
        cell = _make_cell(label.run, locators[whole.count("\n", 0, value_at)])
        if label.row.printed_units and label.row.block_key == block and _LOOSE_ROW.search(between[-MAX_LOOSE_CHARS:]):
            yield PrintedRow((_make_cell(between, cell.locator),), "", None, lambda _: Fit())
        block = label.row.block_key
        read_to = label.end
        lines = headers.over_row(label.row)
        row = without_unnamed_columns(label.row, lines)
        is_cut = is_last and label.end >= length
        fit = partial(_fit, label, cell, is_cut, lines)
        yield PrintedRow((cell,), label.row.labels[0], row, fit)
    headers.add(text[read_to:].split("\n"))


def _make_cell(text: str, locator: Locator) -> TableCell:
    doubts = ("low_confidence",) if "confidence" in locator else ()
    return TableCell(0, 0, 1, 1, text.strip(), dict(locator), doubts=doubts)


def _fit(label: _TextLabel, cell: TableCell, is_cut: bool, lines: tuple[Lines, ...], row: RowPlan) -> Fit:
    """Return how the values behind a label fit ``row`` under header ``lines``. ``is_cut``: the document ends there."""
    ways, flags = find_ways(label.run, row, is_cut=is_cut)
    cells = tuple(tuple(None if text is None else replace(cell, text=text) for text in way) for way in ways)
    fit = fit_by_count(cells, row, lines, label.unit, flags)
    may_go_on = is_cut and cell.text[-1:].isdigit()  # liwan_fgj_2020: the stored page ends in a figure
    return replace(fit, doubts=tuple(dict.fromkeys((*label.doubts, *fit.doubts, *["label_doubt"] * may_go_on))))


@dataclass(frozen=True, slots=True)
class _TextLabel:
    """A label of ``row`` in a text and ``run``, the values behind it as printed; "": the label is alone in its line."""

    row: RowPlan
    start: int
    end: int
    run: str
    doubts: tuple[str, ...] = ()
    unit: str = ""


def _find_labels(text: str, form_name: str) -> Iterator[_TextLabel]:
    """Yield the form's labels in ``text`` with the values behind each, and row labels that end a line (a blank row),
    but for those in explanations, headers and sentences.
    """
    letters = list(map(_letters, PINYIN.sub(lambda crumb: " " * len(crumb[0]), text)))
    by_label, pattern = _labels(form_name)
    labels = list(pattern.finditer("".join(letters)))
    positions = [at for at, some in enumerate(letters) for _ in some] if labels else []
    matches = [(positions[one.start()], positions[one.end() - 1] + 1, one[0]) for one in labels]
    end = 0
    for number, (start, label_end, label) in enumerate(matches):
        if start < end:  # a label inside an explanation (wuhan_sthjj_2020: 含行政确认、行政奖励、…)
            continue
        before, end = end, label_end + len(_CLOSING.match(text, label_end)[0])  # type: ignore[index]  # empty too
        if explained := _EXPLANATION.match(text, end):
            end = explained.end()
        row = by_label.get(label)
        if row is None:
            continue
        unit = re.compile(rf"[\s|]*({'|'.join(row.printed_units)})").match(text, end) if row.printed_units else None
        end = unit.end() if unit else end
        following = next((matches[at][0] for at in range(number + 1, len(matches)) if matches[at][0] >= end), len(text))
        run = _RUN.match(text, end, following)[0]  # type: ignore[index]  # it matches the empty text too
        tail = re.search(r"\d[.．]?[\s|]*$", run)  # perhaps the number of the next label (2.重复申请, 2、网上申请数)
        if tail and _NUMBERED_LABEL.match(text, end + tail.start()):
            run = run[: tail.start()]
        is_header = row.span > 1 or (label in _column_labels(form_name) and not _NUMBERING.search(text[before:start]))
        is_end = label == row.labels[-1] if row.span > 1 else not is_header
        if any(map(str.isdigit, run)) or (not is_header and re.search(r"[|\t/]|无", run)):
            if _is_whole(text, end + len(run), following, run):
                yield _TextLabel(row, start, end + len(run), run, unit=unit[1] if unit else "")
        elif is_end and _REST_OF_LINE.match(text, end):
            yield _TextLabel(row, start, end, "")


def _select(labels: list[_TextLabel]) -> list[_TextLabel]:
    """Return the labels with values; of a form left blank all labels: then a lone figure is its row's first
    value (xiongxian_township_2019, jiaxian_tan_2022: pages that store only labels).
    """
    filled = [one for one in labels if one.run]
    if len(labels) - len(filled) < MIN_BARE_ROWS or len(filled) > MAX_FILLED_ROWS:
        return filled
    blanks = {one.start: f"|{one.run.strip()}{'|' * len(one.row.place_ids)}" for one in filled}
    return [replace(one, run=blanks.get(one.start, ""), doubts=("order_only",)) for one in labels]


def _is_whole(text: str, end: int, following: int, run: str) -> bool:
    """True if the values in ``run`` end where a piece of text ends; otherwise they are part of a sentence."""
    rest = text[end : end + 8].lstrip()
    if run.rstrip()[-1:] in _PROSE_MARKS or rest[:1] in _PROSE_MARKS:
        return False
    at_piece = end >= following or run[-1:].isspace() or run[-1:] == "|" or rest == ""
    return at_piece or _NEXT_NUMBERING.match(rest) is not None or not rest[0].isalpha() or "\n" in text[end : end + 1]


@lru_cache(maxsize=8_192)
def _letters(char: str) -> str:
    """Return the folded letters and digits of a character, "" for any other one."""
    return keep_letters(fold_widths(char))


@cache
def _labels(form_name: str) -> tuple[dict[str, RowPlan], re.Pattern[str]]:
    """Return the rows of a form by their labels in running text, and a pattern of all its labels, the longest first."""
    rows = form_of(form_name).printed_rows
    by_label = {label: row for row in reversed(rows) for label in row.labels}
    captions = set(map(keep_letters, form_of(form_name).captions))
    groups = {group for row in rows for group in row.group_keys}
    texts = {*by_label, *captions, *groups, *_column_labels(form_name)}
    return by_label, re.compile("|".join(sorted(texts, key=len, reverse=True)))


@cache
def _column_labels(form_name: str) -> frozenset[str]:
    return frozenset().union(*(row.columns_by_key for row in form_of(form_name).printed_rows))


# --------------------------------------------------------------------------------------------------- runs of values


def find_ways(run: str, row: RowPlan, *, is_cut: bool) -> Ways:
    """Return the ways to read ``run``, the text behind a label, as the values of ``row`` (in each way one text a
    column, None if it is not printed), and flags for its cells. ``is_cut``: the document ends with ``run``.
    """
    width = len(row.place_ids)
    words = [word for word in _SEPARATOR.split(run) if word]
    cells = _split_at_strokes(run)
    while len(words) > 1 and len(cells) > width and not cells[-1]:  # 61.150.65.235: || for the rest of a spanned column
        cells.pop()
    if not words:
        return ((("",) * width,), ()) if not run or len(cells) >= width else NO_WAY
    if all(map(is_value, words)) and not any(map(_GLUED.match, words)):
        if len(words) == width:
            return _check_lines(run, row, (tuple(words),))
        if len(cells) == width and all(map(is_value, cells)):
            ways, doubts = _check_lines(run, row, (tuple(cells),))
            is_sure = "|" in run or "\n\t" in run  # a tab on the same line may belong to the label
            return ways, doubts if is_sure else ("order_only",)
        if is_cut and 1 < len(words) < width:  # changtu_dept_2021: the stored page ends in a row
            return ((*words, *(None,) * (width - len(words))),), ("order_only",)
        if len(words) == 1 and len(cells) > 1 and cells[0] == words[0] and not is_cut:
            # zuoshui_fenghuang_2021: one value in the first of several cells, perhaps merged ones
            return ((words[0], *(None,) * (width - 1)),), ("merged",)
    return _cut(words, row)


def _check_lines(run: str, row: RowPlan, texts: tuple[Texts, ...]) -> Ways:
    """Return ``texts``, with a doubt if the values stand below the label, side by side; no way if several lines have
    values.
    """
    counts = [len(_SEPARATOR.sub(" ", line).split()) for line in run.split("\n")]
    if max(counts) > 1 and sum(map(bool, counts)) > 1:
        return NO_WAY
    is_apart = not counts[0] and max(counts) > 1 and row.span == 1
    return texts, ("order_only",) if is_apart else ()


def _split_at_strokes(run: str) -> list[str]:
    """Split a run at strokes and tabs into cells; a blank before the first one, or after the last, is none (but after a
    tab that ends a line).
    """
    run, is_line_end = _LINE_END.subn("", run)
    cells = [cell.strip() for cell in re.split(r"[|\t]", run.strip(" \n"))]
    cells = cells[1:] if len(cells) > 1 and not cells[0] else cells
    is_cell = cells[-1] or (is_line_end and run.rstrip(" \n").endswith("\t"))
    return cells if is_cell or len(cells) == 1 else cells[:-1]


def _cut(words: list[str], row: RowPlan) -> Ways:
    """Return the ways to cut the figures of a row that run together, as its table was lost: 532 is 5 = 3 + 2. Without
    sums in the row, a lone way counts only if it cannot be one number: 007, 35-15; of several (1234), sums over rows
    choose later. Flagged ``cut_by_sums`` unless all figures are 0 or, with sums, each has one digit.
    """
    run, width, sums = "".join(words), len(row.place_ids), sums_of(row)
    pieces = [piece for word in words for piece in _NUMBERS.findall(word)]
    is_glued = len(words) == 1 or (sums and any(map(_GLUED.match, words)))  # pingtan_2019_flat: 230 000023
    if "".join(pieces) != run or not is_glued:
        return NO_WAY
    ways = _list_ways(pieces, width, sums)
    if len(ways) == 1 and not sums and len(pieces) == 1 and not _GLUED.match(run):
        return NO_WAY  # 102 may be one figure, the others blank
    is_plain = run == "0" * width or (sums and sum(map(str.isdigit, run)) == width)
    return ways, () if is_plain else ("cut_by_sums",)


def _list_ways(pieces: list[str], width: int, sums: Mapping[int, tuple[int, ...]]) -> tuple[Texts, ...]:
    """Return the ways to cut pieces of digits into ``width`` numbers without leading zeros that obey ``sums``
    (:func:`sums_of`); () if too many.
    """
    steps = 0

    def go_on(numbers: tuple[str, ...], piece: int, start: int) -> Iterator[Texts]:
        """Yield the ways that begin with ``numbers`` (if sums hold) and go on at character ``start`` of a piece."""
        nonlocal steps
        steps += 1
        at = len(numbers)
        if steps > MAX_CUTS or (at and not _keeps_sum(numbers, sums)):
            return
        if at == width:
            yield from (numbers,) if piece == len(pieces) else ()
            return
        if piece == len(pieces) or width - at < len(pieces) - piece:
            return
        text = pieces[piece]
        sign = 1 if start == 0 and text[0] in "+-" else 0
        last = start + sign + 1 if text[start + sign] == "0" else len(text)
        for end in range(start + sign + 1, last + 1):
            following = (piece, end) if end < len(text) else (piece + 1, 0)
            yield from go_on((*numbers, text[start:end]), *following)

    ways = tuple(islice(go_on((), 0, 0), MAX_WAYS + 1))
    return ways if steps <= MAX_CUTS and len(ways) <= MAX_WAYS else ()


def _keeps_sum(numbers: tuple[str, ...], sums: Mapping[int, tuple[int, ...]]) -> bool:
    """True if the last number is the sum of its parts; also if it is no sum, or its parts come after it."""
    parts = sums.get(len(numbers) - 1, ())
    return not parts or max(parts) >= len(numbers) or sum(int(numbers[part]) for part in parts) == int(numbers[-1])


@lru_cache(maxsize=256)
def sums_of(row: RowPlan) -> Mapping[int, tuple[int, ...]]:
    """Return for each column that is a sum of other columns of the row: its index → the indexes of these."""
    at = {name: number for number, name in enumerate(row.place_ids)}
    rules = [rule for rule in form_of(row.form).identities if len(rule.left) == 1 and at.keys() >= {*rule.places}]
    return {at[rule.places[0]]: tuple(at[name] for name in rule.places[1:]) for rule in rules}
