"""Mobile numbers of contacts are masked in text that goes out (design.md §4, People); tables are not text."""

from __future__ import annotations

import re

# A Chinese mobile number: 1, then 3–9, then nine digits, blanks or dashes as people group them; not within a number.
_MOBILE = re.compile(r"(?<![\d.])(1[3-9]\d)[ \u3000-]?(\d{4})[ \u3000-]?(\d{4})(?![\d.]\d|\d)")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


def mask(text: str) -> str:
    """Give ``text`` with the middle of each mobile number replaced: 13812345678 → 138****5678."""
    narrow = text.translate(_WIDE)
    if narrow == text:
        return _MOBILE.sub(r"\1****\3", text)
    # Full-width digits are one character each, so places in the narrow text are places in the text.
    parts, end = [], 0
    for match in _MOBILE.finditer(narrow):
        parts += [text[end : match.start()], f"{match[1]}****{match[3]}"]
        end = match.end()
    return "".join([*parts, text[end:]])
