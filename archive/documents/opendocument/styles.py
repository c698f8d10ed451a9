"""Styles of an OpenDocument text as far as they say whether text is seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml import etree

from archive.documents.contrast import from_hex, is_faint, is_tiny
from archive.documents.runs import Raised, Run, Visibility

Element = etree._Element

STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_MOST, _PARENTS = 20_000, 16  # styles looked at; those that one rests on
_LESS = re.compile(r"\d{1,2}(?:\.\d{1,6})?%")  # less than the whole


@dataclass(frozen=True, slots=True)
class TextStyle:
    """What a style says of text; None where it says nothing, so that what is around or above it holds."""

    hidden: bool | None = None  # text:display="none"
    struck: bool | None = None
    tiny: bool | None = None
    white: bool | None = None
    raised: bool | None = None  # or smaller and lowered
    smaller: bool | None = None  # what is raised or lowered is smaller than other type: a superscript
    paper: bool | None = None  # of a cell: whether its ground is none, or white

    def over(self, below: TextStyle) -> TextStyle:
        """What it says, completed by ``below``."""
        if below is PLAIN:
            return self
        return TextStyle(
            below.hidden if self.hidden is None else self.hidden,
            below.struck if self.struck is None else self.struck,
            below.tiny if self.tiny is None else self.tiny,
            below.white if self.white is None else self.white,
            below.raised if self.raised is None else self.raised,
            below.smaller if self.raised is None else self.smaller,
            below.paper if self.paper is None else self.paper,
        )

    @property
    def unprinted(self) -> bool:
        """Whether text of this look does not count as printed."""
        return bool(self.hidden or self.struck or self.tiny)

    def of(self, text: str) -> Run:
        """A text of this look."""
        tiny = Visibility.TINY if self.tiny else Visibility.FAINT if self.white else Visibility.SHOWN
        raised = Raised.NOTE if self.raised and self.smaller else Raised.SHIFTED if self.raised else Raised.NOT
        return Run(text, Visibility.HIDDEN if self.hidden else tiny, bool(self.struck), raised)

    @property
    def crossed(self) -> bool:
        """Whether it is seen, and crossed out."""
        return bool(self.struck and not self.hidden and not self.tiny)


PLAIN = TextStyle()


class TextStyles:
    """The looks of the styles of a document by family and name; the later of two of one name wins."""

    def __init__(self, roots: Iterable[Element]) -> None:
        self._own: dict[tuple[str, str], tuple[TextStyle, str]] = {}
        self._solved: dict[tuple[str, str], TextStyle] = {}
        self.hidden_tables: set[str] = set()
        for root in roots:
            for style in root.iter(f"{STYLE}style", f"{STYLE}default-style"):
                if len(self._own) >= _MOST:
                    return
                self._add(style)

    def _add(self, style: Element) -> None:
        family, name = style.get(f"{STYLE}family") or "", style.get(f"{STYLE}name") or ""
        if family == "table":
            if any(part.get(f"{TABLE}display") == "false" for part in style):
                self.hidden_tables.add(name)
        elif family in ("text", "paragraph", "table-cell"):
            properties = style.find(f"{STYLE}text-properties")
            look = _look(properties) if properties is not None else PLAIN
            cell = style.find(f"{STYLE}table-cell-properties")
            colour = cell.get(f"{FO}background-color") if cell is not None else None
            if colour is not None:
                ground = from_hex(colour)
                look = replace(look, paper=colour == "transparent" or (ground is not None and is_faint(ground)))
            self._own[family, name] = look, style.get(f"{STYLE}parent-style-name") or ""

    def of(self, family: str, name: str | None) -> TextStyle:
        """The look of a style, completed by those that it rests on, at last the default ("" names it)."""
        key = (family, name or "")
        if (known := self._solved.get(key)) is not None:
            return known
        look, at = PLAIN, key
        for _ in range(_PARENTS):
            own, parent = self._own.get(at, (PLAIN, ""))
            look = look.over(own)
            if not at[1]:
                break
            at = (family, parent)
        self._solved[key] = look
        return look


def _look(element: Element) -> TextStyle:
    display = element.get(f"{TEXT}display")
    lines = [element.get(f"{STYLE}text-line-through-{part}") for part in ("style", "type")]
    color, size, position = (
        element.get(f"{FO}color"),
        element.get(f"{FO}font-size"),
        element.get(f"{STYLE}text-position"),
    )
    automatic = element.get(f"{STYLE}use-window-font-color") == "true"
    look = TextStyle(
        None if display is None else display == "none",
        None if lines == [None, None] else any(line not in (None, "none") for line in lines),
        _is_tiny(size),
        False if automatic else None if color is None else (ink := from_hex(color)) is not None and is_faint(ink),
        None if position is None else _is_raised(position),
        None if position is None else _is_smaller(position),
    )
    return PLAIN if look == PLAIN else look


def _is_tiny(size: str | None) -> bool | None:
    if size is None or not size.endswith("pt") or len(size) > 12:
        return None  # a share of the size around it, or none
    try:
        return is_tiny(float(size[:-2]))
    except ValueError:
        return None


def _is_raised(position: str) -> bool:
    """``super 58%``, ``33% 58%`` or ``sub 58%``: a mark of a note; ``-33% 100%`` and ``0%`` are not."""
    first = position.partition(" ")[0]
    if first.endswith("%"):
        share = first.removeprefix("-") if _is_smaller(position) else first
        return share[:-1].replace(".", "", 1).isdecimal() and any(digit in first for digit in "123456789")
    return first in ("super", "sub")


def _is_smaller(position: str) -> bool:
    """``super 58%``: smaller than other type; ``33% 100%`` is not. Where no size is given, the reader chooses one."""
    size = position.partition(" ")[2].strip()
    return not size or _LESS.fullmatch(size) is not None
