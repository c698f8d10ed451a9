"""Runs of text that are printed in one way, and what they print together: one policy for all formats with runs.

What is crossed out is seen, and not meant: it is told beside the text. Faint or tiny digits of a cell's figure are
doubted (U+FFFC stands there), as they may stand on a ground of another colour. A mark of a note behind a figure is put
in brackets as remarks are, so that 3¹ is not 31; digits that are only shifted become raised ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from archive.documents.note_marks import bracket_mark, raised_as_printed
from archive.documents.pages import UNREAD

_FIGURE = re.compile(r"[\d.,，%\s\ufffc-]{1,60}[件条个項项宗次人元万]{0,2}\s*")
_DIGIT = re.compile(r"\d")


class Visibility(IntEnum):
    """How a text is seen: as all print is; hardly, in the colour of paper; too small to be read; not at all."""

    SHOWN = 0
    FAINT = 1
    TINY = 2
    HIDDEN = 3


_DOUBTED = frozenset((Visibility.FAINT, Visibility.TINY))


class Raised(IntEnum):
    """How a text stands to the line: on it; above or below in smaller type, as marks of notes do; shifted only."""

    NOT = 0
    NOTE = 1
    SHIFTED = 2


class Run(NamedTuple):
    """A text that is printed in one way."""

    text: str
    visible: Visibility = Visibility.SHOWN
    struck: bool = False
    raised: Raised = Raised.NOT


class PrintedText(NamedTuple):
    """What runs print together, and what of them is crossed out."""

    text: str
    struck: str = ""


def printed(runs: Sequence[Run], *, in_cell: bool) -> PrintedText:
    """The text that runs print; ``in_cell``: it stands in a table, where figures are taken."""
    if not any([visible or struck or raising for _, visible, struck, raising in runs]):  # noqa: C419 - nearly all
        return PrintedText("".join([run.text for run in runs]))
    doubts = False
    if in_cell and any(run.visible for run in runs):
        whole = "".join(run.text for run in runs if run.visible is not Visibility.HIDDEN and not run.struck)
        doubts = _FIGURE.fullmatch(whole) is not None
    text = struck = ""
    for run in runs:
        if run.struck and run.visible < Visibility.TINY:
            struck += run.text
        elif doubts and run.visible in _DOUBTED and _DIGIT.search(run.text):
            text += UNREAD if run.visible is Visibility.TINY else UNREAD + run.text
        elif run.visible >= Visibility.TINY:
            continue
        elif run.raised:
            text += bracket_mark(run.text, text) if run.raised is Raised.NOTE else raised_as_printed(run.text, text)
        else:
            text += run.text
    return PrintedText(text, struck)
