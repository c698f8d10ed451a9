"""What is raised behind a figure marks a note: 3¹ is not 31.

Two ways: type that is raised or lowered and smaller (superscript, subscript) is a note's mark, and put in brackets as
remarks are printed;
digits that are only shifted may be of the figure, and become raised digits, which make it none.
"""

from __future__ import annotations

import re

_NOTED = re.compile(r"\d(?:\[[^\[\]]{1,20}\])+$")
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
#: A printed figure: its sign, digits, raised digits or marks of notes, unit.
FIGURE = (
    rf"[-+－—–−±增减]?\d(?:[\d,，]*\d)?(?:\.\d+)?[{_RAISED}]*"
    r"(?:\[[^\[\]]{1,20}\]){0,4}\s?(?:件|条|次|万元|元|万|%|％)?"
)
_RAISE = str.maketrans("0123456789", _RAISED)


def raised_as_printed(text: str, before: str) -> str:
    """Raised text as it is printed behind ``before``, of as many characters; as it is where that ends in no figure."""
    last = before[-1:]
    return text.translate(_RAISE) if last.isdecimal() or (last and last in _RAISED) else text


def bracket_mark(text: str, before: str) -> str:
    """A raised mark behind a figure, or behind such a mark, in brackets as a remark is printed: 3¹ is 3[1], 3① 3[①]."""
    mark = text.strip()
    return f"[{mark}]" if mark and (before[-1:].isdecimal() or _NOTED.search(before)) else text
