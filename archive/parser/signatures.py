"""Read the lines at the end of a text that date and sign it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.forms.spelling import simplify, widths
from archive.identity import names
from archive.identity.years import DAY, MONTH
from archive.parser.sections import TextLine

_LINES = 8  # lines at the end of a text among which a signature stands, and below its title
# A line (widths folded) with nothing but the date of a signature, the body that signs before it, 印发 behind it.
_SIGNED = re.compile(
    rf"^\(?\s*(?:(?P<by>[\u4e00-\u9fff]{{3,28}}?)\s*)?(?P<date>{DAY}号?|{MONTH})\s*(?P<issued>印发|发布|公布|公开)?\s*\)?$"
)
_ENDS = re.compile(r"[日号月\d印发布公开)）]\s*$")  # what such a line ends with
_SIGNED_LONGEST = 60  # characters of such a line


def dates_a_signature(text: str) -> bool:
    """Whether a line is nothing but the date of a signature, the name of who signs before it at most."""
    return len(text) <= _SIGNED_LONGEST and _SIGNED.match(widths(text.strip())) is not None


@dataclass(frozen=True, slots=True)
class Signed:
    """A line that dates a signature. ``by``: who signs, in it or on the line before ("" where no name stands there, or
    that of the office that sent it out, 印发); ``last``: whether it stands at the end of the text.
    """

    text: str
    date: str
    by: str
    last: bool


def signed(lines: Sequence[TextLine]) -> Iterator[Signed]:
    """The dates of signatures: on lines of their own at the end of the text, or under the title."""
    end = len(lines) - _LINES
    for at in (*range(min(8, len(lines))), *range(max(8, end), len(lines))):
        text = lines[at].text
        if len(text) > _SIGNED_LONGEST or not _ENDS.search(text):
            continue
        if (match := _SIGNED.match(widths(text := text.strip()))) is None:
            continue
        by = match["by"] or ""
        if by and not (at >= end and "年" in match["date"] and names.looks_like_body(by)):
            continue
        before = lines[at - 1].text.strip() if at and not by else by
        is_name = not match["issued"] and 3 <= len(before) <= 28 and not re.search(r"[，。；：:、]|20\d\d|报告", before)
        yield Signed(text, match["date"], simplify(before) if is_name else "", at >= end)
