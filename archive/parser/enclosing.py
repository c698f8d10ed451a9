"""A letter that sends a report elsewhere: all it has of the report is its name among what is enclosed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.identity.text import squeeze
from archive.identity.titles import judge, may_publish
from archive.parser.sections import TextLine

_ENCLOSED = re.compile(r"附件?\d{0,2}(?:[:.、]|$)")
_LETTER = re.compile(r"关于.{4,60}的(?:函|复函|请示|通知|通报)$|关于(?:报送|呈报|上报|呈送).{4,60}的报告$")
_SENDS = re.compile(
    "随函(?:报送|附上|呈送)|现将.{4,60}(?:报送|呈报|呈送|上报)(?:你们?|贵)?.{0,12}请.{0,4}(?:审|查收|查阅|阅示)"
)
_LINES = 40  # of a text in which its enclosures are named
_HEAD = 3  # lines over which a letter's title may go
_LONGEST = 400  # characters of the names of enclosures and the signature: what is longer may be the report


def letter_of(lines: Sequence[TextLine], titles: Sequence[str]) -> str:
    """Why a text without sections, tables and files is no report though it has a report's title: ``letter`` or
    ``notice``, if it is titled as one and has the ``titles`` among its enclosures alone; "" otherwise.

    A notice that publishes the report is left to what is attached to it.
    """
    plain = [squeeze(line.text) for line in lines[:_LINES]]
    at = next((at for at, text in enumerate(plain) if at and _ENCLOSED.match(text)), 0)
    if not (at and titles) or len(lines) > _LINES or any(line.link for line in lines):
        return ""
    before, behind = "".join(plain[:at]), "".join(plain[at:])
    if len(behind) > _LONGEST or any(squeeze(title) in before or squeeze(title) not in behind for title in titles):
        return ""
    for first in range(min(_HEAD, at)):
        for size in range(1, _HEAD + 1):
            title = "".join(plain[first : min(first + size, at)])
            if _LETTER.search(title) and not judge(title).could_be and not may_publish(title):
                return "letter" if title.endswith("函") else "notice"
    return "letter" if _SENDS.search(before) else ""
