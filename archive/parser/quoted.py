"""Quote the text in findings as it is printed there.

They are made of text whose widths, blanks and script are folded; who looks a quotation up looks for what is printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.forms.spelling import fold
from storage.records import Finding, Section

_MOST = 60_000  # characters of a section that are looked at
_OPENS, _CLOSES = "：“", "”"  # no folded text holds the first


def as_printed(findings: Sequence[Finding], parts: Sequence[Section]) -> list[Finding]:
    """The findings of a text; a quotation at the end of one as its section prints it, runs of blanks as one.

    One that stands in no section as it is (of a broken word, with crumbs of pinyin within) stays as it was.
    """
    texts = [_Text(part.text[:_MOST]) for part in parts] if findings else []
    return [_quoting(one, texts) for one in findings]


class _Text:
    """A section's text, folded when first asked for, and where each character of that stands in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._folded = ""
        self._places: list[int] = []

    def printed(self, quotation: str) -> str:
        """The words as printed; "" if they do not stand here."""
        if not self._folded and self._text:
            of_each = {character: fold(character) for character in set(self._text)}
            folded = [of_each[character] for character in self._text]
            self._folded = "".join(folded)
            self._places = [at for at, some in enumerate(folded) for _ in some]
        begin = self._folded.find(quotation)
        if begin < 0:
            return ""
        return " ".join(self._text[self._places[begin] : self._places[begin + len(quotation) - 1] + 1].split())


def _quoting(finding: Finding, texts: Sequence[_Text]) -> Finding:
    before, opens, rest = finding.zh.rpartition(_OPENS)
    quotation = rest.removesuffix(_CLOSES)
    if not opens or not quotation or not finding.en.endswith(quotation + _CLOSES):
        return finding
    printed = next(filter(None, (text.printed(quotation) for text in texts)), quotation)
    en = finding.en[: len(finding.en) - len(quotation) - len(_CLOSES)]
    return replace(finding, zh=before + opens + printed + _CLOSES, en=en + printed + _CLOSES)
