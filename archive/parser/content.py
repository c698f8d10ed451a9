"""What makes two documents the same content: title, main text and cells, without the page's furniture."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from archive.forms.labels import fold_widths
from archive.identity.titles import judge
from archive.parser.furniture import is_furniture, signature_day
from archive.parser.text import Line, is_table_line, make_line
from storage.records import Cell

NORMALISER = "4"  #: raise it when the rule changes; digests of different versions are not compared

_LETTERS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff0-9a-zA-Z]+")
_FIGURE_SIGN = re.compile(r"(?<=\d)\.(?=\d)|(?<=\d)[%‰]|(?<![0-9a-zA-Z年月日号)])-(?=\d)")  # 3.6 is not 36
_SIGN_NAMES = {".": "\U00020001", "%": "\U00020002", "‰": "\U00020003", "-": "\U00020004"}


def content_digest(lines: Sequence[Line], cells: Mapping[str, Cell], title: str = "") -> str:
    """Return SHA-256 (hex) over title, text and cells. The title counts once, wherever a page prints it.

    A table that stands in the text as lines counts by its cells, if they were read.
    """
    name = _letters(title) if judge(title).could_be else ""
    own = [lines[number].text for number in _own_numbers(lines)]
    text = "".join(signature_day(one) or _letters(one) for one in own if not (cells and is_table_line(one)))
    text = text.replace(name, "") if name else text
    figures = "".join(f"\n{key}={_figure(cells[key])}" for key in sorted(cells))
    return hashlib.sha256(f"nianbao content {NORMALISER}\n{name}\n{text}{figures}".encode()).hexdigest()


def content_numbers(lines: Sequence[str]) -> list[int]:
    """Return the numbers, from 0, of the lines of a document that count as its content."""
    return _own_numbers([make_line(line) for line in lines])


def _own_numbers(lines: Sequence[Line]) -> list[int]:
    """Return the numbers of the report's own lines: between its first and last heading all lines are its own."""
    headings = [number for number, line in enumerate(lines) if line.section is not None]
    first, last = (headings[0], headings[-1]) if headings else (len(lines), len(lines))
    return [
        number
        for number, line in enumerate(lines)
        if first <= number <= last or not is_furniture(line.text) or (number > last and signature_day(line.text))
    ]


def _letters(text: str) -> str:
    """Return the letters and digits of a text; what makes another figure of one stays."""
    signed = _FIGURE_SIGN.sub(lambda sign: _SIGN_NAMES[sign[0]], fold_widths(text))
    return "".join(_LETTERS.findall(signed))


def _figure(cell: Cell) -> str:
    if cell.value is None:
        return "".join(cell.raw.split()) or cell.state
    return f"{cell.value.normalize():f}"
