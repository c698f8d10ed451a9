"""Lines in which several rows of a table ran together, cells parted by pipes or tabs → their cells one by one.

A page whose line ends were lost is one such line, its text included. Where its rows end the line does not tell, so it
is no row of a table: its cells are given as lines of their own, with how many blank ones stand before each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, pairwise

from archive.documents.pipe_tables import unmarked

_LEAST = 8  # pipes or tabs of a line in which rows may have run together
_MOST = 20_000  # pipes or tabs of a line that is looked at: no report has so many cells
_CAPTION = re.compile(r"(?:^|\s)第二十[条條]第.{1,4}[项項]$")  # over a part of the form's first table
_FIGURE = re.compile(r"[-+增减]?\d[\d,.]{0,20}\s?(?:万?元|[件条项个])?")
_BEHIND_FIGURE = re.compile(rf"(?P<figure>{_FIGURE.pattern}|[-—/无])\s+(?P<rest>[^\d\s].{{5,}})", re.DOTALL)
_HEADING = re.compile(r"(?:^|(?<=\s))[一二三四五六七八]\s?、[^\s。，,；;]{2,40}?(?:情况|情況|事项|事項)(?=\s|$)")
_ROWS, _CELLS = 4, 30  # rows, and cells, that no line of a table has
_PARTS, _HEADERS = 2, 3  # captions, or headings behind one, that stand in no one row
_HEADER = re.compile(r"\s*w\s*(?:w\s*){3,}")  # of a table whose rows ran together on the next line
_HEADED = re.compile(r"\s*c\s*(?:w\s*){3,}0")  # a caption, headings, and figures: three rows at least
_WIDE = 5  # headings of a table, and figures below them
_BEGINNING = 400  # characters of a line, in which its first figure stands
_LONG = 90  # characters of a cell that is narrative


def run_together_lines(lines: Sequence[str]) -> frozenset[int]:
    """The lines (from 0) in which rows ran together: where one is certain, others that look so as well."""
    own = {at: line for at, line in enumerate(lines) if "|" in line or "\t" in line}
    if not (any(map(_is_certain_line, own.values())) or _are_captioned(own.values())):
        return frozenset()
    parted = {at: _kinds(cells(line)) for at, line in own.items() if _separators(line) <= _MOST}
    found = {at for at, kinds in parted.items() if _is_certain(kinds) or _is_likely(kinds)}
    return frozenset(found | {at for at, kinds in parted.items() if at + 1 in found and _HEADER.fullmatch(kinds)})


def _is_certain_line(line: str) -> bool:
    return _LEAST <= _separators(line) <= _MOST and _is_certain(_kinds(cells(line)))


def _are_captioned(lines: Iterable[str]) -> bool:
    """Whether several lines have a caption, the headings below it and their figures."""
    captioned = (line for line in lines if "第二十" in line)
    headed = (True for line in captioned if _HEADED.match(_kinds(cells(line[:_BEGINNING]))))
    return sum(islice(headed, _PARTS)) == _PARTS


def cells(line: str) -> list[str]:
    """What the pipes or the tabs of a line part."""
    return line.strip(" \r").split("\t" if line.count("\t") >= line.count("|") else "|")


def pieces(line: str) -> list[tuple[str, int]]:
    """The cells of a line, text and headings between them apart, each with the number of blank ones before it."""
    found: list[tuple[str, int]] = []
    blanks = 0
    for cell in cells(line):
        texts = list(_cell_parts(cell.strip()))
        found += [(unmarked(text), 0 if at else blanks) for at, text in enumerate(texts)]
        blanks = 0 if texts else blanks + 1
    return found


def _cell_parts(text: str) -> Iterator[str]:
    """A cell's text, what stands behind its figure and the headings and captions in it by themselves."""
    if behind := _BEHIND_FIGURE.fullmatch(text):
        yield behind["figure"]
        text = behind["rest"]
    begin = 0
    for match in (*_HEADING.finditer(text), *_CAPTION.finditer(text)):
        if match.start() >= begin:
            yield from filter(None, (text[begin : match.start()].strip(), match[0].strip()))
            begin = match.end()
    if rest := text[begin:].strip():
        yield rest


def _separators(line: str) -> int:
    return max(line.count("|"), line.count("\t"))


def _kinds(found: Sequence[str]) -> str:
    """One sign for each cell: 0 a figure, blank none, c a caption of a part, p narrative, w other words."""
    return "".join(map(_kind, map(str.strip, found)))


def _kind(text: str) -> str:
    if not text:
        return " "
    if _FIGURE.fullmatch(text) or text in "-—/无":
        return "0"
    if _CAPTION.search(text):
        return "c"
    if _BEHIND_FIGURE.fullmatch(text):
        return "0"
    return "p" if len(text) > _LONG else "w"


def _rows(kinds: str) -> int:
    """How many times figures stand behind words."""
    runs = [figure for figure, _ in groupby(kind == "0" for kind in kinds if kind != " ")]
    return sum(not before and behind for before, behind in pairwise(runs))


def _is_certain(kinds: str) -> bool:
    """Whether no row of a table has such cells."""
    rows, parts = _rows(kinds), kinds.count("c")
    if parts >= _PARTS:
        return rows > 0 or len(kinds) >= _CELLS
    begun = kinds.split("0", 1)[0]
    headed = parts == 1 and begun.count("w") > _HEADERS
    return (headed and rows >= _PARTS) or (rows >= _ROWS and (len(kinds) >= _CELLS or "p" in kinds))


def _is_likely(kinds: str) -> bool:
    """Whether cells stand in a line as they do where rows run together, and in no row but one that is laid out oddly:
    behind a caption, or all the headings of a table before its figures.
    """
    plain = kinds.replace(" ", "")
    headed = re.match(rf"[wp]{{{_WIDE},}}0{{{_WIDE},}}", plain) is not None
    captioned = "c" in plain and ("0" in plain or plain.count("w") > _HEADERS)
    return headed or captioned or (_rows(kinds) >= _PARTS and len(kinds) >= 2 * _LEAST)
