"""Text that runs on until a block begins or ends: one walk over the page gives its text, its spans and its blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.documents.markup.scan import Element
from archive.documents.markup.tree_text import EDGE, LINE

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_UNEVEN = re.compile(r"[\t\r\n\f]|  ")
_SEAM = re.compile(r" *\x1e[ \x1e]*")  # \x1e: blanks with a line end, which between two Chinese characters are nothing
_SPACES = re.compile(r" {2,}")
_GAP = re.compile(rf"{LINE}\s*(?:{LINE}|\Z)")  # a blank line
_LEAD = 4  # characters up to which a link may be a word in a line
_MOST_LEADS = 300  # links of a block that its lines are compared with, each with each
_BESIDE = 0.5  # characters beside a link for each of its own, up to which a line is that link
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\U00020000-\U0003ffff]")


@dataclass(slots=True)
class RawText:
    """Lines of one block: where it stands in the page's text, its lines, its heading level and its element.

    ``linked``: how many of its characters, blanks not counted, stand in links. ``blanks``: how many blocks without
    anything in them stand right before it; ``gaps``: blank lines before each of its own, none if there are none.
    ``leads``: the texts, without blanks, of the links in it that lead to another page or file.
    """

    start: int
    end: int
    lines: list[str]
    level: int
    holder: Element | None
    preformatted: bool = False
    linked: int = 0
    furniture: bool = False
    blanks: int = 0
    gaps: Sequence[int] = ()
    leads: Sequence[str] = ()

    def is_link(self, line: str) -> bool:
        """Whether one of its lines is a link that leads elsewhere, and what stands before it to say so (附件：…)."""
        compact = "".join(line.split())
        leads = self.leads[:_MOST_LEADS]
        held = sum([len(text) for text in leads if text in compact])
        if held > _LEAD and len(compact) - held <= held * _BESIDE:
            return True
        return len(compact) > _LEAD and any([compact in text for text in leads])  # noqa: C419 — one of its lines


@dataclass(slots=True)
class Cell:
    """A cell of a table: what it shows, its spans as printed (rowspan 0: to the last row), its element."""

    text: str
    rowspan: int
    colspan: int
    element: Element
    css: str = ""


@dataclass(slots=True)
class RawTable:
    """A table before its cells have places. ``element``: the <table>, or what holds the rows of one made without."""

    start: int
    end: int
    rows: list[list[Cell]]
    element: Element
    ruled: bool = True
    width: int = field(default=0)


Raw = RawText | RawTable


def tidy(text: str) -> list[str]:
    """Lines as a browser shows them: blanks in a row are one, none where a line of the source breaks Chinese."""
    if _UNEVEN.search(text) is not None:
        text = _BLANKS.sub(_blank, text)
        if "\x1e" in text:
            text = _SEAM.sub(_seam, text)
        text = _SPACES.sub(" ", text)
    if LINE in text or EDGE in text:
        return [line for line in (piece.strip() for piece in text.replace(EDGE, LINE).split(LINE)) if line]
    text = text.strip()
    return [text] if text else []


def gaps_in(text: str) -> list[int]:
    """Before each line that ``tidy`` gives of a text the number of blank ones, and behind the last; [] if none is."""
    if _GAP.search(text) is None:
        return []
    found: list[int] = []
    blank = 0
    for line in text.split(LINE):
        if line.strip():
            found.append(blank)
            blank = 0
        else:
            blank += 1
    return [*found, blank]


def cell_text(text: str) -> str:
    """The same for a cell, its lines joined by line ends."""
    parts = text.split()
    if len(parts) < 2:
        return parts[0] if parts else ""
    return "\n".join(tidy(text))


def _seam(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    if start == 0 or end == len(text):
        return ""
    return "" if _WIDE.match(text[start - 1]) and _WIDE.match(text[end]) else " "


def _blank(match: re.Match[str]) -> str:
    return "\x1e" if "\n" in match.group() else " "
