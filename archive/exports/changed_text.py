"""A changed paragraph in pieces, so that every door marks the same ones."""

from __future__ import annotations

from collections.abc import Iterator

from archive.queries.results import Paragraph

_LONG = 160  #: characters that are alike and are shown in one piece; of more the ends are
_ENDS = 60


def segments(paragraph: Paragraph) -> Iterator[tuple[str, bool]]:
    """A paragraph in pieces, each with whether it changed. Of a changed paragraph long pieces that did not are cut."""
    at = 0
    for begin, end in paragraph.marks:
        if at < begin:
            yield _cut(paragraph.text[at:begin], first=at == 0, last=False), False
        yield paragraph.text[begin:end], True
        at = end
    rest = paragraph.text[at:]
    if rest:
        yield (_cut(rest, first=False, last=True) if paragraph.marks else rest), False


def _cut(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= _LONG:
        return text
    return f"{'' if first else text[:_ENDS]}…{'' if last else text[-_ENDS:]}"
