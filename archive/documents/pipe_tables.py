"""Cells parted by pipes, as Markdown and converters of pages write them → the rows of a table.

* two pipes or more in a line: one row per line, Markdown's ``|---|`` left out
* one pipe at the end of a line, or alone: one cell per line, given as a table of one column, blanks kept; the pipes
  that fill a row up behind its last figure (``0 | ||``) are none
* one pipe behind a label, and its figures with pipes on the next line: one row
* tables of Markdown within one line, as those in a cell of another are written: their cells one by one, for where
  their rows end the line does not tell
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from archive.documents.pages import GridCell, Table

_RULE = frozenset(" \t\r\f\v\xa0\u3000|:-–—=+")  # what Markdown's |---|:--:| is made of
# Markdown: **0**, and what converters make of bold blanks typed before a heading (**　　一、**)
_STRONG = re.compile(r"(\*\*\*?|___?)(?![ \t\r\n])([^*_\n]{1,400}?)(?<![ \t\r\n])\1")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # Markdown: 1\.
_LINE_BREAK = re.compile(r"(?<![ \t])[ \t]*<br[ \t]*/?>[ \t]*", re.IGNORECASE)
_FIGURE = re.compile(r"[-+增减]?\d[\d,.]{0,20}\s?[\u4e00-\u9fff]{0,3}|[-—/无]")
_FIGURES = re.compile(rf"\s{{0,8}}(?:{_FIGURE.pattern})\s{{0,8}}\|\s{{0,8}}(?:{_FIGURE.pattern})?\s{{0,8}}\|.*\d")
_FILLED_UP = re.compile(rf"\s{{0,8}}(?:{_FIGURE.pattern})?\s{{0,8}}\|\s?\|[|\s]{{0,400}}$")
_PARTED = re.compile(r"(?:^|[|\n])\s{0,8}\d[\d,.]{0,20}\s{0,8}\|")
_CAPTIONED = re.compile(r"(?:^|\n)\s{0,8}第二十[条條]第.{1,4}[项項]\s{0,8}\|")  # over a part of the form's first table
_FIGURES_PARTED, _ROWS_PARTED, _LEAST = 5, 2, 2  # figures, or rows of at least two figures, that show a table
_WITHIN = re.compile(r"\|[ \t]\|(?:[ \t]?:?-{3,400}:?[ \t]?\|){2,200}[ \t]\|")  # a rule between two rows of its line
_RUN_TOGETHER = 60  # pipes of a line that holds a table
_APART = re.compile(r"[ \t\xa0\u3000]{2,}")
GAP = 3  #: lines a cell may be broken over

Rows = list[list[tuple[str, int]]]  #: texts of cells, each with the number of its line, from 1


class Piped(NamedTuple):
    """``end``: the line behind the table. ``took``: the line before the first belongs to it, as its first cell."""

    rows: Rows
    end: int
    took: bool = False


def piped(lines: Sequence[str], start: int, before: str = "", most: int = 200_000) -> Piped:
    """The table that begins in line ``start`` (from 0), which has a pipe. ``before``: the paragraph above it; ``most``:
    cells that may be kept, behind which rows are left out.
    """
    if _lone(lines[start]) and not _is_label(lines, start):
        return _cell_list(lines, start, before)
    rows: Rows = []
    at = start
    while at < len(lines) and "|" in lines[at] and "\t" not in lines[at]:
        label: list[tuple[str, int]] = []
        if at > start and _holds_tables(lines[at]):
            break
        if _lone(lines[at]):
            if not _is_label(lines, at):
                break
            label = [(unmarked(lines[at].strip(" |")), at + 1)]
            at += 1
        if most >= 0 and not _is_rule(lines[at]):
            rows.append([*label, *((unmarked(text.strip()), at + 1) for text in split(lines[at], most + 1))])
            most -= len(rows[-1])
        at += 1
    end = at if any(map(str.strip, lines[at : at + GAP])) else at - 1  # a text may break off in its last line
    if all(lines[n].rstrip().endswith("|") for n in range(start, end)):  # each ends its row, and begins no cell
        rows = [row[:-1] if not row[-1][0] and not _opens(lines[row[-1][1] - 1]) else row for row in rows]
    return Piped([row for row in rows if row], at)


def _is_rule(line: str) -> bool:
    """Whether a line is Markdown's rule below a header, with a pipe."""
    signs = set(line)
    return signs <= _RULE and "|" in signs and not signs.isdisjoint("-–—=")


def unmarked(text: str) -> str:
    """A text without Markdown's emphasis and escapes; its <br> are line breaks."""
    if "*" in text or "__" in text:
        text = _STRONG.sub(r"\2", text)
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text)
    return _LINE_BREAK.sub("\n", text) if "<" in text else text


