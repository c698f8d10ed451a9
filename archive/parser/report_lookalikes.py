"""Recognise documents that quote a report and are none: a letter that sends one elsewhere, a program's source."""

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
_CODE_LINES, _WIDEST = 400, 4_000  #: lines, and characters of each, that are looked at
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TESTS = re.compile(
    r"\s{0,40}(?:(?:describe|it|test|expect|beforeEach)(?:\.\w{1,20})?\(|(?:async\s{1,4})?def\s{1,4}test\w{0,80}\("
    r"|assert(?:\s|\(|\w{1,30}\()|self\.assert|@Test\b|func\s{1,4}Test\w{0,80}\(|#\[test\])"
)
_CODE = re.compile(
    r"\s{0,40}(?:(?:export\s{1,4})?(?:default\s{1,4})?(?:const|let|var)\s{1,4}\w{1,80}(?:\s?:[^=]{1,40})?\s{0,4}=(?!=)"
    r"|import\s{1,4}(?:[\w{*'\"]|type\b)|export\s{1,4}(?:default|const|function|class)\b"
    r"|from\s{1,4}[\w.]{1,80}\s{1,4}import\b|(?:async\s{1,4})?def\s{1,4}\w{1,80}\(|class\s{1,4}\w{1,80}\s?[({:]"
    r"|(?:async\s{1,4})?function\s{1,4}\w{1,80}\(|#include\b|package\s{1,4}[\w.]{1,80};|public\s{1,4}(?:class|static)\b"
    r"|func\s{1,4}\w{1,80}\(|\w{1,80}\s?=\s?[\[({]{1,2}$|[\])}]{1,3}\.join\()"
)
_COMMENT = re.compile(r"\s{0,40}(?://|#\s|/?\*{1,2}\s)")
_STRING = re.compile(r"""\s{0,40}[furb]{0,2}(['"`])(?!['"`]\s{0,4}:).{0,4000}\1\s{0,4}[,+\\;)\]]{0,4}\s{0,4}$""")
_FIELD = re.compile(r"""\s{0,40}['"]\w{1,40}['"]\s{0,4}:""")
_OPENS = re.compile(r"""(?:=|\(|return|,)\s{0,4}[furb]{0,2}(`|\"{3}|'{3})""")
_LEAST = 5  #: Chinese lines that a program quotes


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


def quotes_reports(lines: Sequence[TextLine]) -> bool:
    """Whether a text is a program that quotes a report, to test what reads them: it is none.

    Lines of a program are there, and what is Chinese stands in its strings and remarks. A page's script or an
    interface's answer that holds a report is none of these: those are read as what they hold (archive/documents).
    """
    texts = [text[:_WIDEST] for line in lines[:_CODE_LINES] for text in line.text.split("\n", _CODE_LINES)][
        :_CODE_LINES
    ]
    if not any(map(_CODE.match, texts)):
        return False
    tested = any(map(_TESTS.match, texts))
    quoted = 0
    closing = ""
    for text in texts:
        if closing:
            quoted += _HAN.search(text) is not None
            closing = "" if closing in text else closing
            continue
        opened = _OPENS.search(text) if tested else None
        if opened is not None and text.find(opened[1], opened.end()) < 0:
            closing = opened[1]
        elif _HAN.search(text) is None or _COMMENT.match(text) or _CODE.match(text) or _TESTS.match(text):
            continue
        elif _STRING.match(text) is None or _FIELD.match(text):
            return False
        else:
            quoted += 1
    return quoted >= _LEAST
