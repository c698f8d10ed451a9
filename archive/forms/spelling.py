"""A text as it is compared: widths, blanks and traditional characters do not count."""

from __future__ import annotations

import unicodedata

from archive.simplified_chinese import any_of, simplified_forms

#: traditional characters that may be a name's own in names, and mean these in labels and sentences
_SIMPLE: dict[int, str | int | None] = {**simplified_forms(), **str.maketrans("後畫諮瀋", "后画咨沈")}
_TRADITIONAL = any_of(_SIMPLE)


def squeezed(text: str) -> str:
    """Return the text without blanks."""
    return "".join(text.split())


def fold(text: str) -> str:
    """Return the text in NFKC and simplified characters, without blanks and invisible characters."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    folded = "".join(text.split())
    if not folded.isprintable():
        folded = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    return folded.translate(_SIMPLE) if _TRADITIONAL.search(folded) else folded