def split(line: str, most: int = -1) -> list[str]:
    """What stands between the pipes of a line, of no more than ``most`` of them."""
    plain = line.strip().replace("\\|", "\u2502")
    if plain.startswith("|"):
        plain = plain[1:]
        plain = plain.removesuffix("|")
    return plain.split("|", most)


def rows_as_table(rows: Rows) -> Table | None:
    """Rows as a table whose fields may be shifted; None if there are none."""
    cells = tuple(
        GridCell(row=r, col=c, text=text.strip(" \t"), locator={"line": line})
        for r, row in enumerate(rows)
        for c, (text, line) in enumerate(row)
    )
    return Table(cells=cells, rows=len(rows), cols=max(map(len, rows)), ruled=False) if rows else None


def within(line: str) -> list[tuple[str, int]]:
    """What stands in a line that holds whole tables of Markdown, piece by piece, each with the number of blank cells
    before it; nothing of any other line.

    A blank cell has two blanks; one alone parts rows, or stands for what a merged cell covers.
    """
    if not _holds_tables(line):
        return []
    found: list[tuple[str, int]] = []
    blanks = 0
    for part in line.split("|"):
        if not (text := part.strip()):
            blanks += len(part) > 1
        elif not text.strip(":-"):
            blanks = 0  # above a rule stands the header, mostly a blank one
        else:
            for piece in _APART.split(text):
                found.append((unmarked(piece), blanks))
                blanks = 0
    return found


def _holds_tables(line: str) -> bool:
    return line.count("|") >= _RUN_TOGETHER and _WITHIN.search(line) is not None


def parts_figures(texts: Iterable[str]) -> bool:
    """Whether pipes part figures in a document, as converters write tables; they part the words of a menu, too.

    Where they stand behind the article on which a part of the form's table rests, they part its cells.
    """
    whole = "\n".join(texts)
    if _CAPTIONED.search(whole):
        return True
    if any(total >= _FIGURES_PARTED for total in accumulate(1 for _ in _PARTED.finditer(whole))):
        return True
    rows = (1 for line in whole.split("\n") if line.count("|") >= _LEAST and _is_row(line))
    return any(total >= _ROWS_PARTED for total in accumulate(rows))


def _is_row(line: str) -> bool:
    """Whether a line is a label and figures, and nothing else: the numbers of pages have words on both sides."""
    label, *others = (text.strip() for text in split(line))
    figures = [text for text in others if text]
    words = label != "" and _FIGURE.fullmatch(label) is None
    return words and len(figures) >= _LEAST and all(map(_FIGURE.fullmatch, figures))


def is_strokes(text: str) -> bool:
    """Whether a text is nothing but pipes, between cells that stand above and below it."""
    return "|" in text and not text.strip("| \t\xa0\u3000")


def _lone(line: str) -> bool:
    """One pipe, at the end of the line or alone: the mark between two cells that stand on lines of their own."""
    plain = line.strip()
    return plain.count("|") == 1 and plain.endswith("|")


def _fills_up(lines: Sequence[str], at: int) -> bool:
    """Whether the pipes of a line fill a row up whose cells stand on lines of their own: behind its last figure.

    That stands before them, or on the line above; behind a label alone they are its blank cells.
    """
    if _FILLED_UP.match(lines[at]) is None:
        return False
    above = lines[at - 1].strip(" |") if at and _lone(lines[at - 1]) else "?"
    return lines[at].strip(" |") != "" or above == "" or _FIGURE.fullmatch(above) is not None


def _is_label(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a label with a pipe behind it, whose figures stand on the next line, with pipes between."""
    if not _lone(lines[at]) or at + 1 >= len(lines) or _FIGURES.match(lines[at + 1]) is None:
        return False
    return lines[at].strip(" |") != "" and _FIGURE.fullmatch(lines[at].strip(" |")) is None


def _opens(line: str) -> bool:
    """Whether a line begins with a pipe: then that at its end was left out with it."""
    return line.lstrip().startswith("|")


def _cell_list(lines: Sequence[str], start: int, before: str) -> Piped:
    """Cells between lone pipes.

    The text before the first pipe is the line before it, nothing after the last belongs to them.
    """
    end, at = start, start
    while at < len(lines) and at - end <= GAP:
        if "|" in lines[at]:
            if (not _lone(lines[at]) and (at == start or not _fills_up(lines, at))) or _is_label(lines, at):
                break
            end = at
        at += 1
    took = not lines[start].strip(" |") and before != ""
    text, first = (before, start) if took else ("", start + 1)
    rows: Rows = []
    for at in range(start, end + 1):
        body = lines[at].replace("|", "").strip()
        text = f"{text}\n{body}" if text and body else text or body
        if _lone(lines[at]) or (body and "|" in lines[at]):
            rows.append([(text, first)])
            text, first = "", at + 2
    return Piped(rows, end + 1, took)
