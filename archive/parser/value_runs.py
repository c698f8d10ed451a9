"""A run of values without drawn columns → the ways to give each column of a row its value.

Separators decide first, then the count, then the sums of the row: digits that run together are cut only where a sum
allows it. Several ways are all returned: the sums over rows may settle them (``placement``), else the row is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from archive.forms.rows import FormRow
from archive.parser.values import is_value

MAX_CUTS = 20_000  # steps of the search for ways to cut digits; what needs more is reported
MAX_WAYS = 300  # ways that are kept; sums over rows hardly settle more

_SEPARATOR = re.compile(r"[\s|]+")
_NUMBERS = re.compile(r"[+-]?\d+")
_NEXT_ROW = re.compile(r"\|[^\S\n]*\n[^\S\n]*\|[^\S\n]*\Z")
_LINE_END = re.compile(r"\n[ \t]*\Z")
_NEXT_LINE = re.compile(r"\A[^\S\n]*\|[^\S\n]*\n[^\S\n]*\|")
_GLUED = re.compile(r"[+-]?0\d")  # no number begins so

Way = tuple[str | None, ...]  # the text of each column; None: not printed


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways to read a run, and the flags that its cells then have."""

    texts: tuple[Way, ...] = ()
    doubts: tuple[str, ...] = ()


def find_ways(run: str, row: FormRow, *, is_cut: bool = False) -> Ways:
    """Return the ways to read a run as the values of a row. ``is_cut``: the document ends with it."""
    wanted = len(row.place_ids)
    run = _NEXT_LINE.sub("|", run) if row.span > 1 else run  # the headers of a strip stand in a line of their own
    words = [word for word in _SEPARATOR.split(run) if word]
    cells = _split_at_strokes(run)
    if not words:
        return Ways((("",) * wanted,)) if not run or len(cells) >= wanted else Ways()
    if all(map(is_value, words)) and not any(map(_GLUED.match, words)):
        if len(words) == wanted:
            return _check_lines(run, row, (tuple(words),))
        if len(cells) == wanted and all(map(is_value, cells)):
            ways = _check_lines(run, row, (tuple(cells),))
            return ways if "|" in run else replace(ways, doubts=("order_only",))  # a tab may belong to the label
        if is_cut and 1 < len(words) < wanted:  # changtu_dept_2021: the stored page ends in a row
            return Ways(((*words, *(None,) * (wanted - len(words))),), ("order_only",))
        if len(words) == 1 and len(cells) > 1 and cells[0] == words[0] and not is_cut:
            # zuoshui_fenghuang_2021: one value in the first of several cells, perhaps merged ones
            return Ways(((words[0], *(None,) * (wanted - 1)),), ("merged_value",))
    return _cut(words, row)


def _check_lines(run: str, row: FormRow, texts: tuple[Way, ...]) -> Ways:
    """Doubt values that stand side by side below their label, or in lines with blank ones between some of them.

    Values of several lines, side by side in one of them, are those of more than one row.
    """
    counts = [len(_SEPARATOR.sub(" ", line).split()) for line in run.split("\n")]
    filled = [number for number, count in enumerate(counts) if count]
    if max(counts) > 1 and len(filled) > 1:
        return Ways()
    is_apart = not counts[0] and max(counts) > 1 and row.span == 1
    is_uneven = "|" not in run and len({after - before for before, after in pairwise([0, *filled])}) > 1
    return Ways(texts, ("order_only",) if is_apart or is_uneven else ())


def _split_at_strokes(run: str) -> list[str]:
    """Return the cells between strokes or tabs, blank ones too; what stands before the first of them is none.

    Strokes and tabs before the next row's label are not of this row. Behind the last stroke no cell stands; behind the
    last tab one does where the line ends.
    """
    run, is_line_end = _LINE_END.subn("", _NEXT_ROW.sub("|", run))
    cells = [cell.strip() for cell in re.split(r"[|\t]", run.strip(" \n"))]
    cells = cells[1:] if len(cells) > 1 and not cells[0] else cells
    is_cell = cells[-1] or (is_line_end and run.rstrip(" \n").endswith("\t"))
    return cells if is_cell or len(cells) == 1 else cells[:-1]


def _cut(words: list[str], row: FormRow) -> Ways:
    """Cut digits that run together. Without a sum only what can be no number of its own is cut: 007, 35-15."""
    run, wanted = "".join(words), len(row.place_ids)
    pieces = [piece for word in words for piece in _NUMBERS.findall(word)]
    is_glued = len(words) == 1 or (row.sums and any(map(_GLUED.match, words)))  # pingtan_2019_flat: 230 000023
    if "".join(pieces) != run or not is_glued:
        return Ways()
    ways = _list_ways(pieces, wanted, row.sums)
    if len(ways) == 1 and not row.sums and len(pieces) == 1 and not _GLUED.match(run):
        return Ways()  # 102 may be one figure, the others blank
    is_plain = run == "0" * wanted or (row.sums and sum(map(str.isdigit, run)) == wanted)
    return Ways(ways, () if is_plain else ("cut_by_sums",))


def _list_ways(pieces: list[str], wanted: int, sums: Mapping[int, tuple[int, ...]]) -> tuple[Way, ...]:
    """Return the ways to cut pieces into so many numbers without leading zeros that keep the sums; none if too many."""
    steps = 0

    def go_on(numbers: tuple[str, ...], piece: int, start: int) -> Iterator[Way]:
        nonlocal steps
        steps += 1
        at = len(numbers)
        if steps > MAX_CUTS or (at and not _keeps_sum(numbers, sums)):
            return
        if at == wanted:
            yield from (numbers,) if piece == len(pieces) else ()
            return
        if piece == len(pieces) or wanted - at < len(pieces) - piece:
            return
        text = pieces[piece]
        sign = 1 if start == 0 and text[0] in "+-" else 0
        last = start + sign + 1 if text[start + sign] == "0" else len(text)
        for end in range(start + sign + 1, last + 1):
            following = (piece, end) if end < len(text) else (piece + 1, 0)
            yield from go_on((*numbers, text[start:end]), *following)

    ways: list[Way] = []
    for way in go_on((), 0, 0):
        ways.append(way)
        if len(ways) > MAX_WAYS:
            return ()
    return tuple(ways) if steps <= MAX_CUTS else ()


def _keeps_sum(numbers: tuple[str, ...], sums: Mapping[int, tuple[int, ...]]) -> bool:
    """Whether the last number is the sum that it should be; a sum that stands before its parts is not looked at."""
    parts = sums.get(len(numbers) - 1, ())
    return not parts or max(parts) >= len(numbers) or sum(int(numbers[part]) for part in parts) == int(numbers[-1])
