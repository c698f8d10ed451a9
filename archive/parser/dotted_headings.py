"""Find headings numbered 1., 2. as a word processor numbers them, in a report that has no other numbered headings.

What stands behind 1. is most often a point of a list, so a line alone tells nothing: the run of them does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archive.forms.spelling import key
from archive.parser.labels import row_hit
from archive.parser.sections import LONGEST_HEADING, known_headings, section_key

_DOTTED = re.compile(r"^\s*(?P<no>\d{1,2})(?:\s*[.．]\s*|\s+)(?!\d)(?P<rest>\S.{1,43})$")
_CLOSED = ("。", "；", ";", "，", ",", "：", ":")
_FIRST = "overview"  # the section with which a report begins
_LEAST = 3  # different sections that they name, from which they are the report's


def dotted(texts: Sequence[str], numbers: Mapping[str, int]) -> dict[int, tuple[str, int]]:
    """The lines that are such headings: the section each names, and its number.

    Either all of them are counted up, the first that of the overview; or, where points of a section name others
    (1.主动公开政府信息情况 in 一) or a table of contents goes before, those that bear their section's number, the
    last of each that is worded as a form or a variant has it. ``numbers``: the form's, by sections.
    """
    named = {at: found for at, text in enumerate(texts) if (found := _heading_and_number(text))}
    if len({name for name, _ in named.values()}) < _LEAST:
        return {}
    if _are_counted_up(list(named.values())) and next(iter(named.values())) == (_FIRST, 1):
        return named
    own = {at: found for at, found in named.items() if found[1] == numbers.get(found[0])}
    last = {found[0]: at for at, found in own.items() if key(texts[at]) in known_headings()}
    headings = {at: own[at] for at in sorted(last.values())}
    for at, (name, no) in own.items():
        if name not in last and all((at < other) == (no < headings[other][1]) for other in headings):
            headings[at] = (name, no)
    headings = dict(sorted(headings.items()))
    return headings if len(headings) >= _LEAST and _are_counted_up(list(headings.values())) else {}


def _heading_and_number(text: str) -> tuple[str, int] | None:
    if not text.lstrip()[:1].isdigit() or len(text) > LONGEST_HEADING or text.rstrip().endswith(_CLOSED):
        return None
    match = _DOTTED.match(text)
    name = section_key(match["rest"]) if match else ""
    return (name, int(match["no"])) if match and name and row_hit(text) is None else None


def _are_counted_up(named: Sequence[tuple[str, int]]) -> bool:
    """Whether each names a section of its own, with a higher number than that before."""
    counted = [no for _, no in named]
    return counted == sorted(set(counted)) and len({name for name, _ in named}) == len(named)
