"""What a numbered heading within a section says that the text below it speaks of: （二）依申请公开情况."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archive.parser.narrative_words import words

_END = re.compile("[。：:；;，,！!]|$")


@dataclass(slots=True)
class Under:
    """The section of the form that a text speaks of, paragraph by paragraph: its own (``key``), or a heading's."""

    key: str
    section: str = field(init=False)
    _rank: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.section = self.key

    def see(self, paragraph: str) -> None:
        """Take up a paragraph: it may begin with a heading, or be one."""
        known = words().headings
        for rank, pattern in enumerate(known.ranks):
            if (number := pattern.match(paragraph)) is None:
                continue
            if self.section != self.key and rank > self._rank:
                return
            self.section, self._rank = self._of(paragraph, number.end()), rank
            return

    def _of(self, paragraph: str, begin: int) -> str:
        known = words().headings
        end = _END.search(paragraph, begin, begin + known.longest)
        heading = paragraph[begin : end.start()] if end else ""
        if not heading or (end is not None and end.start() == begin + known.longest) or known.none.search(heading):
            return self.key
        return next((name for name, words_of in known.sections.items() if words_of.search(heading)), self.key)
