"""A program that quotes a report, to test what reads them, is none.

Told by what surrounds the words: lines of a program, and what is Chinese stands in its strings, line by line, or in one
string over many lines that tests follow. A page's script or an interface's answer that holds a report is none of these:
those are read as what they hold (archive/documents).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.parser.sections import TextLine

_LINES, _WIDEST = 400, 4_000  #: lines, and characters of each, that are looked at
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


def quotes_reports(lines: Sequence[TextLine]) -> bool:
    """Whether a text is a program, and nothing of it is Chinese but its strings and remarks."""
    texts = [text[:_WIDEST] for line in lines[:_LINES] for text in line.text.split("\n", _LINES)][:_LINES]
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
