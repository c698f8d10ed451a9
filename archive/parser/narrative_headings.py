"""Track which section of the form the text below a numbered heading within a section is about: （二）依申请公开情况."""

from __future__ import annotations

import re

from archive.parser.narrative_words import words

FIRST = frozenset("(（一二三四五六七八九十0123456789")  #: how headings begin
_TELLING = "公开"
_END = re.compile("[。：:；;，,！!]|$")


class SectionTracker:
    """The section of the form that a text speaks of, paragraph by paragraph: its own (``key``), or a heading's."""

    __slots__ = ("_rank", "key", "section")

    def __init__(self, key: str) -> None:
        self.key = self.section = key
        self._rank = 0

    def see(self, paragraph: str) -> None:
        """Take up a paragraph that begins as headings do: it may begin with one, or be one."""
        number = words().headings.ranks.match(paragraph)
        if number is None:
            return
        rank = number.lastindex or 0
        if self.section == self.key or rank <= self._rank:
            self.section, self._rank = self._of(paragraph, number.end()), rank

    def _of(self, paragraph: str, begin: int) -> str:
        known = words().headings
        if _TELLING not in paragraph[begin : begin + known.longest]:
            return self.key
        end = _END.search(paragraph, begin, begin + known.longest + 1)
        heading = paragraph[begin : end.start()] if end else ""
        if not heading or len(heading) >= known.longest or known.none.search(heading):
            return self.key
        return next((name for name, words_of in known.sections.items() if words_of.search(heading)), self.key)
