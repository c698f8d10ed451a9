"""The text of a page as browsers give it (``innerText``), where the cells of its tables hold paragraphs → their rows.

Between two cells of a row stands a tab; a paragraph is set off by an empty line, a ``<div>`` by a new line. So what
parts two cells is a line with nothing but a tab (several where cells are empty), and what parts two rows are two empty
lines or more (after cells of ``<div>`` one is enough, as nothing sets off what stands within these). Cells without
paragraphs stand in the same line as their tab, and the end of such a line ends the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

from archive.documents.pipe_tables import Rows

_LOOK = 120  # lines in which such tabs are looked for
_LEAST = 2  # such tabs
_BREAK = (2, 4)  # empty lines between two tabs, of <div> and paragraphs, around a cell that is but a line break
_TEXTS = 12  # lines without a tab on end; more are no table's
_LONGEST = 400  # characters of a cell's line
_FIGURE = re.compile(r"[-+−－＋增减]?\d[\d,.，]{0,20}(?<![.、])\s?(?:万?元|[件个条])?|[-—–/－]{1,3}|无")
_SECTION = re.compile(r"\s{0,8}[一二三四五六七八九十]{1,2}\s?[、.．]\s?\S.{3,60}?(?P<end>情况|事项)?\s{0,8}")


class InnerText(NamedTuple):
    """``end``: the line behind the table. ``took``: the line before the first belongs to it, as its first cell."""

    rows: Rows
    end: int
    took: bool


@dataclass(slots=True)
class _TextLine:
    """A line with something in it: its number from 0, and the empty ones before it."""

    at: int
    text: str
    gap: int
    tabbed: bool


def innertext(lines: Sequence[str], start: int, most: int) -> InnerText | None:
    """The table whose first tab stands in line ``start`` (from 0), of at most ``most`` cells; None if it is none."""
    style = _style(lines, start)
    if style is None:
        return None
    begun = start
    if not lines[start].split("\t", 1)[0].strip(" "):
        begun = next((at for at in range(start - 1, max(start - 3, -1), -1) if lines[at].strip(" ")), start)
    table_rows, end = _Rows(style, most), start + 1
    for line, behind in pairwise(chain(_table_lines(lines, begun), [None])):
        assert line is not None
        if table_rows.over(line, behind):
            return InnerText(table_rows.rows, line.at, begun < start)
        table_rows.add(line)
        end = line.at + 1
    return InnerText(table_rows.rows, end, begun < start)


def _style(lines: Sequence[str], start: int) -> int | None:
    """How many empty lines may stand within a cell: 1 (paragraphs), 0 (``<div>``); None if no tabs stand alone."""
    apart = close = beside = 0
    for at in range(start, min(len(lines) - 1, start + _LOOK)):
        line = lines[at]
        if "\t" not in line:
            continue
        if line.strip(" \t"):
            beside += line.find("\t", len(line) - len(line.lstrip(" \t"))) > 0  # text before a tab
        elif at and _is_text(lines[at - 1]) and _is_text(lines[at + 1]):
            close += 1
        elif at > 1 and not lines[at - 1].strip(" ") and _is_text(lines[at - 2]) and not lines[at + 1].strip(" "):
            apart += 1
    if apart + close < max(_LEAST, beside):
        return None
    return int(apart >= close)


def _is_text(line: str) -> bool:
    return "\t" not in line and "|" not in line and line.strip(" ") != ""


def _table_lines(lines: Sequence[str], begun: int) -> Iterator[_TextLine]:
    """The lines with something in them, up to the last cell behind the last tab."""
    waiting: list[_TextLine] = []  # lines behind a tab: there may be another below
    gap, last = 0, ""
    for at in range(begun, len(lines)):
        text = lines[at].strip(" ")
        if not text:
            gap += 1
            continue
        if len(waiting) > _TEXTS or len(text) > _LONGEST or "|" in text:
            break
        waiting.append(_TextLine(at, text, gap, "\t" in text))
        gap = 0
        if waiting[-1].tabbed:
            last = text
            yield from waiting
            waiting = []
    if waiting and last.endswith("\t") and waiting[0].gap <= 1 and not _SECTION.fullmatch(waiting[0].text):
        yield waiting[0]


@dataclass(slots=True)
class _Rows:
    """The rows so far. ``within``: empty lines that may stand within a cell; ``most``: cells that may still be made."""

    within: int
    most: int
    rows: Rows = field(default_factory=list)
    last: _TextLine | None = None

    def over(self, line: _TextLine, behind: _TextLine | None) -> bool:
        """Whether the table is over before a line. ``behind``: the line behind it.

        A text right below a figure is no more of its cell. The heading of a section stands alone, at less than the
        distance of two rows or with the end that the headings of reports have.
        """
        if self.last is None or line.tabbed:
            return False
        if not self._begins(line, self.last) and _FIGURE.fullmatch(self.rows[-1][-1][0].strip()):
            return _FIGURE.fullmatch(line.text.strip()) is None
        match = _SECTION.fullmatch(line.text)
        alone = behind is not None and not behind.tabbed
        return match is not None and alone and (line.gap <= 1 or match["end"] is not None)

    def add(self, line: _TextLine) -> None:
        """A line of the table: it begins a row, or goes on with the one before."""
        if self.most <= 0:
            return
        if self.last is None or self._begins(line, self.last):
            self.rows.append([("", line.at + 1)])
            self.most -= 1
        self.last = line
        row = self.rows[-1]
        for i, text in enumerate(line.text.split("\t", self.most)):
            if i:
                row.append((text, line.at + 1))
                self.most -= 1
            elif text:
                before, first = row[-1]
                row[-1] = (f"{before}\n{text}", first) if before else (text, line.at + 1)

    def _begins(self, line: _TextLine, last: _TextLine) -> bool:
        """Whether a line begins a row: by the empty lines before it, which a blank cell has as well."""
        if last.tabbed and not last.text.endswith("\t"):
            return True
        if not line.text.startswith("\t"):
            return line.tabbed or line.gap > (1 if last.tabbed and self.within else self.within)
        if last.tabbed:
            return line.gap > 1 and line.gap != _BREAK[self.within]
        return line.gap > self.within
